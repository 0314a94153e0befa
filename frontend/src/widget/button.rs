//! Buttons, and the key that does the same.

use leptos::prelude::*;

use super::element::Text;
use super::text::KEY;
use super::{Element, Icon, icon, picture};

/// A button with words, maybe a picture before them and a key after them.
#[component]
pub(crate) fn Button(
    #[prop(into)] text: Signal<String>,
    #[prop(optional)] picture: Option<Icon>,
    #[prop(optional)] key: Option<&'static str>,
    #[prop(optional)] main: bool,
    #[prop(optional, into)] pressed: Option<Signal<bool>>,
    #[prop(into)] act: Callback<()>,
) -> impl IntoView {
    let pressed = move || pressed.map(|pressed| pressed.get().to_string());
    view! {
        <button
            type="button"
            class="button"
            class:primary=main
            aria-pressed=pressed
            on:click=move |_| act.run(())
        >
            {picture.map(icon)}
            <span>{move || text.get()}</span>
            {key.map(|key| view! { <KeyCap key /> })}
        </button>
    }
}

/// A key as it is drawn on a keyboard.
#[component]
pub(crate) fn KeyCap(key: &'static str) -> impl IntoView {
    view! { <kbd aria-hidden="true">{key}</kbd> }
}

/// A button where values are drawn; the caller says what it does.
pub(crate) fn plain(class: &'static str, text: impl Into<Text>) -> Element {
    Element::new("button", class)
        .with("type", "button")
        .child(Element::new("span", "").text(text))
}

/// The one that does as `r` does.
pub(crate) fn retry(class: &'static str, text: impl Into<Text>) -> Element {
    Element::new("button", class)
        .with("type", "button")
        .with(KEY, "r")
        .child(picture(Icon::Retry))
        .child(Element::new("span", "").text(text))
        .child(cap("r"))
}

/// A key as it is drawn on a keyboard.
pub(crate) fn cap(key: &'static str) -> Element {
    Element::new("kbd", "")
        .with("aria-hidden", "true")
        .text(key)
}
