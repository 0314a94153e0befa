//! Several names of few namespaces are read one by one: each is one key to the API server.

use super::namespaces::exact;
use super::{Decision, Draft};
use crate::plan::{FieldRequirement, Predicate, ScanSpec};
use crate::sort::sort;

/// More names than this are cheaper read as a list.
const MOST: usize = 8;

pub(super) fn pass(draft: &mut Draft) {
    draft.decide(|draft, predicate| {
        let Predicate::Text(index, patterns) = predicate else {
            return None;
        };
        let column = draft.kind.columns.get(*index)?;
        let (Some("metadata.name"), Some(mut names)) = (column.selector, exact(patterns)) else {
            return None;
        };
        sort(&mut names);
        names.dedup();
        let namespaces = match &draft.namespaces {
            Some(namespaces) => namespaces.len(),
            None if !draft.kind.resource.namespaced => 1,
            None => {
                return Some(Decision::Local(
                    "field selectors have no OR, and the namespace is not known",
                ));
            }
        };
        if names.len() * namespaces * draft.scans.len() > MOST {
            return Some(Decision::Local(
                "field selectors have no OR, and so many names are cheaper read as a list",
            ));
        }
        let scans = std::mem::take(&mut draft.scans);
        for scan in scans {
            draft.scans.extend(names.iter().map(|name| {
                let mut fields = scan.fields.clone();
                fields.push(FieldRequirement {
                    field: "metadata.name".to_owned(),
                    equal: true,
                    value: name.clone(),
                });
                ScanSpec {
                    fields,
                    ..scan.clone()
                }
            }));
        }
        Some(Decision::Exact)
    });
}
