//! Asks for the credential of whatever guards the API. What was on the screen stays there.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::Desk;
use crate::route::token_of_fragment;
use crate::storage::{TOKEN, store};
use crate::widget::text::sentence;
use crate::widget::{Element, Node, button, dialog};

/// A dialog that only a credential closes.
pub(super) fn sign_in(desk: Desk) -> AnyView {
    let live = desk.live;
    window_event_listener(ev::submit, move |event| {
        event.prevent_default();
        let input = document().get_element_by_id(INPUT);
        let input = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        let token = token_of(&input.map(|input| input.value()).unwrap_or_default());
        if !token.is_empty() {
            store(TOKEN, &token);
            live.sign_in(token);
        }
    });
    dialog(
        "Sign in",
        "sign-in",
        move || live.sign_in.with(Option::is_some),
        move || vec![form(&live.sign_in.get().unwrap_or_default())],
        || {},
    )
}

/// The id of the field.
const INPUT: &str = "token";

fn form(reason: &str) -> Node {
    let help = Element::new("p", "")
        .text("Kapi prints an address that ends in ")
        .child(Element::new("code", "").text("#token=…"))
        .text(" when it starts. Paste that address here, or a token for this cluster.");
    let reason = Element::new("p", "sign-in-reason")
        .with("role", "alert")
        .text(sentence(reason));
    let label = Element::new("label", "")
        .with("for", INPUT)
        .text("Address or token");
    let input = Element::new("input", "")
        .with("id", INPUT)
        .with("type", "password")
        .with("autocomplete", "off")
        .flag("autofocus", true)
        .flag("required", true);
    let submit = button::plain("button primary", "Sign in").with("type", "submit");
    Element::new("form", "")
        .child(Element::new("h2", "").text("Sign in"))
        .children([help, reason, label, input])
        .child(Element::new("div", "dialog-foot").child(submit))
        .into()
}

/// The token of a whole address, or the text itself.
fn token_of(typed: &str) -> String {
    let typed = typed.trim();
    let of_address = typed
        .split_once('#')
        .and_then(|(_, fragment)| token_of_fragment(fragment));
    of_address.unwrap_or_else(|| typed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_or_a_token() {
        assert_eq!(token_of(" abc "), "abc");
        assert_eq!(token_of("http://127.0.0.1:7400/#token=abc"), "abc");
        assert_eq!(token_of("abc#def"), "abc#def");
    }
}
