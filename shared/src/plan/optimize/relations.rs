//! What stands in most relations lies in the same namespace: whoever names it for one names it for
//! the other.

use super::Draft;
use crate::plan::{Predicate, Relation};

pub(super) fn pass(parts: &mut [Draft], related: &mut [Draft], joins: &[Relation]) {
    // What is related stands before what asks for it, so once in each direction is enough.
    for index in 0..related.len() {
        let (before, rest) = related.split_at_mut(index);
        if let Some(draft) = rest.first_mut() {
            narrow_by(draft, before, joins);
        }
    }
    for part in parts.iter_mut() {
        narrow_by(part, related, joins);
    }
    for part in parts {
        narrow_others(part, related, joins);
    }
    for index in (0..related.len()).rev() {
        let (before, rest) = related.split_at_mut(index);
        if let Some(draft) = rest.first() {
            narrow_others(draft, before, joins);
        }
    }
}

/// The relations that must hold, one of each.
fn required(draft: &Draft) -> impl Iterator<Item = Vec<usize>> + '_ {
    draft
        .conjuncts
        .iter()
        .filter_map(|conjunct| match &conjunct.simple {
            Predicate::Related(index) => Some(vec![*index]),
            Predicate::Any(any) => any
                .iter()
                .map(|part| match part {
                    Predicate::Related(index) => Some(*index),
                    _ => None,
                })
                .collect(),
            _ => None,
        })
}

/// Reads the namespaces only of what it must stand to.
fn narrow_by(draft: &mut Draft, related: &[Draft], joins: &[Relation]) {
    if draft.namespaces.is_some() || !draft.kind.resource.namespaced {
        return;
    }
    let namespaces = required(draft).find_map(|any| {
        let mut all = Vec::new();
        for index in any {
            let (other, relation) = (related.get(index)?, joins.get(index)?);
            let applies = relation.stays_within_namespace() && other.kind.resource.namespaced;
            if !applies {
                return None;
            }
            for namespace in other.namespaces.as_ref()? {
                if !all.contains(namespace) {
                    all.push(namespace.clone());
                }
            }
        }
        Some(all)
    });
    draft.namespaces = namespaces;
}

/// What others are asked about lies in the namespaces of this one.
fn narrow_others(draft: &Draft, related: &mut [Draft], joins: &[Relation]) {
    let Some(namespaces) = &draft.namespaces else {
        return;
    };
    let is_asked = |predicate: &Predicate, index: usize| {
        predicate.has(&|part| *part == Predicate::Related(index))
    };
    for (index, other) in related.iter_mut().enumerate() {
        let asked = draft
            .conjuncts
            .iter()
            .any(|conjunct| is_asked(&conjunct.predicate, index));
        let applies = asked
            && other.namespaces.is_none()
            && other.kind.resource.namespaced
            && draft.kind.resource.namespaced
            && joins[index].stays_within_namespace();
        if applies {
            other.namespaces = Some(namespaces.clone());
        }
    }
}
