//! What is learnt of the cluster on the way, and plans made anew for it: namespaces, counts, and what
//! the API server refuses.

use super::answer::Answer;
use super::{Engine, Kept, ScanId, explained};
use crate::api::is_namespace;
use crate::plan::{Plan, ScanSpec};
use crate::query::{Atom, Expr, Field, Operator, Query};
use crate::resource::{KINDS, Kind};

impl Engine {
    /// Brings what plans are made with up to what is known by now.
    pub(super) fn learn(&mut self, query: &Query) {
        for kind in KINDS {
            if let Some(count) = self.known_count(kind) {
                self.known.kind_mut(kind).count = Some(count);
            }
        }
        for Kept { scan, .. } in self.scans.iter() {
            self.known
                .learn_size(&scan.spec, scan.store.len(), scan.store.held());
        }
        self.learn_namespaces(query);
    }

    /// Namespaces that may be read one by one: the context's, those that the query names, those that
    /// were read before, then all that can be listed.
    fn learn_namespaces(&mut self, query: &Query) {
        let mut names: Vec<String> = self.settings.namespace.iter().cloned().collect();
        names.extend(typed(&query.filter));
        names.extend(self.read_namespaces.iter().cloned());
        let listed = self.listed_namespaces();
        let all = listed.is_some();
        if let Some(listed) = listed {
            // What does not exist need not be read.
            names.retain(|name| listed.contains(name));
            names.extend(listed);
        }
        self.known.know_namespaces(names, all);
    }

    /// Notes of which namespaces something was read.
    pub(super) fn remember_namespaces(&mut self) {
        for kept in self.scans.iter().filter(|kept| kept.scan.is_listed()) {
            if let Some(namespace) = &kept.scan.spec.namespace
                && let Err(place) = self.read_namespaces.binary_search(namespace)
            {
                self.read_namespaces.insert(place, namespace.clone());
                self.page.dirty.read_namespaces = true;
            }
        }
    }

    /// All namespaces, when a scan has them.
    fn listed_namespaces(&self) -> Option<Vec<String>> {
        let namespaces = Kind::named("namespaces")?;
        let id = self.covering(&[ScanSpec::all(namespaces)])?;
        Some(self.scans.get(id)?.scan.store.names())
    }

    /// Plans anew what the API server refuses to do as it was planned.
    pub(super) fn learn_refusals(&mut self) {
        let Some(answer) = &self.answer else {
            return;
        };
        let mut learnt = false;
        let scans: Vec<ScanId> = answer.scans().collect();
        for id in scans {
            let Some(kept) = self.scans.get(id) else {
                continue;
            };
            let Some(refusal) = kept.scan.refusal().cloned() else {
                continue;
            };
            let spec = kept.scan.spec.clone();
            if self.known.learn(&spec, &refusal) {
                learnt = true;
                self.want_namespaces();
            }
        }
        // Namespaces that were listed since are read, too.
        let waits = self.namespaces.is_some() && !self.known.all_namespaces;
        let arrived = waits && self.listed_namespaces().is_some();
        if learnt || arrived {
            self.plan_anew();
        }
    }

    /// Who may not list the cluster may be allowed to list namespaces of it.
    fn want_namespaces(&mut self) {
        if self.namespaces.is_none() && self.known.refuses_lists() {
            let kind = Kind::named("namespaces");
            self.namespaces = kind.map(|kind| self.want(&ScanSpec::all(kind)));
        }
    }

    fn plan_anew(&mut self) {
        let Some(answer) = self.answer.take() else {
            return;
        };
        self.learn(&answer.query);
        let (plan, _) = Plan::of(&answer.query, &self.known);
        self.answer = Some(match plan {
            Some(plan) if plan.scans().ne(answer.plan.scans()) => {
                self.echo.plan = explained(&plan, &self.known);
                self.page.dirty.query = true;
                let scans = self.want_parts(&plan);
                Answer::new(answer.query, plan, scans)
            }
            _ => answer,
        });
        self.page.dirty.view = true;
        self.page.dirty.rows = true;
    }

    /// Rights may have changed: everything is asked for again as if nothing were known.
    pub(super) fn forget_refusals(&mut self) {
        self.known.forget_refusals();
        self.namespaces = None;
        self.plan_anew();
    }
}

/// Namespaces that a condition names, in whatever sense.
fn typed(condition: &Expr) -> Vec<String> {
    match condition {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().flat_map(typed).collect(),
        Expr::Not(inner) => typed(inner),
        Expr::Atom(atom) => match &atom.value {
            Atom::Compare {
                field: Field::Named(name),
                operator: Operator::Equal,
                values,
                ..
            } if matches!(name.as_str(), "ns" | "namespace") => values
                .iter()
                .filter(|value| is_namespace(value))
                .cloned()
                .collect(),
            Atom::With(query) => typed(&query.filter),
            _ => Vec::new(),
        },
    }
}
