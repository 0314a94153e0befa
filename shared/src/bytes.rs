//! Short texts compared and hashed eight bytes at a time. What the standard library has for that
//! goes byte by byte in WASM, or is made to withstand more than the names of a cluster.

use std::hash::{BuildHasher, RandomState};

/// Whether two are the same.
#[inline(always)]
#[must_use]
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (parts, _) = one.as_chunks::<8>();
    let (other_parts, _) = other.as_chunks();
    for (part, other) in parts.iter().zip(other_parts) {
        if part != other {
            return false;
        }
    }
    end(one) == end(other)
}

/// The last eight bytes of a text, some of which were looked at before; of a shorter one all of them.
#[inline(always)]
fn end(bytes: &[u8]) -> u64 {
    if let [.., a, b, c, d, e, f, g, h] = bytes {
        return u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
    }
    if let ([a, b, c, d, ..], [.., e, f, g, h]) = (bytes, bytes) {
        return u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
    }
    match bytes {
        [] => 0,
        [first, rest @ ..] => {
            let last = rest.last().unwrap_or(first);
            let middle = bytes.get(bytes.len() / 2).unwrap_or(first);
            u64::from(*first) << 16 | u64::from(*middle) << 8 | u64::from(*last)
        }
    }
}

/// What hashes differ by from one store to the next, so that nobody can choose texts that share one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0))
    }
}

impl Seed {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

    /// The hash of a text.
    #[inline]
    #[must_use]
    pub(crate) fn hash(self, bytes: &[u8]) -> u64 {
        let (parts, _) = bytes.as_chunks();
        let mut hash = self.0 ^ bytes.len() as u64;
        for part in parts {
            hash = Self::mix(hash, u64::from_le_bytes(*part));
        }
        hash = Self::mix(hash, end(bytes));
        // The product's low bits, by which tables find their places, know little of the high ones.
        hash ^ hash >> 32
    }

    /// The hash of two texts.
    #[inline]
    #[must_use]
    pub(crate) fn hash_pair(self, one: &[u8], other: &[u8]) -> u64 {
        self.after(one).hash(other)
    }

    /// What hashes of several texts differ by, of which this is one before the last.
    #[inline]
    #[must_use]
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        Self(self.hash(bytes))
    }

    const fn mix(hash: u64, part: u64) -> u64 {
        (hash.rotate_left(23) ^ part).wrapping_mul(Self::FACTOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_difference_is_seen() {
        let text = b"topology.kubernetes.io/zone=a";
        for end in 0..=text.len() {
            let one = &text[..end];
            let copy = one.to_vec();
            assert!(same(one, &copy), "{end}");
            assert!(
                !same(one, &text[..end.saturating_sub(1)]) || end == 0,
                "{end}"
            );
            for at in 0..end {
                let mut other = one.to_vec();
                other[at] ^= 1;
                assert!(!same(one, &other), "{end} {at}");
                let seed = Seed::default();
                assert_ne!(seed.hash(one), seed.hash(&other), "{seed:?} {end} {at}");
            }
        }
    }

    #[test]
    fn hashes_spread_over_all_bits() {
        let seed = Seed::default();
        for shift in [0, 57] {
            let mut places: Vec<u64> = (0..1000)
                .map(|number| seed.hash(format!("node-{number}").as_bytes()) >> shift & 127)
                .collect();
            places.sort_unstable();
            places.dedup();
            assert!(places.len() > 100, "{seed:?} {shift}: {}", places.len());
        }
    }
}
