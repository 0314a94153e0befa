//! The key sheet.

use leptos::prelude::*;

use super::Desk;
use super::keys::PLACES;
use crate::widget::{Button, Dialog};

const KEYS: [(&str, &str); 16] = [
    ("/", "go to the query"),
    ("j", "next row, also ↓"),
    ("k", "row before, also ↑"),
    ("PgDn", "a screen on, also PgUp back"),
    ("Home", "first row, also End for the last"),
    (
        "Enter",
        "open the row, or take the first offer; in the query: run it",
    ),
    ("Esc", "close what is open"),
    ("y", "show or hide the YAML"),
    ("o", "go to the owner"),
    ("b", "only what is broken, or all again"),
    ("[", "back"),
    ("]", "on"),
    ("r", "try again what failed"),
    ("Tab", "in the query: take the candidate"),
    ("Alt Enter", "in the query: repair what is wrong"),
    ("?", "this sheet"),
];

/// All keys, in a dialog.
#[component]
pub(super) fn Help(desk: Desk) -> impl IntoView {
    let line = |(key, text): &(&'static str, &'static str)| {
        let key = *key;
        view! { <li><kbd>{key}</kbd> <span>{*text}</span></li> }
    };
    let place = |(key, query): &(&'static str, &'static str)| {
        let key = *key;
        view! { <li><span class="chord"><kbd>"g"</kbd> <kbd>{key}</kbd></span> <span>{*query}</span></li> }
    };
    let close = move |()| desk.help.set(false);
    view! {
        <Dialog open=desk.help label="All keys" class="help" on_close=close>
            <h2>"All keys"</h2>
            <ul class="help-keys">
                {KEYS.iter().map(line).collect::<Vec<_>>()}
                {PLACES.iter().map(place).collect::<Vec<_>>()}
            </ul>
            <div class="dialog-foot">
                <span class="quiet">"Kapi " {env!("CARGO_PKG_VERSION")}</span>
                <Button text="Close" act=close />
            </div>
        </Dialog>
    }
}
