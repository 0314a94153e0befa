//! Labels of rows. Many objects carry the same ones, so each set is kept once.

use hashbrown::HashTable;

use super::texts::{TextId, Texts};
use crate::value::Value;

/// The number of a set of labels. None has number 0.
pub(super) type LabelsId = u32;

/// Sets of labels, each kept once and counted.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// The set of number 1 is the first.
    sets: Vec<Set>,
    free: Vec<LabelsId>,
    ids: HashTable<LabelsId>,
}

#[derive(Debug, Default)]
struct Set {
    pairs: Box<[(TextId, TextId)]>,
    hash: u64,
    holders: u32,
}

impl Labels {
    /// The number of the labels in a map, held once more.
    pub(super) fn hold(&mut self, labels: Value<'_>, texts: &mut Texts) -> LabelsId {
        if labels.bytes().is_empty() {
            return 0;
        }
        // Found by their bytes, and looked at then: objects of one owner have them alike.
        let hash = texts.hash(labels.bytes());
        let is_it = |id: &LabelsId| self.is(*id, hash, labels, texts);
        if let Some(id) = self.ids.find(hash, is_it).copied() {
            if let Some(set) = self.set_mut(id) {
                set.holders += 1;
            }
            return id;
        }
        let pairs = labels.entries().map(|(key, value)| {
            let value = value.text_or_empty();
            (texts.hold(key.as_bytes()), texts.hold(value.as_bytes()))
        });
        let set = Set {
            pairs: pairs.collect(),
            hash,
            holders: 1,
        };
        let id = match self.free.pop() {
            Some(id) => {
                if let Some(free) = self.set_mut(id) {
                    *free = set;
                }
                id
            }
            None => {
                self.sets.push(set);
                self.sets.len() as LabelsId
            }
        };
        let sets = &self.sets;
        self.ids.insert_unique(hash, id, |id| hash_of(sets, *id));
        id
    }

    fn is(&self, id: LabelsId, hash: u64, labels: Value<'_>, texts: &Texts) -> bool {
        let set = set(&self.sets, id).filter(|set| set.hash == hash);
        set.is_some_and(|set| {
            let pairs = set.pairs.iter();
            labels.is_map_of(pairs.map(|(key, value)| (texts.get(*key), texts.get(*value))))
        })
    }

    fn set_mut(&mut self, id: LabelsId) -> Option<&mut Set> {
        self.sets.get_mut((id as usize).checked_sub(1)?)
    }

    /// Lets go of a set once.
    pub(super) fn release(&mut self, id: LabelsId, texts: &mut Texts) {
        let Some(set) = self.set_mut(id) else {
            return;
        };
        set.holders = set.holders.saturating_sub(1);
        if set.holders > 0 {
            return;
        }
        let set = std::mem::take(set);
        if let Ok(entry) = self.ids.find_entry(set.hash, |other| *other == id) {
            entry.remove();
            self.free.push(id);
        }
        for (key, value) in set.pairs {
            texts.release(key);
            texts.release(value);
        }
    }

    /// The pairs of a set.
    pub(super) fn get(&self, id: LabelsId) -> &[(TextId, TextId)] {
        set(&self.sets, id).map_or(&[], |set| &set.pairs)
    }

    /// Bytes taken.
    pub(super) fn bytes(&self) -> usize {
        let pairs: usize = self.sets.iter().map(|set| size_of_val(&*set.pairs)).sum();
        pairs
            + self.sets.capacity() * size_of::<Set>()
            + self.free.capacity() * size_of::<LabelsId>()
            + self.ids.allocation_size()
    }
}

fn set(sets: &[Set], id: LabelsId) -> Option<&Set> {
    sets.get((id as usize).checked_sub(1)?)
}

fn hash_of(sets: &[Set], id: LabelsId) -> u64 {
    set(sets, id).map_or(0, |set| set.hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_sets_are_one_and_go_with_the_last_holder() {
        let (mut labels, mut texts) = (Labels::default(), Texts::default());
        let mut hold = |texts: &mut Texts, json: &str| {
            let id = labels.hold(Value::json(json.as_bytes()), texts);
            (id, labels.get(id).len())
        };
        let one = r#"{"app":"web","tier":"back"}"#;
        assert_eq!(hold(&mut texts, one), (1, 2));
        assert_eq!(hold(&mut texts, one), (1, 2));
        assert_eq!(hold(&mut texts, r#"{"app":"web"}"#), (2, 1));
        assert_eq!(hold(&mut texts, ""), (0, 0));
        labels.release(1, &mut texts);
        assert!(texts.find("back").is_some());
        labels.release(1, &mut texts);
        assert_eq!((texts.find("back"), labels.get(1).len()), (None, 0));
        assert!(texts.find("web").is_some());
        let again = labels.hold(Value::json(one.as_bytes()), &mut texts);
        assert_eq!((again, labels.get(1).len()), (1, 2));
    }
}
