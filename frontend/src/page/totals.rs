//! The foot of the table: rows by state, and sums.

use k8kat::engine::message::Total;
use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use crate::widget::mark;

/// Each state is a way to see only its rows.
#[component]
pub(super) fn Totals(desk: Desk) -> impl IntoView {
    let view = desk.live.view;
    let matched = Memo::new(move |_| view.with(|view| (view.matched, view.title.clone())));
    let totals = Memo::new(move |_| view.with(|view| view.totals.clone()));
    let sums = Memo::new(move |_| view.with(|view| view.sums.clone()));
    let all = move || {
        let (count, title) = matched.get();
        view! { <b>{grouped(count as u64)}</b> " " {title.to_ascii_lowercase()} }
    };
    let known = move || view.with(|view| !view.columns.is_empty());
    view! {
        <Show when=known>
            <div class="totals" role="group" tabindex="0" aria-label="Totals">
                <span class="total">{all}</span>
                {move || totals.get().into_iter().map(|one| total(desk, one)).collect::<Vec<_>>()}
                <span class="sums">{move || sums.get().into_iter().map(sum).collect::<Vec<_>>()}</span>
            </div>
        </Show>
    }
}

fn total(desk: Desk, one: Total) -> impl IntoView {
    let text = view! { {mark(one.mark)} <b>{grouped(one.count as u64)}</b> " " {one.word} };
    match one.query {
        Some(query) => {
            let run = move |_| desk.run(query.clone());
            view! { <button type="button" class="total" on:click=run>{text}</button> }.into_any()
        }
        None => view! { <span class="total">{text}</span> }.into_any(),
    }
}

/// `17 restarts`: the figure stands out.
fn sum(text: String) -> impl IntoView {
    let (figure, rest) = match text.split_once(' ') {
        Some((figure, rest)) => (figure.to_owned(), format!(" {rest}")),
        None => (text, String::new()),
    };
    view! { <span><b>{figure}</b>{rest}</span> }
}
