//! The answer to a query, kept true: the rows that match, in order.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashSet};

use super::paint::Dirty;
use super::{Kept, ScanId};
use crate::plan::Plan;
use crate::query::Query;
use crate::sort::sort_by;
use crate::store::{Entry, Slot};

/// Where a row of the answer lies.
pub(super) type Place = (ScanId, Slot);

/// The answer to a query.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) query: Query,
    pub(super) plan: Plan,
    scans: Vec<ScanId>,
    /// The rows that match, in order, without the limit.
    order: Vec<Place>,
    /// Rows whose object changed since the order was made.
    changed: HashSet<Place>,
    /// Nothing is ordered yet.
    fresh: bool,
    /// The server's time when the whole filter was last evaluated.
    evaluated_at: i64,
}

/// A filter that looks at the time is evaluated anew this often.
const TIME_STEP_MS: i64 = 1000;

impl Answer {
    /// `scans` have no object in common.
    pub(super) fn new(query: Query, plan: Plan, scans: Vec<ScanId>) -> Self {
        Self {
            query,
            plan,
            scans,
            order: Vec::new(),
            changed: HashSet::new(),
            fresh: true,
            evaluated_at: 0,
        }
    }

    /// Whether nothing was found so far.
    pub(super) const fn has_no_rows(&self) -> bool {
        self.order.is_empty()
    }

    /// Whether other scans than its plan's answer it.
    pub(super) fn is_covered(&self, scans: &BTreeMap<ScanId, Kept>) -> bool {
        self.scans.iter().any(|id| {
            let kept = scans.get(id);
            kept.is_some_and(|kept| !self.plan.scans.contains(&kept.scan.spec))
        })
    }

    pub(super) fn scans(&self) -> impl Iterator<Item = ScanId> + '_ {
        self.scans.iter().copied()
    }

    /// Slots of a scan changed; true when that is one of ours.
    pub(super) fn changed(&mut self, scan: ScanId, slots: Vec<Slot>) -> bool {
        let ours = self.scans.contains(&scan);
        if ours && !self.fresh {
            self.changed
                .extend(slots.into_iter().map(|slot| (scan, slot)));
        }
        ours
    }

    /// Brings the order up to the stores.
    pub(super) fn settle(&mut self, scans: &BTreeMap<ScanId, Kept>, now: i64, dirty: &mut Dirty) {
        let timed = self.plan.depends_on_time() && (now - self.evaluated_at).abs() >= TIME_STEP_MS;
        if self.fresh || timed {
            self.evaluate(scans, now);
        } else if !self.changed.is_empty() {
            self.merge(scans, now);
        } else {
            return;
        }
        dirty.rows = true;
        dirty.view = true;
    }

    fn evaluate(&mut self, scans: &BTreeMap<ScanId, Kept>, now: i64) {
        (self.fresh, self.evaluated_at) = (false, now);
        self.changed.clear();
        self.order.clear();
        for id in &self.scans {
            let Some(kept) = scans.get(id) else { continue };
            for (slot, entry) in kept.scan.store.entries() {
                if self.plan.filter.holds(entry, now) {
                    self.order.push((*id, slot));
                }
            }
        }
        let mut order = std::mem::take(&mut self.order);
        sort_by(&mut order, |a, b| self.compare(scans, *a, *b));
        self.order = order;
    }

    /// Takes the changed rows out and merges those that match in again.
    fn merge(&mut self, scans: &BTreeMap<ScanId, Kept>, now: i64) {
        let changed = std::mem::take(&mut self.changed);
        self.order.retain(|place| !changed.contains(place));
        let mut arrived: Vec<Place> = changed
            .into_iter()
            .filter(|place| {
                entry(scans, *place).is_some_and(|entry| self.plan.filter.holds(entry, now))
            })
            .collect();
        sort_by(&mut arrived, |a, b| self.compare(scans, *a, *b));
        let old = std::mem::take(&mut self.order);
        self.order = Vec::with_capacity(old.len() + arrived.len());
        let mut arrived = arrived.into_iter().peekable();
        for place in old {
            while let Some(next) = arrived.next_if(|next| self.compare(scans, *next, place).is_lt())
            {
                self.order.push(next);
            }
            self.order.push(place);
        }
        self.order.extend(arrived);
    }

    fn compare(&self, scans: &BTreeMap<ScanId, Kept>, a: Place, b: Place) -> Ordering {
        match (entry(scans, a), entry(scans, b)) {
            (Some(left), Some(right)) => left.order(right, &self.plan.order),
            (left, right) => left.is_none().cmp(&right.is_none()),
        }
        .then(a.cmp(&b))
    }

    /// The rows of the answer, in order, within the limit.
    pub(super) fn rows(&self) -> &[Place] {
        &self.order[..self.matched()]
    }

    /// How many rows the answer has.
    pub(super) fn matched(&self) -> usize {
        self.plan
            .limit
            .map_or(self.order.len(), |limit| limit.min(self.order.len()))
    }
}

/// The object at a place.
pub(super) fn entry(scans: &BTreeMap<ScanId, Kept>, (scan, slot): Place) -> Option<Entry<'_>> {
    scans.get(&scan)?.scan.store.get(slot)
}
