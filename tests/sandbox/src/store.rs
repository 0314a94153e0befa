//! All objects, by resource and key, with a bounded history of changes.
//!
//! At every moment: revisions only grow; every change has one of its own; a resource's history holds all its changes
//! after `compacted`. So a list can be answered as of any revision not older than that, and a watch can go on from it.
//! The store knows nothing of what objects mean: see `registry` for the rules of writing.

pub(crate) mod continue_token;
mod snapshot;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;
use tokio::sync::watch;

use crate::object::Object;
use crate::resource::{RESOURCES, Resource};

/// The store. Share it by `Arc`.
#[derive(Debug)]
pub(crate) struct Store {
    inner: RwLock<Inner>,
    latest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    revision: u64,
    tables: Vec<Table>,
    /// Names of definitions, in the order of their tables behind those of [`RESOURCES`].
    defined: Vec<String>,
    /// What was made of them, whatever they say by now.
    custom: Vec<&'static Resource>,
}

#[derive(Debug, Default)]
struct Table {
    objects: BTreeMap<Box<str>, Arc<Object>>,
    history: VecDeque<Arc<Change>>,
    history_limit: usize,
    /// The newest revision whose change is no longer in the history.
    compacted: u64,
}

/// What happened to one object.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) revision: u64,
    pub(crate) kind: ChangeKind,
    /// The object after the change; for a deletion, as it was, with the revision of the deletion.
    pub(crate) object: Arc<Object>,
    pub(crate) before: Option<Arc<Object>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangeKind {
    Added,
    Modified,
    Deleted,
}

/// The revision asked for is no longer in the history.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compacted {
    /// The oldest revision that would do.
    pub(crate) oldest: u64,
}

/// What became of one resource after a revision.
#[derive(Debug)]
pub(crate) enum News {
    /// Oldest first.
    Changes(Vec<Arc<Change>>),
    /// The history is too short: all objects as they are.
    Everything(Vec<Arc<Object>>),
}

/// A part of the key space: everything, one namespace, or what follows a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyRange {
    /// Only keys that begin so: "" or "namespace/".
    pub(crate) prefix: String,
    /// Only keys from here on.
    pub(crate) start: Option<String>,
}

impl KeyRange {
    pub(crate) fn namespace(resource: &Resource, namespace: Option<&str>) -> Self {
        let prefix = match namespace {
            Some(namespace) if resource.namespaced => format!("{namespace}/"),
            _ => String::new(),
        };
        Self {
            prefix,
            start: None,
        }
    }

    fn contains(&self, key: &str) -> bool {
        key.starts_with(&self.prefix) && self.start.as_deref().is_none_or(|start| key >= start)
    }

    fn lower(&self) -> &str {
        self.start
            .as_deref()
            .filter(|start| *start > self.prefix.as_str())
            .unwrap_or(&self.prefix)
    }
}

/// What one visit of a list found.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) revision: u64,
    pub(crate) objects: Vec<Arc<Object>>,
    /// The key to go on from, if the limit cut the list.
    pub(crate) next: Option<String>,
    /// How many objects of the range follow, matching or not.
    pub(crate) remaining: usize,
}

impl Store {
    /// An empty store that keeps `history_limit` changes of each resource.
    pub(crate) fn new(history_limit: usize) -> Self {
        let table = || Table {
            history_limit,
            ..Table::default()
        };
        let tables = RESOURCES.iter().map(|_| table()).collect();
        Self {
            inner: RwLock::new(Inner {
                revision: 1,
                tables,
                defined: Vec::new(),
                custom: Vec::new(),
            }),
            latest: watch::Sender::new(1),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Inner> {
        // A panic of a writer leaves the maps usable: each write is one insert and one push.
        self.inner.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Inner> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn revision(&self) -> u64 {
        self.read().revision
    }

    /// Tells of every new revision.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// A resource that was made of a definition, or is made of it now: its table is the definition's, in every version.
    pub(crate) fn custom_resource(
        &self,
        definition: &str,
        is_it: impl Fn(&Resource) -> bool,
        make: impl FnOnce(usize) -> Resource,
    ) -> &'static Resource {
        let mut inner = self.write();
        let place = inner.defined.iter().position(|name| name == definition);
        let place = place.unwrap_or_else(|| {
            let history_limit = inner.tables.first().map_or(0, |table| table.history_limit);
            inner.defined.push(definition.to_owned());
            inner.tables.push(Table {
                history_limit,
                ..Table::default()
            });
            inner.defined.len() - 1
        });
        let index = RESOURCES.len() + place;
        let mut made = inner.custom.iter();
        if let Some(made) = made.find(|made| made.index == index && is_it(made)) {
            return made;
        }
        let made: &'static Resource = Box::leak(Box::new(make(index)));
        inner.custom.push(made);
        made
    }

    pub(crate) fn get(&self, resource: &Resource, key: &str) -> Option<Arc<Object>> {
        self.read().tables[resource.index].objects.get(key).cloned()
    }

    pub(crate) fn count(&self, resource: &Resource) -> usize {
        self.read().tables[resource.index].objects.len()
    }

    /// Everything of a range now; for the sandbox's own controllers.
    pub(crate) fn all(&self, resource: &Resource, range: &KeyRange) -> Vec<Arc<Object>> {
        let inner = self.read();
        inner.tables[resource.index].range(range).cloned().collect()
    }

    /// At most `limit` matching objects of a range, in key order, as of `at` or of now.
    pub(crate) fn page(
        &self,
        resource: &Resource,
        range: &KeyRange,
        at: Option<u64>,
        limit: Option<usize>,
        matches: impl Fn(&Object) -> bool,
    ) -> Result<Page, Compacted> {
        let inner = self.read();
        let table = &inner.tables[resource.index];
        let revision = at.unwrap_or(inner.revision);
        let mut page = Page {
            revision,
            objects: Vec::new(),
            next: None,
            remaining: 0,
        };
        for object in table.at(revision, range)? {
            if page.next.is_some() {
                page.remaining += 1;
            } else if matches(object) {
                if limit.is_some_and(|limit| page.objects.len() >= limit) {
                    page.next = page.objects.last().map(|last| format!("{}\0", last.key));
                    page.remaining += 1;
                } else {
                    page.objects.push(object.clone());
                }
            }
        }
        Ok(page)
    }

    /// The changes after a revision, oldest first, and the revision up to which they reach.
    pub(crate) fn changes(
        &self,
        resource: &Resource,
        after: u64,
    ) -> Result<(u64, Vec<Arc<Change>>), Compacted> {
        let inner = self.read();
        let changes = inner.tables[resource.index].changes(after)?;
        Ok((inner.revision, changes))
    }

    /// What became of some resources after a revision, and the revision up to which that reaches: one for all of them,
    /// since nothing is written between reading the first and the last.
    pub(crate) fn news(&self, resources: &[&Resource], after: u64) -> (u64, Vec<News>) {
        let inner = self.read();
        let news = resources.iter().map(|resource| {
            let table = &inner.tables[resource.index];
            match table.changes(after) {
                Ok(changes) => News::Changes(changes),
                Err(_) => News::Everything(table.objects.values().cloned().collect()),
            }
        });
        (inner.revision, news.collect())
    }

    /// Inserts, replaces or removes one object under the lock: `decide` sees it as it is.
    ///
    /// Answers what `decide` answered, with the object as it now is (or last was).
    pub(crate) fn change<E>(
        &self,
        resource: &Resource,
        key: &str,
        decide: impl FnOnce(Option<&Arc<Object>>) -> Result<Decision, E>,
    ) -> Result<Option<Arc<Object>>, E> {
        let mut inner = self.write();
        let before = inner.tables[resource.index].objects.get(key).cloned();
        let decision = decide(before.as_ref())?;
        let (kind, object) = match decision {
            Decision::Keep => return Ok(before),
            Decision::Put(mut value) => {
                let revision = inner.revision + 1;
                value["metadata"]["resourceVersion"] = revision.to_string().into();
                let kind = if before.is_some() {
                    ChangeKind::Modified
                } else {
                    ChangeKind::Added
                };
                (kind, Object::new(resource, revision, &value))
            }
            Decision::Remove => {
                let Some(before) = &before else {
                    return Ok(None);
                };
                (
                    ChangeKind::Deleted,
                    before.at_revision(resource, inner.revision + 1),
                )
            }
        };
        let object = Arc::new(object);
        inner.revision = object.revision;
        let change = Change {
            revision: object.revision,
            kind,
            object: object.clone(),
            before,
        };
        inner.tables[resource.index].apply(Arc::new(change));
        drop(inner);
        self.latest.send_replace(object.revision);
        Ok(Some(object))
    }

    /// Forgets the history, as etcd's compaction does: older revisions and page tokens are gone.
    pub(crate) fn compact(&self) {
        let mut inner = self.write();
        let revision = inner.revision;
        for table in &mut inner.tables {
            table.history.clear();
            table.compacted = revision;
        }
    }
}

/// What to do with an object after having looked at it.
pub(crate) enum Decision {
    Keep,
    Put(Value),
    Remove,
}

impl Table {
    fn changes(&self, after: u64) -> Result<Vec<Arc<Change>>, Compacted> {
        if after < self.compacted {
            return Err(Compacted {
                oldest: self.compacted,
            });
        }
        let start = self
            .history
            .partition_point(|change| change.revision <= after);
        Ok(self.history.range(start..).cloned().collect())
    }

    fn apply(&mut self, change: Arc<Change>) {
        match change.kind {
            ChangeKind::Added | ChangeKind::Modified => {
                self.objects
                    .insert(change.object.key.clone(), change.object.clone());
            }
            ChangeKind::Deleted => {
                self.objects.remove(&change.object.key);
            }
        }
        self.history.push_back(change);
        if self.history.len() > self.history_limit
            && let Some(oldest) = self.history.pop_front()
        {
            self.compacted = oldest.revision;
        }
    }

    fn range<'a>(&'a self, range: &'a KeyRange) -> impl Iterator<Item = &'a Arc<Object>> {
        let bounds = (Bound::Included(range.lower()), Bound::Unbounded);
        self.objects
            .range::<str, _>(bounds)
            .map(|(_, object)| object)
            .take_while(|object| range.contains(&object.key))
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use serde_json::json;

    use super::*;
    use crate::resource::{CONFIG_MAPS, SECRETS};

    const BOTH: [&Resource; 2] = [&CONFIG_MAPS, &SECRETS];

    fn put(store: &Store, resource: &Resource) {
        let value = json!({ "metadata": { "name": "one", "namespace": "a" } });
        let done = store.change(resource, "a/one", |_| {
            Ok::<_, Infallible>(Decision::Put(value))
        });
        assert!(done.is_ok());
    }

    #[test]
    fn news_of_several_resources_lack_nothing_while_they_are_written() {
        const WRITES: u64 = 2_000;
        let store = Store::new(8192);
        let mut seen = Vec::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for number in 0..WRITES {
                    put(&store, BOTH[usize::from(number % 2 == 0)]);
                }
            });
            let mut cursor = 1;
            while cursor <= WRITES {
                let (reached, news) = store.news(&BOTH, cursor);
                cursor = reached;
                for news in news {
                    let News::Changes(changes) = news else {
                        panic!("the history is long enough");
                    };
                    seen.extend(changes.iter().map(|change| change.revision));
                }
            }
        });
        seen.sort_unstable();
        assert_eq!(seen, (2..=WRITES + 1).collect::<Vec<_>>());
    }

    #[test]
    fn news_beyond_the_history_are_everything() {
        let store = Store::new(1);
        for _ in 0..3 {
            put(&store, &SECRETS);
        }
        put(&store, &CONFIG_MAPS);
        let (reached, news) = store.news(&BOTH, 1);
        assert_eq!(reached, 5);
        assert!(matches!(&news[0], News::Changes(changes) if changes.len() == 1));
        assert!(matches!(&news[1], News::Everything(objects) if objects.len() == 1));
    }
}
