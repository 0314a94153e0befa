//! Sorting, once for all types. The library's own sort is made anew for each type and order, and
//! each of them costs the page some 4 KB; here only the comparison is.

use std::cmp::Ordering;

/// Sorts; equal items stay in their order.
pub(crate) fn sort_by<T>(items: &mut Vec<T>, mut compare: impl FnMut(&T, &T) -> Ordering) {
    let order = order(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|index| taken[index].take()));
}

/// The first so many in order, without putting the others in order, and whether there are others.
pub(crate) fn first_by<T>(
    items: impl Iterator<Item = T>,
    most: usize,
    mut compare: impl FnMut(&T, &T) -> Ordering,
) -> (Vec<T>, bool) {
    let mut kept: Vec<T> = Vec::new();
    let mut left_out = false;
    for item in items {
        // Once there are enough in order, the last of them is in the way of most.
        let last = most.checked_sub(1).filter(|_| left_out);
        if last.is_some_and(|last| compare(&item, &kept[last]).is_ge()) {
            continue;
        }
        kept.push(item);
        if kept.len() > most.saturating_mul(2) {
            left_out |= shorten(&mut kept, most, &mut compare);
        }
    }
    left_out |= shorten(&mut kept, most, &mut compare);
    (kept, left_out)
}

/// Keeps the first so many in order; true if there were more.
fn shorten<T>(
    items: &mut Vec<T>,
    most: usize,
    compare: &mut dyn FnMut(&T, &T) -> Ordering,
) -> bool {
    sort_by(items, compare);
    let is_more = items.len() > most;
    items.truncate(most);
    is_more
}

/// Sorts by the items' own order.
pub(crate) fn sort<T: Ord>(items: &mut Vec<T>) {
    sort_by(items, Ord::cmp);
}

/// The places of so many items in the order of a comparison.
fn order(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_unstable_by(|&a, &b| compare(a, b).then(a.cmp(&b)));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_the_library_sorts(mut items in prop::collection::vec((0u8..4, any::<u8>()), 0..40)) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            super::sort_by(&mut items, |(a, _), (b, _)| a.cmp(b));
            prop_assert_eq!(items, expected);
        }

        #[test]
        fn the_first_are_the_beginning_of_all(items in prop::collection::vec((0u8..9, any::<u8>()), 0..60), most in 0usize..9) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            expected.truncate(most);
            let others = items.len() > most;
            let found = super::first_by(items.into_iter(), most, |(a, _), (b, _)| a.cmp(b));
            prop_assert_eq!(found, (expected, others));
        }
    }
}
