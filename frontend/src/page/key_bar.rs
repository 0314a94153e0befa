//! The keys that do something now.

use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use super::keys::{Action, PLACES, act, can_retry};
use crate::panel::owner;
use crate::widget::KeyCap;

/// Each can be clicked, too.
#[component]
pub(super) fn KeyBar(desk: Desk) -> impl IntoView {
    let row = move || {
        let total = desk.live.rows.with(|rows| rows.total) as u64;
        let row = desk.cursor.index().map(|index| index as u64 + 1);
        row.filter(|row| *row <= total)
            .map(|row| format!("Row {} of {}", grouped(row), grouped(total)))
    };
    view! {
        <footer class="keys">
            {move || useful(desk).into_iter().map(|key| one(desk, key)).collect::<Vec<_>>()}
            <span class="keys-row">{row}</span>
            {one(desk, ("?", "All keys", Action::Help))}
        </footer>
    }
}

type Key = (&'static str, &'static str, Action);

fn one(desk: Desk, (cap, word, action): Key) -> impl IntoView {
    let click = move |_| {
        act(desk, action);
    };
    view! {
        <button type="button" class="key" aria-keyshortcuts=cap tabindex="-1" on:click=click>
            <KeyCap key=cap />
            {word}
        </button>
    }
}

fn useful(desk: Desk) -> Vec<Key> {
    if desk.going.get() {
        let places = PLACES
            .iter()
            .map(|(letter, query)| (*letter, *query, Action::GoTo(query)));
        return places.chain([("Esc", "stay", Action::NotGo)]).collect();
    }
    let row = desk.cursor.index().is_some();
    let object = desk.navigation.object();
    let opened = object.is_some();
    let another = row && desk.cursor.path() != object;
    let has_owner = opened && desk.live.detail.with(|detail| owner(detail).is_some());
    let rows = desk.live.rows.with(|rows| rows.total > 0);
    let keys = [
        (another, ("Enter", "Open", Action::Open)),
        (opened, ("Esc", "Close", Action::Up)),
        (rows, ("j", "Down", Action::Step(1))),
        (rows, ("k", "Up", Action::Step(-1))),
        (row || opened, ("y", "YAML", Action::Yaml)),
        (has_owner, ("o", "Owner", Action::Owner)),
        (can_retry(desk), ("r", "Try now", Action::Retry)),
        (true, ("/", "Query", Action::Query)),
        (!opened, ("b", "Only broken", Action::Broken)),
        (true, ("g", "Go to", Action::Go)),
        (true, ("[", "Back", Action::Back)),
        (true, ("]", "On", Action::On)),
    ];
    keys.into_iter()
        .filter(|(now, _)| *now)
        .map(|(_, key)| key)
        .collect()
}
