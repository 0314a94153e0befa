//! A choice between labels as several lists that have no object in common: what the second asks
//! for and the first does not, and so on. An absent label is in no set, so nothing is left out.

use super::{Decision, Draft};
use crate::api::label::Requirement;
use crate::plan::{Predicate, ScanSpec};

/// More lists than this are not worth it.
const MOST: usize = 8;

pub(super) fn pass(draft: &mut Draft) {
    draft.decide(|draft, predicate| {
        let Predicate::Any(any) = predicate else {
            return None;
        };
        let label = |part: &Predicate| match part {
            Predicate::Label(requirement) if requirement.is_sendable() => Some(requirement.clone()),
            _ => None,
        };
        let choices: Vec<Requirement> = any.iter().map(label).collect::<Option<_>>()?;
        let namespaces = draft.namespaces.as_ref().map_or(1, Vec::len);
        if choices.len() * draft.scans.len() * namespaces > MOST {
            return Some(Decision::Local(
                "so many choices are cheaper read as one list",
            ));
        }
        let negated: Option<Vec<Requirement>> = choices.iter().map(Requirement::negated).collect();
        let Some(negated) = negated else {
            return Some(Decision::Local("selectors cannot negate a comparison"));
        };
        let scans = std::mem::take(&mut draft.scans);
        for scan in scans {
            for (index, choice) in choices.iter().enumerate() {
                let mut labels = scan.labels.clone();
                labels.push(choice.clone());
                labels.extend(negated[..index].iter().cloned());
                draft.scans.push(ScanSpec {
                    labels,
                    ..scan.clone()
                });
            }
        }
        Some(Decision::Exact)
    });
}
