//! What kinds the cluster has, and what columns its tables of them have. Asked for when a query
//! or a path names a kind that is not known yet, which waits for it; else once the first rows are
//! there.

use super::requests::{Answered, Owner};
use super::{Answer, Engine, Request};
use crate::plan::{Plan, Relation};
use crate::query::Query;
use crate::resource::{Discovery, Kind};
use crate::watch::Standing;

/// A name that nothing bears is looked for in the cluster again, but not within this time.
const RECENT_MS: u64 = 3000;
/// Somebody who comes back to the page sees kinds that are not older.
const OLD_MS: u64 = 60_000;
/// When nothing can be learned, it is tried again after so long.
const AGAIN_MS: u64 = 5000;

/// What is being learned, and who waits for it.
#[derive(Debug, Default)]
pub(super) struct Learning {
    /// The documents that are being read.
    discovery: Option<Discovery>,
    /// When they were read last, or tried to (monotonic).
    read_at: Option<u64>,
    /// Why they could not be read.
    pub(super) trouble: Option<String>,
    /// They are to be read as soon as the answer's rows are there.
    later: bool,
    /// The tables asked for their columns, and the definitions.
    tables: Vec<Table>,
    /// The query that waits, and whether it is asked for good.
    pub(super) asking: Option<(String, bool)>,
    /// The path that waits to be opened, and whether its text shall be shown.
    pub(super) opening: Option<(String, bool)>,
}

/// A table asked for its columns, or a definition.
#[derive(Debug)]
struct Table {
    kind: &'static Kind,
    path: String,
    is_definition: bool,
    /// When it was refused (monotonic); until then it is waited for.
    refused: Option<u64>,
}

impl Learning {
    /// The requests were cancelled.
    pub(super) fn stop(&mut self) {
        self.discovery = None;
        self.tables.clear();
    }

    /// When (monotonic) it is tried again.
    pub(super) fn deadline(&self) -> Option<u64> {
        let waits = self.trouble.is_some() && self.discovery.is_none() && self.is_awaited();
        self.read_at.filter(|_| waits).map(|at| at + AGAIN_MS)
    }

    const fn is_awaited(&self) -> bool {
        self.asking.is_some() || self.opening.is_some()
    }
}

impl Engine {
    /// Whether something must be learned before a query can be planned, which is then on its way.
    /// `plan` is what could be planned without.
    pub(super) fn must_learn(
        &mut self,
        query: &Query,
        plan: Option<&Plan>,
        committed: bool,
    ) -> bool {
        let mut waits = false;
        let is_kind = |name: &&str| Relation::named(&name.to_ascii_lowercase()).is_none();
        for name in query.kind_names().into_iter().filter(is_kind) {
            waits |= match self.known.catalog.named(name) {
                None => self.must_discover(committed),
                Some(kind) if kind.is_unasked() => {
                    self.must_describe(kind, plan.and_then(|plan| plan.namespace_of(kind)))
                }
                Some(_) => false,
            };
        }
        if let Some(plan) = plan.filter(|plan| !waits && !self.is_answerable(plan))
            && let Some(kind) = plan.wants_definition(&self.known)
        {
            waits = self.must_read(kind, kind.definition_path(), "application/json", true);
        }
        waits
    }

    /// The kind of the object at a path; nothing while it is being learned, or when there is none.
    pub(super) fn learned_kind(&mut self, name: &str, namespace: &str) -> Option<&'static Kind> {
        let waits = match self.known.catalog.named(name) {
            None => self.must_discover(true),
            Some(kind) if kind.is_unasked() => {
                let namespace = Some(namespace).filter(|namespace| !namespace.is_empty());
                self.must_describe(kind, namespace)
            }
            Some(_) => false,
        };
        self.known.catalog.named(name).filter(|_| !waits)
    }

    /// Whether the kind of a name is being learned.
    pub(super) fn is_learning(&self, name: &str) -> bool {
        let Some(kind) = self.known.catalog.named(name) else {
            return self.learning.discovery.is_some() || self.learning.trouble.is_some();
        };
        let mut tables = self.learning.tables.iter();
        tables.any(|table| std::ptr::eq(table.kind, kind) && table.refused.is_none())
    }

    /// Whether a name that nothing bears is to wait for the cluster's kinds.
    fn must_discover(&mut self, committed: bool) -> bool {
        let now = self.clock.monotonic();
        let is_new = match self.learning.read_at {
            None => true,
            Some(at) => committed && now >= at + RECENT_MS,
        };
        if self.learning.discovery.is_none() && is_new {
            self.discover();
        }
        self.learning.discovery.is_some() || self.learning.trouble.is_some()
    }

    fn discover(&mut self) {
        if self.paused.is_none() && self.learning.discovery.is_none() {
            self.learning.later = false;
            self.learning.discovery = Some(Discovery::default());
            self.ask_documents();
        }
    }

    fn ask_documents(&mut self) {
        let Some(discovery) = &mut self.learning.discovery else {
            return;
        };
        while let Some((place, path)) = discovery.ask() {
            let request = Request::get(path, Discovery::ACCEPT);
            self.requests.ask(Owner::Discovery(place), request);
        }
    }

    /// A document is here, or it could not be had.
    pub(super) fn discovered(&mut self, place: usize, answer: Result<&Answered, &str>) {
        let Some(discovery) = &mut self.learning.discovery else {
            return;
        };
        let document = answer.ok().filter(|answer| answer.head.has_objects());
        discovery.answered(place, document.map(|answer| answer.body.as_slice()));
        if let Err(why) = answer {
            self.learning.trouble = Some(why.to_owned());
        }
        self.ask_documents();
        if let Some(discovery) = self.learning.discovery.take_if(|all| all.is_done()) {
            self.discovered_all(&discovery, answer);
        }
    }

    fn discovered_all(&mut self, discovery: &Discovery, last: Result<&Answered, &str>) {
        self.learning.read_at = Some(self.clock.monotonic());
        self.learning.trouble = if discovery.is_read() {
            None
        } else {
            let status = last.map_or(0, |answer| answer.head.status);
            let trouble = self.learning.trouble.take();
            trouble.or_else(|| Some(format!("the API server answered {status}")))
        };
        let found = discovery.kinds();
        self.known.catalog.learn(&found, discovery.is_whole());
        // Rows may name objects of these kinds, too.
        self.page.dirty.kinds = true;
        self.page.dirty.view = true;
        self.page.dirty.rows = true;
        // Its owners may be of kinds that are known only now.
        if let Some(detail) = &mut self.detail {
            detail.changed = true;
            self.page.dirty.detail = true;
        }
        // What nobody knew may be known by now.
        if self.answer.is_none() && !self.echo.problems.is_empty() {
            let committed = (self.echo.text.clone(), true);
            self.learning.asking.get_or_insert(committed);
        }
        self.go_on();
    }

    /// Whether the columns of a kind are waited for. Where its objects may not be listed it has
    /// those that every kind has, and what is asked of it says so.
    fn must_describe(&mut self, kind: &'static Kind, namespace: Option<&str>) -> bool {
        let (path, accept) = kind.columns_path(namespace);
        self.must_read(kind, path, accept, false)
    }

    /// Whether what is said of a kind at a path is waited for.
    fn must_read(
        &mut self,
        kind: &'static Kind,
        path: String,
        accept: &'static str,
        is_definition: bool,
    ) -> bool {
        let now = self.clock.monotonic();
        let tables = &mut self.learning.tables;
        if let Some(table) = tables.iter_mut().find(|table| table.path == path) {
            match table.refused {
                None => return true,
                Some(at) if now < at + RECENT_MS => return false,
                Some(_) => {}
            }
        }
        if self.paused.is_some() {
            return false;
        }
        let place = tables.len();
        tables.push(Table {
            kind,
            path: path.clone(),
            is_definition,
            refused: None,
        });
        self.requests
            .ask(Owner::Columns(place), Request::get(path, accept));
        true
    }

    /// A table is here, or it could not be had.
    pub(super) fn described(&mut self, place: usize, answer: Option<&Answered>) {
        let now = self.clock.monotonic();
        let Some(table) = self.learning.tables.get_mut(place) else {
            return;
        };
        let (status, body) = answer.map_or((0, &[][..]), |answer| {
            (answer.head.status, answer.body.as_slice())
        });
        if table.is_definition {
            self.known.learn_definition(table.kind, status, body);
            table.refused = Some(now);
        } else if !self.known.catalog.answered(table.kind, status, body) {
            table.refused = Some(now);
        }
        self.go_on();
    }

    /// Does what waited, as far as that is possible by now.
    fn go_on(&mut self) {
        if let Some((text, committed)) = self.learning.asking.take() {
            self.ask(&text, committed);
            self.page.urgent = true;
        }
        if let Some((path, yaml)) = self.learning.opening.take() {
            self.open(&path);
            self.show_yaml(yaml);
            self.page.urgent = true;
        }
    }

    /// Reads the cluster's kinds if what is known of them is old, but nothing waits for it.
    pub(super) fn learn_later(&mut self) {
        let now = self.clock.monotonic();
        let is_old = self.learning.read_at.is_none_or(|at| now >= at + OLD_MS);
        self.learning.later |= is_old;
    }

    /// The same at once, and everything that waits for it.
    pub(super) fn learn_again(&mut self) {
        let tables = self.learning.tables.iter_mut();
        for refused in tables.filter(|table| table.refused.is_some()) {
            // What is asked anew finds no table of its path, and asks; places stay as they are.
            refused.path.clear();
        }
        self.learning.trouble = None;
        self.discover();
        let answer = self.answer.as_ref();
        let is_unasked = |answer: &Answer| {
            let plan = &answer.plan;
            plan.parts.iter().any(|part| part.kind.is_unasked())
                || plan.wants_definition(&self.known).is_some()
        };
        if answer.is_some_and(is_unasked) {
            let text = self.echo.text.clone();
            self.ask(&text, true);
        }
        self.go_on();
    }

    /// What was put off.
    pub(super) fn learn_in_time(&mut self) {
        let now = self.clock.monotonic();
        let is_due = self.learning.deadline().is_some_and(|at| at <= now);
        let is_read = |answer: &Answer| {
            let mut kept = self.kept(answer);
            kept.all(|kept| !matches!(kept.scan.standing(now), Standing::CatchingUp(..)))
        };
        let is_idle = match &self.answer {
            Some(answer) => is_read(answer),
            None => !self.echo.problems.is_empty(),
        };
        if is_due || (self.learning.later && is_idle) {
            self.discover();
        }
    }

    /// Somebody changed the columns of a kind: what it shows is read anew by them.
    pub(super) fn leave_outdated(&mut self) {
        let scans = self.scans.iter_mut();
        let outdated = scans.filter_map(|kept| {
            let definitions = kept.scan.take_definitions()?;
            Some((kept.scan.spec.kind, definitions))
        });
        let outdated: Vec<_> = outdated.collect();
        for (kind, definitions) in outdated {
            let described = self.known.catalog.describe(kind, Some(&definitions));
            let answer = self.answer.as_ref();
            if self.echo.answered
                && answer.is_some_and(|answer| {
                    answer.plan.every_part().any(|part| {
                        let shown = part.kind;
                        shown.resource == kind.resource && !std::ptr::eq(shown, described)
                    })
                })
            {
                let text = self.echo.text.clone();
                self.ask(&text, true);
            }
        }
    }
}
