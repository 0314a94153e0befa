//! Several lists of one kind make one answer only if they are of one moment. Where the API server
//! gives no list of a given moment, one list takes their place.

use crate::plan::{Known, Part, Plan, ScanSpec};

/// Puts one list in the place of several, where that may be read; else the plan says that they are of
/// several moments. True if it did so anywhere.
pub(super) fn unite(plan: &mut Plan, known: &Known) -> bool {
    let related = plan.related.iter_mut().map(|related| &mut related.part);
    let mut united = false;
    for part in plan.parts.iter_mut().chain(related) {
        if part.scans.len() < 2 {
            continue;
        }
        if known.refuses_list(part.kind) {
            say_so(part);
        } else if let Some(list) = ScanSpec::common(&part.scans) {
            part.scans = vec![list];
            let why = "the API server gives no two lists of one moment, so one is read";
            let pushed = std::mem::take(&mut part.pushed).into_iter();
            part.local.extend(pushed.map(|condition| (condition, why)));
            united = true;
        }
    }
    united
}

fn say_so(part: &mut Part) {
    let plural = part.kind.name();
    let reason = format!(
        "the lists of {plural} are of several moments, because the API server gives none of a given one and you may not list {plural} in all namespaces"
    );
    part.partial = Some(match part.partial.take() {
        Some(partial) => format!("{partial}; {reason}"),
        None => reason,
    });
}
