//! The heads of the columns, which sort.

use k8kat::engine::message::{Column, SortOrder};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::Model;

/// The first row of the grid. It stays in place while rows scroll below it.
#[component]
pub(super) fn Head(model: Model, folded: Memo<Vec<usize>>) -> impl IntoView {
    let heads = move || {
        model.columns.with(|columns| {
            let shown = folded.get();
            let shown = shown.iter().filter_map(|&at| columns.get(at));
            shown.map(|column| head(model, column)).collect::<Vec<_>>()
        })
    };
    view! {
        <div class="table-head" role="rowgroup">
            <div class="head-row" role="row" aria-rowindex="1">{heads}</div>
        </div>
    }
}

fn head(model: Model, column: &Column) -> impl IntoView + use<> {
    let order = column.sort;
    let sort_query = StoredValue::new(column.sort_query.clone());
    let sort = move || model.on_sort.run(sort_query.get_value());
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" || event.key() == " " {
            event.prevent_default();
            event.stop_propagation();
            sort();
        }
    };
    view! {
        <div
            class="head"
            class:right=column.right
            class:sorted=order.is_some()
            role="columnheader"
            tabindex="0"
            aria-sort=aria_sort(order)
            on:click=move |_| sort()
            on:keydown=on_key
        >
            <span class="head-text">{column.title.clone()}</span>
            {order.map(|order| view! { <span class="head-order" aria-hidden="true">{sign(order)}</span> })}
        </div>
    }
}

fn aria_sort(order: Option<SortOrder>) -> &'static str {
    match order {
        Some(SortOrder::Ascending) => "ascending",
        Some(SortOrder::Descending) => "descending",
        None => "none",
    }
}

fn sign(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Ascending => "↑",
        SortOrder::Descending => "↓",
    }
}
