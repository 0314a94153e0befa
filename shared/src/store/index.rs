//! Which objects carry a label, belong to an owner, or say something in a column, without looking
//! at all of them. Made when first asked for, kept true from then on.

use std::collections::HashMap;

use super::Slot;
use super::rows::Rows;
use super::texts::TextId;
use crate::value::Value;

/// What objects are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A label: key and value.
    Label(TextId, TextId),
    /// The shared text of a column.
    Text(usize, TextId),
    /// The hash of an owner's uid.
    Owner(u64),
    /// The hash of its own uid.
    Uid(u64),
}

/// Slots by keys, in order.
#[derive(Debug, Default)]
pub(super) struct Index {
    slots: HashMap<Key, Vec<Slot>>,
}

impl Index {
    pub(super) fn of(rows: &Rows) -> Self {
        let mut index = Self::default();
        for slot in rows.slots().filter(|slot| rows.is_taken(*slot)) {
            index.add(rows, slot);
        }
        index
    }

    pub(super) fn add(&mut self, rows: &Rows, slot: Slot) {
        for key in keys(rows, slot) {
            let slots = self.slots.entry(key).or_default();
            if let Err(at) = slots.binary_search(&slot) {
                slots.insert(at, slot);
            }
        }
    }

    pub(super) fn remove(&mut self, rows: &Rows, slot: Slot) {
        for key in keys(rows, slot) {
            let Some(slots) = self.slots.get_mut(&key) else {
                continue;
            };
            if let Ok(at) = slots.binary_search(&slot) {
                slots.remove(at);
            }
            if slots.is_empty() {
                self.slots.remove(&key);
            }
        }
    }

    pub(super) fn get(&self, key: Key) -> &[Slot] {
        self.slots.get(&key).map_or(&[], |slots| slots)
    }
}

/// The keys of an object: its labels, owners and uid, and its columns that are looked up.
fn keys(rows: &Rows, slot: Slot) -> Vec<Key> {
    let labels = rows.label_ids(slot).iter();
    let mut keys: Vec<Key> = labels
        .map(|(key, value)| Key::Label(*key, *value))
        .collect();
    for name in ["ns", "node"] {
        let column = rows.kind.column(name);
        keys.extend(column.and_then(|column| Some(Key::Text(column, rows.text_id(slot, column)?))));
    }
    let metadata = rows.object(slot).metadata;
    let hash = |value: Value<'_>| rows.texts.hash(value.get("uid").text_or_empty().as_bytes());
    let owners = metadata.get("ownerReferences").items();
    keys.extend(owners.map(|owner| Key::Owner(hash(owner))));
    keys.push(Key::Uid(hash(metadata)));
    keys
}
