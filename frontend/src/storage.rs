//! The few things that the browser keeps from visit to visit. Where it may keep nothing, the
//! page works without.

use leptos::prelude::window;

/// The credential for whatever guards the API.
pub(crate) const TOKEN: &str = "kapi.token";
/// A line a cluster: its slug, and the namespaces of which something could be read.
pub(crate) const NAMESPACES: &str = "kapi.namespaces";
/// So many of them are kept for each cluster.
const MOST_NAMESPACES: usize = 100;
/// The chosen theme.
pub(crate) const THEME: &str = "kapi.theme";

pub(crate) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

pub(crate) fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Refused when the browser's room is full; the choice then lasts for this visit.
        let _ = storage.set_item(key, value);
    }
}

/// The names that a text of lines such as `slug a,b` has for a cluster.
pub(crate) fn names_of(text: &str, slug: &str) -> Vec<String> {
    let of = |line: &str| {
        line.strip_prefix(slug)?
            .strip_prefix(' ')
            .map(str::to_owned)
    };
    let names = text.lines().find_map(of).unwrap_or_default();
    names.split_terminator(',').map(str::to_owned).collect()
}

/// The text with these names for a cluster.
pub(crate) fn with_names(text: &str, slug: &str, names: &[String]) -> String {
    let is_other = |line: &&str| line.split(' ').next() != Some(slug);
    let names = &names[..names.len().min(MOST_NAMESPACES)];
    let mut all: String = text
        .lines()
        .filter(is_other)
        .flat_map(|line| [line, "\n"])
        .collect();
    for part in [slug, " ", &names.join(",")] {
        all.push_str(part);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_are_kept_by_cluster() {
        let text = with_names(
            "a shop,till\nprod team-7",
            "a",
            &["x".to_owned(), "y".to_owned()],
        );
        assert_eq!(text, "prod team-7\na x,y");
        assert_eq!(names_of(&text, "a"), ["x", "y"]);
        assert_eq!(names_of(&text, "pro"), [""; 0]);
        assert_eq!(names_of(&with_names("", "b", &[]), "b"), [""; 0]);
    }
}
