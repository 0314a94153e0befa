//! Rows as the table shows them, and which of their cells changed a moment ago.

use std::collections::HashMap;
use std::sync::Arc;

use k8kat::engine::message::{Cell, Row, Rows};

/// For how long a changed cell is shown as such.
pub(crate) const FRESH_MS: u64 = 2_400;

/// The rows that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ShownRows {
    /// Index of the first.
    pub(crate) first: usize,
    /// Rows of the whole answer.
    pub(crate) total: usize,
    pub(crate) rows: Vec<Arc<ShownRow>>,
}

/// A row with its fresh cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownRow {
    pub(crate) row: Row,
    pub(crate) fresh: Vec<Fresh>,
}

/// A cell that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fresh {
    /// Which.
    pub(crate) cell: usize,
    /// When.
    pub(crate) at_ms: u64,
    /// Turns with each change, so that the next one is seen as well.
    pub(crate) turn: bool,
}

impl ShownRows {
    /// The row with this index, if it is known.
    pub(crate) fn at(&self, index: usize) -> Option<&Arc<ShownRow>> {
        self.rows.get(index.checked_sub(self.first)?)
    }

    /// These rows after those that were shown; a row that did not change stays the same one.
    pub(crate) fn after(old: Option<&Self>, new: &Rows, now_ms: u64) -> Self {
        let old: HashMap<&str, &Arc<ShownRow>> = old
            .into_iter()
            .flat_map(|old| &old.rows)
            .map(|shown| (shown.row.uid.as_str(), shown))
            .collect();
        let shown = |row: &Row| match old.get(row.uid.as_str()) {
            Some(old) if old.row == *row => Arc::clone(old),
            Some(old) => Arc::new(ShownRow {
                fresh: fresh(old, row, now_ms),
                row: row.clone(),
            }),
            None => Arc::new(ShownRow {
                row: row.clone(),
                fresh: Vec::new(),
            }),
        };
        Self {
            first: new.first,
            total: new.total,
            rows: new.rows.iter().map(shown).collect(),
        }
    }
}

fn fresh(old: &ShownRow, new: &Row, now_ms: u64) -> Vec<Fresh> {
    if old.row.cells.len() != new.cells.len() {
        return Vec::new();
    }
    let pairs = old.row.cells.iter().zip(&new.cells).enumerate();
    pairs
        .filter_map(|(cell, (before, after))| {
            let last = old.fresh.iter().find(|fresh| fresh.cell == cell).copied();
            if changed(before, after) {
                let turn = last.is_some_and(|last| !last.turn);
                let at_ms = now_ms;
                return Some(Fresh { cell, at_ms, turn });
            }
            last.filter(|last| now_ms.saturating_sub(last.at_ms) < FRESH_MS)
        })
        .collect()
}

/// Whether a cell says something new. That time passes is not new.
fn changed(before: &Cell, after: &Cell) -> bool {
    before != after && without_ages(before) != without_ages(after)
}

fn without_ages(cell: &Cell) -> (Vec<String>, bool) {
    let text = cell.text();
    let words = text
        .split([' ', '(', ')', ','])
        .filter(|word| !is_age(word));
    (words.map(str::to_owned).collect(), cell.mark.is_some())
}

/// `42s`, `5m`, `3h12m`, `9d`
pub(crate) fn is_age(word: &str) -> bool {
    let units = word.bytes().filter(|byte| b"smhdy".contains(byte)).count();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    units > 0
        && digits > 0
        && units + digits == word.len()
        && word.starts_with(|first: char| first.is_ascii_digit())
        && word.ends_with(|last: char| last.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use k8kat::engine::message::Mark;

    use super::*;

    fn rows(rows: &[(&str, &[&str])]) -> Rows {
        let row = |(uid, cells): &(&str, &[&str])| Row {
            uid: (*uid).into(),
            path: String::new(),
            word: String::new(),
            mark: Mark::Running,
            cells: cells.iter().map(|cell| Cell::from(*cell)).collect(),
        };
        Rows {
            first: 0,
            total: rows.len(),
            rows: rows.iter().map(row).collect(),
        }
    }

    /// `uid:cell` of every fresh cell, with `'` when its turn is set.
    fn print(shown: &ShownRows) -> String {
        let mut words = Vec::new();
        for shown in &shown.rows {
            for fresh in &shown.fresh {
                let turn = if fresh.turn { "'" } else { "" };
                words.push(format!("{}:{}{turn}", shown.row.uid, fresh.cell));
            }
        }
        words.join(" ")
    }

    #[test]
    fn changed_cells_are_fresh_for_a_while() {
        let first = ShownRows::after(
            None,
            &rows(&[("a", &["x", "0/1"]), ("b", &["y", "1/1"])]),
            0,
        );
        assert_eq!(print(&first), "");
        let second = rows(&[
            ("n", &["z", "0/1"]),
            ("b", &["y", "1/1"]),
            ("a", &["x", "1/1"]),
        ]);
        let second = ShownRows::after(Some(&first), &second, 1_000);
        assert_eq!(print(&second), "a:1");
        assert!(
            Arc::ptr_eq(&first.rows[1], &second.rows[1]),
            "an unchanged row is kept"
        );
        let third = ShownRows::after(Some(&second), &rows(&[("a", &["w", "0/1"])]), 2_000);
        assert_eq!(print(&third), "a:0 a:1'");
        let fourth = ShownRows::after(Some(&third), &rows(&[("a", &["v", "0/1"])]), 9_000);
        assert_eq!(print(&fourth), "a:0'");
    }

    #[test]
    fn passing_time_is_no_news() {
        for (before, after, news) in [
            ("59s", "1m", false),
            ("3h12m", "3h13m", false),
            ("14 (20s ago)", "14 (21s ago)", false),
            ("14 (20s ago)", "15 (1s ago)", true),
            ("0/1", "1/1", true),
            ("worlds", "worldly", true),
        ] {
            assert_eq!(
                changed(&before.into(), &after.into()),
                news,
                "{before} to {after}"
            );
        }
    }
}
