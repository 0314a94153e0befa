//! Buttons, and the key that does the same.

use leptos::prelude::*;

use super::{Icon, icon};

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
