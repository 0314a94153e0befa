//! Namespaces as paths, which is also what rights are given by.

use super::{Decision, Draft};
use crate::api::is_namespace;
use crate::plan::predicate::{Flag, SYSTEM};
use crate::plan::selectable::refusal;
use crate::plan::{Known, Pattern, Predicate};
use crate::sort::sort;

/// The field by which namespaces are left out.
const FIELD: &str = "metadata.namespace";
/// More namespaces than this are cheaper read as one list of the cluster.
const MOST: usize = 24;
/// Lists that run at once: what the API server's fairness leaves one user, and what HTTP/1.1 has
/// connections for.
pub(in crate::plan) const AT_ONCE: u64 = 6;
/// What a further round of lists costs, as objects that could be read meanwhile: a round trip of
/// 30 ms at 0.2 ms for an object.
const ROUND: u64 = 150;

pub(super) fn pass(draft: &mut Draft, known: &Known) {
    draft.decide(|draft, predicate| match predicate {
        Predicate::Namespace(patterns) => Some(named(draft, patterns, known)),
        Predicate::Is(Flag::System) if !draft.kind.resource.namespaced => {
            draft.is_empty = true;
            Some(Decision::Local(
                "these are in no namespace, so nothing is asked for",
            ))
        }
        Predicate::Is(Flag::System) => {
            let system = [Pattern::Exactly(SYSTEM.to_owned())];
            Some(named(draft, &system, known))
        }
        Predicate::Not(inner) => match &**inner {
            Predicate::Namespace(patterns) => Some(excluded(draft, patterns, known)),
            _ => None,
        },
        _ => None,
    });
}

fn named(draft: &mut Draft, patterns: &[Pattern], known: &Known) -> Decision {
    if draft.namespaces.is_some() {
        return Decision::Local("another clause names the namespaces already");
    }
    let Some(mut names) = exact(patterns) else {
        return Decision::Local("selectors know no patterns");
    };
    sort(&mut names);
    names.dedup();
    // What no namespace can be called is in none.
    names.retain(|name| is_namespace(name));
    if names.is_empty() {
        draft.is_empty = true;
        return Decision::Local("no namespace can be called so, so nothing is asked for");
    }
    let refused = known.refuses_list(draft.kind);
    if names.len() > MOST && !refused {
        return Decision::Local("one list of the cluster is cheaper than so many of namespaces");
    }
    if let Some(note) = cheaper_as_one(draft, &names, known).filter(|_| !refused) {
        draft.notes.push(note);
        return complement(draft, &names, known);
    }
    draft.namespaces = Some(names);
    Decision::Exact
}

/// Why one list of the cluster costs less than a list of each of these, if it does: fewer rounds
/// weigh more than the objects of other namespaces.
fn cheaper_as_one(draft: &Draft, names: &[String], known: &Known) -> Option<String> {
    let all = known.count(draft.kind)?;
    let namespaces = known.namespaces.len() as u64;
    if !known.all_namespaces || namespaces == 0 {
        return None;
    }
    let lists = names.len() as u64;
    let others = all.saturating_sub(all * lists / namespaces);
    let rounds = lists.div_ceil(AT_ONCE) - 1;
    (rounds * ROUND > others).then(|| {
        format!(
            "one list of the cluster, of which about {others} objects are not asked for, rather than {lists} lists in {} rounds",
            rounds + 1
        )
    })
}

/// Of more than half of all namespaces the others are left out; those made meanwhile are ours to
/// leave out.
fn complement(draft: &mut Draft, names: &[String], known: &Known) -> Decision {
    let is_selectable = refusal(draft.kind, FIELD, known).is_ok();
    if is_selectable && names.len() * 2 > known.namespaces.len() {
        let others = known.namespaces.iter().filter(|name| !names.contains(name));
        for name in others {
            draft.require_field(FIELD, false, name);
        }
        return Decision::Inexact("the API server leaves out the other namespaces that are known");
    }
    Decision::Local("one list of the cluster is cheaper than so many of namespaces")
}

fn excluded(draft: &mut Draft, patterns: &[Pattern], known: &Known) -> Decision {
    if let Err(why) = refusal(draft.kind, FIELD, known) {
        return Decision::Local(why);
    }
    let Some(names) = exact(patterns) else {
        return Decision::Local("selectors know no patterns");
    };
    for name in names {
        draft.require_field(FIELD, false, &name);
    }
    Decision::Exact
}

/// Without the right to list the cluster, the namespaces that are known are read.
pub(super) fn within_rights(draft: &mut Draft, known: &Known) {
    if draft.namespaces.is_some()
        || draft.is_empty
        || !draft.kind.resource.namespaced
        || !known.refuses_list(draft.kind)
    {
        return;
    }
    let names: Vec<String> = known.namespaces.iter().take(MOST).cloned().collect();
    if names.is_empty() {
        return;
    }
    let plural = draft.kind.name();
    let reason = format!(
        "you may not list {plural} in all namespaces, so only those known by name are read: {}",
        names.join(", ")
    );
    draft.partial = Some(reason);
    draft.namespaces = Some(names);
}

/// What patterns say exactly, if all of them do.
pub(super) fn exact(patterns: &[Pattern]) -> Option<Vec<String>> {
    let text = |pattern: &Pattern| match pattern {
        Pattern::Exactly(text) => Some(text.clone()),
        Pattern::Glob(_) => None,
    };
    patterns.iter().map(text).collect()
}
