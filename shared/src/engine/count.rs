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

/// A count is not asked for again within this time.
const RECENT_MS: u64 = 5000;

/// The counts last heard of, one per kind.
#[derive(Debug, Default)]
pub(super) struct Counts {
    kinds: [Count; KINDS.len()],
}

#[derive(Debug, Default)]
struct Count {
    waiting: bool,
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
            kind.waiting = false;
        }
    }

    pub(super) fn failed(&mut self, kind: usize, why: &str, now: u64) {
        if let Some(kind) = self.kinds.get_mut(kind) {
            kind.waiting = false;
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
            let recent = self.counts.kinds[index]
                .at
                .is_some_and(|at| now < at + RECENT_MS);
            if self.counts.kinds[index].waiting || recent || self.live_count(index).is_some() {
                continue;
            }
            self.counts.kinds[index].waiting = true;
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
        if !head.is_json() {
            let why = if head.status == 403 {
                "forbidden"
            } else {
                "no answer"
            };
            self.counts.failed(index, why, now);
        } else if let Some(count) = self.counts.kinds.get_mut(index) {
            let list = Value::json(body);
            let more = list
                .at(&["metadata", "remainingItemCount"])
                .integer()
                .unwrap_or_default();
            let shown = list.get("items").items().count() as u64;
            *count = Count {
                waiting: false,
                count: Some(shown + u64::try_from(more).unwrap_or_default()),
                at: Some(now),
                problem: None,
            };
        }
        self.page.dirty.kinds = true;
        self.page.dirty.cluster = true;
    }

    /// Count and failures of a kind that a live scan has whole.
    fn live_count(&self, index: usize) -> Option<(u64, u64)> {
        let id = self.covering(&[ScanSpec::all(KINDS[index])])?;
        let store = &self.scans.get(&id)?.scan.store;
        let failed = store
            .entries()
            .filter(|(_, entry)| {
                matches!(entry.row.mark, Mark::Failed | Mark::Degraded) && entry.row.broken
            })
            .count();
        Some((store.len() as u64, failed as u64))
    }

    /// How many objects of the kind at a place in the list there are, if that is known.
    pub(super) fn known_count(&self, index: usize) -> Option<u64> {
        self.live_count(index)
            .map(|(count, _)| count)
            .or(self.counts.kinds[index].count)
    }

    /// The sidebar.
    pub(super) fn kind_counts(&self) -> Vec<KindCount> {
        let now = self.clock.monotonic();
        let describe = |(index, kind): (usize, &'static crate::resource::Kind)| {
            let live = self.live_count(index);
            let counted = &self.counts.kinds[index];
            let age = counted
                .at
                .filter(|_| live.is_none() && counted.count.is_some());
            KindCount {
                plural: kind.resource.plural.to_owned(),
                title: kind.title.to_owned(),
                category: kind.category.to_owned(),
                count: live.map(|(count, _)| count).or(counted.count),
                // Warnings among events are news, not failures.
                failed: live
                    .map(|(_, failed)| failed)
                    .filter(|_| kind.resource.plural != "events"),
                live: live.is_some(),
                age: age.map_or_else(String::new, |at| {
                    human_duration(i64::try_from(now.saturating_sub(at)).unwrap_or(i64::MAX))
                }),
                problem: counted.problem.clone().filter(|_| live.is_none()),
            }
        };
        KINDS.into_iter().enumerate().map(describe).collect()
    }
}
