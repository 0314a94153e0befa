//! The view's title, what holds for all its rows, and one mark per row.

use k8kat::engine::message::Total;
use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use crate::widget::mark;

/// The strip is drawn while rows are few enough to tell their marks apart.
#[component]
pub(super) fn Head(desk: Desk) -> impl IntoView {
    let view = desk.live.view;
    let title = Memo::new(move |_| view.with(|view| view.title.clone()));
    let note = Memo::new(move |_| view.with(|view| view.note.clone()));
    let marks = Memo::new(move |_| view.with(|view| view.marks.clone()));
    let label = move || view.with(|view| summary(&view.totals));
    view! {
        <div class="view-head">
            <h1>{title}</h1>
            <p class="view-note">{note}</p>
            <Show when=move || !marks.with(Vec::is_empty)>
                <div class="strip" role="img" aria-label=label title=label>
                    {move || marks.get().into_iter().map(mark).collect::<Vec<_>>()}
                </div>
            </Show>
        </div>
    }
}

/// `17 Running, 2 Failed`
fn summary(totals: &[Total]) -> String {
    let part = |total: &Total| format!("{} {}", grouped(total.count as u64), total.word);
    totals.iter().map(part).collect::<Vec<_>>().join(", ")
}
