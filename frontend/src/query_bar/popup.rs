//! What the engine offers for the place of the caret, and what is wrong with the text.

use k8kat::engine::message::{Candidate, Completion};
use k8kat::query::Problem;
use leptos::html;
use leptos::prelude::*;

use super::complete::Edit;
use super::{Draft, Model, act};
use crate::widget::event::within;
use crate::widget::{Element, Icon, Node, button, dress, mark, picture};

/// What the popup shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) candidates: usize,
    problem: Option<Problem>,
    /// Letters and spaces before what is completed: where the popup stands.
    before: (usize, usize),
}

/// None when there is nothing to say.
pub(super) fn content(model: Model, draft: Draft) -> Option<Content> {
    draft.caret.get()?;
    let text = draft.text.get();
    if draft.closed.get() {
        return None;
    }
    let (candidates, start) = model.completion.with(|completion| {
        let ours = completion.text == text;
        let count = if ours { completion.candidates.len() } else { 0 };
        (count, completion.span.start)
    });
    let problem = model.echo.with(|echo| {
        let ours = echo.text == text;
        if ours {
            echo.problems.first().cloned()
        } else {
            None
        }
    });
    if candidates == 0 && problem.is_none() {
        return None;
    }
    let start = match (candidates, &problem) {
        (0, Some(problem)) => problem.span.start,
        _ => start,
    };
    let before = text.get(..start).unwrap_or(&text);
    let spaces = before.chars().filter(|letter| *letter == ' ').count();
    Some(Content {
        candidates,
        problem,
        before: (before.chars().count(), spaces),
    })
}

/// The popup, below what is being typed.
#[component]
pub(super) fn Popup(model: Model, draft: Draft) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    dress(host, move || {
        let popup = content(model, draft);
        let (letters, spaces) = popup.as_ref().map_or((0, 0), |popup| popup.before);
        let chosen = draft.chosen.get();
        let content = model
            .completion
            .with(|completion| drawn(popup.as_ref(), completion, chosen));
        let shown = popup.is_some();
        Element::new("div", if shown { "popup shown" } else { "popup" })
            .with("style:--letters", letters.to_string())
            .with("style:--spaces", spaces.to_string())
            .with("style:--scroll", format!("{}px", draft.scroll.get()))
            .nodes(content)
    });
    view! { <div class="popup" node_ref=host></div> }
}

/// Takes the candidate, or repairs.
pub(super) fn clicked(model: Model, draft: Draft, event: &web_sys::Event) {
    let number = |option: web_sys::Element| option.id().strip_prefix(CANDIDATE)?.parse().ok();
    if let Some(at) = within(event, "[role=option]").and_then(number) {
        draft.chosen.set(at);
        act(model, draft, Edit::Take);
    } else if within(event, ".repair").is_some() {
        act(model, draft, Edit::Repair);
    }
}

/// The beginning of a candidate's id.
pub(super) const CANDIDATE: &str = "candidate-";

fn drawn(popup: Option<&Content>, completion: &Completion, chosen: usize) -> Vec<Node> {
    let count = popup.map_or(0, |popup| popup.candidates);
    let some = count > 0;
    let candidates = completion.candidates.iter().take(count).enumerate();
    let candidates = candidates.map(|(at, one)| candidate(at, one, at == chosen));
    let title = some.then(|| Element::new("div", "popup-title").text(completion.title.clone()));
    let list = Element::new("div", "popup-list")
        .with("id", "query-popup")
        .with("role", "listbox")
        .with("aria-label", "Candidates")
        .children(candidates);
    let problem = popup.and_then(|popup| popup.problem.as_ref()).map(wrong);
    let ways = [
        ("↑↓", "choose"),
        ("Tab", "take"),
        ("Enter", "run"),
        ("Esc", "close"),
    ];
    let ways = ways.into_iter().skip(if some { 0 } else { 2 });
    let ways = ways.map(|(key, word)| Element::new("span", "").child(button::cap(key)).text(word));
    let keys = Element::new("div", "popup-keys")
        .with("aria-hidden", "true")
        .children(ways);
    let parts = title.into_iter().chain([list]).chain(problem).chain([keys]);
    parts.map(Node::from).collect()
}

fn candidate(at: usize, one: &Candidate, chosen: bool) -> Element {
    let (typed, rest) = one
        .insert
        .split_at_checked(one.typed)
        .unwrap_or(("", &one.insert));
    let class = match (chosen, one.count == Some(0)) {
        (false, false) => "candidate",
        (true, false) => "candidate chosen",
        (false, true) => "candidate none",
        (true, true) => "candidate chosen none",
    };
    let text = Element::new("span", "candidate-text")
        .child(Element::new("b", "").text(typed.to_owned()))
        .text(rest.to_owned());
    let count = one.count.map(|count| count.to_string());
    Element::new("div", class)
        .with("role", "option")
        .with("id", format!("{CANDIDATE}{at}"))
        .truth("aria-selected", chosen)
        .child(Element::new("span", "candidate-mark").children(one.mark.map(mark)))
        .child(text)
        .child(Element::new("span", "candidate-meaning").text(one.meaning.clone()))
        .child(Element::new("span", "candidate-count").text(count.unwrap_or_default()))
}

fn wrong(problem: &Problem) -> Element {
    let repair = problem.fix.as_ref().map(|fix| {
        let write = Element::new("button", "repair")
            .with("type", "button")
            .text("Write ")
            .child(Element::new("code", "").text(fix.clone()));
        let key = Element::new("span", "repair-key").child(button::cap("Alt Enter"));
        [write, key]
    });
    let said = Element::new("p", "").text(problem.message.clone());
    Element::new("div", "popup-problem")
        .with("aria-live", "polite")
        .child(picture(Icon::Help))
        .child(
            Element::new("div", "")
                .child(said)
                .children(repair.into_iter().flatten()),
        )
}
