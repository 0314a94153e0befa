//! Whether what is shown is true now; it never leaves the screen.

use k8kat::engine::message::{Freshness, FreshnessState};
use leptos::prelude::*;

use crate::widget::{Icon, icon};

/// Only its word is read out, and only when it changes: the rest changes all the time.
#[component]
pub(super) fn Badge(freshness: RwSignal<Freshness>) -> impl IntoView {
    let state = Memo::new(move |_| freshness.with(|freshness| freshness.state));
    let word = Memo::new(move |_| freshness.with(word));
    let reason = move || {
        freshness
            .with(|freshness| Some(freshness.reason.clone()).filter(|reason| !reason.is_empty()))
    };
    let detail = move || freshness.with(|freshness| freshness.detail.clone());
    view! {
        <div class=move || format!("badge {}", class(state.get())) role="status" title=reason>
            {move || icon(drawing(state.get()))}
            <span class="badge-word">{word}</span>
            <span class="badge-detail" aria-hidden="true">{detail}</span>
        </div>
    }
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
