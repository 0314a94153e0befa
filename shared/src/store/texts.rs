//! Texts of a store, each kept once: one buffer, and a number for each text that rows hold.

use std::borrow::Cow;
use std::ops::Range;

use hashbrown::HashTable;

use crate::bytes::{Seed, same};

/// A text's number. Numbers of texts that nobody holds any more are given again.
pub(super) type TextId = u32;

/// Texts, each kept once and counted.
#[derive(Debug, Default)]
pub(super) struct Texts {
    buffer: String,
    texts: Vec<Kept>,
    free: Vec<TextId>,
    ids: HashTable<TextId>,
    seed: Seed,
    /// Bytes of the buffer that belong to nobody.
    dead: usize,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    start: u32,
    length: u32,
    holders: u32,
}

impl Kept {
    const fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }
}

impl Texts {
    /// So many dead bytes are not worth a clean-up.
    const LITTER: usize = 1 << 16;

    /// The number of a text, held once more. Whether it is one is looked at when it is new; what is
    /// no UTF-8 has � in it.
    pub(super) fn hold(&mut self, text: &[u8]) -> TextId {
        let hash = self.hash(text);
        if let Some(id) = self.find_hashed(text, hash) {
            self.texts[id as usize].holders += 1;
            return id;
        }
        let text = match String::from_utf8_lossy(text) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => return self.hold(text.as_bytes()),
        };
        let kept = Kept {
            start: number(self.buffer.len()),
            length: number(text.len()),
            holders: 1,
        };
        self.buffer.push_str(text);
        let id = match self.free.pop() {
            Some(id) => {
                self.texts[id as usize] = kept;
                id
            }
            None => {
                self.texts.push(kept);
                number(self.texts.len() - 1)
            }
        };
        let (buffer, texts, seed) = (&self.buffer, &self.texts, self.seed);
        self.ids.insert_unique(hash, id, |id| {
            seed.hash(slice(buffer, texts[*id as usize]).as_bytes())
        });
        id
    }

    /// Holds the text of a number once more, if it is this one.
    pub(super) fn hold_again(&mut self, id: TextId, text: &[u8]) -> bool {
        let is_it = self.is(id, text);
        if let Some(kept) = self.texts.get_mut(id as usize) {
            kept.holders += u32::from(is_it);
        }
        is_it
    }

    /// Lets go of a text once.
    pub(super) fn release(&mut self, id: TextId) {
        let Some(kept) = self.texts.get_mut(id as usize) else {
            return;
        };
        kept.holders = kept.holders.saturating_sub(1);
        if kept.holders > 0 {
            return;
        }
        let hash = self.seed.hash(slice(&self.buffer, *kept).as_bytes());
        self.dead += kept.length as usize;
        if let Ok(entry) = self.ids.find_entry(hash, |other| *other == id) {
            entry.remove();
            self.free.push(id);
        }
        if self.dead > Self::LITTER && self.dead > self.buffer.len() / 2 {
            self.clean();
        }
    }

    /// Closes the gaps of the buffer.
    fn clean(&mut self) {
        let old = std::mem::take(&mut self.buffer);
        self.buffer.reserve(old.len() - self.dead);
        for kept in self.texts.iter_mut().filter(|kept| kept.holders > 0) {
            let text = slice(&old, *kept);
            kept.start = number(self.buffer.len());
            self.buffer.push_str(text);
        }
        self.dead = 0;
    }

    /// The text of a number.
    pub(super) fn get(&self, id: TextId) -> &str {
        self.texts
            .get(id as usize)
            .map_or("", |kept| slice(&self.buffer, *kept))
    }

    /// Whether it is the number of a text.
    #[inline(always)]
    pub(super) fn is(&self, id: TextId, text: &[u8]) -> bool {
        let Some(kept) = self.texts.get(id as usize) else {
            return false;
        };
        match self.buffer.as_bytes().get(kept.range()) {
            Some(own) => same(own, text),
            None => false,
        }
    }

    /// The number of a text, if anybody holds it.
    pub(super) fn find(&self, text: &str) -> Option<TextId> {
        self.find_hashed(text.as_bytes(), self.hash(text.as_bytes()))
    }

    fn find_hashed(&self, text: &[u8], hash: u64) -> Option<TextId> {
        let is_it = |id: &TextId| self.is(*id, text);
        self.ids.find(hash, is_it).copied()
    }

    /// The hash of a text, the same for as long as this lives.
    pub(super) fn hash(&self, text: &[u8]) -> u64 {
        self.seed.hash(text)
    }

    /// The hash of two.
    pub(super) fn hash_pair(&self, one: &str, other: &str) -> u64 {
        self.seed.hash_pair(one.as_bytes(), other.as_bytes())
    }

    /// Bytes taken.
    pub(super) fn bytes(&self) -> usize {
        self.buffer.capacity()
            + self.texts.capacity() * size_of::<Kept>()
            + self.free.capacity() * size_of::<TextId>()
            + self.ids.allocation_size()
    }
}

fn slice(buffer: &str, kept: Kept) -> &str {
    buffer.get(kept.range()).unwrap_or_default()
}

/// No store has four thousand million texts, or as many bytes of them.
fn number(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one_and_go_with_the_last_holder() {
        let mut texts = Texts::default();
        let (a, b) = (texts.hold(b"a"), texts.hold(b"b"));
        assert_eq!((texts.hold(b"a"), texts.hold(b"")), (a, 2));
        texts.release(a);
        assert_eq!(texts.find("a"), Some(a));
        texts.release(a);
        assert_eq!((texts.find("a"), texts.get(b)), (None, "b"));
        assert_eq!(texts.hold(b"c"), a);
        assert_eq!((texts.get(a), texts.get(99)), ("c", ""));
    }

    #[test]
    fn what_is_no_text_is_made_one() {
        let mut texts = Texts::default();
        let odd = texts.hold(b"a\xff");
        assert_eq!(texts.hold(b"a\xff"), odd);
        assert_eq!(texts.get(odd), "a\u{fffd}");
        texts.release(odd);
        texts.release(odd);
        assert_eq!(texts.find("a\u{fffd}"), None);
    }

    #[test]
    fn the_buffer_does_not_grow_with_what_is_gone() {
        let mut texts = Texts::default();
        let stays = texts.hold(b"stays");
        for round in 0..200_000 {
            let id = texts.hold(format!("text number {round}").as_bytes());
            texts.release(id);
        }
        assert_eq!(texts.get(stays), "stays");
        assert!(texts.bytes() < 4 * Texts::LITTER, "{}", texts.bytes());
    }
}
