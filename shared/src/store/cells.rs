//! Cells of rows, in words: those of a column stand together for some rows, and the columns of
//! these behind each other, so that more rows move nothing.

use super::Slot;

/// Words by slot and column.
#[derive(Debug, Default)]
pub(super) struct Cells {
    groups: Vec<Box<[u32]>>,
    columns: usize,
    rows: usize,
}

impl Cells {
    /// Rows of a group.
    const GROUP: usize = 64;

    /// No rows, of so many words each.
    pub(super) const fn new(columns: usize) -> Self {
        Self {
            groups: Vec::new(),
            columns,
            rows: 0,
        }
    }

    /// Rows.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    /// One more row, of zeros.
    pub(super) fn grow(&mut self) -> Option<Slot> {
        let slot = Slot::try_from(self.rows).ok()?;
        if self.rows == self.groups.len() * Self::GROUP {
            let group = vec![0; self.columns * Self::GROUP];
            self.groups.push(group.into_boxed_slice());
        }
        self.rows += 1;
        Some(slot)
    }

    /// A word; what is not there is 0.
    #[inline(always)]
    pub(super) fn get(&self, slot: Slot, column: usize) -> u32 {
        let slot = slot as usize;
        let group = self.groups.get(slot / Self::GROUP);
        let word = group.and_then(|group| group.get(column * Self::GROUP + slot % Self::GROUP));
        word.copied().unwrap_or_default()
    }

    /// Sets a word; gives the one before.
    #[inline(always)]
    pub(super) fn set(&mut self, slot: Slot, column: usize, word: u32) -> u32 {
        let slot = slot as usize;
        let Some(group) = self.groups.get_mut(slot / Self::GROUP) else {
            return 0;
        };
        match group.get_mut(column * Self::GROUP + slot % Self::GROUP) {
            Some(place) => std::mem::replace(place, word),
            None => 0,
        }
    }

    /// A number of two words.
    pub(super) fn number(&self, slot: Slot, column: usize) -> i64 {
        let (low, high) = (self.get(slot, column), self.get(slot, column + 1));
        (u64::from(high) << 32 | u64::from(low)) as i64
    }

    /// Sets a number of two words.
    pub(super) fn set_number(&mut self, slot: Slot, column: usize, number: i64) {
        self.set(slot, column, number as u32);
        self.set(slot, column + 1, (number as u64 >> 32) as u32);
    }

    /// Bytes taken.
    pub(super) fn bytes(&self) -> usize {
        let group = self.columns * Self::GROUP * size_of::<u32>();
        self.groups.len() * group + self.groups.capacity() * size_of::<Box<[u32]>>()
    }
}
