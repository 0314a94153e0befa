//! Folds what no object can change: a label that none can have, an empty choice.

use super::{Decision, Draft};
use crate::api::label::{Requirement, Test, is_key, is_value};
use crate::plan::Predicate;

/// Simplifies each condition. One that never holds leaves nothing to read.
pub(super) fn pass(draft: &mut Draft) {
    for conjunct in &mut draft.conjuncts {
        conjunct.simple = simple(conjunct.predicate.clone());
        if conjunct.simple == ALWAYS {
            conjunct.decision = Decision::Local("it holds of everything");
        }
        if conjunct.simple == Predicate::NEVER {
            conjunct.decision = Decision::Local("nothing can be so, so nothing is asked for");
            draft.is_empty = true;
        }
    }
}

const ALWAYS: Predicate = Predicate::All(Vec::new());

fn simple(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::All(parts) => {
            let mut parts: Vec<_> = parts.into_iter().map(simple).collect();
            parts.retain(|part| *part != ALWAYS);
            if parts.contains(&Predicate::NEVER) {
                return Predicate::NEVER;
            }
            one_or(parts, Predicate::All)
        }
        Predicate::Any(parts) => {
            let mut parts: Vec<_> = parts.into_iter().map(simple).collect();
            parts.retain(|part| *part != Predicate::NEVER);
            if parts.contains(&ALWAYS) {
                return ALWAYS;
            }
            one_or(parts, Predicate::Any)
        }
        Predicate::Not(inner) => match simple(*inner) {
            Predicate::Not(inner) => *inner,
            inner if inner == ALWAYS => Predicate::NEVER,
            inner if inner == Predicate::NEVER => ALWAYS,
            inner => Predicate::Not(Box::new(inner)),
        },
        Predicate::Label(requirement) => label(requirement),
        other => other,
    }
}

fn one_or(mut parts: Vec<Predicate>, make: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    if parts.len() == 1 {
        parts.swap_remove(0)
    } else {
        make(parts)
    }
}

/// The API server answers 400 to keys and values that no label can have. An object cannot have
/// them, so they are decided already.
fn label(requirement: Requirement) -> Predicate {
    let Requirement { key, test } = requirement;
    let has_key = is_key(&key);
    let possible = |values: Vec<String>| -> Vec<String> {
        values.into_iter().filter(|value| is_value(value)).collect()
    };
    let test = match test {
        Test::In(_) | Test::Exists | Test::Above(_) | Test::Below(_) if !has_key => {
            return Predicate::NEVER;
        }
        Test::NotIn(_) | Test::Absent if !has_key => return ALWAYS,
        Test::In(values) => match possible(values) {
            values if values.is_empty() => return Predicate::NEVER,
            values => Test::In(values),
        },
        Test::NotIn(values) => match possible(values) {
            values if values.is_empty() => return ALWAYS,
            values => Test::NotIn(values),
        },
        test => test,
    };
    Predicate::Label(Requirement { key, test })
}
