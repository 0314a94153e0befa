//! What a row shows: a cell a column, or two lines where there is no room for columns.

use k8kat::engine::message::{Cell, Column};

use super::fresh::{ShownRow, is_age};
use crate::widget::element::Text;
use crate::widget::text::tone;
use crate::widget::{Element, Href, Node, grid_cell};

/// A cell for each column, also for those that fold away: making them anew whenever the width
/// changes would be seen.
pub(super) fn cells<'a>(
    columns: &'a [Column],
    shown: &'a ShownRow,
    href: Href<'a>,
) -> impl Iterator<Item = Element> {
    let pairs = columns.iter().zip(&shown.row.cells).enumerate();
    pairs.map(move |(at, (column, cell))| one(at, column, cell, shown, href))
}

fn one(at: usize, column: &Column, of: &Cell, shown: &ShownRow, href: Href<'_>) -> Element {
    let side = match column {
        Column { right: true, .. } => " right",
        Column { tail: true, .. } => " tail",
        _ => "",
    };
    let fresh = shown.fresh.iter().find(|fresh| fresh.cell == at);
    let fresh = fresh.map_or(
        "",
        |fresh| if fresh.turn { " fresh-again" } else { " fresh" },
    );
    let letters: usize = of.spans.iter().map(|span| span.text.len()).sum();
    let title = (letters > usize::from(column.width)).then(|| of.text());
    // One piece of text needs no element of its own: a screen has many.
    let only = match (of.spans.as_slice(), of.mark, &of.link) {
        ([only], None, None) => Some(only),
        _ => None,
    };
    let ink = only.map_or("", |only| tone(only.tone));
    let element = cell(format!("cell c{at}{side}{fresh} {ink}")).maybe("title", title);
    let content = match only {
        Some(only) => vec![Node::from(only.text.clone())],
        None => grid_cell(of, href).into_iter().map(Node::from).collect(),
    };
    if column.tail {
        element.child(Element::new("bdi", "").nodes(content))
    } else {
        element.nodes(content)
    }
}

fn cell(class: impl Into<Text>) -> Element {
    Element::new("div", class).with("role", "gridcell")
}

/// A row of which nothing was ever shown.
pub(super) fn unknown() -> Element {
    Element::new("div", "row").child(cell("cell"))
}

/// Name and state, and below them the facts.
pub(super) fn two_lines(columns: &[Column], shown: &ShownRow, href: Href<'_>) -> [Element; 3] {
    let cells = &shown.row.cells;
    let state = cells.iter().position(|cell| cell.mark.is_some());
    let name = columns
        .iter()
        .position(|column| column.name == "name")
        .unwrap_or_default();
    let facts: Vec<String> = columns
        .iter()
        .zip(cells)
        .enumerate()
        .filter(|(at, (column, _))| *at != name && Some(*at) != state && column.priority < 4)
        .filter_map(|(_, (column, cell))| fact(column, cell))
        .collect();
    let of = |at: Option<usize>| {
        let cell = at.and_then(|at| cells.get(at));
        cell.map_or_else(Vec::new, |cell| grid_cell(cell, href))
    };
    [
        cell("cell line-name").children(of(Some(name))),
        cell("cell line-state").children(of(state)),
        cell("cell line-facts").text(facts.join(" · ")),
    ]
}

/// A figure needs its word (`14 restarts (20s ago)`); an age and a text speak for themselves.
fn fact(column: &Column, cell: &Cell) -> Option<String> {
    let text = cell.text();
    let (first, rest) = text.split_once(' ').unwrap_or((&text, ""));
    if first.is_empty() || first == "<none>" {
        return None;
    }
    let figure = |letter: char| letter.is_ascii_digit() || letter == '/';
    if !column.right || is_age(first) || !first.chars().all(figure) {
        return Some(text);
    }
    let word = column.title.to_ascii_lowercase();
    Some(format!("{first} {word} {rest}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_words() {
        let column = Column {
            name: "restarts".into(),
            title: "Restarts".into(),
            right: true,
            tail: false,
            width: 8,
            priority: 1,
            sort: None,
            sort_query: String::new(),
        };
        for (text, fact_text) in [
            ("0", Some("0 restarts")),
            ("14 (20s ago)", Some("14 restarts (20s ago)")),
            ("1/1", Some("1/1 restarts")),
            ("12d", Some("12d")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("<none>", None),
            ("", None),
        ] {
            assert_eq!(fact(&column, &text.into()).as_deref(), fact_text);
        }
    }
}
