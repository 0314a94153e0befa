//! The kinds, by category, with how many there are. True counts are plain; others are dimmed
//! and say of when they are.

use std::collections::HashSet;

use k8kat::engine::message::{KindCount, Link, Mark};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use crate::theme::Theme;
use crate::widget::text::plain;
use crate::widget::{Icon, icon, mark};

/// The side; a drawer where there is no room for it.
#[component]
pub(super) fn Sidebar(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let categories = Memo::new(move |_| live.kinds.with(|kinds| categories(kinds)));
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
            <nav class="kinds" aria-label="Kinds">
                <For each=move || categories.get() key=Clone::clone let:category>
                    <Category desk category />
                </For>
            </nav>
            <Foot desk />
        </aside>
    }
}

fn categories(kinds: &[KindCount]) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = kinds.iter().map(|kind| kind.category.clone());
    names.filter(|name| seen.insert(name.clone())).collect()
}

#[component]
fn Category(desk: Desk, category: String) -> impl IntoView {
    let title = category.clone();
    let plurals = Memo::new(move |_| {
        desk.live.kinds.with(|kinds| {
            let ours = kinds.iter().filter(|kind| kind.category == category);
            ours.map(|kind| kind.plural.clone()).collect::<Vec<_>>()
        })
    });
    view! {
        <details open>
            <summary>{icon(Icon::Chevron)} {title}</summary>
            <For each=move || plurals.get() key=Clone::clone let:plural>
                <Kind desk plural />
            </For>
        </details>
    }
}

#[component]
fn Kind(desk: Desk, plural: String) -> impl IntoView {
    let query = StoredValue::new(plural.clone());
    let kind = Memo::new(move |_| {
        let ours = |kind: &&KindCount| query.with_value(|query| kind.plural == *query);
        desk.live
            .kinds
            .with(|kinds| kinds.iter().find(ours).cloned())
    });
    let shown = move || query.with_value(|query| desk.live.view.with(|view| view.plural == *query));
    let click = move |event: MouseEvent| {
        if plain(&event) {
            event.prevent_default();
            desk.run(query.get_value());
        }
    };
    view! {
        <a
            class="kind"
            class:dim=move || kind.with(|kind| kind.as_ref().is_some_and(|kind| !kind.live))
            href=desk.navigation.href(&Link::Query(plural))
            aria-current=move || shown().then_some("page")
            title=move || kind.with(|kind| kind.as_ref().and_then(hint))
            on:click=click
        >
            <span class="kind-title">{move || kind.with(|kind| kind.as_ref().map(|kind| kind.title.clone()))}</span>
            {move || kind.with(|kind| kind.as_ref().map(figures))}
        </a>
    }
}

fn hint(kind: &KindCount) -> Option<String> {
    match (&kind.problem, kind.live, kind.age.is_empty()) {
        (Some(problem), _, _) => Some(format!("{}: {problem}", kind.title)),
        (None, false, false) => Some(format!("counted {} ago", kind.age)),
        _ => None,
    }
}

fn figures(kind: &KindCount) -> impl IntoView + use<> {
    let failed = kind.failed.filter(|failed| *failed > 0).map(|failed| {
        view! {
            <span class="kind-failed">
                {mark(Mark::Failed)} {grouped(failed)} <span class="sr-only">" failed, of "</span>
            </span>
        }
    });
    let count = match (kind.count, &kind.problem) {
        (Some(count), _) => grouped(count),
        (None, Some(_)) => "?".to_owned(),
        (None, None) => String::new(),
    };
    view! { {failed} <span class="kind-count">{count}</span> }
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
