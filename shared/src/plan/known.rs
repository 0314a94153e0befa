//! What is known of a cluster when a query is planned for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::resource::{Catalog, Kind};

/// What is known of the cluster that a query is planned for.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its kinds.
    pub catalog: Catalog,
    /// Major and minor version of its API server.
    pub version: Option<(u32, u32)>,
    /// Namespaces that may be read when the cluster as a whole may not, the likeliest first.
    pub namespaces: Vec<String>,
    /// Whether those are all that exist.
    pub all_namespaces: bool,
    /// How many objects of a kind there are, by [`crate::api::Resource::qualified`].
    pub counts: BTreeMap<String, u64>,
    /// Fields that the API server refused to select a kind by.
    pub refused_fields: BTreeSet<(String, String)>,
    /// Kinds of which the API server refused to list all namespaces.
    pub refused_lists: BTreeSet<String>,
    /// What the answer is for.
    pub purpose: Purpose,
}

/// What an answer is for, which decides what may be left unread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To be kept true: everything that can match is read, and watched.
    #[default]
    Live,
    /// To be read once, whole.
    Once,
}

impl Known {
    /// How many objects of a kind there are.
    #[must_use]
    pub fn count(&self, kind: &Kind) -> Option<u64> {
        self.counts.get(&kind.resource.qualified()).copied()
    }

    /// Whether the API server refuses to list a kind in all namespaces.
    #[must_use]
    pub fn refuses_list(&self, kind: &Kind) -> bool {
        self.refused_lists.contains(&kind.resource.qualified())
    }

    /// Whether it refused to select a kind by a field.
    #[must_use]
    pub fn refuses_field(&self, kind: &Kind, field: &str) -> bool {
        let key = (kind.resource.qualified(), field.to_owned());
        self.refused_fields.contains(&key)
    }
}
