//! A view without rows: what is known, since when, and what to do.

use k8kat::engine::message::{Blank, BlankState, Offer, View};

use crate::widget::text::{QUERY, sentence};
use crate::widget::{Element, Icon, button, picture};

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
pub(super) fn blank(blank: &Blank) -> Vec<Element> {
    if blank.state == BlankState::Loading {
        return skeleton(blank);
    }
    let class = match blank.state {
        BlankState::Unreachable => "blank is-bad",
        _ => "blank",
    };
    let offers = blank.offers.iter().enumerate();
    let offers = offers.map(|(at, (text, offer))| offered(at == 0, text, offer));
    let evidence = blank.evidence.clone();
    let evidence = evidence.map(|evidence| Element::new("code", "evidence").text(evidence));
    vec![
        Element::new("div", class)
            .child(picture(drawing(blank.state)))
            .child(Element::new("h2", "").text(blank.title.clone()))
            .children(evidence)
            .child(Element::new("p", "").text(sentence(&blank.text)))
            .child(Element::new("div", "offers").children(offers)),
    ]
}

fn drawing(state: BlankState) -> Icon {
    match state {
        BlankState::NoMatch => Icon::Search,
        BlankState::Empty => Icon::Box,
        BlankState::Loading => Icon::CatchingUp,
        BlankState::Forbidden => Icon::Lock,
        BlankState::Unreachable => Icon::Plug,
        BlankState::Problem => Icon::Help,
    }
}

fn offered(first: bool, text: &str, offer: &Offer) -> Element {
    let class = if first { "button primary" } else { "button" };
    match offer {
        Offer::Query(query) => button::plain(class, text.to_owned()).with(QUERY, query.clone()),
        Offer::Retry => button::retry(class, text.to_owned()),
    }
}

fn skeleton(blank: &Blank) -> Vec<Element> {
    let bone = || Element::new("b", "");
    let bones = (0..9).map(|_| Element::new("i", "").children([bone(), bone(), bone()]));
    vec![
        Element::new("div", "bones")
            .with("aria-hidden", "true")
            .children(bones),
        Element::new("p", "bones-text").text(format!("{} {}", blank.title, blank.text)),
    ]
}
