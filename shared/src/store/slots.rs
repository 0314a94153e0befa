//! Some slots of a store.

use super::Slot;

/// A set of slots, a bit for each.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    bits: Vec<u32>,
    length: usize,
}

impl Slots {
    const BITS: u32 = u32::BITS;

    /// Puts one in.
    pub fn insert(&mut self, slot: Slot) {
        let (at, bit) = ((slot / Self::BITS) as usize, 1 << (slot % Self::BITS));
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        self.length += usize::from(self.bits[at] & bit == 0);
        self.bits[at] |= bit;
    }

    /// Takes one out.
    pub fn remove(&mut self, slot: Slot) {
        if self.contains(slot) {
            self.bits[(slot / Self::BITS) as usize] &= !(1 << (slot % Self::BITS));
            self.length -= 1;
        }
    }

    /// Whether one is in it.
    #[must_use]
    pub fn contains(&self, slot: Slot) -> bool {
        let bits = self.bits.get((slot / Self::BITS) as usize);
        bits.is_some_and(|bits| bits >> (slot % Self::BITS) & 1 == 1)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    proptest::proptest! {
        #[test]
        fn as_the_library_has_it(changes in proptest::collection::vec((0u32..100, proptest::bool::ANY), 0..100)) {
            let (mut slots, mut expected) = (Slots::default(), BTreeSet::new());
            for (slot, is_in) in changes {
                if is_in {
                    slots.insert(slot);
                    expected.insert(slot);
                } else {
                    slots.remove(slot);
                    expected.remove(&slot);
                }
                let found: BTreeSet<Slot> = (0..200).filter(|slot| slots.contains(*slot)).collect();
                proptest::prop_assert_eq!(slots.len(), found.len());
                proptest::prop_assert_eq!(&found, &expected);
            }
        }
    }
}
