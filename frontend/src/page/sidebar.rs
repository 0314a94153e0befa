//! The kinds, by category, with how many there are. True counts are plain; others are dimmed
//! and say of when they are.

use super::Desk;
use super::count::grouped;
use crate::widget::text::{ACT, KEY, QUERY};
use crate::widget::{Element, Href, Icon, Node, button, mark, picture};
use k8kat::engine::message::{KindCount, Link, Mark};

/// The side; a drawer where there is no room for it.
pub(super) fn sidebar(desk: Desk) -> Vec<Node> {
    let href = |link: &Link| desk.navigation.href(link);
    let shown = desk.live.view.with(|view| view.plural.clone());
    let kinds = desk
        .live
        .kinds
        .with(|kinds| categories(kinds, &shown, &href));
    let nav = Element::new("nav", "kinds").with("aria-label", "Kinds");
    let side = Element::new("aside", "side")
        .child(logo())
        .child(nav.nodes(kinds))
        .child(foot(desk));
    let shade = Element::new("div", "drawer-shade").with(ACT, "menu");
    vec![side.into(), shade.into()]
}

/// The parts of the mark, and their classes.
const LOGO: [(&str, &str); 4] = [
    (
        "logo-a",
        "M1 3a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v6H3a2 2 0 0 1-2-2z",
    ),
    (
        "logo-b",
        "M11 3a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-6z",
    ),
    (
        "logo-c",
        "M3 11h6v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2z",
    ),
    ("logo-d", "M19 15a4 4 0 1 1-8 0 4 4 0 0 1 8 0z"),
];

fn logo() -> Element {
    let part = |(class, lines): &(&'static str, &'static str)| {
        Element::new("path", *class).with("d", *lines)
    };
    let picture = Element::new("svg", "")
        .with("viewBox", "0 0 20 20")
        .with("aria-hidden", "true")
        .children(LOGO.iter().map(part));
    Element::new("p", "logo")
        .child(picture)
        .child(Element::new("b", "").text("Kapi"))
        .child(Element::new("span", "").text("Mosaic"))
}

/// Kinds of one category come together. What was folded or opened by hand stays so: what is said
/// here of that changes only when a kind of a folded category is shown for the first time.
fn categories(kinds: &[KindCount], shown: &str, href: Href<'_>) -> Vec<Node> {
    let alike = kinds.chunk_by(|one, other| one.category == other.category);
    let category = |kinds: &[KindCount]| {
        let title = kinds.first().map_or("", |kind| &kind.category);
        let is_folded = kinds.iter().all(|kind| kind.folded);
        let summary = Element::new("summary", "")
            .child(picture(Icon::Chevron))
            .text(title.to_owned());
        let kinds = kinds.iter().map(|one| kind(one, one.plural == shown, href));
        let category = Element::new("details", "").maybe("open", (!is_folded).then_some(""));
        category.child(summary).children(kinds).into()
    };
    alike.map(category).collect()
}

fn kind(kind: &KindCount, shown: bool, href: Href<'_>) -> Element {
    let class = if kind.live { "kind" } else { "kind dim" };
    Element::new("a", class)
        .with("href", href(&Link::Query(kind.plural.clone())))
        .with(QUERY, kind.plural.clone())
        .maybe("aria-current", shown.then_some("page"))
        .maybe("title", hint(kind))
        .child(Element::new("span", "kind-title").text(kind.title.clone()))
        .text(" ")
        .children(failed(kind))
        .child(Element::new("span", "kind-count").text(count(kind)))
}

fn hint(kind: &KindCount) -> Option<String> {
    match (&kind.problem, kind.live, kind.age.is_empty()) {
        (Some(problem), _, _) => Some(format!("{}: {problem}", kind.title)),
        (None, false, false) => Some(format!("counted {} ago", kind.age)),
        _ => None,
    }
}

fn failed(kind: &KindCount) -> Option<Element> {
    let failed = kind.failed.filter(|failed| *failed > 0)?;
    let words = Element::new("span", "sr-only").text(" failed, of ");
    let element = Element::new("span", "kind-failed").child(mark(Mark::Failed));
    Some(element.text(grouped(failed)).child(words))
}

fn count(kind: &KindCount) -> String {
    match (kind.count, &kind.problem) {
        (Some(count), _) => grouped(count),
        (None, Some(_)) => "?".to_owned(),
        (None, None) => String::new(),
    }
}

fn foot(desk: Desk) -> Element {
    let user = desk.live.cluster.with(|cluster| cluster.user.clone());
    let theme = format!("Theme: {}", desk.theme.get().word());
    let theme_button = button::pictured("", Icon::Theme, theme.clone(), "theme");
    let keys = button::empty("")
        .with("title", "All keys")
        .with("aria-label", "All keys")
        .with(KEY, "?")
        .child(picture(Icon::Help));
    Element::new("div", "side-foot")
        .child(picture(Icon::Person))
        .child(Element::new("span", "side-user").text(user))
        .child(theme_button.with("title", theme))
        .child(keys)
}
