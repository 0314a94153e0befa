//! Which rows are on the screen, which to ask for, and which slot shows which.

use std::ops::Range;

/// Rows that are at least partly visible.
pub(crate) fn visible(top_px: f64, height_px: f64, row_px: f64, total: usize) -> Range<usize> {
    let first = (top_px.max(0.0) / row_px).floor() as usize;
    let end = ((top_px + height_px).max(0.0) / row_px).ceil() as usize;
    first.min(total)..end.clamp(first.min(total), total)
}

/// Slots enough for a screen, wherever it is scrolled to.
pub(crate) fn pool(height_px: f64, row_px: f64) -> usize {
    (height_px / row_px).ceil() as usize + 6
}

/// What to ask for when `shown` is on the screen: a screen more on both sides.
pub(crate) fn wanted(shown: &Range<usize>, pool: usize) -> Range<usize> {
    shown.start.saturating_sub(pool)..shown.start + 2 * pool
}

/// Whether what was asked for still holds the screen and half of one around it, so that
/// scrolling on does not meet unknown rows.
pub(crate) fn suffices(
    asked: &Range<usize>,
    shown: &Range<usize>,
    pool: usize,
    total: usize,
) -> bool {
    let start = shown.start.saturating_sub(pool / 2);
    let end = (shown.end + pool / 2).min(total);
    asked.start <= start && end <= asked.end
}

/// The row that slot `slot` of `pool` shows when `first` is the first row of the pool. Each
/// row keeps its slot for as long as it stays in the pool.
pub(crate) fn row_of_slot(slot: usize, first: usize, pool: usize) -> usize {
    first + (slot + pool - first % pool) % pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_in_rows() {
        assert_eq!(visible(0.0, 280.0, 28.0, 100), 0..10);
        assert_eq!(visible(14.0, 280.0, 28.0, 100), 0..11);
        assert_eq!(visible(2_700.0, 280.0, 28.0, 100), 96..100);
        assert_eq!(visible(9_999.0, 280.0, 28.0, 100), 100..100);
        assert_eq!(visible(-50.0, 280.0, 28.0, 5), 0..5);
        assert_eq!(visible(0.0, 0.0, 28.0, 0), 0..0);
    }

    #[test]
    fn asks_again_only_near_the_edge() {
        let asked = wanted(&(100..130), 36);
        assert_eq!(asked, 64..172);
        assert!(suffices(&asked, &(100..130), 36, 1000));
        assert!(suffices(&asked, &(118..148), 36, 1000));
        assert!(!suffices(&asked, &(140..170), 36, 1000));
        assert!(!suffices(&asked, &(70..100), 36, 1000));
        assert!(suffices(&wanted(&(0..30), 36), &(0..30), 36, 31));
    }

    #[test]
    fn a_row_keeps_its_slot() {
        for first in 0..50 {
            let mut rows: Vec<usize> = (0..7).map(|slot| row_of_slot(slot, first, 7)).collect();
            for (slot, row) in rows.iter().enumerate() {
                assert_eq!(row % 7, slot);
            }
            rows.sort_unstable();
            assert_eq!(rows, (first..first + 7).collect::<Vec<_>>());
        }
    }
}
