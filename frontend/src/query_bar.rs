//! The query bar: a plain input, and under it a mirror that draws the text's tiles.
//!
//! The input's own text is transparent, so caret, selection, undo and input methods are the
//! browser's. It says what is typed, and shows what the engine says of it.

mod complete;
mod mirror;
mod popup;

use k8kat::engine::message::{Completion, QueryEcho};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::state::{Call, State};
use crate::widget::event::within;
use crate::widget::text::ACT;
use crate::widget::{Element, Icon, Node, button, drawn, dress, listen, picture};
use complete::{Edit, byte_of_unit, unit_of_byte};
use mirror::Mirror;
use popup::Popup;

/// What the bar shows and whom it tells.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    /// The query that is shown; set from outside by links and the address.
    pub(crate) text: Call<(), String>,
    pub(crate) echo: State<QueryEcho>,
    pub(crate) completion: State<Completion>,
    /// `23 of 1,204 · 3 ms`
    pub(crate) answer: Call<(), String>,
    pub(crate) on_input: Call<String, ()>,
    pub(crate) on_commit: Call<String, ()>,
    /// The text and the caret, in bytes.
    pub(crate) on_complete: Call<(String, usize), ()>,
    /// The person leaves the bar.
    pub(crate) on_leave: Call<(), ()>,
    pub(crate) input: NodeRef<html::Input>,
}

/// What stands in the bar now.
#[derive(Clone, Copy)]
struct Draft {
    text: State<String>,
    /// In bytes; none without focus.
    caret: State<Option<usize>>,
    /// Pixels that the input is scrolled by.
    scroll: State<i32>,
    /// The candidate that Tab takes.
    chosen: State<usize>,
    /// Esc closed the popup, until the next letter.
    closed: State<bool>,
}

/// The bar.
#[component]
pub(crate) fn QueryBar(model: Model) -> impl IntoView {
    let draft = Draft {
        text: State::new(untrack(|| (model.text)(()))),
        caret: State::new(None),
        scroll: State::new(0),
        chosen: State::new(0),
        closed: State::new(true),
    };
    Effect::new(move |_| {
        let text = (model.text)(());
        if draft.text.get_untracked() != text {
            draft.text.set(text);
            draft.closed.set(true);
        }
    });
    dress(model.input, move || field(model, draft));
    Effect::new(move |_| {
        let text = draft.text.get();
        if let Some(input) = model.input.get().filter(|input| input.value() != text) {
            input.set_value(&text);
        }
    });
    hear(model, draft);
    let bar = NodeRef::<html::Div>::new();
    dress(bar, move || {
        let focused = draft.caret.get().is_some();
        Element::new("div", if focused { "query focused" } else { "query" })
    });
    listen(bar, "mousedown", |event| {
        // The field keeps the focus.
        if within(&event, ".query-clear, .popup").is_some() {
            event.prevent_default();
        }
    });
    listen(bar, "click", move |event| {
        if within(&event, ".query-clear").is_some() {
            write(model, draft, String::new(), 0);
            focus(model.input);
        } else {
            popup::clicked(model, draft, &event);
        }
    });
    view! {
        <div class="query" node_ref=bar>
            {drawn(|| vec![picture(Icon::Search).into()])}
            <div class="query-field">
                <Mirror model draft />
                <input
                    node_ref=model.input
                    type="text"
                    role="combobox"
                    aria-label="Query"
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    aria-controls="query-popup"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    placeholder="pods ns:shop status:Failed"
                />
            </div>
            {drawn(move || end(model, draft))}
            <Popup model draft />
        </div>
    }
}

/// What a screen reader hears of the field.
fn field(model: Model, draft: Draft) -> Element {
    let candidates = popup::content(model, draft).map(|popup| popup.candidates);
    let chosen = candidates.filter(|count| *count > 0);
    let chosen = chosen.map(|_| format!("{}{}", popup::CANDIDATE, draft.chosen.get()));
    let wrong = model.echo.with(|echo| !echo.problems.is_empty());
    Element::new("input", "")
        .truth("aria-expanded", candidates.is_some())
        .maybe("aria-activedescendant", chosen)
        .truth("aria-invalid", wrong)
}

/// What stands after the field: the answer's figures, and the way to clear it or its key.
fn end(model: Model, draft: Draft) -> Vec<Node> {
    let answer = button::empty("query-answer")
        .with("title", "How was this answered?")
        .with(ACT, "plan")
        .text((model.answer)(()));
    let typed = draft.caret.get().is_some() && !draft.text.with(String::is_empty);
    let last = if typed {
        let clear = button::empty("query-clear").with("aria-label", "Clear the query");
        clear.child(picture(Icon::Clear))
    } else {
        button::cap("/")
    };
    vec![answer.into(), last.into()]
}

fn hear(model: Model, draft: Draft) {
    let input = model.input;
    listen(input, "input", move |_| typed(model, draft));
    listen(input, "keydown", move |event| {
        key(model, draft, event.unchecked_ref());
    });
    for event in ["keyup", "click", "focus"] {
        listen(input, event, move |_| caret_moved(model, draft));
    }
    listen(input, "scroll", move |_| scrolled(model, draft));
    listen(input, "blur", move |_| {
        draft.caret.set(None);
        draft.closed.set(true);
    });
}

fn typed(model: Model, draft: Draft) {
    let Some(input) = model.input.get_untracked() else {
        return;
    };
    let text = input.value();
    draft.text.set(text.clone());
    draft.closed.set(false);
    draft.chosen.set(0);
    caret_moved(model, draft);
    (model.on_input)(text);
    ask_for_candidates(model, draft);
}

/// Puts a text into the bar as if it were typed.
fn write(model: Model, draft: Draft, text: String, caret: usize) {
    if let Some(input) = model.input.get_untracked() {
        input.set_value(&text);
        let unit = unit_of_byte(&text, caret);
        // An input of type text always has a selection.
        let _ = input.set_selection_range(unit, unit);
    }
    typed(model, draft);
}

fn caret_moved(model: Model, draft: Draft) {
    let Some(input) = model.input.get_untracked() else {
        return;
    };
    let unit = input.selection_start().ok().flatten().unwrap_or_default();
    let caret = byte_of_unit(&input.value(), unit);
    if draft.caret.get_untracked() != Some(caret) {
        draft.caret.set(Some(caret));
        if !draft.closed.get_untracked() {
            ask_for_candidates(model, draft);
        }
    }
    scrolled(model, draft);
}

fn scrolled(model: Model, draft: Draft) {
    if let Some(input) = model.input.get_untracked() {
        draft.scroll.set(input.scroll_left());
    }
}

fn ask_for_candidates(model: Model, draft: Draft) {
    let text = draft.text.get_untracked();
    let caret = draft.caret.get_untracked().unwrap_or(text.len());
    (model.on_complete)((text, caret));
}

fn key(model: Model, draft: Draft, event: &KeyboardEvent) {
    if event.is_composing() {
        return;
    }
    let popup = untrack(|| popup::content(model, draft));
    let candidates = popup.map(|popup| popup.candidates);
    let edit = match (event.key().as_str(), candidates) {
        ("Enter", _) if event.alt_key() => Edit::Repair,
        ("Enter", _) => Edit::Commit,
        ("Tab", Some(1..)) if !event.shift_key() => Edit::Take,
        ("ArrowDown", Some(1..)) => Edit::Choose(1),
        ("ArrowUp", Some(1..)) => Edit::Choose(-1),
        ("ArrowDown", None) if draft.closed.get_untracked() => Edit::Ask,
        ("Escape", Some(_)) => Edit::Close,
        ("Escape", None) => Edit::Leave,
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    act(model, draft, edit);
}

fn act(model: Model, draft: Draft, edit: Edit) {
    match edit {
        Edit::Commit => {
            draft.closed.set(true);
            (model.on_commit)(draft.text.get_untracked());
        }
        Edit::Take => {
            let at = draft.chosen.get_untracked();
            let taken = model
                .completion
                .with_untracked(|completion| complete::take(completion, at));
            if let Some((text, caret)) = taken {
                write(model, draft, text, caret);
            }
        }
        Edit::Repair => {
            let text = draft.text.get_untracked();
            let caret = draft.caret.get_untracked().unwrap_or(text.len());
            let repaired = model
                .echo
                .with_untracked(|echo| complete::repair(&text, caret, echo));
            if let Some((text, caret)) = repaired {
                write(model, draft, text, caret);
            }
        }
        Edit::Choose(step) => {
            let count = model
                .completion
                .with_untracked(|completion| completion.candidates.len());
            draft
                .chosen
                .update(|chosen| *chosen = complete::step(*chosen, step, count));
        }
        Edit::Ask => {
            draft.closed.set(false);
            ask_for_candidates(model, draft);
        }
        Edit::Close => draft.closed.set(true),
        Edit::Leave => {
            if let Some(input) = model.input.get_untracked() {
                // An element that is in the page can lose the focus.
                let _ = input.blur();
            }
            (model.on_leave)(());
        }
    }
}

/// Puts the caret at the end of the bar.
pub(crate) fn focus(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        let end = input.value().encode_utf16().count() as u32;
        // Both fail only for an element that is not in the page.
        let _ = input.focus();
        let _ = input.set_selection_range(end, end);
    }
}
