//! The key sheet, and the query language on one page.

use k8kat::plan::reference::{Section, reference};
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

/// All keys and the language, in a dialog.
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
    let section = |section: Section| {
        let line = |(written, meaning): (String, String)| {
            view! { <li><code>{written}</code> <span>{meaning}</span></li> }
        };
        let lines: Vec<_> = section.lines.into_iter().map(line).collect();
        view! {
            <h3>{section.title}</h3>
            <ul class="help-language">{lines}</ul>
        }
    };
    // Made when it is first looked at: most never do.
    let language = move || {
        let is_open = desk.help.get();
        is_open.then(|| reference().into_iter().map(section).collect::<Vec<_>>())
    };
    let close = move |()| desk.help.set(false);
    view! {
        <Dialog open=desk.help label="All keys" class="help" on_close=close>
            <h2>"All keys"</h2>
            <ul class="help-keys">
                {KEYS.iter().map(line).collect::<Vec<_>>()}
                {PLACES.iter().map(place).collect::<Vec<_>>()}
            </ul>
            <h2>"The query language"</h2>
            {language}
            <div class="dialog-foot">
                <span class="quiet">"Kapi " {env!("CARGO_PKG_VERSION")}</span>
                <Button text="Close" act=close />
            </div>
        </Dialog>
    }
}
