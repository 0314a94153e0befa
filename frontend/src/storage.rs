//! The few things that the browser keeps from visit to visit. Where it may keep nothing, the
//! page works without.

use leptos::prelude::window;

/// The credential for whatever guards the API.
pub(crate) const TOKEN: &str = "kapi.token";
/// A line a cluster: its slug, and the namespaces of which something could be read.
const NAMESPACES: &str = "kapi.namespaces";
/// So many of them are kept for each cluster.
const MOST_NAMESPACES: usize = 100;
/// The chosen theme.
pub(crate) const THEME: &str = "kapi.theme";

/// Names by the slug of a cluster.
pub(crate) type ByCluster = Vec<(String, Vec<String>)>;

pub(crate) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

pub(crate) fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Refused when the browser's room is full; the choice then lasts for this visit.
        let _ = storage.set_item(key, value);
    }
}

/// The namespaces of which something could be read on earlier visits, by the cluster's slug.
pub(crate) fn read_namespaces() -> ByCluster {
    parse(&stored(NAMESPACES).unwrap_or_default())
}

/// Keeps those of one cluster.
pub(crate) fn keep_read_namespaces(slug: &str, names: &[String]) {
    let mut all = read_namespaces();
    put(&mut all, slug, names);
    store(NAMESPACES, &print(&all));
}

/// Puts the names of one cluster in place of what there was of it.
pub(crate) fn put(all: &mut ByCluster, slug: &str, names: &[String]) {
    all.retain(|(other, _)| other != slug);
    let names = names.iter().take(MOST_NAMESPACES).cloned().collect();
    all.push((slug.to_owned(), names));
}

fn parse(text: &str) -> ByCluster {
    let cluster = |line: &str| {
        let (slug, names) = line.split_once(' ')?;
        let names = names.split(',').map(str::to_owned).collect();
        Some((slug.to_owned(), names))
    };
    text.lines().filter_map(cluster).collect()
}

fn print(all: &ByCluster) -> String {
    let line = |(slug, names): &(String, Vec<String>)| format!("{slug} {}", names.join(","));
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_kept_by_cluster() {
        let text = "kind-a shop,till\nprod team-7";
        assert_eq!(print(&parse(text)), text);
        assert_eq!(
            parse(text)[1],
            ("prod".to_owned(), vec!["team-7".to_owned()])
        );
        assert_eq!(parse("nothing\n\n"), []);
    }
}
