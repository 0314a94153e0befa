//! The cluster's banner: it keeps the cluster's colour in both themes, so that nobody takes
//! one cluster for another.

use super::Desk;
use super::count::grouped;
use crate::message::ClusterEntry;
use crate::widget::text::ACT;
use crate::widget::{Element, Icon, Node, button, picture};
use k8kat::engine::message::Cluster;

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
pub(super) fn banner(desk: Desk) -> Node {
    let slug = desk.live.opened.with(|(slug, _)| slug.clone());
    let of_slug = |clusters: &Vec<ClusterEntry>| {
        let found = clusters.iter().find(|entry| entry.slug == slug);
        found.cloned()
    };
    let entry = desk.live.clusters.with(of_slug);
    let name = entry.as_ref().map_or("no cluster", ClusterEntry::name);
    let name = button::empty("banner-name")
        .with("aria-haspopup", "dialog")
        .with(ACT, "clusters")
        .child(Element::new("span", "sr-only").text("Cluster "))
        .child(Element::new("span", "banner-text").text(name.to_owned()))
        .child(picture(Icon::Chevron));
    let facts = desk.live.cluster.with(|cluster| facts(cluster, &entry));
    Element::new("header", format!("banner {}", colour(&slug)))
        .child(name)
        .child(Element::new("div", "banner-facts").children(facts))
        .into()
}

fn facts(cluster: &Cluster, entry: &Option<ClusterEntry>) -> Vec<Element> {
    let nodes = cluster.nodes.map(|nodes| {
        let word = if nodes == 1 { "node" } else { "nodes" };
        format!("{} {word}", grouped(nodes))
    });
    let server = entry.as_ref().and_then(|entry| entry.server.clone());
    let insecure = entry.as_ref().is_some_and(|entry| entry.insecure);
    let warning = || Element::new("span", "banner-warning").text("certificate not checked");
    let mut facts = vec![
        Element::new("span", "").text(cluster.version.clone()),
        Element::new("span", "").text(nodes.unwrap_or_default()),
        Element::new("span", "banner-server").text(server.unwrap_or_default()),
    ];
    facts.extend(insecure.then(warning));
    facts.push(user(&cluster.user, &cluster.groups));
    facts
}

fn user(user: &str, groups: &[String]) -> Element {
    let element = Element::new("span", "banner-user");
    if user.is_empty() {
        return element;
    }
    let bold = |text: &str| Element::new("b", "").text(text.to_owned());
    let element = element.text("As ").child(bold(user));
    match groups.first() {
        Some(group) => element.text(" in group ").child(bold(group)),
        None => element,
    }
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
