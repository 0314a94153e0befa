//! What is known of a cluster when a query is planned for it.

use std::collections::{BTreeMap, BTreeSet};

use super::ScanSpec;
use crate::api::status::Refusal;
use crate::resource::{Catalog, Kind};
use crate::value::Value;

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
    /// How many bytes an object of a kind has, and its metadata; see [`Known::learn_size`].
    pub sizes: BTreeMap<String, u64>,
    /// Fields that the API server refused to select a kind by.
    pub refused_fields: BTreeSet<(String, String)>,
    /// Custom kinds whose definitions were asked for, with the fields by which these say that they are
    /// selected; none of what may not be read. See [`Known::learn_definition`].
    pub definitions: BTreeMap<String, Option<Vec<String>>>,
    /// Kinds of which the API server refused to list all namespaces.
    pub refused_lists: BTreeSet<String>,
    /// Whether the API server gives no list of a given moment.
    pub refuses_moments: bool,
}

impl Known {
    /// How many objects of a kind there are.
    #[must_use]
    pub fn count(&self, kind: &Kind) -> Option<u64> {
        self.counts.get(&kind.resource.qualified()).copied()
    }

    /// Learns major and minor of `v1.36.3`.
    pub fn learn_version(&mut self, version: &str) {
        let mut parts = version.trim_start_matches('v').split('.');
        let mut part = || parts.next()?.parse().ok();
        self.version = part().zip(part());
    }

    /// Learns from a refusal what is to be planned otherwise: that a field does not select, which the
    /// API server says in one of two wordings, or that only parts of the cluster may be listed. False
    /// when it teaches nothing new.
    pub fn learn(&mut self, scan: &ScanSpec, refusal: &Refusal) -> bool {
        let kind = scan.kind.resource.qualified();
        let mut learnt = false;
        match refusal.code {
            400 => {
                let fields = scan.fields.iter().map(|requirement| &requirement.field);
                for field in fields.filter(|field| refusal.message.contains(*field)) {
                    let key = (kind.clone(), field.clone());
                    learnt |= self.refused_fields.insert(key);
                }
            }
            403 if scan.namespace.is_none() && scan.kind.resource.namespaced => {
                learnt = self.refused_lists.insert(kind);
            }
            _ => {}
        }
        learnt
    }

    /// Learns from the answer to [`definition_path`] by which fields a custom kind is selected. Of one
    /// that may not be read that shows when it is tried; what has none is served by somebody whose
    /// selectors nobody knows.
    ///
    /// [`definition_path`]: crate::resource::Kind::definition_path
    pub fn learn_definition(&mut self, kind: &Kind, status: u16, json: &[u8]) {
        let mut fields = Vec::new();
        let definition = Value::json(json);
        for version in definition.at(&["spec", "versions"]).items() {
            if version.get("name").text_or_empty() != kind.resource.version {
                continue;
            }
            for field in version.get("selectableFields").items() {
                let path = field.get("jsonPath").text_or_empty();
                fields.push(path.trim_start_matches('.').to_owned());
            }
        }
        let is_readable = matches!(status, 200 | 404);
        let name = kind.name().to_owned();
        self.definitions.insert(name, is_readable.then_some(fields));
    }

    /// Whatever definitions and refusals have taught of fields and rights.
    pub fn forget_refusals(&mut self) {
        self.refused_fields.clear();
        self.refused_lists.clear();
        self.definitions.clear();
    }

    /// Why a custom kind is not selected by a field, if it is not.
    pub(super) fn is_declared(&self, kind: &Kind, field: &str) -> Result<(), &'static str> {
        match self.definitions.get(kind.name()) {
            None => {
                Err("its definition was not read yet, which says by what fields it is selected")
            }
            Some(Some(fields)) if !fields.iter().any(|declared| declared == field) => {
                Err("its definition does not say that it is selected by this field")
            }
            Some(_) => Ok(()),
        }
    }

    /// Takes these for the namespaces that may be read, each once.
    pub fn know_namespaces(&mut self, mut names: Vec<String>, all: bool) {
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        (self.namespaces, self.all_namespaces) = (names, all);
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
