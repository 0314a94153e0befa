//! The bytes of objects, one behind the other in blocks: nothing is allocated for each of them,
//! nothing is moved because there are more, and where many are gone, the others move together.

use std::ops::Range;

use crate::sort::sort_by;
use crate::value::{Encoding, ObjectRef};

/// Where an object is. Without length there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) block: u32,
    pub(super) start: u32,
    pub(super) length: u32,
    /// Which of the encodings it has.
    pub(super) encoding: u32,
}

/// How many bits of a word the length takes. No object has so many bytes, and no store so many encodings as the others
/// can tell.
const LENGTH_BITS: u32 = 28;

impl Place {
    /// In words.
    pub(super) const fn pack(self) -> [u32; 3] {
        [
            self.block,
            self.start,
            self.encoding << LENGTH_BITS | self.length,
        ]
    }

    /// What it was before.
    pub(super) const fn unpack([block, start, rest]: [u32; 3]) -> Self {
        Self {
            block,
            start,
            length: rest & ((1 << LENGTH_BITS) - 1),
            encoding: rest >> LENGTH_BITS,
        }
    }

    pub(super) const fn is_taken(self) -> bool {
        self.length > 0
    }

    const fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

/// The bytes of objects.
#[derive(Debug, Default)]
pub(super) struct Objects {
    blocks: Vec<Block>,
    /// The block that is being filled.
    open: usize,
    /// A store has one, or two when its server became another.
    encodings: Vec<Encoding>,
    /// Bytes of objects, and bytes in blocks that are no longer any object's.
    held: usize,
    dead: usize,
}

/// Blocks whose objects are to move.
#[derive(Debug)]
pub(super) struct Littered(Vec<bool>);

impl Littered {
    /// The objects in them, block by block, so that each is free before the next one is emptied.
    pub(super) fn objects<T: Copy>(
        &self,
        places: impl Iterator<Item = (T, Place)>,
    ) -> Vec<(T, Place)> {
        let is_there = |(_, place): &(T, Place)| {
            place.is_taken() && self.0.get(place.block as usize) == Some(&true)
        };
        let mut objects = places.filter(is_there).collect();
        sort_by(&mut objects, |(_, one), (_, other)| {
            one.block.cmp(&other.block)
        });
        objects
    }
}

#[derive(Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    dead: usize,
}

impl Objects {
    /// The size of a block: a little less than whole pages, so that what the allocator adds does
    /// not take one more. What is not much smaller has a block of its own.
    const BLOCK: usize = (1 << 18) - (1 << 10);
    /// The most bytes of an object that are kept: far more than an API server takes.
    pub(super) const LONGEST: usize = (1 << LENGTH_BITS) - 1;
    /// The size of the first; the next ones are twice as large each. Most stores are small.
    const LEAST: usize = 1 << 10;

    /// Bytes of objects.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// Bytes taken beside those of objects.
    pub(super) fn bytes_beside(&self) -> usize {
        let blocks = self.blocks.iter().map(|block| block.bytes.capacity());
        let blocks: usize = blocks.sum();
        blocks + self.blocks.capacity() * size_of::<Block>() - self.held
    }

    /// The object at a place.
    pub(super) fn get(&self, place: Place) -> ObjectRef<'_> {
        let encoding = self.encodings.get(place.encoding as usize);
        let read = |encoding: &Encoding| encoding.read(self.bytes(place));
        encoding.map_or(ObjectRef::NOTHING, read)
    }

    /// The bytes of the object at a place.
    pub(super) fn bytes(&self, place: Place) -> &[u8] {
        let block = self.blocks.get(place.block as usize);
        let bytes = block.and_then(|block| block.bytes.get(place.range()));
        bytes.unwrap_or_default()
    }

    /// Keeps an object.
    pub(super) fn put(&mut self, bytes: &[u8], encoding: Encoding) -> Place {
        let known = self.encodings.iter().position(|known| *known == encoding);
        let encoding = known.unwrap_or_else(|| {
            self.encodings.push(encoding);
            self.encodings.len() - 1
        });
        let bytes = bytes.get(..Self::LONGEST).unwrap_or(bytes);
        self.held += bytes.len();
        self.append(bytes, encoding as u32)
    }

    fn append(&mut self, bytes: &[u8], encoding: u32) -> Place {
        let at = self.with_room_for(bytes.len());
        let block = &mut self.blocks[at];
        let start = block.bytes.len() as u32;
        block.bytes.extend_from_slice(bytes);
        Place {
            block: at as u32,
            start,
            length: bytes.len() as u32,
            encoding,
        }
    }

    /// A block that has room for so many bytes.
    fn with_room_for(&mut self, length: usize) -> usize {
        if let Some(Block { bytes, .. }) = self.blocks.get(self.open)
            && bytes.len() + length <= bytes.capacity()
        {
            return self.open;
        }
        let is_large = length > Self::BLOCK / 8;
        let capacity = match self.blocks.len() {
            _ if is_large => length,
            few @ 0..8 => (Self::LEAST << few).max(length),
            _ => Self::BLOCK,
        };
        let block = Block {
            bytes: Vec::with_capacity(capacity),
            ..Block::default()
        };
        let free = self
            .blocks
            .iter()
            .position(|block| block.bytes.capacity() == 0);
        let at = free.unwrap_or(self.blocks.len());
        match self.blocks.get_mut(at) {
            Some(free) => *free = block,
            None => self.blocks.push(block),
        }
        if !is_large {
            self.open = at;
        }
        at
    }

    /// Lets go of an object.
    pub(super) fn release(&mut self, place: Place) {
        let length = place.length as usize;
        let Some(block) = self.blocks.get_mut(place.block as usize) else {
            return;
        };
        block.dead += length;
        self.dead += length;
        self.held -= length;
        if block.dead == block.bytes.len() {
            self.dead -= block.dead;
            *block = Block::default();
        }
    }

    /// Where much is dead, the blocks that have most of it: when the objects that are still there have moved, block
    /// by block, they are free. Whose they are is not kept, so all places are looked through for them: they are
    /// some of the blocks at once, and it happens seldom.
    pub(super) fn littered(&mut self) -> Option<Littered> {
        if self.dead <= Self::BLOCK + self.held / 8 {
            return None;
        }
        let mut littered = Littered(vec![false; self.blocks.len()]);
        let blocks = self.blocks.iter().enumerate();
        let blocks = blocks.filter(|(_, block)| block.dead > 0);
        let mut blocks: Vec<_> = blocks.map(|(at, block)| (block.dead, at)).collect();
        sort_by(&mut blocks, |one, other| other.cmp(one));
        for (_, at) in blocks.into_iter().take(1 + self.blocks.len() / 8) {
            littered.0[at] = true;
            if at == self.open {
                self.open = usize::MAX;
            }
        }
        Some(littered)
    }

    /// Moves an object to where there is room.
    pub(super) fn relocate(&mut self, place: Place) -> Place {
        let bytes = self.bytes(place).to_vec();
        let moved = self.append(&bytes, place.encoding);
        self.held += bytes.len();
        self.release(place);
        moved
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// Moves what is to be moved; gives how often places were looked through for that.
    fn tidy(objects: &mut Objects, places: &mut HashMap<u32, Place>) -> usize {
        let mut times = 0;
        while let Some(littered) = objects.littered() {
            times += 1;
            let all = places.iter().map(|(slot, place)| (*slot, *place));
            for (slot, place) in littered.objects(all) {
                places.insert(slot, objects.relocate(place));
            }
        }
        times
    }

    #[test]
    fn places_are_looked_through_seldom_however_many_objects_go() {
        let mut objects = Objects::default();
        let mut places = HashMap::new();
        for slot in 0..20_000 {
            places.insert(slot, objects.put(&[0; 4000], Encoding::Json));
        }
        let (stay, go) = places.into_iter().partition(|(slot, _)| slot % 10 == 0);
        places = stay;
        for place in HashMap::into_values(go) {
            objects.release(place);
        }
        let times = tidy(&mut objects, &mut places);
        assert!(
            times < 20,
            "{times} times for {} blocks",
            objects.blocks.len()
        );
        // Each of them makes room for a good part of what is there, so that one is worth many changes.
        let mut times = 0;
        for slot in (0..20_000).step_by(10) {
            objects.release(places[&slot]);
            places.insert(slot, objects.put(&[1; 4000], Encoding::Json));
            times += tidy(&mut objects, &mut places);
        }
        assert!(times < 100, "{times} times for 2000 changes");
    }

    proptest! {
        /// Whatever comes and goes: each object is what was put in, and little is taken beside.
        #[test]
        fn objects_stay_what_they_are(
            changes in prop::collection::vec((0u32..60, prop::option::weighted(0.9, 1usize..30_000)), 0..300),
        ) {
            let mut objects = Objects::default();
            let mut places: HashMap<u32, Place> = HashMap::new();
            let content = |slot: u32, length: usize| vec![slot as u8 ^ length as u8; length];
            for (slot, length) in changes {
                objects.release(places.remove(&slot).unwrap_or_default());
                if let Some(length) = length {
                    let place = objects.put(&content(slot, length), Encoding::Json);
                    places.insert(slot, place);
                }
                tidy(&mut objects, &mut places);
                for (slot, place) in &places {
                    let expected = content(*slot, place.length as usize);
                    prop_assert!(objects.bytes(*place) == expected, "slot {}", slot);
                }
                let held: usize = places.values().map(|place| place.length as usize).sum();
                prop_assert_eq!(objects.held(), held);
                let most = held / 4 + 4 * Objects::BLOCK + 64 * objects.blocks.len();
                prop_assert!(objects.bytes_beside() <= most, "{} beside {held}", objects.bytes_beside());
            }
        }
    }
}
