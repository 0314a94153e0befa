//! A condition bound to a kind: fields are columns, values are numbers and patterns.

mod word;

use std::cmp::Ordering;

use super::Getter;
use super::getter::text;
use super::relation::Matched;
use crate::api::label::Requirement;
use crate::api::quantity::Quantity;
use crate::query::Operator;
use crate::resource::{Column, Datum, Kind, Mark, ValueType};
use crate::store::Entry;
use crate::value::Value;
use crate::value::jsonpath::Path;
use crate::value::regex::Regex;

pub(super) use word::Word;

/// A condition on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// Every one holds.
    All(Vec<Self>),
    /// At least one holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// The namespace is one of these.
    Namespace(Vec<Pattern>),
    /// A label meets a requirement.
    Label(Requirement),
    /// The name contains this.
    NameContains(Box<Word>),
    /// The text of a column is one of these; what an object does not say reads as nothing.
    Text(usize, Vec<Pattern>),
    /// A regular expression finds something in the text of a field.
    Matches(Getter, Regex),
    /// The figure of a column compares so with a number.
    Figure(usize, Operator, i64),
    /// The figure of a column is one of these.
    FigureIn(usize, Vec<i64>),
    /// How much a column says compares so with a quantity.
    Quantity(usize, Operator, Quantity),
    /// The share of a column compares so with one: part, whole.
    Share(usize, Operator, (i64, i64)),
    /// The time since a column's moment, in milliseconds, compares so with a number.
    Since(usize, Operator, i64),
    /// What lies at a path.
    Path(Box<AtPath>),
    /// A field is, or is not, this text, as field selectors have it: what is missing is nothing.
    Selector(Box<Selected>),
    /// A state.
    Is(Flag),
    /// It stands in relation to an object that is read besides, by its place in the plan.
    Related(usize),
}

impl Predicate {
    /// What of it is asked of namespace and name.
    pub(super) fn of_identity(self, kind: &Kind) -> Self {
        match self {
            Self::All(all) => Self::All(all.into_iter().map(|one| one.of_identity(kind)).collect()),
            one if one.asks_identity(kind) => one,
            _ => Self::All(Vec::new()),
        }
    }

    fn asks_identity(&self, kind: &Kind) -> bool {
        match self {
            Self::Namespace(_) | Self::NameContains(_) => true,
            Self::Text(column, _) => kind.columns.get(*column).is_some_and(Column::is_identity),
            Self::All(several) | Self::Any(several) => {
                several.iter().all(|one| one.asks_identity(kind))
            }
            Self::Not(one) => one.asks_identity(kind),
            _ => false,
        }
    }
}

/// A state that is asked for with `is:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Somebody should look at it.
    Broken,
    /// All is well.
    Running,
    /// On its way.
    Creating,
    /// Asked to go.
    Terminating,
    /// Ended well.
    Completed,
    /// Part of the cluster itself: in the namespace `kube-system`.
    System,
}

/// A comparison of what lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtPath {
    /// Where.
    pub path: Path,
    /// Whether every value must compare so, and there must be one; else one is enough.
    pub every: bool,
    /// How.
    pub test: Test,
}

/// What is asked of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is there.
    Present,
    /// Its text is one of these.
    Text(Vec<Pattern>),
    /// An expression finds something in its text.
    Matches(Regex),
    /// It compares so, as a quantity, or if it is a moment by the time since.
    Compares(Operator, Option<Quantity>, Option<i64>),
}

/// A requirement of a field selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// `spec.nodeName`
    pub field: String,
    /// Where that is in the object.
    pub read: Path,
    /// What an object that does not say is taken to say.
    pub absent: &'static str,
    /// `=` or `!=`
    pub equal: bool,
    /// The value.
    pub value: String,
}

/// What a condition is decided with, besides the object.
#[derive(Debug, Default)]
pub struct Context<'a> {
    /// The server's time.
    pub now: i64,
    /// Of each kind that is read besides, the objects that match.
    pub matched: Vec<Matched<'a>>,
}

impl Context<'_> {
    /// One that knows the time only.
    #[must_use]
    pub const fn at(now: i64) -> Self {
        Self {
            now,
            matched: Vec::new(),
        }
    }
}

/// What a text is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// It is this.
    Exactly(String),
    /// It matches this, where `*` stands for anything.
    Glob(String),
}

impl Pattern {
    /// Reads a pattern as it is written in a query.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if text.contains('*') {
            Self::Glob(text.to_owned())
        } else {
            Self::Exactly(text.to_owned())
        }
    }

    /// Whether a text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Exactly(exact) => exact == text,
            Self::Glob(glob) => glob_matches(glob, text),
        }
    }
}

/// `*` stands for any text. What follows the last one that was met is tried at its first place, and
/// at the next one whenever that turns out wrong.
fn glob_matches(glob: &str, text: &str) -> bool {
    let (glob, text) = (glob.as_bytes(), text.as_bytes());
    let (mut at, mut seen) = (0, 0);
    let mut last_star = None;
    while let Some(byte) = text.get(seen) {
        match glob.get(at) {
            Some(b'*') => {
                at += 1;
                last_star = Some((at, seen));
                if at == glob.len() {
                    return true;
                }
            }
            Some(wanted) if wanted == byte => (at, seen) = (at + 1, seen + 1),
            _ => match &mut last_star {
                Some((after, from)) => {
                    *from += 1;
                    (at, seen) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    glob.iter().skip(at).all(|byte| *byte == b'*')
}

impl Predicate {
    /// What never holds.
    pub(super) const NEVER: Self = Self::Any(Vec::new());

    /// Whether it holds for an object.
    #[must_use]
    pub fn holds(&self, entry: Entry<'_>, context: &Context<'_>) -> bool {
        let now = context.now;
        match self {
            Self::All(all) => all.iter().all(|part| part.holds(entry, context)),
            Self::Any(any) => any.iter().any(|part| part.holds(entry, context)),
            Self::Not(inner) => !inner.holds(entry, context),
            Self::Namespace(patterns) => any_matches(patterns, entry.namespace()),
            Self::Label(requirement) => requirement.matches(entry.label(&requirement.key)),
            Self::NameContains(word) => word.is_in(entry.name()),
            Self::Text(index, patterns) => is_text(*index, patterns, entry, now),
            Self::Matches(getter, expression) => match getter.get(entry) {
                Datum::Absent => false,
                Datum::Text(text) => expression.is_match(&text),
                datum => {
                    let columns = entry.kind().columns;
                    let column = getter.column().and_then(|index| columns.get(index));
                    column.is_some_and(|column| expression.is_match(&column.print(&datum, now)))
                }
            },
            Self::Figure(index, operator, limit) => entry
                .datum(*index)
                .figure()
                .is_some_and(|figure| operator.compares(figure, *limit)),
            Self::FigureIn(index, figures) => entry
                .datum(*index)
                .figure()
                .is_some_and(|figure| figures.contains(&figure)),
            Self::Quantity(index, operator, limit) => match entry.datum(*index) {
                Datum::Quantity(own) => operator.orders(own.cmp(limit)),
                _ => false,
            },
            Self::Share(index, operator, limit) => match entry.datum(*index) {
                Datum::Ratio(part, whole) => shares(part, whole, *operator, *limit),
                _ => false,
            },
            Self::Since(index, operator, limit) => match entry.datum(*index) {
                Datum::Time(time) => operator.compares(now - time, *limit),
                _ => false,
            },
            Self::Path(at) => at.holds(entry, now),
            Self::Selector(selected) => selected.holds(entry),
            Self::Is(flag) => flag.holds(entry),
            Self::Related(index) => context
                .matched
                .get(*index)
                .is_some_and(|matched| matched.relates(entry)),
        }
    }

    /// Whether it may change by the mere passing of time, for objects of a kind.
    #[must_use]
    pub fn depends_on_time(&self, kind: &Kind) -> bool {
        self.has(&|part| match part {
            Self::Since(..) => true,
            Self::Path(at) => matches!(at.test, Test::Compares(.., Some(_))),
            // What is printed may be an age, or have one in it, as restarts do.
            Self::Matches(Getter::Column(index), _) => kind
                .columns
                .get(*index)
                .is_some_and(|column| matches!(column.value, ValueType::Age | ValueType::Number)),
            _ => false,
        })
    }

    /// Whether something holds of it or of a condition within.
    #[must_use]
    pub fn has(&self, holds: &dyn Fn(&Self) -> bool) -> bool {
        holds(self)
            || match self {
                Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.has(holds)),
                Self::Not(inner) => inner.has(holds),
                _ => false,
            }
    }

    /// Whether a field selector could ask it of objects of a kind, beyond what all kinds have.
    pub(super) fn selects(&self, kind: &Kind) -> bool {
        match self {
            Self::Selector(_) => true,
            Self::Text(column, _) => {
                let column = kind.columns.get(*column);
                let field = column.and_then(|column| column.selector);
                field.is_some_and(|field| !field.starts_with("metadata."))
            }
            Self::Path(at) => matches!(at.test, Test::Text(_)) && at.path.field().is_some(),
            _ => false,
        }
    }

    /// The column that it looks at.
    pub(super) const fn column(&self) -> Option<usize> {
        match self {
            Self::Text(column, _)
            | Self::Figure(column, ..)
            | Self::FigureIn(column, _)
            | Self::Quantity(column, ..)
            | Self::Share(column, ..)
            | Self::Since(column, ..)
            | Self::Matches(Getter::Column(column), _) => Some(*column),
            _ => None,
        }
    }

    /// Compares a column, by what it holds.
    pub(super) const fn compare(
        index: usize,
        value: ValueType,
        operator: Operator,
        limit: i64,
    ) -> Self {
        match value {
            ValueType::Age => Self::Since(index, operator, limit),
            _ => Self::Figure(index, operator, limit),
        }
    }
}

fn any_matches(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(text))
}

fn is_text(index: usize, patterns: &[Pattern], entry: Entry<'_>, now: i64) -> bool {
    let columns = entry.kind().columns;
    let Some(column) = columns.get(index) else {
        return false;
    };
    let matches = |text: &str| any_matches(patterns, text);
    match entry.datum(index) {
        Datum::Text(text) if column.listed => matches(&text) || text.split(',').any(matches),
        Datum::Text(text) => matches(&text),
        // The API server reads what is missing as nothing; kubectl prints a word.
        Datum::Absent => matches("") || matches(column.absent),
        datum => matches(&column.print(&datum, now)),
    }
}

/// Compares two shares of a whole, of which nothing has none.
fn shares(part: i64, whole: i64, operator: Operator, (of, all): (i64, i64)) -> bool {
    let left = i128::from(part) * i128::from(all);
    let right = i128::from(of) * i128::from(whole);
    whole > 0 && operator.orders(left.cmp(&right))
}

impl Flag {
    fn holds(self, entry: Entry<'_>) -> bool {
        match self {
            Self::Broken => entry.is_broken(),
            Self::Running => entry.mark() == Mark::Running,
            Self::Creating => entry.mark() == Mark::Pending,
            Self::Terminating => entry.mark() == Mark::Terminating,
            Self::Completed => entry.mark() == Mark::Completed,
            Self::System => entry.namespace() == SYSTEM,
        }
    }
}

/// The namespace of the cluster's own parts.
pub(super) const SYSTEM: &str = "kube-system";

impl AtPath {
    fn holds(&self, entry: Entry<'_>, now: i64) -> bool {
        let values = self.path.values(entry.object().whole());
        let mut values = values.into_iter().filter(|value| value.is_present());
        if self.every {
            let mut values = values.peekable();
            values.peek().is_some() && values.all(|value| self.test.holds(value, now))
        } else {
            values.any(|value| self.test.holds(value, now))
        }
    }
}

impl Test {
    fn holds(&self, value: Value<'_>, now: i64) -> bool {
        match self {
            Self::Present => true,
            Self::Text(patterns) => any_matches(patterns, &text(value)),
            Self::Matches(expression) => expression.is_match(&text(value)),
            Self::Compares(operator, quantity, duration) => {
                if let Some(time) = value.time() {
                    return duration.is_some_and(|limit| operator.compares(now - time, limit));
                }
                let own = value.scalar_text().and_then(|text| Quantity::parse(&text));
                let order = own.zip(*quantity).map(|(own, limit)| own.cmp(&limit));
                order.is_some_and(|order| operator.orders(order))
            }
        }
    }
}

impl Selected {
    fn holds(&self, entry: Entry<'_>) -> bool {
        let values = self.read.values(entry.object().whole());
        let value = values.first().map(|value| text(*value));
        (value.as_deref().unwrap_or(self.absent) == self.value) == self.equal
    }
}

impl Operator {
    /// Whether `left operator right` holds.
    #[must_use]
    pub fn compares(self, left: i64, right: i64) -> bool {
        self.orders(left.cmp(&right))
    }

    /// Whether it holds of two values that stand in this order.
    #[must_use]
    pub const fn orders(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Matches => false,
            Self::Below => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Above => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, text, matches) in [
            ("*", "", true),
            ("a*", "ab", true),
            ("*b", "ab", true),
            ("*a*", "bab", true),
            ("a*a", "a", false),
            ("a*b*c", "a-b-bc", true),
            ("a*b*c", "acb", false),
            ("**", "x", true),
            ("pool-*", "pool", false),
            ("pool-*", "pool-", true),
            ("*é*é", "éaéé", true),
            ("a*b", "ab*c", false),
            ("*ab*ab", "abab-aba", false),
        ] {
            assert_eq!(Pattern::read(glob).matches(text), matches, "{glob} {text}");
        }
        assert!(!Pattern::read("a").matches("ab"));
    }
}
