//! The kinds that a cluster has: those known by heart, and those that its discovery names.

use super::{KINDS, Kind};

/// The kinds that a cluster has, as far as that is known.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Kinds that are not known by heart, in the order of discovery.
    others: Vec<&'static Kind>,
}

impl Catalog {
    /// All of them, those known by heart first.
    pub fn kinds(&self) -> impl Iterator<Item = &'static Kind> + '_ {
        KINDS.iter().chain(&self.others).copied()
    }

    /// The kind of a name as people write it: plural, singular, short name or `Kind`, with or
    /// without the group (`deployments.apps`).
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static Kind> {
        let lower = name.to_ascii_lowercase();
        self.kinds().find(|kind| kind.is_called(&lower))
    }

    /// The kind with a `kind` and an `apiVersion`'s group, as owner references name it.
    #[must_use]
    pub fn of_object(&self, kind: &str, api_version: &str) -> Option<&'static Kind> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        self.kinds()
            .find(|known| known.resource.kind == kind && known.resource.group == group)
    }
}
