//! What single keys do, and what has a name of its own where there is no key. None of it acts on
//! the cluster.

use k8kat::engine::message::{BlankState, Offer, View};
use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;

use super::{Desk, Over};
use crate::panel::owner;
use crate::query_bar;
use crate::widget::event::within;

/// After `g`: where to.
pub(super) const PLACES: [(&str, &str); 5] = [
    ("p", "pods"),
    ("d", "deployments"),
    ("s", "services"),
    ("n", "nodes"),
    ("e", "events"),
];

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Query,
    Open,
    Up,
    Step(isize),
    Page(isize),
    First,
    Last,
    Yaml,
    Owner,
    Broken,
    Go,
    GoTo(&'static str),
    NotGo,
    Back,
    On,
    Retry,
    Help,
    /// The drawer of kinds.
    Menu,
    Theme,
    Switcher,
    Plan,
    /// Closes the opened object.
    Close,
    /// Closes what lies over the page.
    Leave,
    Dismiss,
    Copy,
}

/// What can be clicked and has no key.
const NAMED: [(&str, Action); 8] = [
    ("menu", Action::Menu),
    ("theme", Action::Theme),
    ("clusters", Action::Switcher),
    ("plan", Action::Plan),
    ("close", Action::Close),
    ("leave", Action::Leave),
    ("dismiss", Action::Dismiss),
    ("copy", Action::Copy),
];

/// The action of a name.
pub(super) fn named(name: &str) -> Option<Action> {
    let found = NAMED.iter().find(|(known, _)| *known == name);
    found.map(|(_, action)| *action)
}

/// The action of a key, without Ctrl, Alt or Meta.
pub(super) fn action(key: &str, going: bool) -> Option<Action> {
    if going {
        let place = PLACES.iter().find(|(letter, _)| *letter == key);
        return Some(place.map_or(Action::NotGo, |(_, query)| Action::GoTo(query)));
    }
    Some(match key {
        "/" => Action::Query,
        "Enter" => Action::Open,
        "Escape" => Action::Up,
        "j" | "ArrowDown" => Action::Step(1),
        "k" | "ArrowUp" => Action::Step(-1),
        "PageDown" => Action::Page(1),
        "PageUp" => Action::Page(-1),
        "Home" => Action::First,
        "End" => Action::Last,
        "y" => Action::Yaml,
        "o" => Action::Owner,
        "b" => Action::Broken,
        "g" => Action::Go,
        "[" => Action::Back,
        "]" => Action::On,
        "r" => Action::Retry,
        "?" => Action::Help,
        _ => return None,
    })
}

/// Listens for keys that no field and no dialog wants.
pub(super) fn listen(desk: Desk) {
    window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let modified = event.ctrl_key() || event.alt_key() || event.meta_key();
        if modified || event.default_prevented() || taken(&event) {
            return;
        }
        if let Some(action) = action(&event.key(), desk.going.get_untracked())
            && act(desk, action)
        {
            event.prevent_default();
        }
    });
}

/// Whether the key belongs to what has the focus.
fn taken(event: &KeyboardEvent) -> bool {
    let modal = document().query_selector("dialog[open]").ok().flatten();
    if modal.is_some() {
        return true;
    }
    let within = |selector: &str| within(event, selector).is_some();
    let scrolls = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
    within("input, textarea, select")
        || (event.key() == "Enter" && within("a, button, summary"))
        || (scrolls.contains(&event.key().as_str()) && within(".panel, .side, pre"))
}

/// Does it; false when there is nothing to do.
pub(super) fn act(desk: Desk, action: Action) -> bool {
    let Desk {
        navigation, cursor, ..
    } = desk;
    desk.going.set(action == Action::Go);
    match action {
        Action::Query => query_bar::focus(desk.input),
        Action::Open => return open(desk),
        Action::Up => return up(desk),
        Action::Step(rows) => step(desk, rows),
        Action::Page(pages) => step(desk, pages * cursor.page()),
        Action::First => to(desk, 0),
        Action::Last => to(desk, usize::MAX),
        Action::Yaml => return yaml(desk),
        Action::Owner => return to_owner(desk),
        Action::Broken => navigation.run(toggled(&navigation.query(), "is:broken")),
        Action::Go | Action::NotGo => {}
        Action::GoTo(query) => desk.run(query.to_owned()),
        Action::Back => navigation.travel(-1),
        Action::On => navigation.travel(1),
        Action::Retry if can_retry(desk) => desk.live.retry(),
        Action::Retry => return false,
        Action::Help => desk.over.set(Some(Over::Help)),
        Action::Menu => desk.drawer.update(|open| *open = !*open),
        Action::Theme => desk.theme.update(|theme| *theme = theme.next()),
        Action::Switcher => desk.over.set(Some(Over::Clusters)),
        Action::Plan => desk.over.set(Some(Over::Plan)),
        Action::Close => navigation.close(),
        Action::Leave => desk.over.set(None),
        Action::Dismiss => desk.live.notice.set(None),
        Action::Copy => desk.copy(),
    }
    true
}

fn step(desk: Desk, rows: isize) {
    desk.focus_table();
    desk.cursor.step(rows);
}

fn to(desk: Desk, index: usize) {
    desk.focus_table();
    desk.cursor.set(index);
}

fn open(desk: Desk) -> bool {
    if let Some(link) = desk.cursor.leads() {
        desk.follow(link);
        return true;
    }
    let Some((_, offer)) = first_offer(desk) else {
        return false;
    };
    match offer {
        Offer::Query(query) => desk.run(query),
        Offer::Retry => desk.live.retry(),
    }
    true
}

/// What a view without rows offers first, which Enter takes.
pub(super) fn first_offer(desk: Desk) -> Option<(String, Offer)> {
    let empty = desk.live.rows.with(|rows| rows.total == 0);
    let first = |view: &View| view.blank.as_ref()?.offers.first().cloned();
    desk.live.view.with(first).filter(|_| empty)
}

fn up(desk: Desk) -> bool {
    if desk.drawer.get_untracked() {
        desk.drawer.set(false);
    } else if desk.navigation.yaml.get_untracked() {
        desk.navigation.show_yaml(false);
    } else if desk.navigation.object().is_some() {
        desk.navigation.close();
        desk.focus_table();
    } else {
        return false;
    }
    true
}

fn yaml(desk: Desk) -> bool {
    if desk.navigation.object().is_none() && !open(desk) {
        return false;
    }
    desk.navigation
        .show_yaml(!desk.navigation.yaml.get_untracked());
    true
}

fn to_owner(desk: Desk) -> bool {
    let Some(path) = desk.live.detail.with_untracked(owner) else {
        return false;
    };
    desk.navigation.open(path);
    true
}

/// Whether anything failed or waits.
pub(super) fn can_retry(desk: Desk) -> bool {
    use k8kat::engine::message::FreshnessState::Live;
    let states = [BlankState::Unreachable, BlankState::Forbidden];
    desk.live
        .freshness
        .with(|freshness| freshness.state != Live)
        || desk.live.view.with(|view| {
            view.blank
                .as_ref()
                .is_some_and(|blank| states.contains(&blank.state))
        })
}

/// The query with a word added, or without it.
fn toggled(query: &str, word: &str) -> String {
    let words: Vec<&str> = query.split(' ').filter(|part| *part != word).collect();
    let without = words.join(" ");
    if without == query {
        format!("{} {word}", query.trim_end())
    } else {
        without
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_act() {
        assert_eq!(action("j", false), Some(Action::Step(1)));
        assert_eq!(action("z", false), None);
        assert_eq!(action("p", true), Some(Action::GoTo("pods")));
        assert_eq!(action("d", true), Some(Action::GoTo("deployments")));
        assert_eq!(action("Escape", true), Some(Action::NotGo));
        assert_eq!(named("theme"), Some(Action::Theme));
        assert_eq!(named("j"), None);
    }

    #[test]
    fn a_word_is_toggled() {
        assert_eq!(toggled("pods ns:a", "is:broken"), "pods ns:a is:broken");
        assert_eq!(toggled("pods is:broken ns:a", "is:broken"), "pods ns:a");
        assert_eq!(
            toggled("pods \"a  b\" ", "is:broken"),
            "pods \"a  b\" is:broken"
        );
    }
}
