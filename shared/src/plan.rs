//! From a query to what is asked of the API server and what is decided here.
//!
//! The law: *the planned result equals evaluating the whole query locally over everything
//! visible*. It holds because the whole filter is evaluated on every row that arrives, whatever
//! was pushed, and because only what the server surely decides alike is pushed.

mod bind;
mod predicate;
mod print;
mod push;
mod scan;

pub use bind::FLAGS;
pub use predicate::{Pattern, Predicate};
pub use scan::{Content, FieldRequirement, ScanSpec};

use crate::query::{Problem, Query};
use crate::resource::{Catalog, Column, Kind};

/// What is known of the cluster that a query is planned for.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its kinds.
    pub catalog: Catalog,
}

/// What is done to answer a query.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The kind asked for.
    pub kind: &'static Kind,
    /// The whole filter, evaluated on every row.
    pub filter: Predicate,
    /// Fields to sort by: index of the column, and whether the largest comes first.
    pub order: Vec<(usize, bool)>,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// What is asked of the API server; together they give every object that can match, and none
    /// twice.
    pub scans: Vec<ScanSpec>,
    /// Conditions that the scans decide, and those left to us with the reason, in words.
    pub pushed: Vec<String>,
    /// See `pushed`.
    pub local: Vec<(String, &'static str)>,
    /// The field for whose sake whole objects are read of a kind that is listed by metadata only.
    pub whole_for: Option<&'static str>,
}

impl Plan {
    /// Plans a query. Parts that make no sense for the kind are left out and reported; without a
    /// kind that exists there is no plan.
    #[must_use]
    pub fn of(query: &Query, known: &Known) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let plan =
            bind::bind(query, known, &mut problems).map(|bound| push::push_down(query, bound));
        (plan, problems)
    }

    /// The namespace in which a kind is looked for, if that is one.
    #[must_use]
    pub fn namespace_of(&self, kind: &Kind) -> Option<&str> {
        let mut scans = self.scans.iter();
        let scan = scans.find(|scan| scan.kind.resource == kind.resource)?;
        scan.namespace.as_deref()
    }

    /// Whether a column can be read from as much as is read of each object.
    #[must_use]
    pub fn can_show(&self, column: &Column) -> bool {
        !column.content || self.kind.listed != Content::Metadata || self.whole_for.is_some()
    }

    /// Whether the answer changes by the mere passing of time.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        self.filter.depends_on_time()
    }
}

#[cfg(test)]
mod tests;
