//! Labels of rows. Many objects carry the same ones, so each set is kept once.

use hashbrown::HashTable;

use super::texts::{TextId, Texts};
use crate::bytes::same;
use crate::value::Value;

/// The number of a set of labels. None has number 0.
pub(super) type LabelsId = u32;

/// Sets of labels, each kept once and counted.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// The set of number 1 is the first.
    sets: Vec<Set>,
    free: Vec<LabelsId>,
    groups: Vec<Group>,
    free_groups: Vec<usize>,
    /// The group that is being filled.
    open: usize,
    ids: HashTable<LabelsId>,
    /// The labels that were held last, as they lie in their object: those of the next one are often the same.
    last: Vec<u8>,
    last_id: LabelsId,
}

#[derive(Clone, Copy, Debug, Default)]
struct Set {
    group: u32,
    start: u32,
    length: u32,
    hash: u64,
    holders: u32,
}

/// The pairs of some sets, one behind the other: what is allocated for each set by itself takes
/// half as much again. Goes when none of them is left.
#[derive(Debug, Default)]
struct Group {
    pairs: Vec<(TextId, TextId)>,
    sets: usize,
}

impl Group {
    /// Pairs of a group, unless one set has more.
    const PAIRS: usize = 64;
}

impl Labels {
    /// The number of the labels in a map, held once more.
    pub(super) fn hold(&mut self, labels: Value<'_>, texts: &mut Texts) -> LabelsId {
        if labels.bytes().is_empty() {
            return 0;
        }
        if self.last_id > 0 && same(&self.last, labels.bytes()) {
            return self.hold_again(self.last_id);
        }
        let id = self.find_or_add(labels, texts);
        self.last.clear();
        self.last.extend_from_slice(labels.bytes());
        self.last_id = id;
        id
    }

    fn hold_again(&mut self, id: LabelsId) -> LabelsId {
        if let Some(set) = self.set_mut(id) {
            set.holders += 1;
        }
        id
    }

    fn find_or_add(&mut self, labels: Value<'_>, texts: &mut Texts) -> LabelsId {
        // Found by their bytes, and looked at then: objects of one owner have them alike.
        let hash = texts.hash(labels.bytes());
        let is_it = |id: &LabelsId| self.is(*id, hash, labels, texts);
        if let Some(id) = self.ids.find(hash, is_it).copied() {
            return self.hold_again(id);
        }
        let pairs = labels.entries().map(|(key, value)| {
            let value = value.text_or_empty();
            (texts.hold(key.as_bytes()), texts.hold(value.as_bytes()))
        });
        let pairs: Vec<_> = pairs.collect();
        let set = self.group(&pairs, hash);
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

    /// A set of these pairs, put into a group.
    fn group(&mut self, pairs: &[(TextId, TextId)], hash: u64) -> Set {
        let open = self.groups.get(self.open);
        let has_room = |group: &Group| group.pairs.len() + pairs.len() <= group.pairs.capacity();
        if !open.is_some_and(has_room) {
            self.open = self.free_groups.pop().unwrap_or_else(|| {
                self.groups.push(Group::default());
                self.groups.len() - 1
            });
            let capacity = pairs.len().max(Group::PAIRS);
            self.groups[self.open].pairs = Vec::with_capacity(capacity);
        }
        let group = &mut self.groups[self.open];
        let start = group.pairs.len() as u32;
        group.pairs.extend_from_slice(pairs);
        group.sets += 1;
        Set {
            group: self.open as u32,
            start,
            length: pairs.len() as u32,
            hash,
            holders: 1,
        }
    }

    fn is(&self, id: LabelsId, hash: u64, labels: Value<'_>, texts: &Texts) -> bool {
        let set = set(&self.sets, id).filter(|set| set.hash == hash);
        set.is_some_and(|set| {
            let pairs = self.pairs(set).iter();
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
        if set.holders != 1 {
            set.holders = set.holders.saturating_sub(1);
            return;
        }
        let set = *set;
        if self.last_id == id {
            self.last_id = 0;
        }
        if let Ok(entry) = self.ids.find_entry(set.hash, |other| *other == id) {
            entry.remove();
            self.free.push(id);
        }
        for (key, value) in self.pairs(&set) {
            texts.release(*key);
            texts.release(*value);
        }
        let at = set.group as usize;
        if let Some(group) = self.groups.get_mut(at) {
            group.sets -= 1;
            if group.sets == 0 {
                *group = Group::default();
                self.free_groups.push(at);
                if self.open == at {
                    self.open = usize::MAX;
                }
            }
        }
        if let Some(set) = self.set_mut(id) {
            *set = Set::default();
        }
    }

    fn pairs(&self, set: &Set) -> &[(TextId, TextId)] {
        let start = set.start as usize;
        let group = self.groups.get(set.group as usize);
        let pairs = group.and_then(|group| group.pairs.get(start..start + set.length as usize));
        pairs.unwrap_or_default()
    }

    /// The pairs of a set.
    pub(super) fn get(&self, id: LabelsId) -> &[(TextId, TextId)] {
        set(&self.sets, id).map_or(&[], |set| self.pairs(set))
    }

    /// Bytes taken.
    pub(super) fn bytes(&self) -> usize {
        let groups = self.groups.iter();
        let pairs: usize = groups.map(|group| group.pairs.capacity()).sum();
        pairs * size_of::<(TextId, TextId)>()
            + self.groups.capacity() * size_of::<Group>()
            + self.free_groups.capacity() * size_of::<usize>()
            + self.sets.capacity() * size_of::<Set>()
            + self.free.capacity() * size_of::<LabelsId>()
            + self.ids.allocation_size()
            + self.last.capacity()
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

    proptest::proptest! {
        /// Whatever comes and goes, each set is what was put in, and nothing is left of what is gone.
        #[test]
        fn sets_stay_what_they_are(
            changes in proptest::collection::vec((0usize..30, 0usize..20), 0..60),
        ) {
            let (mut labels, mut texts) = (Labels::default(), Texts::default());
            let mut held: Vec<(LabelsId, usize)> = Vec::new();
            for (number, at) in changes {
                if at < held.len() {
                    labels.release(held.swap_remove(at).0, &mut texts);
                }
                let pairs: Vec<_> = (0..number * 3).map(|at| format!(r#""{number}-{at}":"v""#)).collect();
                let json = format!("{{{}}}", pairs.join(","));
                held.push((labels.hold(Value::json(json.as_bytes()), &mut texts), number));
                for (id, number) in &held {
                    let pairs = labels.get(*id).iter();
                    let keys: Vec<_> = pairs.map(|(key, _)| texts.get(*key).to_owned()).collect();
                    let expected: Vec<_> = (0..number * 3).map(|at| format!("{number}-{at}")).collect();
                    proptest::prop_assert_eq!(keys, expected);
                }
            }
            for (id, _) in held {
                labels.release(id, &mut texts);
            }
            proptest::prop_assert_eq!((texts.find("v"), labels.ids.len()), (None, 0));
            proptest::prop_assert!(labels.groups.iter().all(|group| group.pairs.capacity() == 0));
        }
    }
}
