//! The switcher: every cluster on offer, also those that cannot be used, and why.

use leptos::prelude::*;

use super::banner::colour;
use super::{Desk, Over};
use crate::message::ClusterEntry;
use crate::widget::text::CLUSTER;
use crate::widget::{Element, Node, button};

/// A dialog below the banner.
pub(super) fn clusters(desk: Desk) -> AnyView {
    desk.dialog(Over::Clusters, "Clusters", "switcher", move || list(desk))
}

fn list(desk: Desk) -> Vec<Node> {
    let open = desk.live.opened.with(|(slug, _)| slug.clone());
    let list = Element::new("ul", "");
    let list = desk.live.clusters.with(|entries| {
        let offers = entries.iter().map(|entry| offered(entry, &open));
        list.children(offers)
    });
    vec![Element::new("h2", "").text("Clusters").into(), list.into()]
}

fn offered(entry: &ClusterEntry, open: &str) -> Element {
    let note = Element::new("span", "offered-note");
    let note = match (&entry.error, &entry.server) {
        (Some(error), _) => note.child(Element::new("span", "t-bad").text(error.clone())),
        (None, Some(server)) => note.child(Element::new("span", "").text(server.clone())),
        (None, None) => note,
    };
    let swatch = Element::new("span", format!("swatch {}", colour(&entry.slug)));
    let user = Element::new("span", "offered-user");
    let name = Element::new("span", "offered-name");
    let offer = button::empty("offered")
        .with(CLUSTER, entry.slug.clone())
        .maybe("aria-current", (entry.slug == open).then_some("true"))
        .child(swatch.with("aria-hidden", "true"))
        .child(name.text(entry.name().to_owned()))
        .child(user.text(entry.user.clone().unwrap_or_default()))
        .child(note);
    Element::new("li", "").child(offer)
}
