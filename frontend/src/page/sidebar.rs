//! The kinds, by category, with how many there are. True counts are plain; others are dimmed
//! and say of when they are.

use k8kat::engine::message::{KindCount, Link, Mark};
use leptos::html;
use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use crate::theme::Theme;
use crate::widget::text::QUERY;
use crate::widget::{Element, Href, Icon, Node, draw, icon, mark, picture};

/// The side; a drawer where there is no room for it.
#[component]
pub(super) fn Sidebar(desk: Desk) -> impl IntoView {
    let host = NodeRef::<html::Nav>::new();
    let shown = Memo::new(move |_| desk.live.view.with(|view| view.plural.clone()));
    draw(host, move || {
        let href = |link: &Link| desk.navigation.href(link);
        desk.live
            .kinds
            .with(|kinds| shown.with(|shown| categories(kinds, shown, &href)))
    });
    view! {
        <aside class="side">
            <p class="logo">
                <svg viewBox="0 0 20 20" aria-hidden="true">
                    <path class="logo-a" d="M1 3a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v6H3a2 2 0 0 1-2-2z"></path>
                    <path class="logo-b" d="M11 3a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v4a2 2 0 0 1-2 2h-6z"></path>
                    <path class="logo-c" d="M3 11h6v6a2 2 0 0 1-2 2H3a2 2 0 0 1-2-2v-4a2 2 0 0 1 2-2z"></path>
                    <path class="logo-d" d="M19 15a4 4 0 1 1-8 0 4 4 0 0 1 8 0z"></path>
                </svg>
                <b>"Kapi"</b>
                <span>"Mosaic"</span>
            </p>
            <nav class="kinds" aria-label="Kinds" node_ref=host></nav>
            <Foot desk />
        </aside>
    }
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

#[component]
fn Foot(desk: Desk) -> impl IntoView {
    let user = move || desk.live.cluster.with(|cluster| cluster.user.clone());
    let theme = move || format!("Theme: {}", desk.theme.get().word());
    view! {
        <div class="side-foot">
            {icon(Icon::Person)}
            <span class="side-user">{user}</span>
            <button
                type="button"
                title=theme
                aria-label=theme
                on:click=move |_| desk.theme.update(|theme: &mut Theme| *theme = theme.next())
            >
                {icon(Icon::Theme)}
            </button>
            <button type="button" title="All keys" aria-label="All keys" on:click=move |_| desk.help.set(true)>
                {icon(Icon::Help)}
            </button>
        </div>
    }
}
