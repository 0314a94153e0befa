//! The query language: its syntax tree, its parser ([`Query::parse`]), its printer (`Display`)
//! and its tiles for the query bar.
//!
//! One tree stands behind the search bar, the URL, the fluent API and every live view. Parsing
//! never fails: it gives the query that the valid clauses make, and [`Problem`]s for the rest.
//! Whether a field exists is not decided here but when the query is bound to a kind.

mod fluent;
mod parse;
mod print;

pub use parse::{DIRECTIVES, OPERATORS};
pub use print::quote;

use serde::{Deserialize, Serialize};

use crate::api::label::Requirement;

/// A range of bytes in a query's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The part of `text` that it names.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// A query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Where its objects are reached from: `deploy web -> pods` asks for pods, from deployments.
    pub from: Option<Box<Self>>,
    /// The kinds asked for, as they were written (`po`, `pods`, `Deployment`); behind an arrow also
    /// the name of a relation (`owner`).
    pub kinds: Vec<Spanned<String>>,
    /// What must hold of an object.
    pub filter: Expr,
    /// Order, most significant first. Ties and queries without one go by namespace and name.
    pub sort: Vec<Spanned<Sort>>,
    /// At most so many rows.
    pub limit: Option<usize>,
    /// The columns to show in place of the usual ones.
    pub columns: Vec<Spanned<Field>>,
    /// One row for each distinct combination of these.
    pub group: Vec<Spanned<Field>>,
    /// Figures of each group, or of everything.
    pub aggregates: Vec<Spanned<Aggregate>>,
    /// What is done with the result.
    pub output: Option<Output>,
}

/// What is done with a result: `| pluck ns,status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nothing of each object but the values of these.
    Pluck(Vec<Spanned<Field>>),
}

/// What a clause or a directive speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// A field of the kind, by its name or an alias: `restarts`.
    Named(String),
    /// A path into the object: `{.spec.nodeName}`.
    Path(String),
    /// A label: `label:app`.
    Label(String),
}

impl Field {
    /// Reads it as directives have it.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if text.starts_with('{') {
            Self::Path(text.to_owned())
        } else if let Some(key) = text.strip_prefix("label:") {
            Self::Label(key.to_owned())
        } else {
            Self::Named(text.to_owned())
        }
    }
}

/// A figure of many objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aggregate {
    /// Which.
    pub function: Function,
    /// Of what; counting counts objects.
    pub field: Option<Field>,
}

/// How one figure is made of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `count`
    Count,
    /// `sum:restarts`
    Sum,
    /// `avg:restarts`
    Average,
    /// `min:age`
    Least,
    /// `max:age`
    Most,
    /// `distinct:image`: how many different values.
    Distinct,
}

/// A value and where it stood in the text. Where it stood is no part of what it means: two
/// queries are equal when they ask the same, wherever their clauses stand.
#[derive(Clone, Debug, Default)]
pub struct Spanned<T> {
    /// Where.
    pub span: Span,
    /// What.
    pub value: T,
}

impl<T> Spanned<T> {
    /// A value that stands in no text.
    pub fn new(value: T) -> Self {
        Self {
            span: Span::default(),
            value,
        }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// A condition on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Every one holds; with none, always.
    And(Vec<Self>),
    /// At least one holds; with none, never.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// One clause.
    Atom(Spanned<Atom>),
}

impl Default for Expr {
    fn default() -> Self {
        Self::And(Vec::new())
    }
}

/// A clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Atom {
    /// `name:a,b`, `status:Crash*`, `restarts:>5`, `image:~^nginx`, `{.spec.nodeName}=n1`
    Compare {
        /// What is compared.
        field: Field,
        /// Whether every value at a path must compare so, where one would do.
        every: bool,
        /// How.
        operator: Operator,
        /// The right side as written: patterns (`*` stands for anything) for equality, of which one
        /// must match; one value for the others.
        values: Vec<String>,
    },
    /// `has:{.spec.nodeSelector}`: the path leads to something.
    Exists(String),
    /// `app=web`, `tier in (a,b)`, `has:app`
    Label(Requirement),
    /// `-f "spec.nodeName=n1"`, as the API server reads it: what is missing reads as nothing.
    Selector {
        /// `spec.nodeName`
        field: String,
        /// `=` or `!=`
        equal: bool,
        /// The value.
        value: String,
    },
    /// `is:broken`
    Is(String),
    /// A bare word: the name contains it.
    Word(String),
    /// `with:pods`, `with:(events type:Warning)`: there is such an object that belongs with it.
    With(Box<Query>),
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `:` or `=`
    Equal,
    /// `~`: a regular expression finds something in it.
    Matches,
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// An order by one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub field: Field,
    /// Largest first.
    pub descending: bool,
}

/// What was left out of a query, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Bytes of the query's text.
    pub span: Span,
    /// One sentence, without final dot.
    pub message: String,
    /// What to write in place of the span, when there is a good guess.
    pub fix: Option<String>,
}

/// A clause of a query as the query bar draws it: one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Where it stands in the text; tiles come in order and do not overlap.
    pub span: Span,
    /// The part before the operator (`status` of `status:Running`), drawn in the key's ink.
    pub key: Option<Span>,
    /// What it is.
    pub class: TileClass,
}

/// What a tile is, which chooses its ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileClass {
    /// The kind asked for.
    Kind,
    /// `field:value`, `restarts:>5`, `is:broken`, `{.path}=value`.
    Field,
    /// A label requirement.
    Label,
    /// `sort:`, `limit:`, `count`
    Directive,
    /// A bare word.
    Word,
    /// `OR`, `NOT`, `->`, `|`, parentheses.
    Operator,
}

/// A text, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// What its valid clauses ask.
    pub query: Query,
    /// What was left out.
    pub problems: Vec<Problem>,
    /// Its clauses as they stand.
    pub tiles: Vec<Tile>,
}

impl Query {
    /// Reads a text. Never fails.
    #[must_use]
    pub fn parse(text: &str) -> Parsed {
        parse::parse(text)
    }

    /// All objects of a kind.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self {
            kinds: vec![Spanned::new(kind.to_owned())],
            ..Self::default()
        }
    }

    /// Every name of a kind or a relation in it, in order.
    #[must_use]
    pub fn kind_names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        let mut query = Some(self);
        while let Some(step) = query {
            names.extend(step.kinds.iter().map(|kind| kind.value.as_str()));
            step.filter.kind_names(&mut names);
            query = step.from.as_deref();
        }
        names
    }

    /// Whether it asks for figures of many objects in place of the objects.
    #[must_use]
    pub const fn is_grouped(&self) -> bool {
        !self.group.is_empty() || !self.aggregates.is_empty()
    }

    /// This query, and this must hold too.
    #[must_use]
    pub fn and(mut self, condition: Expr) -> Self {
        self.filter = Expr::all(vec![self.filter, condition]);
        self
    }

    /// The conditions that must all hold.
    #[must_use]
    pub fn conjuncts(&self) -> &[Expr] {
        match &self.filter {
            Expr::And(all) => all,
            other => std::slice::from_ref(other),
        }
    }
}

impl From<Atom> for Expr {
    fn from(atom: Atom) -> Self {
        Self::Atom(Spanned::new(atom))
    }
}

impl Expr {
    /// Every one holds. Conjunctions within are taken apart, and one alone stays itself.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Self::And(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        if all.len() == 1 {
            all.swap_remove(0)
        } else {
            Self::And(all)
        }
    }

    fn kind_names<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                for part in parts {
                    part.kind_names(names);
                }
            }
            Self::Not(inner) => inner.kind_names(names),
            Self::Atom(atom) => match &atom.value {
                Atom::With(query) => names.extend(query.kind_names()),
                // `owner:deploy/web`
                Atom::Compare {
                    field: Field::Named(name),
                    values,
                    ..
                } if name == "owner" => {
                    names.extend(
                        values
                            .iter()
                            .filter_map(|value| Some(value.split_once('/')?.0)),
                    );
                }
                _ => {}
            },
        }
    }

    /// The condition that holds exactly when this one does not.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }
}

/// The tiles of a text, for the query bar. Pure and quick: the page calls it on each keystroke.
/// Problems of fields and kinds are not known here; they come from the engine.
#[must_use]
pub fn tiles(text: &str) -> Vec<Tile> {
    parse::parse(text).tiles
}
