//! Requirements on labels as a label selector.

use super::{Decision, Draft};
use crate::api::label::Requirement;
use crate::plan::Predicate;

pub(super) fn pass(draft: &mut Draft) {
    draft.decide(|draft, predicate| {
        let requirement = match predicate {
            Predicate::Label(requirement) => requirement.clone(),
            Predicate::Not(inner) => match &**inner {
                Predicate::Label(requirement) => match requirement.negated() {
                    Some(negated) => negated,
                    None => return Some(Decision::Local("selectors cannot negate a comparison")),
                },
                // None of these: each of them not.
                Predicate::Any(any) => return none_of(draft, any),
                _ => return None,
            },
            _ => return None,
        };
        Some(require(draft, vec![requirement]))
    });
}

fn require(draft: &mut Draft, requirements: Vec<Requirement>) -> Decision {
    if !requirements.iter().all(Requirement::is_sendable) {
        return Decision::Local("no label can be so, and the API server refuses to look for it");
    }
    draft.narrow(|scan| scan.labels.extend(requirements.iter().cloned()));
    Decision::Exact
}

fn none_of(draft: &mut Draft, any: &[Predicate]) -> Option<Decision> {
    let negated = |part: &Predicate| match part {
        Predicate::Label(requirement) => requirement.negated(),
        _ => None,
    };
    let requirements: Option<Vec<_>> = any.iter().map(negated).collect();
    Some(require(draft, requirements?))
}
