//! The objects of one scan: whole bytes and the row read out of them, in slots that are used
//! again, found by namespace and name. Of two objects of one name the later is the one that
//! exists: a name is used again only when the one before is gone.

use std::collections::HashMap;
use std::sync::Arc;

use crate::resource::row::Interner;
use crate::resource::{Kind, Row};
use crate::value::{Object, ObjectRef};

/// A place in the store. Stays the same as long as the object lives; used again afterwards.
pub type Slot = u32;

/// One object.
#[derive(Debug)]
pub struct Entry {
    /// The object, whole.
    pub object: Object,
    /// Its fields.
    pub row: Row,
}

/// The objects of one scan.
#[derive(Debug, Default)]
pub struct Store {
    slots: Vec<Option<Entry>>,
    free: Vec<Slot>,
    by_name: HashMap<(Arc<str>, Arc<str>), Slot>,
    /// Slots whose content changed since [`Store::take_changes`].
    changed: Vec<Slot>,
}

impl Store {
    /// Puts an object in, in place of its earlier state. What has no name is no object.
    pub fn put(
        &mut self,
        kind: &Kind,
        object: ObjectRef<'_>,
        texts: &mut Interner,
    ) -> Option<Slot> {
        let object = object.to_object();
        let row = Row::read(kind, object.as_ref(), texts);
        if row.name.is_empty() {
            return None;
        }
        let slot = self.slot_of(&row);
        self.slots[slot as usize] = Some(Entry { object, row });
        self.changed.push(slot);
        Some(slot)
    }

    fn slot_of(&mut self, row: &Row) -> Slot {
        let name = (Arc::clone(&row.namespace), Arc::clone(&row.name));
        *self.by_name.entry(name).or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.slots.push(None);
                Slot::try_from(self.slots.len() - 1).unwrap_or(Slot::MAX)
            })
        })
    }

    /// Takes out an object, given its last state; another one of its name stays.
    pub fn remove(&mut self, kind: &Kind, object: ObjectRef<'_>, texts: &mut Interner) {
        let row = Row::read(kind, object, texts);
        let slot = self.by_name.get(&(row.namespace, row.name)).copied();
        let is_it = |entry: &Entry| entry.row.uid == row.uid;
        if let Some(slot) = slot.filter(|slot| self.get(*slot).is_some_and(is_it)) {
            self.clear(slot);
        }
    }

    /// Takes out every object that is not in `kept`.
    pub fn retain(&mut self, kept: impl Fn(Slot) -> bool) {
        let gone: Vec<Slot> = self
            .by_name
            .values()
            .copied()
            .filter(|slot| !kept(*slot))
            .collect();
        for slot in gone {
            self.clear(slot);
        }
    }

    fn clear(&mut self, slot: Slot) {
        if let Some(entry) = self.slots.get_mut(slot as usize).and_then(Option::take) {
            self.by_name.remove(&(entry.row.namespace, entry.row.name));
            self.free.push(slot);
            self.changed.push(slot);
        }
    }

    /// The object in a slot, if it still lives.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Entry> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// The object of a name.
    #[must_use]
    pub fn named(&self, namespace: &str, name: &str) -> Option<&Entry> {
        let name = (Arc::from(namespace), Arc::from(name));
        self.get(*self.by_name.get(&name)?)
    }

    /// All objects with their slots, in no order.
    pub fn entries(&self) -> impl Iterator<Item = (Slot, &Entry)> {
        self.slots
            .iter()
            .zip(0..)
            .filter_map(|(entry, slot)| Some((slot, entry.as_ref()?)))
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The slots whose content changed since the last call.
    pub fn take_changes(&mut self) -> Vec<Slot> {
        std::mem::take(&mut self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_memory_stays_flat() {
        let kind = Kind::named("pods").expect("pods are known");
        let (mut store, mut texts) = (Store::default(), Interner::default());
        let pod = |uid: usize| {
            format!(r#"{{"metadata":{{"uid":"u{uid}","name":"p{uid}"}}}}"#).into_bytes()
        };
        for uid in 0..1000 {
            store.put(kind, ObjectRef::new(&pod(uid)), &mut texts);
            store.put(kind, ObjectRef::new(&pod(uid)), &mut texts);
            if uid >= 10 {
                store.remove(kind, ObjectRef::new(&pod(uid - 10)), &mut texts);
            }
        }
        assert_eq!(store.len(), 10);
        assert!(store.slots.len() <= 11);
        store.retain(|_| false);
        assert!(store.is_empty() && store.entries().next().is_none());
    }

    #[test]
    fn a_name_has_one_object() {
        let kind = Kind::named("pods").expect("pods are known");
        let (mut store, mut texts) = (Store::default(), Interner::default());
        let pod =
            |uid: &str| format!(r#"{{"metadata":{{"uid":"{uid}","name":"p"}}}}"#).into_bytes();
        store.put(kind, ObjectRef::new(&pod("old")), &mut texts);
        store.put(kind, ObjectRef::new(&pod("new")), &mut texts);
        store.remove(kind, ObjectRef::new(&pod("old")), &mut texts);
        let uid = store.named("", "p").map(|entry| &*entry.row.uid);
        assert_eq!((store.len(), uid), (1, Some("new")));
        store.remove(kind, ObjectRef::new(&pod("new")), &mut texts);
        assert!(store.is_empty());
        for odd in ["", "1", "null", "[]", r#"{"metadata":{"uid":"u"}}"#] {
            assert_eq!(
                store.put(kind, ObjectRef::new(odd.as_bytes()), &mut texts),
                None,
                "{odd}"
            );
        }
    }
}
