//! How the query was answered: the engine's plan, as it tells it.

use k8kat::engine::message::QueryEcho;
use leptos::prelude::*;

use super::{Desk, Over};
use crate::widget::text::ACT;
use crate::widget::{Element, Node, button};

/// A dialog with the plan's text.
pub(super) fn plan(desk: Desk) -> AnyView {
    desk.dialog(Over::Plan, "How this was answered", "plan", move || {
        desk.live.query.with(told)
    })
}

fn told(query: &QueryEcho) -> Vec<Node> {
    let canonical = Element::new("code", "").text(query.canonical.clone());
    let plan = Element::new("pre", "").with("tabindex", "0");
    vec![
        Element::new("h2", "").text("How this was answered").into(),
        Element::new("p", "").child(canonical).into(),
        plan.text(query.plan.clone()).into(),
        Element::new("div", "dialog-foot").child(leave()).into(),
    ]
}

/// The button that closes what lies over the page.
pub(super) fn leave() -> Element {
    button::plain("button", "Close").with(ACT, "leave")
}
