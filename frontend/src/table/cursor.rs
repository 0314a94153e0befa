//! The row that keys act on. It stays with its object while rows move.

use k8kat::engine::message::{Link, Row};
use leptos::html;
use leptos::prelude::*;

use super::fresh::ShownRows;
use super::{HEAD_PX, window};
use crate::state::State;

/// Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    pub(crate) container: NodeRef<html::Div>,
    at: State<Option<At>>,
    rows: State<Option<Memo<ShownRows>>>,
    row_px: State<f64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct At {
    index: usize,
    uid: String,
}

impl Cursor {
    pub(crate) fn new() -> Self {
        Self {
            container: NodeRef::new(),
            at: State::new(None),
            rows: State::new(None),
            row_px: State::new(28.0),
        }
    }

    /// Index of the row.
    pub(crate) fn index(self) -> Option<usize> {
        self.at.with(|at| at.as_ref().map(|at| at.index))
    }

    /// The row's path.
    pub(crate) fn path(self) -> Option<String> {
        self.read(|row| Some(row.path.clone()))
    }

    /// Where the row leads.
    pub(crate) fn leads(self) -> Option<Link> {
        self.read(Row::leads)
    }

    fn read<R>(self, read: impl Fn(&Row) -> Option<R>) -> Option<R> {
        let index = self
            .at
            .with_untracked(|at| at.as_ref().map(|at| at.index))?;
        let rows = self.rows.get_untracked()?;
        rows.with_untracked(|rows| read(&rows.at(index)?.row))
    }

    pub(crate) fn clear(self) {
        self.at.set(None);
    }

    /// Sets it to a row, and brings the row into view.
    pub(crate) fn set(self, index: usize) {
        let Some(rows) = self.rows.get_untracked() else {
            return;
        };
        let (index, uid) = rows.with_untracked(|rows| {
            let index = index.min(rows.total.saturating_sub(1));
            (index, rows.at(index).map(|shown| shown.row.uid.clone()))
        });
        if rows.with_untracked(|rows| rows.total == 0) {
            return;
        }
        let uid = uid.unwrap_or_default();
        self.at.set(Some(At { index, uid }));
        self.show(index);
    }

    /// Moves it by so many rows; the first move goes to the first row on the screen.
    pub(crate) fn step(self, rows: isize) {
        let index = match self.at.with_untracked(|at| at.as_ref().map(|at| at.index)) {
            Some(index) => index.saturating_add_signed(rows),
            None => self.first_visible(),
        };
        self.set(index);
    }

    /// Rows of a screen.
    pub(crate) fn page(self) -> isize {
        let container = self.container.get_untracked();
        let height = container.map_or(0.0, |container| f64::from(container.client_height()));
        (((height - HEAD_PX) / self.row_px.get_untracked()).floor() as isize - 1).max(1)
    }

    /// The id of the element that shows it.
    pub(super) fn active_id(self, first: usize, pool: usize) -> Option<String> {
        let index = self.index()?;
        (first..first + pool)
            .contains(&index)
            .then(|| format!("row-{}", index % pool.max(1)))
    }

    /// Keeps it on its object when rows come, go and move.
    pub(super) fn follow(self, rows: Memo<ShownRows>, row_px: impl Fn() -> f64 + 'static) {
        self.rows.set(Some(rows));
        Effect::new(move |_| self.row_px.set(row_px()));
        Effect::new(move |_| {
            let moved = rows.with(|rows| {
                let at = self.at.get_untracked()?;
                moved(&at, rows)
            });
            if let Some(moved) = moved {
                self.at.set(Some(moved));
            }
        });
    }

    fn first_visible(self) -> usize {
        let container = self.container.get_untracked();
        let top = container.map_or(0.0, |container| f64::from(container.scroll_top()));
        window::visible(top, 1.0, self.row_px.get_untracked(), usize::MAX).start
    }

    fn show(self, index: usize) {
        let Some(container) = self.container.get_untracked() else {
            return;
        };
        let row = self.row_px.get_untracked();
        let head = if row > 28.0 { 0.0 } else { HEAD_PX };
        let top = index as f64 * row;
        let height = f64::from(container.client_height()) - head;
        let now = f64::from(container.scroll_top());
        if top < now {
            container.set_scroll_top(top as i32);
        } else if top + row > now + height {
            container.set_scroll_top((top + row - height).ceil() as i32);
        }
    }
}

/// Where the cursor stands now, if that is elsewhere.
fn moved(at: &At, rows: &ShownRows) -> Option<At> {
    let here = rows.at(at.index).map(|shown| shown.row.uid.as_str());
    if here == Some(at.uid.as_str()) {
        return None;
    }
    if at.uid.is_empty() {
        // It was set to a row that was not known then.
        let uid = here?.to_owned();
        return Some(At { uid, ..at.clone() });
    }
    let place = rows.rows.iter().position(|shown| shown.row.uid == at.uid);
    let last = rows.total.checked_sub(1)?;
    match place {
        Some(place) => Some(At {
            index: rows.first + place,
            ..at.clone()
        }),
        None => Some(At {
            index: at.index.min(last),
            uid: here.unwrap_or_default().to_owned(),
        }),
    }
}
