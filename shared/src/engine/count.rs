//! How many objects of each kind there are, for the sidebar: from a live scan where one has them
//! all, else asked of the API server, which answers `limit=1` with how many more there are.

use super::message::KindCount;
use super::requests::Owner;
use super::{Engine, Head, Request};
use crate::api::count;
use crate::api::time::human_duration;
use crate::plan::{Plan, ScanSpec};
use crate::resource::{KINDS, Kind, Mark};
use crate::sort::sort_by;
use crate::watch::{Scan, Standing};

/// A count is not asked for again within this time.
const RECENT_MS: u64 = 5000;
/// An answer that takes longer is not waited for.
const PATIENCE_MS: u64 = 60_000;

/// Kinds that are not known by heart and were shown lately: no more are counted.
const MOST_SHOWN: usize = 12;

/// The counts last heard of.
#[derive(Debug)]
pub(super) struct Counts {
    /// The kinds known by heart, and those shown since the start.
    kinds: Vec<Count>,
}

#[derive(Debug)]
struct Count {
    kind: &'static Kind,
    /// When it was last shown, of those not known by heart.
    shown: u64,
    /// Since when an answer is waited for (monotonic).
    asked: Option<u64>,
    count: Option<u64>,
    /// When it was counted, or tried to (monotonic).
    at: Option<u64>,
    problem: Option<String>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            kinds: KINDS.into_iter().map(Count::of).collect(),
        }
    }
}

impl Count {
    const fn of(kind: &'static Kind) -> Self {
        Self {
            kind,
            shown: 0,
            asked: None,
            count: None,
            at: None,
            problem: None,
        }
    }
}

impl Counts {
    /// A kind is shown: its place.
    fn show(&mut self, kind: &'static Kind, now: u64) -> usize {
        let mut kinds = self.kinds.iter();
        let known = kinds.position(|count| count.kind.resource == kind.resource);
        let place = known.unwrap_or_else(|| {
            self.kinds.push(Count::of(kind));
            self.kinds.len() - 1
        });
        let count = &mut self.kinds[place];
        (count.kind, count.shown) = (kind, now);
        place
    }

    /// The places of the kinds that are counted: those known by heart, and of the others the ones
    /// shown last.
    fn counted(&self) -> Vec<usize> {
        let mut others: Vec<usize> = (KINDS.len()..self.kinds.len()).collect();
        sort_by(&mut others, |a, b| {
            self.kinds[*b].shown.cmp(&self.kinds[*a].shown)
        });
        others.truncate(MOST_SHOWN);
        (0..KINDS.len()).chain(others).collect()
    }

    fn of(&self, kind: &Kind) -> Option<&Count> {
        let mut kinds = self.kinds.iter();
        kinds.find(|count| count.kind.resource == kind.resource)
    }

    /// The kind at a place.
    pub(super) fn kind(&self, place: usize) -> Option<&'static Kind> {
        self.kinds.get(place).map(|count| count.kind)
    }

    /// Ask again, however lately they were asked for.
    pub(super) fn forget(&mut self) {
        for kind in &mut self.kinds {
            kind.at = None;
        }
    }

    /// The requests were cancelled.
    pub(super) fn stop_waiting(&mut self) {
        for kind in &mut self.kinds {
            kind.asked = None;
        }
    }

    pub(super) fn failed(&mut self, kind: usize, why: &str, now: u64) {
        if let Some(kind) = self.kinds.get_mut(kind) {
            kind.asked = None;
            kind.at = Some(now);
            kind.problem = Some(why.to_owned());
        }
    }
}

impl Engine {
    /// Counts the kinds that no live scan counts.
    pub(super) fn count(&mut self) {
        for place in self.counts.counted() {
            self.count_one(place);
        }
    }

    /// A kind is shown, and counted from now on. One that is not known by heart is counted at
    /// once, unless all of it is read anyway.
    pub(super) fn count_shown(&mut self, plan: &Plan) {
        for part in &plan.parts {
            let place = self.counts.show(part.kind, self.clock.monotonic());
            let is_part = |spec: &ScanSpec| *spec != ScanSpec::all(part.kind);
            if part.kind.learned.is_some() && part.scans.iter().any(is_part) {
                self.count_one(place);
            }
        }
    }

    fn count_one(&mut self, place: usize) {
        let now = self.clock.monotonic();
        let Some(counted) = self.counts.kinds.get(place) else {
            return;
        };
        let kind = counted.kind;
        let recent = counted.at.is_some_and(|at| now < at + RECENT_MS);
        let waiting = counted.asked.is_some_and(|asked| now < asked + PATIENCE_MS);
        let live = self.whole(kind).is_some_and(|scan| self.is_live(scan));
        if waiting || recent || live || self.paused.is_some() {
            return;
        }
        self.counts.kinds[place].asked = Some(now);
        self.requests.ask(
            Owner::Count(place),
            Request::get(count::path(&kind.resource.collection(None)), count::ACCEPT),
        );
    }

    pub(super) fn counted(&mut self, index: usize, head: &Head, body: &[u8]) {
        let now = self.clock.monotonic();
        if !head.has_objects() {
            let why = if head.status == 403 {
                "forbidden"
            } else {
                "no answer"
            };
            self.counts.failed(index, why, now);
        } else if let Some(count) = self.counts.kinds.get_mut(index) {
            (count.asked, count.at) = (None, Some(now));
            count.count = count::read(body);
            count.problem = count.count.is_none().then(|| "not counted".to_owned());
        }
        self.page.dirty.kinds = true;
        self.page.dirty.cluster = true;
    }

    /// A scan that has a kind whole.
    fn whole(&self, kind: &'static Kind) -> Option<&Scan> {
        let id = self.covering(&[ScanSpec::all(kind)])?;
        self.scans.get(id).map(|kept| &kept.scan)
    }

    fn is_live(&self, scan: &Scan) -> bool {
        scan.standing(self.clock.monotonic()) == Standing::Live
    }

    /// How many objects of a kind there are, if that is known.
    pub(super) fn known_count(&self, kind: &'static Kind) -> Option<u64> {
        let scanned = self.whole(kind).map(|scan| scan.store.len() as u64);
        scanned.or_else(|| self.counts.of(kind)?.count)
    }

    /// The sidebar: the kinds known by heart, and of the others those that were shown and those
    /// that somebody added to the API.
    pub(super) fn kind_counts(&self) -> Vec<KindCount> {
        let is_listed = |kind: &&'static Kind| {
            kind.learned.is_none() || kind.is_custom() || self.counts.of(kind).is_some()
        };
        let kinds = self.known.catalog.kinds().filter(is_listed);
        let mut kinds: Vec<&'static Kind> = kinds.collect();
        // Of one heading they come together; the headings known by heart come first.
        let category = |kind: &Kind| {
            let mut known = KINDS.iter();
            let place = known.position(|known| known.category == kind.category);
            (place.unwrap_or(KINDS.len()), kind.category)
        };
        sort_by(&mut kinds, |a, b| category(a).cmp(&category(b)));
        kinds
            .into_iter()
            .map(|kind| self.kind_count(kind))
            .collect()
    }

    /// What a scan says of a kind, unless it has stopped and a count is younger.
    fn kind_count(&self, kind: &'static Kind) -> KindCount {
        let now = self.clock.monotonic();
        let never = Count::of(kind);
        let counted = self.counts.of(kind).unwrap_or(&never);
        let scan = self.whole(kind).filter(|scan| {
            self.is_live(scan) || counted.count.is_none() || scan.contact() > counted.at
        });
        let live = scan.is_some_and(|scan| self.is_live(scan));
        let (count, at) = scan.map_or((counted.count, counted.at), |scan| {
            (Some(scan.store.len() as u64), scan.contact())
        });
        let age = at.filter(|_| !live && count.is_some());
        KindCount {
            plural: kind.name().to_owned(),
            title: kind.title.to_owned(),
            category: kind.category.to_owned(),
            folded: kind.is_custom() && self.counts.of(kind).is_none(),
            count,
            // Warnings among events are news, not failures.
            failed: scan
                .filter(|_| kind.resource.plural != "events")
                .map(failed),
            live,
            age: age.map_or_else(String::new, |at| {
                human_duration(i64::try_from(now.saturating_sub(at)).unwrap_or(i64::MAX))
            }),
            problem: counted.problem.clone().filter(|_| !live),
        }
    }
}

/// Objects that somebody should look at.
fn failed(scan: &Scan) -> u64 {
    let failed = scan.store.entries().filter(|(_, entry)| {
        matches!(entry.mark(), Mark::Failed | Mark::Degraded) && entry.is_broken()
    });
    failed.count() as u64
}
