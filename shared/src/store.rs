//! The objects of one scan: whole bytes and the row read out of them, in slots that are used
//! again, found by uid.

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
    by_uid: HashMap<Arc<str>, Slot>,
    /// Slots whose content changed since [`Store::take_changes`].
    changed: Vec<Slot>,
}

impl Store {
    /// Puts an object in, in place of its earlier state.
    pub fn put(&mut self, kind: &Kind, json: &[u8], texts: &mut Interner) -> Slot {
        let object = Object::received(json);
        let row = Row::read(kind, object.as_ref(), texts);
        let slot = self.slot_of(&row.uid);
        self.slots[slot as usize] = Some(Entry { object, row });
        self.changed.push(slot);
        slot
    }

    fn slot_of(&mut self, uid: &Arc<str>) -> Slot {
        if let Some(slot) = self.by_uid.get(uid) {
            return *slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot::try_from(self.slots.len() - 1).unwrap_or(Slot::MAX)
        });
        self.by_uid.insert(Arc::clone(uid), slot);
        slot
    }

    /// Takes out an object, given its last state.
    pub fn remove(&mut self, kind: &Kind, json: &[u8], texts: &mut Interner) {
        let uid = Row::read(kind, ObjectRef::new(json), texts).uid;
        if let Some(slot) = self.by_uid.get(&uid) {
            self.clear(*slot);
        }
    }

    /// Takes out every object that is not in `kept`.
    pub fn retain(&mut self, kept: impl Fn(Slot) -> bool) {
        let gone: Vec<Slot> = self
            .by_uid
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
            self.by_uid.remove(&entry.row.uid);
            self.free.push(slot);
            self.changed.push(slot);
        }
    }

    /// The object in a slot, if it still lives.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Entry> {
        self.slots.get(slot as usize)?.as_ref()
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
        self.by_uid.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_uid.is_empty()
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
        let pod =
            |uid: usize| format!(r#"{{"metadata":{{"uid":"u{uid}","name":"p"}}}}"#).into_bytes();
        for uid in 0..1000 {
            store.put(kind, &pod(uid), &mut texts);
            store.put(kind, &pod(uid), &mut texts);
            if uid >= 10 {
                store.remove(kind, &pod(uid - 10), &mut texts);
            }
        }
        assert_eq!(store.len(), 10);
        assert!(store.slots.len() <= 11);
        store.retain(|_| false);
        assert!(store.is_empty() && store.entries().next().is_none());
    }
}
