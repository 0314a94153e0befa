//! How many objects of each kind there are, for the sidebar: from a live scan where one has them
//! all, else asked of the API server, which answers `limit=1` with how many more there are.

use super::message::KindCount;
use super::requests::Owner;
use super::{Engine, Head, Request};
use crate::api::time::human_duration;
use crate::api::with_parameters;
use crate::plan::ScanSpec;
use crate::resource::{KINDS, Mark};
use crate::value::Value;
use crate::watch::{Scan, Standing};

/// A count is not asked for again within this time.
const RECENT_MS: u64 = 5000;
/// An answer that takes longer is not waited for.
const PATIENCE_MS: u64 = 60_000;

/// The counts last heard of, one per kind.
#[derive(Debug, Default)]
pub(super) struct Counts {
    kinds: [Count; KINDS.len()],
}

#[derive(Debug, Default)]
struct Count {
    /// Since when an answer is waited for (monotonic).
    asked: Option<u64>,
    count: Option<u64>,
    /// When it was counted, or tried to (monotonic).
    at: Option<u64>,
    problem: Option<String>,
}

impl Counts {
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
        if self.paused.is_some() {
            return;
        }
        let now = self.clock.monotonic();
        for (index, kind) in KINDS.into_iter().enumerate() {
            let counted = &self.counts.kinds[index];
            let recent = counted.at.is_some_and(|at| now < at + RECENT_MS);
            let waiting = counted.asked.is_some_and(|asked| now < asked + PATIENCE_MS);
            let live = self.whole(index).is_some_and(|scan| self.is_live(scan));
            if waiting || recent || live {
                continue;
            }
            self.counts.kinds[index].asked = Some(now);
            self.requests.ask(
                Owner::Count(index),
                Request {
                    method: "GET",
                    path: with_parameters(&kind.resource.collection(None), &[("limit", "1")]),
                    // The metadata of one object is the least that says how many more there are.
                    accept: "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json",
                    body: None,
                    streams: false,
                },
            );
        }
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
            let list = Value::json(body);
            let metadata = list.get("metadata");
            let more = metadata.get("remainingItemCount").integer();
            let is_whole = metadata.get("continue").text_or_empty().is_empty();
            let shown = list.get("items").items().count() as u64;
            // A server that does not say how many more there are has not said how many there are.
            let known = more.or_else(|| is_whole.then_some(0));
            *count = Count {
                asked: None,
                count: known.map(|more| shown + u64::try_from(more).unwrap_or_default()),
                at: Some(now),
                problem: known.is_none().then(|| "not counted".to_owned()),
            };
        }
        self.page.dirty.kinds = true;
        self.page.dirty.cluster = true;
    }

    /// A scan that has the kind at a place in the list whole.
    fn whole(&self, index: usize) -> Option<&Scan> {
        let id = self.covering(&[ScanSpec::all(KINDS[index])])?;
        self.scans.get(&id).map(|kept| &kept.scan)
    }

    fn is_live(&self, scan: &Scan) -> bool {
        scan.standing(self.clock.monotonic()) == Standing::Live
    }

    /// How many objects of the kind at a place in the list there are, if that is known.
    pub(super) fn known_count(&self, index: usize) -> Option<u64> {
        let scanned = self.whole(index).map(|scan| scan.store.len() as u64);
        scanned.or(self.counts.kinds[index].count)
    }

    /// The sidebar: what a scan says, unless it has stopped and a count is younger.
    pub(super) fn kind_counts(&self) -> Vec<KindCount> {
        let now = self.clock.monotonic();
        let describe = |(index, kind): (usize, &'static crate::resource::Kind)| {
            let counted = &self.counts.kinds[index];
            let scan = self.whole(index).filter(|scan| {
                self.is_live(scan) || counted.count.is_none() || scan.contact() > counted.at
            });
            let live = scan.is_some_and(|scan| self.is_live(scan));
            let (count, at) = scan.map_or((counted.count, counted.at), |scan| {
                (Some(scan.store.len() as u64), scan.contact())
            });
            let age = at.filter(|_| !live && count.is_some());
            KindCount {
                plural: kind.resource.plural.to_owned(),
                title: kind.title.to_owned(),
                category: kind.category.to_owned(),
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
        };
        KINDS.into_iter().enumerate().map(describe).collect()
    }
}

/// Objects that somebody should look at.
fn failed(scan: &Scan) -> u64 {
    let failed = scan.store.entries().filter(|(_, entry)| {
        matches!(entry.mark(), Mark::Failed | Mark::Degraded) && entry.is_broken()
    });
    failed.count() as u64
}
