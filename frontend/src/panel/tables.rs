//! Small tables: containers, ports and the like.

use k8kat::engine::message::{Cell, DetailTable};

use super::facts::card;
use crate::widget::{Element, Href, cell};

/// A table in a card of its own.
pub(super) fn table(table: &DetailTable, href: Href<'_>) -> Element {
    let head = |head: &String| {
        Element::new("th", "")
            .with("scope", "col")
            .text(head.clone())
    };
    let row = |cells: &Vec<Cell>| {
        Element::new("tr", "").children(cells.iter().map(|one| datum(one, href)))
    };
    let heads = Element::new("tr", "").children(table.columns.iter().map(head));
    let drawn = Element::new("table", "")
        .child(Element::new("thead", "").child(heads))
        .child(Element::new("tbody", "").children(table.rows.iter().map(row)));
    let scroll = Element::new("div", "card-scroll")
        .with("role", "group")
        .with("tabindex", "0")
        .with("aria-label", table.title.clone())
        .child(drawn);
    card(table.title.clone(), Some(table.rows.len()), scroll)
}

fn datum(one: &Cell, href: Href<'_>) -> Element {
    Element::new("td", "").children(cell(one, href))
}
