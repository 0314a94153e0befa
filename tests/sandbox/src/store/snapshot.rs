//! A resource as it was at an earlier revision: the objects of now, with the history undone.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Compacted, KeyRange, Table};
use crate::object::Object;

impl Table {
    /// The objects of a range at a revision, in key order.
    pub(super) fn at<'a>(
        &'a self,
        revision: u64,
        range: &'a KeyRange,
    ) -> Result<impl Iterator<Item = &'a Arc<Object>>, Compacted> {
        if revision < self.compacted {
            return Err(Compacted {
                oldest: self.compacted,
            });
        }
        let mut then = self.changed_since(revision, range).into_iter().peekable();
        let mut now = self.range(range).peekable();
        let merged = std::iter::from_fn(move || {
            loop {
                let order = match (now.peek(), then.peek()) {
                    (None, None) => return None,
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (Some(now), Some((key, _))) => (*now.key).cmp(key),
                };
                if order == Ordering::Less {
                    return now.next();
                }
                if order == Ordering::Equal {
                    now.next();
                }
                if let Some((_, Some(object))) = then.next() {
                    return Some(object);
                }
            }
        });
        Ok(merged)
    }

    /// For each key changed since, what stood there at the revision.
    fn changed_since(
        &self,
        revision: u64,
        range: &KeyRange,
    ) -> BTreeMap<&str, Option<&Arc<Object>>> {
        let mut then = BTreeMap::new();
        for change in self
            .history
            .iter()
            .rev()
            .take_while(|change| change.revision > revision)
        {
            if range.contains(&change.object.key) {
                // Older changes come later here, and the oldest one knows best what was before.
                then.insert(&*change.object.key, change.before.as_ref());
            }
        }
        then
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use expect_test::{Expect, expect};
    use serde_json::json;

    use crate::resource::CONFIG_MAPS;
    use crate::store::{Decision, KeyRange, Store};

    fn put(store: &Store, name: &str) {
        let value = json!({ "metadata": { "name": name, "namespace": "a" } });
        let done = store.change(&CONFIG_MAPS, &format!("a/{name}"), |_| {
            Ok::<_, Infallible>(Decision::Put(value))
        });
        assert!(done.is_ok());
    }

    fn remove(store: &Store, name: &str) {
        let done = store.change(&CONFIG_MAPS, &format!("a/{name}"), |_| {
            Ok::<_, Infallible>(Decision::Remove)
        });
        assert!(done.is_ok());
    }

    fn check(history: usize, at: u64, expected: Expect) {
        let store = Store::new(history);
        for name in ["one", "two", "three"] {
            put(&store, name);
        }
        remove(&store, "two");
        put(&store, "one");
        put(&store, "four");
        let text = match store.page(&CONFIG_MAPS, &KeyRange::default(), Some(at), None, |_| true) {
            Err(compacted) => format!("{compacted:?}"),
            Ok(page) => {
                let objects = page
                    .objects
                    .iter()
                    .map(|object| format!("{}@{}", object.name(), object.revision));
                objects.collect::<Vec<_>>().join(" ")
            }
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn every_revision_can_be_listed() {
        check(100, 1, expect![""]);
        check(100, 2, expect!["one@2"]);
        check(100, 3, expect!["one@2 two@3"]);
        check(100, 4, expect!["one@2 three@4 two@3"]);
        check(100, 5, expect!["one@2 three@4"]);
        check(100, 6, expect!["one@6 three@4"]);
        check(100, 7, expect!["four@7 one@6 three@4"]);
    }

    #[test]
    fn what_left_the_history_cannot() {
        check(2, 5, expect!["one@2 three@4"]);
        check(2, 4, expect!["Compacted { oldest: 5 }"]);
    }
}
