//! What was read of one side of a relation narrows what is read of the other: nothing, when no object
//! matches; by its selector or its name, when it is one.

use super::relation::requirements;
use super::{Context, FieldRequirement, Plan, Predicate, Relation, ScanSpec};
use crate::api::label::Requirement;
use crate::store::Entry;

impl Plan {
    /// Narrows the scans of one of [`Plan::every_part`] by what was read of those that it must stand
    /// to. `read` gives the objects of each.
    pub fn narrow<'a>(
        &mut self,
        index: usize,
        context: &Context<'a>,
        read: &dyn Fn(usize) -> Vec<Entry<'a>>,
    ) {
        let Some(part) = self.every_part().nth(index) else {
            return;
        };
        let mut scans = part.scans.clone();
        for any in required(&part.filter) {
            let mut found = Vec::new();
            for other in any {
                let Some(related) = self.related.get(other) else {
                    return;
                };
                let mut entries = read(self.parts.len() + other);
                entries.retain(|entry| related.part.filter.holds(*entry, context));
                let relation = related.relation;
                found.extend(entries.into_iter().map(|entry| (relation, entry)));
            }
            match found.as_slice() {
                [] => scans.clear(),
                [(relation, entry)] => {
                    for scan in &mut scans {
                        narrow_by(scan, *relation, *entry);
                    }
                }
                _ => {}
            }
        }
        let parts = self.parts.len();
        let part = match index.checked_sub(parts) {
            None => self.parts.get_mut(index),
            Some(other) => self.related.get_mut(other).map(|related| &mut related.part),
        };
        if let Some(part) = part {
            part.scans = scans;
        }
    }
}

/// The relations that must hold, of each one.
fn required(filter: &Predicate) -> Vec<Vec<usize>> {
    let index = |predicate: &Predicate| match predicate {
        Predicate::Related(index) => Some(*index),
        _ => None,
    };
    match filter {
        Predicate::All(all) => all.iter().flat_map(required).collect(),
        Predicate::Any(any) if !any.is_empty() => {
            let all: Option<Vec<usize>> = any.iter().map(index).collect();
            all.into_iter().collect()
        }
        other => index(other).map(|index| vec![index]).into_iter().collect(),
    }
}

/// `relation` is that of what is scanned to the one object that it must stand to.
fn narrow_by(scan: &mut ScanSpec, relation: Relation, entry: Entry<'_>) {
    let require = |scan: &mut ScanSpec, field: &str, value: &str| {
        scan.fields.push(FieldRequirement {
            field: field.to_owned(),
            equal: true,
            value: value.to_owned(),
        });
    };
    match relation {
        Relation::SelectedBy if scan.kind.resource.plural == "pods" => {
            let requirements = requirements(entry).into_iter();
            scan.labels
                .extend(requirements.filter(Requirement::is_sendable));
        }
        Relation::RunsOn if scan.kind.resource.plural == "pods" => {
            require(scan, "spec.nodeName", entry.name());
        }
        Relation::Runs => {
            let node = entry.object().spec.get("nodeName").text_or_empty();
            require(scan, "metadata.name", &node);
        }
        _ => {}
    }
    if relation.stays_within_namespace()
        && scan.kind.resource.namespaced
        && scan.namespace.is_none()
        && !entry.namespace().is_empty()
    {
        scan.namespace = Some(entry.namespace().to_owned());
    }
}
