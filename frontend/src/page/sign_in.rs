//! Asks for the credential of whatever guards the API. What was on the screen stays there.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::Desk;
use crate::route::token_of_fragment;
use crate::storage::{TOKEN, store};
use crate::widget::Dialog;
use crate::widget::text::sentence;

/// A dialog that only a credential closes.
#[component]
pub(super) fn SignIn(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let input = NodeRef::<html::Input>::new();
    let open = Signal::derive(move || live.sign_in.with(Option::is_some));
    let reason = move || sentence(&live.sign_in.get().unwrap_or_default());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = input
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default();
        let token = token_of(&typed);
        if !token.is_empty() {
            store(TOKEN, &token);
            live.sign_in(token);
        }
    };
    view! {
        <Dialog open label="Sign in" class="sign-in" on_close=|()| ()>
            <form on:submit=submit>
                <h2>"Sign in"</h2>
                <p>
                    "Kapi prints an address that ends in " <code>"#token=…"</code>
                    " when it starts. Paste that address here, or a token for this cluster."
                </p>
                <p class="sign-in-reason" role="alert">{reason}</p>
                <label for="token">"Address or token"</label>
                <input id="token" node_ref=input type="password" autocomplete="off" autofocus required />
                <div class="dialog-foot">
                    <button type="submit" class="button primary">"Sign in"</button>
                </div>
            </form>
        </Dialog>
    }
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
