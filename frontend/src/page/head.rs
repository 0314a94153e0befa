//! The view's title, what holds for all its rows, and one mark per row.

use k8kat::engine::message::{Total, View};
use leptos::html;
use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use crate::widget::{Element, Node, draw, mark};

/// A line above the answer.
#[component]
pub(super) fn Head(desk: Desk) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    draw(host, move || desk.live.view.with(head));
    view! { <div class="view-head" node_ref=host></div> }
}

/// The strip is drawn while rows are few enough to tell their marks apart.
fn head(view: &View) -> Vec<Node> {
    let title = Element::new("h1", "").text(view.title.clone());
    let note = Element::new("p", "view-note").text(view.note.clone());
    let strip = (!view.marks.is_empty()).then(|| {
        let label = summary(&view.totals);
        Element::new("div", "strip")
            .with("role", "img")
            .with("aria-label", label.clone())
            .with("title", label)
            .children(view.marks.iter().copied().map(mark))
    });
    let parts = [title, note].into_iter().chain(strip);
    parts.map(Node::from).collect()
}

/// `17 Running, 2 Failed`
fn summary(totals: &[Total]) -> String {
    let part = |total: &Total| format!("{} {}", grouped(total.count as u64), total.word);
    totals.iter().map(part).collect::<Vec<_>>().join(", ")
}
