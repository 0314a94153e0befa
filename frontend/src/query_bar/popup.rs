//! What the engine offers for the place of the caret, and what is wrong with the text.

use k8kat::engine::message::Candidate;
use k8kat::query::Problem;
use leptos::prelude::*;

use super::complete::Edit;
use super::{Draft, Model, act};
use crate::widget::{Icon, KeyCap, icon, mark};

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

/// The popup.
#[component]
pub(super) fn Popup(model: Model, draft: Draft, popup: Memo<Option<Content>>) -> impl IntoView {
    let before = move || popup.with(|popup| popup.as_ref().map_or((0, 0), |popup| popup.before));
    let has_candidates = Memo::new(move |_| {
        popup.with(|popup| popup.as_ref().is_some_and(|popup| popup.candidates > 0))
    });
    let problem = Memo::new(move |_| popup.with(|popup| popup.as_ref()?.problem.clone()));
    view! {
        <div
            class="popup"
            class:shown=move || popup.with(Option::is_some)
            style=("--letters", move || before().0.to_string())
            style=("--spaces", move || before().1.to_string())
            style=("--scroll", move || format!("{}px", draft.scroll.get()))
            on:mousedown=|event| event.prevent_default()
        >
            <Show when=move || has_candidates.get()>
                <div class="popup-title">
                    {move || model.completion.with(|completion| completion.title.clone())}
                </div>
            </Show>
            <div class="popup-list" id="query-popup" role="listbox" aria-label="Candidates">
                {move || candidates(model, draft, popup)}
            </div>
            {move || problem.get().map(|problem| wrong(model, draft, problem))}
            <div class="popup-keys" aria-hidden="true">
                <Show when=move || has_candidates.get()>
                    <span><KeyCap key="↑↓" />"choose"</span>
                    <span><KeyCap key="Tab" />"take"</span>
                </Show>
                <span><KeyCap key="Enter" />"run"</span>
                <span><KeyCap key="Esc" />"close"</span>
            </div>
        </div>
    }
}

fn candidates(
    model: Model,
    draft: Draft,
    popup: Memo<Option<Content>>,
) -> Option<Vec<impl IntoView>> {
    if popup.with(|popup| popup.as_ref().is_none_or(|popup| popup.candidates == 0)) {
        return None;
    }
    model.completion.with(|completion| {
        let all = completion.candidates.iter().enumerate();
        Some(
            all.map(|(at, one)| candidate(model, draft, at, one))
                .collect(),
        )
    })
}

fn candidate(model: Model, draft: Draft, at: usize, one: &Candidate) -> impl IntoView + use<> {
    let (typed, rest) = one
        .insert
        .split_at_checked(one.typed)
        .unwrap_or(("", &one.insert));
    let take = move |_| {
        draft.chosen.set(at);
        act(model, draft, Edit::Take);
    };
    view! {
        <div
            class="candidate"
            class:chosen=move || draft.chosen.get() == at
            class:none=one.count == Some(0)
            role="option"
            id=format!("candidate-{at}")
            aria-selected=move || (draft.chosen.get() == at).to_string()
            on:click=take
        >
            <span class="candidate-mark">{one.mark.map(mark)}</span>
            <span class="candidate-text"><b>{typed.to_owned()}</b>{rest.to_owned()}</span>
            <span class="candidate-meaning">{one.meaning.clone()}</span>
            <span class="candidate-count">{one.count.map(|count| count.to_string())}</span>
        </div>
    }
}

fn wrong(model: Model, draft: Draft, problem: Problem) -> impl IntoView {
    let repair = problem.fix.clone().map(|fix| {
        view! {
            <button type="button" class="repair" on:click=move |_| act(model, draft, Edit::Repair)>
                "Write "<code>{fix}</code>
            </button>
            <span class="repair-key"><KeyCap key="Alt Enter" /></span>
        }
    });
    view! {
        <div class="popup-problem" aria-live="polite">
            {icon(Icon::Help)}
            <div>
                <p>{problem.message}</p>
                {repair}
            </div>
        </div>
    }
}
