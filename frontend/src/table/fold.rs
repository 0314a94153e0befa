//! Which columns fit, and how wide they are.

use k8kat::engine::message::Column;

/// Inner space of a cell, both sides.
const PADDING_PX: f64 = 18.0;
/// A figure of the usual size; text is a little narrower.
const CHARACTER_PX: f64 = 7.3;

/// Indices of the columns that fit, in order. Those of the highest priority number fold first,
/// the later of two equals before the earlier; those with 0 stay.
pub(crate) fn fitting(columns: &[Column], width_px: f64) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let width = |shown: &[usize]| shown.iter().map(|&at| least(&columns[at])).sum::<f64>();
    while width(&shown) > width_px {
        let priority = |at: &usize| columns[*at].priority;
        let Some((place, _)) = shown.iter().enumerate().max_by_key(|(_, at)| priority(at)) else {
            break;
        };
        if priority(&shown[place]) == 0 {
            break;
        }
        shown.remove(place);
    }
    shown
}

/// The others, as words by which the style leaves them out.
pub(crate) fn folded(columns: &[Column], shown: &[usize]) -> String {
    let others = (0..columns.len()).filter(|at| !shown.contains(at));
    others
        .map(|at| at.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

/// `grid-template-columns` for these. Figures keep their width, words share what is left.
pub(crate) fn template(columns: &[Column], shown: &[usize]) -> String {
    let track = |&at: &usize| {
        let column = columns.get(at)?;
        let least = least(column);
        let share = if column.right { least / 4.0 } else { least };
        // A long name may be cut, so that its neighbours can be read.
        let least = if column.priority == 0 {
            least.min(200.0)
        } else {
            least
        };
        Some(format!("minmax({}px,{}fr)", least as i64, share as i64))
    };
    shown.iter().filter_map(track).collect::<Vec<_>>().join(" ")
}

fn least(column: &Column) -> f64 {
    // The head needs room for the sign of the order, too.
    let characters = f64::from(column.width).max(column.title.chars().count() as f64 + 1.0);
    characters * CHARACTER_PX + PADDING_PX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(width: f64, names: &str) {
        let column = |(name, width, priority): (&str, u16, u8)| Column {
            name: name.into(),
            title: name.into(),
            right: false,
            tail: false,
            width,
            priority,
            sort: None,
            sort_query: String::new(),
        };
        let columns = [
            ("name", 40, 0),
            ("ready", 5, 1),
            ("status", 20, 0),
            ("node", 16, 2),
            ("ip", 15, 3),
            ("image", 30, 3),
        ]
        .map(column);
        let shown = fitting(&columns, width);
        let shown: Vec<&str> = shown.iter().map(|&at| columns[at].name.as_str()).collect();
        assert_eq!(shown.join(" "), names, "at {width}");
    }

    #[test]
    fn columns_fold_by_priority() {
        check(2_000.0, "name ready status node ip image");
        check(900.0, "name ready status node ip");
        check(780.0, "name ready status node");
        check(600.0, "name ready status");
        check(10.0, "name status");
    }
}
