//! Small tables: containers, ports and the like.

use k8kat::engine::message::{Cell, Detail, DetailTable};
use leptos::prelude::*;

use crate::widget::cell;

/// Each in a card of its own.
#[component]
pub(super) fn Tables(detail: RwSignal<Detail>) -> impl IntoView {
    let tables = Memo::new(move |_| detail.with(|detail| detail.tables.clone()));
    move || tables.with(|tables| tables.iter().map(table).collect::<Vec<_>>())
}

fn table(table: &DetailTable) -> impl IntoView + use<> {
    let heads = table
        .columns
        .iter()
        .map(|head| view! { <th scope="col">{head.clone()}</th> });
    let rows = table
        .rows
        .iter()
        .map(|cells| view! { <tr>{row(cells)}</tr> });
    view! {
        <section class="card">
            <h3>
                <span>{table.title.clone()}</span>
                <span class="card-count">{table.rows.len()}</span>
            </h3>
            <div class="card-scroll" role="group" tabindex="0" aria-label=table.title.clone()>
                <table>
                    <thead>
                        <tr>{heads.collect::<Vec<_>>()}</tr>
                    </thead>
                    <tbody>{rows.collect::<Vec<_>>()}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(cells: &[Cell]) -> Vec<impl IntoView + use<>> {
    cells
        .iter()
        .map(|one| view! { <td>{cell(one)}</td> })
        .collect()
}
