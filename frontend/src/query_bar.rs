//! The query bar: a plain input, and under it a mirror that draws the text's tiles.
//!
//! The input's own text is transparent, so caret, selection, undo and input methods are the
//! browser's. It says what is typed, and shows what the engine says of it.

mod complete;
mod mirror;
mod popup;

use k8kat::engine::message::{Completion, QueryEcho};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use crate::widget::{Icon, KeyCap, icon};
use complete::{Edit, byte_of_unit, unit_of_byte};
use mirror::Mirror;
use popup::Popup;

/// What the bar shows and whom it tells.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    /// The query that is shown; set from outside by links and the address.
    pub(crate) text: Signal<String>,
    pub(crate) echo: RwSignal<QueryEcho>,
    pub(crate) completion: RwSignal<Completion>,
    /// `23 of 1,204 · 3 ms`
    pub(crate) answer: Signal<String>,
    pub(crate) on_input: Callback<String>,
    pub(crate) on_commit: Callback<String>,
    /// The text and the caret, in bytes.
    pub(crate) on_complete: Callback<(String, usize)>,
    /// The person leaves the bar.
    pub(crate) on_leave: Callback<()>,
    /// How was this answered?
    pub(crate) on_explain: Callback<()>,
    pub(crate) input: NodeRef<html::Input>,
}

/// What stands in the bar now.
#[derive(Clone, Copy)]
struct Draft {
    text: RwSignal<String>,
    /// In bytes; none without focus.
    caret: RwSignal<Option<usize>>,
    /// Pixels that the input is scrolled by.
    scroll: RwSignal<i32>,
    /// The candidate that Tab takes.
    chosen: RwSignal<usize>,
    /// Esc closed the popup, until the next letter.
    closed: RwSignal<bool>,
}

/// The bar.
#[component]
pub(crate) fn QueryBar(model: Model) -> impl IntoView {
    let draft = Draft {
        text: RwSignal::new(model.text.get_untracked()),
        caret: RwSignal::new(None),
        scroll: RwSignal::new(0),
        chosen: RwSignal::new(0),
        closed: RwSignal::new(true),
    };
    Effect::new(move |_| {
        let text = model.text.get();
        if draft.text.get_untracked() != text {
            draft.text.set(text);
            draft.closed.set(true);
        }
    });
    let popup = Memo::new(move |_| popup::content(model, draft));
    let open = move || popup.with(Option::is_some);
    let active = move || {
        let shown = popup.with(|popup| popup.as_ref().is_some_and(|popup| popup.candidates > 0));
        shown.then(|| format!("{}{}", popup::CANDIDATE, draft.chosen.get()))
    };
    let clear = move |_| {
        write(model, draft, String::new(), 0);
        focus(model.input);
    };
    view! {
        <div class="query" class:focused=move || draft.caret.get().is_some()>
            {icon(Icon::Search)}
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
                    aria-expanded=move || open().to_string()
                    aria-activedescendant=active
                    aria-invalid=move || (!model.echo.with(|echo| echo.problems.is_empty())).to_string()
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    placeholder="pods ns:shop status:Failed"
                    prop:value=move || draft.text.get()
                    on:input=move |_| typed(model, draft)
                    on:keydown=move |event| key(model, draft, &event, popup)
                    on:keyup=move |_| caret_moved(model, draft)
                    on:click=move |_| caret_moved(model, draft)
                    on:scroll=move |_| scrolled(model, draft)
                    on:focus=move |_| caret_moved(model, draft)
                    on:blur=move |_: FocusEvent| {
                        draft.caret.set(None);
                        draft.closed.set(true);
                    }
                />
            </div>
            <button
                type="button"
                class="query-answer"
                title="How was this answered?"
                on:click=move |_| model.on_explain.run(())
            >
                {move || model.answer.get()}
            </button>
            <Show
                when=move || draft.caret.get().is_some() && !draft.text.with(String::is_empty)
                fallback=|| view! { <KeyCap key="/" /> }
            >
                <button
                    type="button"
                    class="query-clear"
                    aria-label="Clear the query"
                    on:mousedown=|event| event.prevent_default()
                    on:click=clear
                >
                    {icon(Icon::Clear)}
                </button>
            </Show>
            <Popup model draft popup />
        </div>
    }
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
    model.on_input.run(text);
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
    model.on_complete.run((text, caret));
}

fn key(model: Model, draft: Draft, event: &KeyboardEvent, popup: Memo<Option<popup::Content>>) {
    if event.is_composing() {
        return;
    }
    let candidates = popup.with_untracked(|popup| popup.as_ref().map(|popup| popup.candidates));
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
            model.on_commit.run(draft.text.get_untracked());
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
            model.on_leave.run(());
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
