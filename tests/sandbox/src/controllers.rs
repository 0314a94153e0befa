//! What makes a cluster of the objects: deployments make replica sets, those make pods, pods get a node and run,
//! services find them. All of it happens in `run`, one round at a time, so that a test can say when.
//!
//! A round costs what has changed, however large the cluster: changes are read from the store's history, work that is
//! due later waits in `timers`, and `index` answers what would otherwise need a search.

mod deployment;
mod endpoints;
mod events;
mod garbage;
mod index;
mod kubelet;
mod lively;
mod namespace;
mod replica_set;
mod scheduler;

pub(crate) use deployment::template_hash;

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::fmt::Arguments;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::object::Object;
use crate::registry::Registry;
use crate::resource::{
    DEPLOYMENTS, ENDPOINT_SLICES, NAMESPACES, NODES, PODS, REPLICA_SETS, Resource, SERVICES,
};
use crate::store::{Change, ChangeKind, KeyRange, News, Store};
use events::EventRecorder;
use index::Index;
use kubelet::Kubelet;
use lively::Happenings;

/// All controllers of a cluster.
#[derive(Debug)]
pub(crate) struct Controllers {
    registry: Arc<Registry>,
    store: Arc<Store>,
    cursor: u64,
    index: Index,
    queue: BTreeSet<Work>,
    timers: BinaryHeap<Reverse<(SystemTime, Work)>>,
    unschedulable: BTreeSet<String>,
    kubelet: Kubelet,
    events: EventRecorder,
    happenings: Option<Happenings>,
}

/// An object to look at, by key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    Namespace(String),
    Deployment(String),
    ReplicaSet(String),
    Pod(String),
    Service(String),
}

/// What the controllers follow. Order matters: owners before what they own.
const FOLLOWED: [&Resource; 7] = [
    &NAMESPACES,
    &NODES,
    &DEPLOYMENTS,
    &REPLICA_SETS,
    &PODS,
    &SERVICES,
    &ENDPOINT_SLICES,
];

impl Controllers {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        Self {
            store: registry.store.clone(),
            cursor: registry.store.revision(),
            registry: registry.clone(),
            index: Index::default(),
            queue: BTreeSet::new(),
            timers: BinaryHeap::new(),
            unschedulable: BTreeSet::new(),
            kubelet: Kubelet::default(),
            events: EventRecorder::new(registry),
            happenings: None,
        }
    }

    /// From now on things happen by themselves.
    pub(crate) fn enliven(&mut self, seed: u64) {
        self.happenings = Some(Happenings::new(seed));
    }

    /// Forgets what would have happened next: a world that stands still until somebody writes.
    pub(crate) fn freeze(&mut self) {
        self.timers.clear();
    }

    /// Indexes objects that were stored without being followed. They need no work.
    pub(crate) fn adopt(&mut self, resource: &Resource, range: &KeyRange) {
        for object in self.store.all(resource, range) {
            self.index.add(resource, &object);
        }
    }

    /// Skips the changes up to now: `adopt` has taken them in, or nothing follows from them.
    pub(crate) fn skip_to_now(&mut self) {
        self.cursor = self.store.revision();
    }

    /// The revision up to which changes were seen.
    #[cfg(test)]
    pub(crate) fn reached(&self) -> u64 {
        self.cursor
    }

    /// One round: everything that is due now, and what follows from it at once.
    pub(crate) fn run(&mut self) {
        // A deployment's first rollout takes a handful; a loop among controllers shall not hang the server.
        const MOST_ROUNDS: usize = 64;
        let now = self.registry.clock.now();
        if let Some(mut happenings) = self.happenings.take() {
            guarded(format_args!("a happening"), || happenings.happen(self, now));
            self.happenings = Some(happenings);
        }
        for _ in 0..MOST_ROUNDS {
            self.observe();
            self.take_due(now);
            if self.queue.is_empty() {
                break;
            }
            for work in std::mem::take(&mut self.queue) {
                guarded(format_args!("{work:?}"), || self.sync(&work, now));
            }
        }
        self.events.expire(now);
    }

    /// When the next thing is due, if nobody writes.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.timers.peek().map(|Reverse((due, _))| *due)
    }

    fn sync(&mut self, work: &Work, now: SystemTime) {
        match work {
            Work::Namespace(key) => self.sync_namespace(key, now),
            Work::Deployment(key) => self.sync_deployment(key, now),
            Work::ReplicaSet(key) => self.sync_replica_set(key),
            Work::Pod(key) => self.sync_pod(key, now),
            Work::Service(key) => self.sync_service(key),
        }
    }

    fn later(&mut self, due: SystemTime, work: Work) {
        self.timers.push(Reverse((due, work)));
    }

    fn after(&mut self, delay: Duration, work: Work) {
        let due = self.registry.clock.now() + delay;
        self.later(due, work);
    }

    fn take_due(&mut self, now: SystemTime) {
        while self
            .timers
            .peek()
            .is_some_and(|Reverse((due, _))| *due <= now)
            && let Some(Reverse((_, work))) = self.timers.pop()
        {
            self.queue.insert(work);
        }
    }

    fn observe(&mut self) {
        let (reached, news) = self.store.news(&FOLLOWED, self.cursor);
        self.cursor = reached;
        for (resource, news) in FOLLOWED.into_iter().zip(news) {
            match news {
                News::Changes(changes) => {
                    for change in changes {
                        let what = format_args!("{} {}", resource.kind, change.object.key);
                        guarded(what, || self.follow(resource, &change));
                    }
                }
                News::Everything(objects) => self.look_at_everything(resource, &objects),
            }
        }
    }

    /// More was written at once than the history holds.
    fn look_at_everything(&mut self, resource: &'static Resource, objects: &[Arc<Object>]) {
        self.index.forget(resource);
        for object in objects {
            self.index.add(resource, object);
            self.enqueue(resource, &object.key);
        }
    }

    fn follow(&mut self, resource: &'static Resource, change: &Change) {
        if let Some(before) = &change.before {
            self.index.remove(resource, before);
        }
        if change.kind == ChangeKind::Deleted {
            self.collect_garbage(resource, &change.object);
        } else {
            self.index.add(resource, &change.object);
        }
        self.enqueue(resource, &change.object.key);
        self.enqueue_dependents(resource, change);
    }

    fn enqueue(&mut self, resource: &Resource, key: &str) {
        let key = key.to_owned();
        let work = match resource.index {
            index if index == NAMESPACES.index => Work::Namespace(key),
            index if index == DEPLOYMENTS.index => Work::Deployment(key),
            index if index == REPLICA_SETS.index => Work::ReplicaSet(key),
            index if index == PODS.index => Work::Pod(key),
            index if index == SERVICES.index => Work::Service(key),
            _ => return,
        };
        self.queue.insert(work);
    }

    /// Owners look at what they own; services at the pods they select; waiting pods at any room that appears.
    fn enqueue_dependents(&mut self, resource: &Resource, change: &Change) {
        let versions = || change.before.iter().chain([&change.object]);
        for object in versions() {
            for owner in index::owners(object) {
                match owner.kind.as_str() {
                    "Deployment" => self.enqueue(
                        &DEPLOYMENTS,
                        &format!("{}/{}", object.namespace(), owner.name),
                    ),
                    "ReplicaSet" => self.enqueue(
                        &REPLICA_SETS,
                        &format!("{}/{}", object.namespace(), owner.name),
                    ),
                    _ => {}
                }
            }
        }
        if resource.index == PODS.index {
            let services: Vec<String> = versions()
                .flat_map(|pod| self.index.services_of(pod))
                .collect();
            self.queue.extend(services.into_iter().map(Work::Service));
        }
        if resource.index == NODES.index
            || (resource.index == PODS.index && change.kind == ChangeKind::Deleted)
        {
            let waiting = std::mem::take(&mut self.unschedulable);
            self.queue.extend(waiting.into_iter().map(Work::Pod));
        }
    }

    fn value(&self, resource: &Resource, key: &str) -> Option<Value> {
        self.store.get(resource, key).map(|object| object.value())
    }
}

/// Runs a piece of work that may panic over one odd object; the work on all others goes on.
///
/// What it leaves half done is looked at again with the object's next change.
fn guarded(what: Arguments<'_>, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        // Where nobody reads the errors, this one is lost like any other.
        let _ = writeln!(
            std::io::stderr(),
            "controllers: {what} was given up after a panic"
        );
    }
}

/// The owner reference that makes `owner` the controller of an object.
fn controlled_by(resource: &Resource, owner: &Value) -> Value {
    serde_json::json!({
        "apiVersion": resource.api_version(),
        "kind": resource.kind,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn has_condition(object: &Value, kind: &str) -> bool {
    items(&object["status"]["conditions"])
        .iter()
        .any(|one| one["type"] == kind && one["status"] == "True")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_one_piece_of_work() {
        let mut done = Vec::new();
        for work in ["one", "odd", "other"] {
            guarded(format_args!("{work}"), || {
                assert_ne!(work, "odd", "a panic that is meant");
                done.push(work);
            });
        }
        assert_eq!(done, ["one", "other"]);
    }
}
