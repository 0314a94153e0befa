//! The keys that do something now.

use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use super::keys::{PLACES, can_retry, first_offer};
use crate::panel::owner;
use crate::widget::text::KEY;
use crate::widget::{Element, button, drawn};

/// Each can be clicked, too.
pub(super) fn key_bar(desk: Desk) -> AnyView {
    drawn(move || {
        let total = desk.live.rows.with(|rows| rows.total) as u64;
        let row = desk.cursor.index().map(|index| index as u64 + 1);
        let row = row
            .filter(|row| *row <= total)
            .map(|row| format!("Row {} of {}", grouped(row), grouped(total)));
        let row = Element::new("span", "keys-row").text(row.unwrap_or_default());
        let keys = Element::new("footer", "keys")
            .children(useful(desk).iter().map(one))
            .children([row, one(&("?", "All keys"))]);
        vec![keys.into()]
    })
}

/// As `KeyboardEvent.key` has it, and what it does.
type Key = (&'static str, &'static str);

fn one((key, word): &Key) -> Element {
    let cap = if *key == "Escape" { "Esc" } else { *key };
    Element::new("button", "key")
        .with("type", "button")
        .with("tabindex", "-1")
        .with("aria-keyshortcuts", *key)
        .with(KEY, *key)
        .child(button::cap(cap))
        .text(*word)
}

fn useful(desk: Desk) -> Vec<Key> {
    if desk.going.get() {
        return PLACES.into_iter().chain([("Escape", "stay")]).collect();
    }
    let row = desk.cursor.index().is_some();
    let object = desk.navigation.object();
    let opened = object.is_some();
    let another = row && desk.cursor.path() != object;
    let has_owner = opened && desk.live.detail.with(|detail| owner(detail).is_some());
    let rows = desk.live.rows.with(|rows| rows.total > 0);
    let keys = [
        (another, ("Enter", "Open")),
        (
            !row && first_offer(desk).is_some(),
            ("Enter", "First offer"),
        ),
        (opened, ("Escape", "Close")),
        (rows, ("j", "Down")),
        (rows, ("k", "Up")),
        (row || opened, ("y", "YAML")),
        (has_owner, ("o", "Owner")),
        (can_retry(desk), ("r", "Try now")),
        (true, ("/", "Query")),
        (!opened, ("b", "Only broken")),
        (true, ("g", "Go to")),
        (true, ("[", "Back")),
        (true, ("]", "On")),
    ];
    keys.into_iter()
        .filter(|(now, _)| *now)
        .map(|(_, key)| key)
        .collect()
}
