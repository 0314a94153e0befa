//! A view without rows: what is known, since when, and what to do.

use k8kat::engine::message::{Blank, BlankState, Offer, View};
use leptos::prelude::*;

use super::Desk;
use crate::widget::text::sentence;
use crate::widget::{Button, Icon, icon};

/// Why this view has no rows. Before the first word of the engine, the answer is on its way.
pub(super) fn of(view: &View) -> Option<Blank> {
    let silent = view.columns.is_empty() && view.blank.is_none();
    if !silent {
        return view.blank.clone();
    }
    Some(Blank {
        state: BlankState::Loading,
        title: String::new(),
        text: String::new(),
        evidence: None,
        offers: Vec::new(),
    })
}

/// Picture, sentence, evidence, offers; bones of rows while they are on their way.
#[component]
pub(super) fn BlankView(desk: Desk, blank: Blank) -> impl IntoView {
    if blank.state == BlankState::Loading {
        return skeleton(blank).into_any();
    }
    let class = format!(
        "blank {}",
        if blank.state == BlankState::Unreachable {
            "is-bad"
        } else {
            ""
        }
    );
    let offers = blank.offers.into_iter().enumerate();
    let offers: Vec<_> = offers
        .map(|(at, (text, offer))| button(desk, at == 0, text, offer))
        .collect();
    let evidence = blank
        .evidence
        .map(|evidence| view! { <code class="evidence">{evidence}</code> });
    view! {
        <div class=class>
            {icon(picture(blank.state))}
            <h2>{blank.title}</h2>
            {evidence}
            <p>{sentence(&blank.text)}</p>
            <div class="offers">{offers}</div>
        </div>
    }
    .into_any()
}

fn picture(state: BlankState) -> Icon {
    match state {
        BlankState::NoMatch => Icon::Search,
        BlankState::Empty => Icon::Box,
        BlankState::Loading => Icon::CatchingUp,
        BlankState::Forbidden => Icon::Lock,
        BlankState::Unreachable => Icon::Plug,
        BlankState::Problem => Icon::Help,
    }
}

fn button(desk: Desk, first: bool, text: String, offer: Offer) -> impl IntoView {
    match offer {
        Offer::Query(query) => {
            let act = move |()| desk.run(query.clone());
            view! { <Button text main=first act /> }.into_any()
        }
        Offer::Retry => {
            let act = move |()| desk.live.retry();
            view! { <Button text picture=Icon::Retry key="r" main=first act /> }.into_any()
        }
    }
}

fn skeleton(blank: Blank) -> impl IntoView {
    let bones: Vec<_> = (0..9)
        .map(|_| view! { <i><b></b><b></b><b></b></i> })
        .collect();
    view! {
        <div class="bones" aria-hidden="true">{bones}</div>
        <p class="bones-text">{blank.title}" "{blank.text}</p>
    }
}
