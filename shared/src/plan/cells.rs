//! Of whom nothing is wanted, once, but columns that the API server prints, too, its tables say enough: rows of
//! cells, without the objects, are a small part of the bytes.

use super::{Content, Getter, Known, Part, Plan, Predicate, ScanSpec, Shape};
use crate::resource::{Column, Kind};

const UNKNOWN_VERSION: &str =
    "older API servers print other words, and the version is not known yet";

impl Plan {
    /// The plan for who wants the columns of its rows, once, and nothing else of them.
    #[must_use]
    pub fn for_columns(mut self, known: &Known) -> Self {
        let parts = self.parts.iter().enumerate();
        let cells = parts.map(|(index, part)| self.cells_of(index, part, known)?.ok());
        let cells: Vec<Option<&'static Kind>> = cells.collect();
        for (part, kind) in self.parts.iter_mut().zip(cells) {
            let Some(kind) = kind else {
                continue;
            };
            // The API server decides all of it, and cells do not say everything that it decides by.
            let filter = std::mem::replace(&mut part.filter, Predicate::All(Vec::new()));
            part.filter = filter.of_identity(part.kind);
            (part.kind, part.whole_for) = (kind, None);
            for scan in &mut part.scans {
                (scan.kind, scan.content) = (kind, Content::Cells);
            }
            let note =
                "the API server prints all that is asked for: its cells are read, without objects";
            part.notes.push(note.to_owned());
        }
        self
    }

    /// The kind as whose cells a part can be read because they say all that is asked for, or why not although the
    /// API server prints it. Nothing where it does not.
    pub(super) fn cells_of(
        &self,
        index: usize,
        part: &Part,
        known: &Known,
    ) -> Option<Result<&'static Kind, &'static str>> {
        let Shape::Columns(columns) = &self.shape else {
            return None;
        };
        let is_whole = |scan: &ScanSpec| scan.content == Content::Whole;
        let decides_all = part.local.is_empty() && self.related.is_empty();
        let kind = part.kind;
        let is_read = !part.scans.is_empty() && part.scans.iter().all(is_whole);
        if kind.cells == 0 || !is_read || !decides_all {
            return None;
        }
        let column = |getter: &Getter| kind.columns.get(getter.column()?);
        let (mut is_late, mut since) = (false, 0);
        for shown in columns {
            // A kind that has no such field says nothing.
            let Some(getter) = shown.getter(index) else {
                continue;
            };
            let column = column(getter)?;
            if !column.is_identity() && kind.cell_of(column).is_none() {
                return None;
            }
            is_late |= column.tells_time();
            since = since.max(column.printed_since);
        }
        for (shown, _) in &self.order {
            // What an object does not say is sorted otherwise than the words that are printed for it.
            if let Some(getter) = shown.getter(index)
                && !column(getter).is_some_and(Column::is_identity)
            {
                return None;
            }
        }
        let is_wide = part.scans.iter().any(|scan| scan.namespace.is_none());
        let why_not = if is_late {
            Some("they say how long ago something was by the time they were printed, not when")
        } else if kind.resource.namespaced && is_wide {
            Some("they do not say of which namespace they are")
        } else if known.kind(kind).is_some_and(|known| known.refuses_cells) {
            Some("the API server does not print them as expected")
        } else {
            match known.version {
                _ if since == 0 => None,
                Some(version) if version >= (1, since) => None,
                Some(_) => Some("older API servers print other words"),
                None => Some(UNKNOWN_VERSION),
            }
        };
        match why_not {
            Some(why) => Some(Err(why)),
            None => kind.of_cells().map(Ok),
        }
    }

    /// Whether [`Plan::for_columns`] could do more if the version of the API server were known.
    #[must_use]
    pub fn wants_version_for_columns(&self, known: &Known) -> bool {
        let mut parts = self.parts.iter().enumerate();
        parts.any(|(index, part)| {
            let why_not = self.cells_of(index, part, known).and_then(Result::err);
            why_not == Some(UNKNOWN_VERSION)
        })
    }
}
