//! The answer to a query, kept true: the rows that match, in order.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::paint::Dirty;
use super::{ScanId, Scans};
use crate::plan::{Context, Group, Keyed, Placed, Plan, Shape};
use crate::query::Query;
use crate::sort::first_by;
use crate::store::{Entry, Slot};

/// Where a row of the answer lies: the part of the plan that it is of, the scan and the slot.
pub(super) type Place = (usize, ScanId, Slot);

/// An object, and where it lies.
type Found<'a> = (Place, Entry<'a>);

/// A row that is being put in order.
type Row<'a> = (Place, Keyed<'a>);

/// The answer to a query.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) query: Query,
    pub(super) plan: Plan,
    /// For each of [`Plan::every_part`], the scans that have its objects.
    scans: Vec<Vec<ScanId>>,
    /// The rows that match, in order: all of them, or the first of them, some more than the limit.
    order: Vec<Place>,
    /// Whether others match, which come after these.
    left_out: bool,
    /// What is made of them, when the query asks for figures.
    groups: Vec<Group>,
    /// Objects that changed since the order was made.
    changed: HashSet<(ScanId, Slot)>,
    /// Nothing is ordered yet, or what decides the rows changed.
    fresh: bool,
    /// The server's time when the whole filter was last evaluated.
    evaluated_at: i64,
}

/// Rows that are kept in order beyond twice the limit, to come after those that leave.
const SPARE: usize = 4;
/// A filter that looks at the time is evaluated anew this often.
const TIME_STEP_MS: i64 = 1000;

impl Answer {
    pub(super) fn new(query: Query, plan: Plan, scans: Vec<Vec<ScanId>>) -> Self {
        Self {
            query,
            plan,
            scans,
            order: Vec::new(),
            left_out: false,
            groups: Vec::new(),
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
    pub(super) fn is_covered(&self, scans: &Scans) -> bool {
        let mut parts = self.plan.every_part().zip(&self.scans);
        parts.any(|(part, ids)| {
            ids.iter().any(|id| {
                let kept = scans.get(*id);
                kept.is_some_and(|kept| !part.scans.contains(&kept.scan.spec))
            })
        })
    }

    /// The scans of its rows and of what decides them.
    pub(super) fn scans(&self) -> impl Iterator<Item = ScanId> + '_ {
        let mut seen = HashSet::new();
        let all = self.scans.iter().flatten().copied();
        all.filter(move |id| seen.insert(*id))
    }

    /// The scans of its rows.
    pub(super) fn row_scans(&self) -> impl Iterator<Item = ScanId> + '_ {
        self.scans
            .iter()
            .take(self.plan.parts.len())
            .flatten()
            .copied()
    }

    /// Slots of a scan changed; true when that is one of ours.
    pub(super) fn changed(&mut self, scan: ScanId, slots: Vec<Slot>) -> bool {
        let ours = self.scans.iter().any(|ids| ids.contains(&scan));
        if ours && !self.fresh {
            if self.decides_by_itself() {
                self.changed
                    .extend(slots.into_iter().map(|slot| (scan, slot)));
            } else {
                self.fresh = true;
            }
        }
        ours
    }

    /// Whether a change of one object changes no other row.
    fn decides_by_itself(&self) -> bool {
        self.plan.related.is_empty()
            && !matches!(self.plan.shape, Shape::Groups(..))
            && !self.may_repeat()
    }

    /// Whether an object that changes may for a moment be in two scans.
    fn may_repeat(&self) -> bool {
        (0..self.plan.parts.len()).any(|part| self.repeats(part))
    }

    /// Whether that may be so of the objects of one of [`Plan::every_part`].
    fn repeats(&self, part: usize) -> bool {
        let ids = self.scans.get(part).map_or(0, Vec::len);
        let mut namespaces = HashSet::new();
        ids > 1
            && self.plan.every_part().nth(part).is_some_and(|part| {
                let mut scans = part.scans.iter();
                !scans.all(|scan| namespaces.insert(&scan.namespace))
            })
    }

    /// Brings the order up to the stores; false when it was.
    pub(super) fn settle(&mut self, scans: &Scans, now: i64, dirty: &mut Dirty) -> bool {
        let timed = self.plan.depends_on_time() && (now - self.evaluated_at).abs() >= TIME_STEP_MS;
        if self.fresh || timed {
            self.evaluate(scans, now);
        } else if !self.changed.is_empty() {
            self.merge(scans, now);
        } else {
            return false;
        }
        dirty.rows = true;
        dirty.view = true;
        true
    }

    fn evaluate(&mut self, scans: &Scans, now: i64) {
        (self.fresh, self.evaluated_at) = (false, now);
        self.changed.clear();
        let context = self.plan.context(now, &|part| self.entries(scans, part));
        let mut rows = Vec::new();
        for (index, part) in self.plan.parts.iter().enumerate() {
            for (place, entry) in self.objects(scans, index) {
                if part.filter.holds(entry, &context) {
                    rows.push((place, Placed { part: index, entry }));
                }
            }
        }
        self.left_out = false;
        if matches!(self.plan.shape, Shape::Groups(..)) {
            let (places, rows): (Vec<Place>, Vec<Placed<'_>>) = rows.into_iter().unzip();
            self.groups = self.plan.groups(&rows, now);
            self.order = places;
        } else {
            let (rows, left_out) = self.first(rows, self.most_kept());
            self.left_out = left_out;
            self.order = rows.into_iter().map(|(place, _)| place).collect();
        }
    }

    fn first<'a>(&self, rows: Vec<(Place, Placed<'a>)>, most: usize) -> (Vec<Row<'a>>, bool) {
        let rows = rows.into_iter();
        let rows = rows.map(|(place, row)| (place, self.plan.keyed(row)));
        first_by(rows, most, |a, b| self.compare(a, b))
    }

    /// How many rows are kept in order, of which the first are shown.
    fn most_kept(&self) -> usize {
        let twice = self.plan.most_rows().saturating_mul(2);
        twice.saturating_add(SPARE)
    }

    fn compare(&self, (place, row): &Row<'_>, (other_place, other): &Row<'_>) -> Ordering {
        self.plan.compare(row, other).then(place.cmp(other_place))
    }

    fn entries<'a>(&self, scans: &'a Scans, part: usize) -> Vec<Entry<'a>> {
        let objects = self.objects(scans, part).into_iter();
        objects.map(|(_, entry)| entry).collect()
    }

    /// The objects of a part, each as it was last heard of.
    fn objects<'a>(&self, scans: &'a Scans, part: usize) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        for id in self.scans.get(part).into_iter().flatten() {
            let entries = scans
                .get(*id)
                .into_iter()
                .flat_map(|kept| kept.scan.store.entries());
            found.extend(entries.map(|(slot, entry)| ((part, *id, slot), entry)));
        }
        if self.repeats(part) {
            newest(&mut found);
        }
        found
    }

    /// Takes the changed rows out and merges those that match in again.
    fn merge(&mut self, scans: &Scans, now: i64) {
        let changed = std::mem::take(&mut self.changed);
        self.order
            .retain(|(_, scan, slot)| !changed.contains(&(*scan, *slot)));
        let context = Context::at(now);
        let mut arrived = Vec::new();
        for (index, (part, ids)) in self.plan.parts.iter().zip(&self.scans).enumerate() {
            let places = changed
                .iter()
                .filter(|(scan, _)| ids.contains(scan))
                .map(|(scan, slot)| (index, *scan, *slot));
            let rows = places.filter_map(|place| Some((place, placed(scans, place)?)));
            arrived.extend(rows.filter(|(_, row)| part.filter.holds(row.entry, &context)));
        }
        let (arrived, _) = self.first(arrived, usize::MAX);
        let mut arrived = arrived.into_iter().peekable();
        let old = std::mem::take(&mut self.order);
        let mut order = Vec::with_capacity(old.len() + arrived.len());
        for place in old {
            if arrived.peek().is_some()
                && let Some(row) = placed(scans, place)
            {
                let row = (place, self.plan.keyed(row));
                while let Some((next, _)) = arrived.next_if(|next| self.compare(next, &row).is_lt())
                {
                    order.push(next);
                }
            }
            order.push(place);
        }
        // Those that were left out may come before what comes after all that is in order.
        if !self.left_out {
            order.extend(arrived.map(|(place, _)| place));
        }
        self.left_out |= order.len() > self.most_kept();
        order.truncate(self.most_kept());
        self.order = order;
        if self.left_out && self.order.len() < self.plan.most_rows() {
            self.evaluate(scans, now);
        }
    }

    /// The objects of the answer, in order, within the limit.
    pub(super) fn rows(&self) -> &[Place] {
        let end = self.plan.most_rows().min(self.order.len());
        &self.order[..end]
    }

    /// The groups of the answer, if it has groups.
    pub(super) fn groups(&self) -> Option<&[Group]> {
        matches!(self.plan.shape, Shape::Groups(..)).then_some(&self.groups)
    }

    /// How many rows the answer has.
    pub(super) fn matched(&self) -> usize {
        self.groups().map_or_else(|| self.rows().len(), <[_]>::len)
    }
}

/// Of each object that is in two scans the newest.
fn newest(found: &mut Vec<Found<'_>>) {
    let mut best: HashMap<(&str, &str), (u64, Place)> = HashMap::new();
    for (place, entry) in found.iter() {
        let version = entry.object().metadata.get("resourceVersion");
        let version = version.text_or_empty().parse().unwrap_or_default();
        let key = (entry.namespace(), entry.name());
        let known = best.entry(key).or_insert((version, *place));
        if version > known.0 {
            *known = (version, *place);
        }
    }
    let best: HashSet<Place> = best.into_values().map(|(_, place)| place).collect();
    found.retain(|(place, _)| best.contains(place));
}

/// The object at a place.
pub(super) fn entry(scans: &Scans, (_, scan, slot): Place) -> Option<Entry<'_>> {
    scans.get(scan)?.scan.store.get(slot)
}

/// The object at a place, with the part of the plan that it is of.
pub(super) fn placed(scans: &Scans, place: Place) -> Option<Placed<'_>> {
    let entry = entry(scans, place)?;
    let part = place.0;
    Some(Placed { part, entry })
}
