//! Whether what is shown is true now; it never leaves the screen.

use k8kat::engine::message::{Freshness, FreshnessState};

use crate::widget::{Element, Icon, Node, picture};

/// Only its word is read out, and only when it changes: the rest changes all the time.
pub(super) fn badge(freshness: &Freshness) -> Node {
    let reason = Some(freshness.reason.clone()).filter(|reason| !reason.is_empty());
    let detail = Element::new("span", "badge-detail").with("aria-hidden", "true");
    Element::new("div", format!("badge {}", class(freshness.state)))
        .with("role", "status")
        .maybe("title", reason)
        .child(picture(drawing(freshness.state)))
        .child(Element::new("span", "badge-word").text(word(freshness)))
        .child(detail.text(freshness.detail.clone()))
        .into()
}

fn word(freshness: &Freshness) -> String {
    if freshness.word.is_empty() {
        return "Catching up".to_owned();
    }
    freshness.word.clone()
}

pub(super) fn class(state: FreshnessState) -> &'static str {
    match state {
        FreshnessState::Live => "f-live",
        FreshnessState::CatchingUp => "f-catching-up",
        FreshnessState::Partial => "f-partial",
        FreshnessState::Stale => "f-stale",
        FreshnessState::Offline => "f-offline",
    }
}

pub(super) fn drawing(state: FreshnessState) -> Icon {
    match state {
        FreshnessState::Live => Icon::Live,
        FreshnessState::CatchingUp => Icon::CatchingUp,
        FreshnessState::Partial => Icon::Partial,
        FreshnessState::Stale => Icon::Stale,
        FreshnessState::Offline => Icon::Offline,
    }
}
