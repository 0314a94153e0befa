//! Narrows what is read, pass by pass: what the API server decides exactly as we do is given to it.
//!
//! A pass takes a [`Draft`] and leaves it better; none changes the filter that is evaluated on what
//! arrives, so none can make an answer wrong, only a request too narrow. What a scan may leave out
//! is what cannot match.

mod alternatives;
mod constants;
mod fields;
mod labels;
mod names;
mod namespaces;
mod projection;
mod relations;

pub(super) use namespaces::AT_ONCE;

use std::fmt;

use super::bind::Bound;
use super::{Content, FieldRequirement, Known, Part, Plan, Predicate, Related, ScanSpec};
use crate::resource::Kind;

/// Addresses longer than this are refused somewhere on the way.
const LONGEST_PATH: usize = 6000;

/// What is to be read of one kind, while it is being narrowed.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) kind: &'static Kind,
    /// What must hold, each with the text that it was written as.
    conjuncts: Vec<Conjunct>,
    /// The namespaces that are read, if not all are.
    namespaces: Option<Vec<String>>,
    /// What is read in each of them.
    scans: Vec<ScanSpec>,
    /// Nothing can match.
    is_empty: bool,
    notes: Vec<String>,
    whole_for: Option<String>,
    partial: Option<String>,
}

/// A condition, and who decides it.
#[derive(Clone, Debug)]
struct Conjunct {
    text: String,
    predicate: Predicate,
    /// The same, without what is known not to depend on any object.
    simple: Predicate,
    decision: Decision,
}

/// Who decides a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    /// Nobody yet.
    Open,
    /// The API server, exactly as we do.
    Exact,
    /// The API server narrows what it sends; we decide.
    Inexact(&'static str),
    /// We do, and why.
    Local(&'static str),
}

impl Draft {
    pub(super) fn new(kind: &'static Kind, conjuncts: Vec<(String, Predicate)>) -> Self {
        let conjunct = |(text, predicate): (String, Predicate)| Conjunct {
            text,
            simple: predicate.clone(),
            predicate,
            decision: Decision::Open,
        };
        Self {
            kind,
            conjuncts: conjuncts.into_iter().map(conjunct).collect(),
            namespaces: None,
            scans: vec![ScanSpec::all(kind)],
            is_empty: false,
            notes: Vec::new(),
            whole_for: None,
            partial: None,
        }
    }

    /// Lets a pass look at each condition that nobody decides yet, of which it sees one at a time; where
    /// it decides nothing, it changes nothing. What would make an address too long stays ours.
    fn decide(&mut self, mut pass: impl FnMut(&mut Self, &Predicate) -> Option<Decision>) {
        // Out of the way: what may have to be restored is then little.
        let mut conjuncts = std::mem::take(&mut self.conjuncts);
        let open = conjuncts.iter_mut();
        let mut unchanged = None;
        for conjunct in open.filter(|conjunct| conjunct.decision == Decision::Open) {
            let before = unchanged.take().unwrap_or_else(|| self.clone());
            let Some(mut decision) = pass(self, &conjunct.simple) else {
                unchanged = Some(before);
                continue;
            };
            let longest = self.scans.iter().map(|scan| scan.path(&[]).len()).max();
            if longest.unwrap_or_default() > LONGEST_PATH {
                *self = before;
                decision = Decision::Local("the address would be longer than servers take");
            }
            conjunct.decision = decision;
        }
        self.conjuncts = conjuncts;
    }

    /// Adds to every scan.
    fn narrow(&mut self, add: impl Fn(&mut ScanSpec)) {
        for scan in &mut self.scans {
            add(scan);
        }
    }

    fn require_field(&mut self, field: &str, equal: bool, value: &str) {
        self.narrow(|scan| {
            scan.fields.push(FieldRequirement {
                field: field.to_owned(),
                equal,
                value: value.to_owned(),
            });
        });
    }

    /// What is read in the end.
    fn part(self) -> Part {
        let mut scans = Vec::new();
        match self.namespaces {
            _ if self.is_empty => {}
            None => scans = self.scans,
            Some(namespaces) => {
                for namespace in namespaces {
                    scans.extend(self.scans.iter().map(|scan| ScanSpec {
                        namespace: Some(namespace.clone()),
                        ..scan.clone()
                    }));
                }
            }
        }
        let (mut pushed, mut local, mut filter) = (Vec::new(), Vec::new(), Vec::new());
        for conjunct in self.conjuncts {
            filter.push(conjunct.predicate);
            match conjunct.decision {
                Decision::Exact => pushed.push(conjunct.text),
                Decision::Inexact(why) | Decision::Local(why) => local.push((conjunct.text, why)),
                Decision::Open => local.push((conjunct.text, why_local(&conjunct.simple))),
            }
        }
        Part {
            kind: self.kind,
            filter: Predicate::All(filter),
            scans,
            pushed,
            local,
            notes: self.notes,
            whole_for: self.whole_for,
            partial: self.partial,
        }
    }
}

/// Why the API server cannot decide a condition that no pass could give it.
fn why_local(predicate: &Predicate) -> &'static str {
    if predicate.has(&|part| matches!(part, Predicate::Related(_))) {
        return "the API joins nothing";
    }
    match predicate {
        Predicate::All(_) | Predicate::Any(_) | Predicate::Related(_) => {
            "selectors have neither OR nor groups"
        }
        Predicate::Not(_) => "selectors have no such negation",
        Predicate::Namespace(_) => "another clause names the namespaces already",
        Predicate::Label(_) => "no label can be so, and the API server refuses to look for it",
        Predicate::NameContains(_) => "the API has no search in names",
        Predicate::Matches(..) => "selectors know no regular expressions",
        Predicate::Text(..) | Predicate::Selector(_) => {
            "the API server cannot select by this field"
        }
        Predicate::Figure(..)
        | Predicate::FigureIn(..)
        | Predicate::Quantity(..)
        | Predicate::Share(..) => "the API compares no figures",
        Predicate::Since(..) => "the API compares no times",
        Predicate::Path(_) => "the API server cannot select by paths",
        Predicate::Is(_) => "the state is derived from many fields",
    }
}

/// All passes, in order.
pub(super) fn optimize(bound: Bound, known: &Known) -> Plan {
    let Bound {
        mut parts,
        related,
        order,
        limit,
        shape,
    } = bound;
    let (mut drafts, joins): (Vec<Draft>, Vec<_>) = related.into_iter().unzip();
    for draft in parts.iter_mut().chain(&mut drafts) {
        constants::pass(draft);
        namespaces::pass(draft, known);
        labels::pass(draft);
        fields::pass(draft, known);
        names::pass(draft);
        alternatives::pass(draft);
    }
    relations::pass(&mut parts, &mut drafts, &joins);
    for draft in parts.iter_mut().chain(&mut drafts) {
        namespaces::within_rights(draft, known);
    }
    projection::pass(&mut parts, &joins, &order, &shape);
    projection::of_related(&mut drafts, &joins);
    let related = drafts.into_iter().zip(joins);
    Plan {
        parts: parts.into_iter().map(Draft::part).collect(),
        related: related
            .map(|(draft, relation)| Related {
                part: draft.part(),
                relation,
            })
            .collect(),
        order,
        limit,
        shape,
    }
}

impl fmt::Display for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.name())?;
        if let Some(namespaces) = &self.namespaces {
            write!(f, " in {}", namespaces.join(","))?;
        }
        if self.is_empty {
            write!(f, ", nothing")?;
        }
        writeln!(f)?;
        for scan in &self.scans {
            let content = match scan.content {
                Content::Metadata => "metadata",
                Content::Cells => "cells",
                Content::Whole | Content::Row => "whole",
            };
            writeln!(f, "  scan {} ({content})", scan.path(&[]))?;
        }
        for conjunct in &self.conjuncts {
            let text = &conjunct.text;
            match conjunct.decision {
                Decision::Open => writeln!(f, "  open {text}")?,
                Decision::Exact => writeln!(f, "  exact {text}")?,
                Decision::Inexact(why) => writeln!(f, "  inexact {text} ({why})")?,
                Decision::Local(why) => writeln!(f, "  local {text} ({why})")?,
            }
        }
        for note in &self.notes {
            writeln!(f, "  note {note}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
