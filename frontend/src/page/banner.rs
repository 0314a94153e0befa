//! The cluster's banner: it keeps the cluster's colour in both themes, so that nobody takes
//! one cluster for another.

use leptos::prelude::*;

use super::Desk;
use super::count::grouped;
use crate::message::ClusterEntry;
use crate::widget::{Icon, icon};

/// Colours with white text on them; classes of the style sheet.
const COLOURS: [&str; 8] = [
    "c-madder",
    "c-ochre",
    "c-fern",
    "c-petrol",
    "c-indigo",
    "c-plum",
    "c-clay",
    "c-graphite",
];

/// Name, version, nodes, user.
#[component]
pub(super) fn Banner(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let slug = Memo::new(move |_| live.opened.with(|(slug, _)| slug.clone()));
    let entry = move || entry(desk);
    let name =
        move || entry().map_or_else(|| "no cluster".to_owned(), |entry| entry.name().to_owned());
    let version = move || live.cluster.with(|cluster| cluster.version.clone());
    let nodes = move || {
        let nodes = live.cluster.with(|cluster| cluster.nodes);
        nodes.map(|nodes| {
            format!(
                "{} {}",
                grouped(nodes),
                if nodes == 1 { "node" } else { "nodes" }
            )
        })
    };
    let server = move || entry().and_then(|entry| entry.server);
    let insecure = move || {
        entry().is_some_and(|entry| entry.insecure).then(|| {
            view! { <span class="banner-warning">"certificate not checked"</span> }
        })
    };
    view! {
        <header class=move || format!("banner {}", colour(&slug.get()))>
            <button
                type="button"
                class="banner-name"
                aria-haspopup="dialog"
                on:click=move |_| desk.switcher.set(true)
            >
                <span class="sr-only">"Cluster "</span>
                <span class="banner-text">{name}</span>
                {icon(Icon::Chevron)}
            </button>
            <div class="banner-facts">
                <span>{version}</span>
                <span>{nodes}</span>
                <span class="banner-server">{server}</span>
                {insecure}
                <span class="banner-user">{move || live.cluster.with(|cluster| user(&cluster.user, &cluster.groups))}</span>
            </div>
        </header>
    }
}

fn user(user: &str, groups: &[String]) -> Option<impl IntoView + use<>> {
    if user.is_empty() {
        return None;
    }
    let group = groups
        .first()
        .map(|group| view! { " in group " <b>{group.clone()}</b> });
    Some(view! { "As " <b>{user.to_owned()}</b> {group} })
}

fn entry(desk: Desk) -> Option<ClusterEntry> {
    let slug = desk.live.opened.with(|(slug, _)| slug.clone());
    let find =
        |clusters: &Vec<ClusterEntry>| clusters.iter().find(|entry| entry.slug == slug).cloned();
    desk.live.clusters.with(find)
}

/// The same name has the same colour, everywhere and always.
pub(super) fn colour(slug: &str) -> &'static str {
    if slug.is_empty() {
        return "c-graphite";
    }
    // FNV-1a.
    let mix = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    let hash = slug.bytes().fold(2_166_136_261, mix);
    COLOURS[hash as usize % COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_spread_and_stay() {
        assert_eq!(colour("prod-eu-1"), colour("prod-eu-1"));
        let slugs = (0..64).map(|number| format!("cluster-{number}"));
        let used: std::collections::BTreeSet<_> = slugs.map(|slug| colour(&slug)).collect();
        assert_eq!(used.len(), COLOURS.len());
    }
}
