//! Chance, by a seed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below another.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Each of these or not.
    pub(crate) fn some(&mut self, from: &[&'static str]) -> Vec<&'static str> {
        let from = from.iter().copied();
        from.filter(|_| self.one_in(2)).collect()
    }

    pub(crate) fn maybe<'a>(&mut self, from: &[&'a str]) -> Option<&'a str> {
        (!self.one_in(4)).then(|| self.pick(from))
    }

    /// One to so many of these, joined by commas.
    pub(crate) fn list(&mut self, from: &[&str], most: usize) -> String {
        let count = 1 + self.below(most);
        let values: Vec<&str> = (0..count).map(|_| self.pick(from)).collect();
        values.join(",")
    }
}
