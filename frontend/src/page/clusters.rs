//! The switcher: every cluster on offer, also those that cannot be used, and why.

use leptos::prelude::*;

use super::Desk;
use super::banner::colour;
use crate::message::ClusterEntry;
use crate::widget::Dialog;

/// A dialog below the banner.
#[component]
pub(super) fn Clusters(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let list = move || {
        let open = live.opened.with(|(slug, _)| slug.clone());
        let entries = live.clusters.get().into_iter();
        entries
            .map(move |entry| offered(desk, entry, &open))
            .collect::<Vec<_>>()
    };
    view! {
        <Dialog
            open=desk.switcher
            label="Clusters"
            class="switcher"
            on_close=move |()| desk.switcher.set(false)
        >
            <h2>"Clusters"</h2>
            <ul>{list}</ul>
        </Dialog>
    }
}

fn offered(desk: Desk, entry: ClusterEntry, open: &str) -> impl IntoView + use<> {
    let current = (entry.slug == open).then_some("true");
    let slug = entry.slug.clone();
    let choose = move |_| {
        desk.switcher.set(false);
        desk.navigation.choose_cluster(slug.clone());
    };
    let note = match (&entry.error, &entry.server) {
        (Some(error), _) => view! { <span class="t-bad">{error.clone()}</span> }.into_any(),
        (None, Some(server)) => view! { <span>{server.clone()}</span> }.into_any(),
        (None, None) => ().into_any(),
    };
    view! {
        <li>
            <button type="button" class="offered" aria-current=current on:click=choose>
                <span class=format!("swatch {}", colour(&entry.slug)) aria-hidden="true"></span>
                <span class="offered-name">{entry.name().to_owned()}</span>
                <span class="offered-user">{entry.user}</span>
                <span class="offered-note">{note}</span>
            </button>
        </li>
    }
}
