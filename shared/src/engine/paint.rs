//! What the page is told, and when: never more than one undrawn update, never more often than it
//! helps, and only what differs from what the page has.

mod cell;
mod heads;
mod view;

pub(super) use cell::{fact_cell, name_cell};
pub(super) use view::grouped;

use super::message::{
    Cluster, Completion, Detail, Freshness, KindCount, QueryEcho, Rows, Update, View,
};
use super::pause::Pause;
use super::{Effect, Engine};
use crate::resource::Kind;

/// Changes of the cluster are gathered for so long after an update was drawn: a share of the
/// time is for taking them in, however long painting takes.
const GATHER_MS: u64 = 100;
/// The same while the answer is still being read: reading on is worth more than counting along.
const GATHER_READING_MS: u64 = 250;
/// Texts that tell time are looked at this often.
const SECOND_MS: u64 = 1000;

/// Parts of an update that may have changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dirty {
    pub(super) query: bool,
    pub(super) view: bool,
    pub(super) rows: bool,
    pub(super) detail: bool,
    pub(super) yaml: bool,
    pub(super) kinds: bool,
    pub(super) cluster: bool,
    pub(super) read_namespaces: bool,
}

impl Dirty {
    /// Everything.
    pub(super) const fn all(&mut self) {
        *self = Self {
            query: true,
            view: true,
            rows: true,
            detail: true,
            yaml: true,
            kinds: true,
            cluster: true,
            read_namespaces: true,
        };
    }

    const fn any(self) -> bool {
        self.query
            || self.view
            || self.rows
            || self.detail
            || self.yaml
            || self.kinds
            || self.cluster
            || self.read_namespaces
    }
}

/// What the page shows and has been told.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) dirty: Dirty,
    /// The person waits for it.
    pub(super) urgent: bool,
    /// What to complete: text and caret.
    pub(super) completion: Option<(String, usize)>,
    /// The answer is still being read.
    pub(super) reading: bool,
    first: usize,
    count: usize,
    serial: u64,
    undrawn: bool,
    /// Whether anybody is there at all.
    opened: bool,
    painted_at: u64,
    /// When the last update was drawn, or there was none to draw.
    drawn_at: u64,
    told: Told,
}

/// What the page has been told last.
#[derive(Debug, Default)]
struct Told {
    query: Option<QueryEcho>,
    view: Option<View>,
    rows: Option<Rows>,
    detail: Option<Detail>,
    yaml: Option<String>,
    kinds: Option<Vec<KindCount>>,
    freshness: Option<Freshness>,
    cluster: Option<Cluster>,
    sign_in: Option<Option<String>>,
    read_namespaces: Option<Vec<String>>,
}

impl Page {
    pub(super) fn window(&mut self, first: usize, count: usize) {
        // A page that asks for more than any screen has is not a page.
        (self.first, self.count) = (first, count.min(1000));
        self.dirty.rows = true;
    }

    /// Another answer begins at its first row.
    pub(super) const fn first_row(&mut self) {
        self.first = 0;
    }

    pub(super) const fn drawn(&mut self, serial: u64, now: u64) {
        if serial == self.serial {
            (self.undrawn, self.drawn_at) = (false, now);
        }
    }

    /// When (monotonic) there may be something to say.
    pub(super) fn deadline(&self) -> Option<u64> {
        let gather = match (self.dirty.any(), self.reading) {
            (false, _) => SECOND_MS,
            (true, true) => GATHER_READING_MS,
            (true, false) => GATHER_MS,
        };
        (self.opened && !self.undrawn).then_some(self.drawn_at + gather)
    }
}

/// The part, if it differs from what was told, which it then becomes.
fn news<T: Clone + PartialEq>(told: &mut Option<T>, part: T) -> Option<T> {
    if told.as_ref() == Some(&part) {
        return None;
    }
    *told = Some(part.clone());
    Some(part)
}

impl Engine {
    /// Tells the page what changed, if it can take it now.
    pub(super) fn paint(&mut self) {
        let now = self.clock.monotonic();
        self.page.opened |= self.page.urgent;
        let due = self.page.urgent || self.page.deadline().is_some_and(|deadline| deadline <= now);
        if self.page.undrawn || !self.page.opened || !due {
            return;
        }
        // By the time that is shown: what is known of a moment ago does not age out of its answer.
        let shown = self.answer.as_ref().map(|answer| self.shown_time(answer));
        if let (Some(answer), Some(now)) = (&mut self.answer, shown) {
            let settled = answer.settle(&self.scans, now, &mut self.page.dirty);
            self.revision += u64::from(settled);
        }
        let update = self.update();
        self.page.urgent = false;
        self.page.dirty = Dirty::default();
        (self.page.painted_at, self.page.drawn_at) = (now, now);
        if update != Update::default() {
            self.page.serial += 1;
            self.page.undrawn = true;
            let serial = self.page.serial;
            self.requests
                .push(Effect::Update(Box::new(Update { serial, ..update })));
        }
    }

    fn update(&mut self) -> Update {
        let dirty = self.page.dirty;
        // Ages pass without anything happening.
        let second = self.page.painted_at / SECOND_MS != self.clock.monotonic() / SECOND_MS;
        let view = (dirty.view || second).then(|| self.view());
        let rows = (dirty.rows || second).then(|| self.rows(self.page.first, self.page.count));
        let detail = (dirty.detail || second).then(|| self.detail());
        let kinds = (dirty.kinds || second).then(|| self.kind_counts());
        let yaml = dirty.yaml.then(|| self.yaml()).flatten();
        let freshness = self.freshness();
        let cluster = dirty.cluster.then(|| Cluster {
            nodes: Kind::named("nodes").and_then(|nodes| self.known_count(nodes)),
            ..self.cluster.clone()
        });
        let were_read = dirty.read_namespaces && !self.read_namespaces.is_empty();
        let read_namespaces = were_read.then(|| self.read_namespaces.clone());
        let completion = self.page.completion.take();
        let completion: Option<Completion> =
            completion.map(|(text, cursor)| self.complete(&text, cursor));
        let sign_in = self.paused.as_ref().and_then(Pause::sign_in);
        let told = &mut self.page.told;
        Update {
            serial: 0,
            query: dirty
                .query
                .then(|| news(&mut told.query, self.echo.clone()))
                .flatten(),
            view: view.and_then(|view| news(&mut told.view, view)),
            rows: rows.and_then(|rows| news(&mut told.rows, rows)),
            detail: detail.and_then(|detail| news(&mut told.detail, detail)),
            yaml: yaml.and_then(|yaml| news(&mut told.yaml, yaml)),
            kinds: kinds.and_then(|kinds| news(&mut told.kinds, kinds)),
            freshness: news(&mut told.freshness, freshness),
            cluster: cluster.and_then(|cluster| news(&mut told.cluster, cluster)),
            completion,
            sign_in: news(&mut told.sign_in, sign_in),
            read_namespaces: read_namespaces
                .and_then(|names| news(&mut told.read_namespaces, names)),
        }
    }
}
