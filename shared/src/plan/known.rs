//! What is known of a cluster when a query is planned for it.

use std::collections::{BTreeMap, HashSet};

use super::{Content, ScanSpec};
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
    /// What is known of each kind, by [`Kind::name`]: versions of a kind have selectors of their own.
    pub kinds: BTreeMap<String, KnownKind>,
    /// Whether the API server gives no list of a given moment.
    pub refuses_moments: bool,
}

/// What is known of one kind.
#[derive(Clone, Debug, Default)]
pub struct KnownKind {
    /// How many objects there are.
    pub count: Option<u64>,
    /// How many bytes an object has; see [`Known::learn_size`].
    pub(super) size: Option<u64>,
    /// How many bytes the metadata of an object has.
    pub(super) metadata_size: Option<u64>,
    /// How many bytes the cells have that the server prints of an object.
    pub(super) cells_size: Option<u64>,
    /// Whether the API server refused to print it, or prints other cells than are known.
    pub(super) refuses_cells: bool,
    /// Fields that the API server refused to select by.
    pub refused_fields: Vec<String>,
    /// Whether the API server refused to list all namespaces.
    pub refuses_list: bool,
    /// Of a custom kind whose definition was asked for: the fields by which this says that the kind is
    /// selected, or none where it may not be read. See [`Known::learn_definition`].
    definition: Option<Option<Vec<String>>>,
}

impl KnownKind {
    /// Notes that it is not selected by a field; false if that was known.
    fn refuse(&mut self, field: &String) -> bool {
        let is_new = !self.refused_fields.contains(field);
        if is_new {
            self.refused_fields.push(field.clone());
        }
        is_new
    }
}

impl Known {
    pub(super) fn kind(&self, kind: &Kind) -> Option<&KnownKind> {
        self.kinds.get(kind.name())
    }

    /// What is known of a kind, to learn more.
    pub fn kind_mut(&mut self, kind: &Kind) -> &mut KnownKind {
        self.kinds.entry(kind.name().to_owned()).or_default()
    }

    /// How many objects of a kind there are.
    #[must_use]
    pub fn count(&self, kind: &Kind) -> Option<u64> {
        self.kind(kind)?.count
    }

    /// Learns major and minor of `v1.36.3`.
    pub fn learn_version(&mut self, version: &str) {
        let mut parts = version.trim_start_matches('v').split('.');
        let mut part = || parts.next()?.parse().ok();
        self.version = part().zip(part());
    }

    /// Learns from a refusal what is to be planned otherwise: that a field does not select, which the
    /// API server says in one of two wordings, or that only parts of the cluster may be listed. False when it teaches
    /// nothing new.
    pub fn learn(&mut self, scan: &ScanSpec, refusal: &Refusal) -> bool {
        let kind = self.kind_mut(scan.kind);
        let mut learnt = false;
        match refusal.code {
            400 => {
                let fields = scan.fields.iter().map(|requirement| &requirement.field);
                for field in fields.filter(|field| refusal.message.contains(*field)) {
                    learnt |= kind.refuse(field);
                }
            }
            403 if scan.namespace.is_none() && scan.kind.resource.namespaced => {
                learnt = !std::mem::replace(&mut kind.refuses_list, true);
            }
            _ => {}
        }
        learnt
    }

    /// Learns that a scan of cells is to be planned otherwise; false if it was none, or that was known.
    pub fn refuse_cells(&mut self, scan: &ScanSpec) -> bool {
        let is_of_cells = scan.content == Content::Cells;
        is_of_cells && !std::mem::replace(&mut self.kind_mut(scan.kind).refuses_cells, true)
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
        self.kind_mut(kind).definition = Some(is_readable.then_some(fields));
    }

    /// Whether the definition of a custom kind was asked for.
    pub(super) fn has_definition(&self, kind: &Kind) -> bool {
        self.kind(kind)
            .is_some_and(|known| known.definition.is_some())
    }

    /// Learns what another was refused.
    pub fn learn_refusals(&mut self, other: &Self) {
        for (name, known) in &other.kinds {
            let kind = self.kinds.entry(name.clone()).or_default();
            kind.refuses_list |= known.refuses_list;
            kind.refuses_cells |= known.refuses_cells;
            for field in &known.refused_fields {
                kind.refuse(field);
            }
        }
        self.refuses_moments |= other.refuses_moments;
    }

    /// Whatever definitions and refusals have taught of fields and rights.
    pub fn forget_refusals(&mut self) {
        self.forget_refused_lists();
        for kind in self.kinds.values_mut() {
            kind.refused_fields.clear();
            kind.refuses_cells = false;
            kind.definition = None;
        }
    }

    /// That not all namespaces may be listed.
    pub fn forget_refused_lists(&mut self) {
        for kind in self.kinds.values_mut() {
            kind.refuses_list = false;
        }
    }

    /// Why a custom kind is not selected by a field, if it is not.
    pub(super) fn is_declared(&self, kind: &Kind, field: &str) -> Result<(), &'static str> {
        match self.kind(kind).and_then(|known| known.definition.as_ref()) {
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
        let mut seen = HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        (self.namespaces, self.all_namespaces) = (names, all);
    }

    /// Whether the API server refuses to list a kind in all namespaces.
    #[must_use]
    pub fn refuses_list(&self, kind: &Kind) -> bool {
        self.kind(kind).is_some_and(|known| known.refuses_list)
    }

    /// Whether it refuses that of any kind.
    #[must_use]
    pub fn refuses_lists(&self) -> bool {
        self.kinds.values().any(|known| known.refuses_list)
    }

    /// Whether it refused to select a kind by a field.
    #[must_use]
    pub fn refuses_field(&self, kind: &Kind, field: &str) -> bool {
        self.kind(kind)
            .is_some_and(|known| known.refused_fields.iter().any(|refused| refused == field))
    }
}
