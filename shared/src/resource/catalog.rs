//! The kinds that a cluster has: those known by heart, and those that its discovery names.

use super::{Discovered, KINDS, Kind, learned};
use crate::value::Value;

/// The kinds that a cluster has, as far as that is known.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Kinds that are not known by heart, in the order of discovery.
    others: Vec<&'static Kind>,
    /// Kinds in other versions than the preferred one, for who names them.
    versions: Vec<&'static Kind>,
}

impl Catalog {
    /// All of them, those known by heart first.
    pub fn kinds(&self) -> impl Iterator<Item = &'static Kind> + Clone + '_ {
        KINDS.iter().chain(&self.others).copied()
    }

    /// The kind of a name as people write it to `kubectl`: plural, singular or `Kind`, else a
    /// short name; with or without the group or the beginning of it (`deployments.apps`), or
    /// version and group. Of several the first in discovery.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&'static Kind> {
        let lower = name.to_ascii_lowercase();
        let (bare, place) = lower
            .split_once('.')
            .map_or((&*lower, None), |(bare, place)| (bare, Some(place)));
        let kinds = || self.kinds();
        let Some(place) = place else {
            return kinds()
                .find(|kind| kind.is_called(bare))
                .or_else(|| kinds().find(|kind| kind.short_names.contains(&bare)));
        };
        let is_it = |kind: &&Kind| kind.is_called(bare) || kind.short_names.contains(&bare);
        let called = || kinds().filter(is_it);
        called()
            .find(|kind| kind.resource.group == place)
            .or_else(|| called().find(|kind| kind.is_of(place)))
            .or_else(|| {
                let mut versions = self.versions.iter().copied();
                versions.find(|kind| is_it(kind) && kind.is_of(place))
            })
            .or_else(|| called().find(|kind| kind.resource.group.starts_with(place)))
    }

    /// The kind with a `kind` and an `apiVersion`'s group, as owner references name it.
    #[must_use]
    pub fn of_object(&self, kind: &str, api_version: &str) -> Option<&'static Kind> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        self.kinds()
            .find(|known| known.resource.kind == kind && known.resource.group == group)
    }

    /// Learns the kinds that discovery names. What is known of the columns of one stays known.
    /// When not all could be read, those that were known stay as well.
    pub fn learn(&mut self, found: &[&Discovered], whole: bool) {
        let old = std::mem::take(&mut self.others);
        let old_versions = std::mem::take(&mut self.versions);
        for kind in found {
            if !kind.preferred {
                let new = learned::discovered(kind, &in_version(kind));
                let same = old_versions.iter().find(|known| known.is_same(new));
                self.versions.push(same.copied().unwrap_or(new));
                continue;
            }
            let qualified = is(kind);
            if KINDS.iter().any(|known| qualified(known)) {
                continue;
            }
            let is_taken = self.named(&kind.plural).is_some();
            let name = if is_taken {
                format!("{}.{}", kind.plural, kind.group)
            } else {
                kind.plural.clone()
            };
            let new = learned::discovered(kind, &name);
            let same = old.iter().find(|known| known.is_same(new));
            self.others.push(same.copied().unwrap_or(new));
        }
        if !whole {
            for kind in old {
                if !self.kinds().any(|known| known.resource == kind.resource) {
                    self.others.push(kind);
                }
            }
            self.versions.extend(old_versions);
        }
    }

    /// Learns the columns of a kind from the answer to [`Kind::columns_path`]; false when it is
    /// no answer.
    pub fn answered(&mut self, kind: &'static Kind, status: u16, json: &[u8]) -> bool {
        let columns = Value::json(json).get("columnDefinitions");
        match status {
            200 if columns.is_present() => self.describe(kind, Some(&columns.to_json())),
            // It makes no tables.
            200 | 406 => self.describe(kind, None),
            _ => return false,
        };
        true
    }

    /// Learns the columns of a kind: its `columnDefinitions`, or that it has none.
    pub fn describe(&mut self, kind: &'static Kind, definitions: Option<&str>) -> &'static Kind {
        let described = learned::described(kind, definitions);
        for known in self.others.iter_mut().chain(&mut self.versions) {
            if known.resource == kind.resource {
                *known = described;
            }
        }
        described
    }
}

/// What a kind is called in a version that is not the preferred one: `cronjobs.v1beta1.batch`.
fn in_version(found: &Discovered) -> String {
    let Discovered {
        plural,
        version,
        group,
        ..
    } = found;
    [plural, ".", version, ".", group].concat()
}

/// Whether a kind is the one that was discovered, in whatever version.
fn is(found: &Discovered) -> impl Fn(&Kind) -> bool + '_ {
    |kind| kind.resource.group == found.group && kind.resource.plural == found.plural
}
