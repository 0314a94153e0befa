//! One element of the pool: it moves to wherever the row it shows stands.

use std::sync::Arc;

use k8kat::engine::message::{Cell, Column, Mark};
use leptos::either::{Either, EitherOf3};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::fresh::{ShownRow, is_age};
use super::turns::Turns;
use super::{Cursor, Model, window};
use crate::widget::grid_cell;

/// What all slots have in common.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) model: Model,
    /// The columns without how they sort, which is nothing to a row.
    pub(super) shape: Memo<Vec<Column>>,
    pub(super) cursor: Cursor,
    pub(super) row_px: Memo<f64>,
    pub(super) pool: Memo<usize>,
    pub(super) first: Memo<usize>,
    pub(super) total: Memo<usize>,
    pub(super) turns: Turns,
}

/// A row, or nothing where the table has fewer.
#[component]
pub(super) fn MovingRow(number: usize, place: Place) -> impl IntoView {
    let Place { model, cursor, .. } = place;
    let index =
        Memo::new(move |_| window::row_of_slot(number, place.first.get(), place.pool.get()));
    let (shown, misplaced) = shown_in_turn(place, index);
    let has_row = move || index.get() < place.total.get();
    let is_cursor = Memo::new(move |_| cursor.index() == Some(index.get()));
    let is_open = Memo::new(move |_| {
        let open = model.open_path.get();
        open.is_some()
            && shown.with(|shown| shown.as_ref().map(|shown| &shown.row.path) == open.as_ref())
    });
    let broken = move || {
        shown.with(|shown| {
            shown
                .as_ref()
                .is_some_and(|shown| shown.row.mark == Mark::Failed)
        })
    };
    let word = move || shown.with(|shown| Some(shown.as_ref()?.row.word.clone()));
    let click = move |event: MouseEvent| {
        cursor.set(index.get_untracked());
        let path = shown.with_untracked(|shown| Some(shown.as_ref()?.row.path.clone()));
        // Whoever marks text with the mouse does not want the row opened.
        let is_meant = event.detail() < 2 && !selects_text() && !misplaced.get_untracked();
        if let Some(path) = path.filter(|_| is_meant) {
            model.on_open.run(path);
        }
    };
    view! {
        <div
            id=format!("row-{number}")
            class="row"
            class:absent=move || !has_row()
            class:cursor=move || is_cursor.get()
            class:open=move || is_open.get()
            class:broken=broken
            class:waiting=move || misplaced.get()
            role="row"
            aria-rowindex=move || index.get() + 2
            aria-selected=move || is_cursor.get().to_string()
            aria-description=word
            style=("transform", move || format!("translateY({}px)", (index.get() as f64 * place.row_px.get()) as i64))
            on:click=click
        >
            {content(place, shown)}
        </div>
    }
}

/// The row at an index, and whether it is still another one's. A row that changes shows so at
/// once; another answer's, or that of another index, when its turn has come. Until then what was
/// drawn stays, out of sight where it would stand in a wrong place.
fn shown_in_turn(place: Place, index: Memo<usize>) -> (Memo<Option<Arc<ShownRow>>>, Memo<bool>) {
    let Place { model, turns, .. } = place;
    let wanted = Memo::new(move |_| {
        let index = index.get();
        let is_there = model.rows.with(|rows| rows.at(index).is_some());
        is_there.then(|| (model.answer.get(), index))
    });
    let granted = RwSignal::new(None::<(String, usize)>);
    let waits = StoredValue::new(false);
    Effect::new(move |_| {
        let now = wanted.get();
        if now.is_none() || now == granted.get_untracked() || waits.get_value() {
            return;
        }
        waits.set_value(true);
        let new = granted.with_untracked(Option::is_none);
        turns.take(new, move || {
            waits.set_value(false);
            // By then the table may be gone.
            if let Some(now) = wanted.try_get_untracked() {
                granted.set(now);
            }
        });
    });
    let shown = Memo::new(move |before: Option<&Option<Arc<ShownRow>>>| {
        let before = before.cloned().flatten();
        if wanted.get() != granted.get() {
            return before;
        }
        let now = model.rows.with(|rows| rows.at(index.get()).cloned());
        now.or(before)
    });
    let misplaced = Memo::new(move |_| {
        let of = |key: Option<(String, usize)>| key.map(|(_, index)| index);
        let wanted = of(wanted.get());
        wanted.is_none() || wanted != of(granted.get())
    });
    (shown, misplaced)
}

fn selects_text() -> bool {
    let selection = window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// What a slot shows of a row; its elements stay when another row comes, only what differs is
/// drawn. Bones until the first one.
fn content(place: Place, shown: Memo<Option<Arc<ShownRow>>>) -> impl IntoView {
    let Place { model, shape, .. } = place;
    // A row once shown is never taken back, only followed by another.
    let begun = Memo::new(move |_| shown.with(Option::is_some));
    move || {
        if !begun.get() {
            return EitherOf3::A(view! { <div class="bone" role="gridcell"></div> });
        }
        if model.narrow.get() {
            return EitherOf3::B(move || {
                shape.with(|columns| shown.with(|shown| Some(two_lines(columns, shown.as_ref()?))))
            });
        }
        // Those that fold away are there, too: making them anew whenever the width changes would
        // be seen.
        EitherOf3::C(shape.with(|columns| {
            let cells = columns.iter().enumerate();
            cells
                .map(|(at, column)| one_cell(column, shown, at))
                .collect::<Vec<_>>()
        }))
    }
}

fn one_cell(
    column: &Column,
    shown: Memo<Option<Arc<ShownRow>>>,
    at: usize,
) -> impl IntoView + use<> {
    let cell = Memo::new(move |_| shown.with(|shown| shown.as_ref()?.row.cells.get(at).cloned()));
    let fresh = Memo::new(move |_| {
        let fresh = |shown: &Arc<ShownRow>| {
            let found = shown.fresh.iter().find(|fresh| fresh.cell == at)?;
            Some(if found.turn { "fresh-again" } else { "fresh" })
        };
        shown.with(|shown| shown.as_ref().and_then(fresh).unwrap_or_default())
    });
    let side = match column {
        Column { right: true, .. } => "right",
        Column { tail: true, .. } => "tail",
        _ => "",
    };
    let width = usize::from(column.width);
    let is_long =
        move |cell: &&Cell| cell.spans.iter().map(|span| span.text.len()).sum::<usize>() > width;
    let title = move || cell.with(|cell| cell.as_ref().filter(is_long).map(Cell::text));
    let content = move || cell.with(|cell| cell.as_ref().map(grid_cell));
    let content = if side == "tail" {
        Either::Left(view! { <bdi>{content}</bdi> })
    } else {
        Either::Right(content)
    };
    view! {
        <div class=move || format!("cell c{at} {side} {}", fresh.get()) role="gridcell" title=title>
            {content}
        </div>
    }
}

/// Name and state, and below them the facts.
fn two_lines(columns: &[Column], shown: &ShownRow) -> impl IntoView + use<> {
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
    view! {
        <div class="cell line-name" role="gridcell">{cells.get(name).map(grid_cell)}</div>
        <div class="cell line-state" role="gridcell">{state.map(|at| grid_cell(&cells[at]))}</div>
        <div class="cell line-facts" role="gridcell">{facts.join(" · ")}</div>
    }
}

/// A figure needs its word (`14 restarts (20s ago)`); an age and a name speak for themselves.
fn fact(column: &Column, cell: &Cell) -> Option<String> {
    let text = cell.text();
    let (first, rest) = text.split_once(' ').unwrap_or((&text, ""));
    if first.is_empty() || first == "<none>" {
        return None;
    }
    let figure = |letter: char| letter.is_ascii_digit() || letter == '/';
    if is_age(first) || !first.chars().all(figure) {
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
