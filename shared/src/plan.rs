//! From a query to what is asked of the API server and what is decided here.
//!
//! The law: *the planned result equals evaluating the whole query locally over everything
//! visible*. It holds because the whole filter is evaluated on every row that arrives, whatever
//! was pushed, and because only what the server surely decides alike is pushed.
//!
//! A query is bound to its kinds ([`bind`]), each kind's part is narrowed pass by pass
//! ([`optimize`]), and what is left are lists and watches ([`ScanSpec`]).

mod bind;
mod cells;
mod estimate;
mod getter;
mod known;
mod optimize;
mod predicate;
mod print;
pub mod reference;
mod relation;
mod rows;
mod scan;
mod selectable;
mod semi_join;

pub use bind::FLAGS;
pub use estimate::{Estimate, number, size_words};
pub use getter::Getter;
pub use known::Known;
pub use predicate::{Context, Flag, Pattern, Predicate};
pub use relation::{Matched, RELATIONS, Relation};
pub use rows::{Cell, Group, Keyed, Placed};
pub use scan::{Content, FIRST_PAGE, FieldRequirement, NEXT_PAGE, ScanSpec};

use crate::query::{Function, Problem, Query};
use crate::resource::{Column, Kind};

/// What is done to answer a query.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is read of each kind asked for.
    pub parts: Vec<Part>,
    /// What is read besides, to decide what belongs with what; each refers to earlier ones only.
    pub related: Vec<Related>,
    /// What rows are sorted by, and whether the largest comes first.
    pub order: Vec<(Shown, bool)>,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// What a row of the answer is.
    pub shape: Shape,
}

/// What is read of one kind.
#[derive(Clone, Debug)]
pub struct Part {
    /// The kind.
    pub kind: &'static Kind,
    /// The whole filter, evaluated on every object.
    pub filter: Predicate,
    /// What is asked of the API server; together they give every object that can match.
    pub scans: Vec<ScanSpec>,
    /// Conditions that the scans decide, in words.
    pub pushed: Vec<String>,
    /// Conditions that are left to us, with the reason.
    pub local: Vec<(String, &'static str)>,
    /// What was decided besides, and why.
    pub notes: Vec<String>,
    /// The field for whose sake whole objects are read of a kind that is listed by metadata only.
    pub whole_for: Option<String>,
    /// Why not everything asked for is read, if that is so.
    pub partial: Option<String>,
}

/// A kind read to decide what belongs with what.
#[derive(Clone, Debug)]
pub struct Related {
    /// What is read.
    pub part: Part,
    /// How an object of the answer stands to one of these.
    pub relation: Relation,
}

/// A field as the answer shows it: what it is called, and how each part reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// As it was written.
    pub name: String,
    /// For each part in order; a kind that has no such field says nothing.
    pub read: Vec<Option<Getter>>,
}

/// A figure of many objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// As it was written.
    pub name: String,
    /// How it is made.
    pub function: Function,
    /// Of what; counting counts objects.
    pub of: Option<Shown>,
}

/// What a row of the answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An object, with the usual columns of its kind.
    Objects,
    /// An object, with these columns.
    Columns(Vec<Shown>),
    /// All objects that have the same values in the first, with the second of each.
    Groups(Vec<Shown>, Vec<Figure>),
}

impl Plan {
    /// Plans a query. Parts that make no sense for its kinds are left out and reported; without a
    /// kind that exists there is no plan.
    #[must_use]
    pub fn of(query: &Query, known: &Known) -> (Option<Self>, Vec<Problem>) {
        let mut problems = Vec::new();
        let plan = bind::bind(query, known, &mut problems);
        let plan = plan.map(|bound| optimize::optimize(bound, known));
        (plan, problems)
    }

    /// The kind asked for, if it is one.
    #[must_use]
    pub fn kind(&self) -> Option<&'static Kind> {
        match self.parts.as_slice() {
            [part] => Some(part.kind),
            _ => None,
        }
    }

    /// All scans: of what is asked for, and of what decides it.
    pub fn scans(&self) -> impl Iterator<Item = &ScanSpec> {
        self.every_part().flat_map(|part| &part.scans)
    }

    /// The parts of the answer, then those that decide it.
    pub fn every_part(&self) -> impl Iterator<Item = &Part> {
        let related = self.related.iter().map(|related| &related.part);
        self.parts.iter().chain(related)
    }

    /// The namespace in which a kind is looked for, if that is one.
    #[must_use]
    pub fn namespace_of(&self, kind: &Kind) -> Option<&str> {
        let mut scans = self.scans();
        let scan = scans.find(|scan| scan.kind.resource == kind.resource)?;
        scan.namespace.as_deref()
    }

    /// The custom kind whose definition would say whether it is selected by a field that the query looks
    /// at, if that was not read yet.
    #[must_use]
    pub fn wants_definition(&self, known: &Known) -> Option<&'static Kind> {
        let mut parts = self.every_part();
        let part = parts.find(|part| {
            let is_known = known.has_definition(part.kind);
            part.kind.is_custom() && !is_known && part.filter.has(&|asked| asked.selects(part.kind))
        });
        part.map(|part| part.kind)
    }

    /// Whether more could be left to the API server if its version were known.
    #[must_use]
    pub fn wants_version(&self) -> bool {
        let mut local = self.every_part().flat_map(|part| &part.local);
        local.any(|(_, why)| *why == selectable::UNKNOWN_VERSION)
    }

    /// Whether the answer changes by the mere passing of time.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        self.every_part()
            .any(|part| part.filter.depends_on_time(part.kind))
            || self.groups_show_ages()
    }

    fn groups_show_ages(&self) -> bool {
        let Shape::Groups(by, figures) = &self.shape else {
            return false;
        };
        let figures = figures.iter().filter_map(|figure| figure.of.as_ref());
        by.iter().chain(figures).any(|shown| {
            let mut read = shown.read.iter().zip(&self.parts);
            read.any(|(getter, part)| {
                let getter = getter.as_ref();
                getter.is_some_and(|getter| getter.is_age(part.kind))
            })
        })
    }

    /// Why the answer is not of everything, if that is so.
    #[must_use]
    pub fn partial(&self) -> Option<&str> {
        let mut reasons = self.every_part().filter_map(|part| part.partial.as_deref());
        reasons.next()
    }
}

impl Part {
    /// Whether a column can be read from as much as is read of each object.
    #[must_use]
    pub fn can_show(&self, column: &Column) -> bool {
        !column.content || self.kind.listed != Content::Metadata || self.whole_for.is_some()
    }
}

#[cfg(test)]
mod tests;
