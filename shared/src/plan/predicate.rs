//! A condition bound to a kind: fields are columns, values are numbers and patterns.

use crate::api::label::Requirement;
use crate::query::Operator;
use crate::resource::{Datum, Mark, ValueType};
use crate::store::Entry;

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
    /// The name contains this, in small letters.
    NameContains(String),
    /// The text of a column is one of these; what an object does not say reads as nothing.
    Text(usize, Vec<Pattern>),
    /// The figure of a column compares so with a number.
    Figure(usize, Operator, i64),
    /// The figure of a column is one of these.
    FigureIn(usize, Vec<i64>),
    /// The time since a column's moment, in milliseconds, compares so with a number.
    Since(usize, Operator, i64),
    /// `is:broken`
    Broken,
    /// `is:running`
    Running,
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

/// `*` stands for any text. Greedy from the left is enough: each piece may be taken at its first
/// place, but for the last, which must end the text.
fn glob_matches(glob: &str, text: &str) -> bool {
    let mut pieces = glob.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

impl Predicate {
    /// Whether it holds for an object; `now` is the server's time.
    #[must_use]
    pub fn holds(&self, entry: Entry<'_>, now: i64) -> bool {
        let columns = entry.kind().columns;
        match self {
            Self::All(all) => all.iter().all(|part| part.holds(entry, now)),
            Self::Any(any) => any.iter().any(|part| part.holds(entry, now)),
            Self::Not(inner) => !inner.holds(entry, now),
            Self::Namespace(patterns) => patterns
                .iter()
                .any(|pattern| pattern.matches(entry.namespace())),
            Self::Label(requirement) => requirement.matches(entry.label(&requirement.key)),
            Self::NameContains(word) => contains(entry.name(), word),
            Self::Text(index, patterns) => {
                let matches = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
                match entry.datum(*index) {
                    Datum::Text(text) if columns[*index].listed => {
                        matches(&text) || text.split(',').any(matches)
                    }
                    Datum::Text(text) => matches(&text),
                    // The API server reads what is missing as nothing; kubectl prints a word.
                    Datum::Absent => matches("") || matches(columns[*index].absent),
                    datum => matches(&columns[*index].print(&datum, now)),
                }
            }
            Self::Figure(index, operator, limit) => entry
                .datum(*index)
                .figure()
                .is_some_and(|figure| operator.compares(figure, *limit)),
            Self::FigureIn(index, figures) => entry
                .datum(*index)
                .figure()
                .is_some_and(|figure| figures.contains(&figure)),
            Self::Since(index, operator, limit) => match entry.datum(*index) {
                Datum::Time(time) => operator.compares(now - time, *limit),
                _ => false,
            },
            Self::Broken => entry.is_broken(),
            Self::Running => entry.mark() == Mark::Running,
        }
    }

    /// Whether it may change by the mere passing of time.
    #[must_use]
    pub fn depends_on_time(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::depends_on_time),
            Self::Not(inner) => inner.depends_on_time(),
            Self::Since(..) => true,
            _ => false,
        }
    }

    /// Whether it looks at a column for which something holds.
    pub(super) fn looks_at(&self, holds: &impl Fn(usize) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.looks_at(holds)),
            Self::Not(inner) => inner.looks_at(holds),
            Self::Text(column, _)
            | Self::Figure(column, ..)
            | Self::FigureIn(column, _)
            | Self::Since(column, ..) => holds(*column),
            _ => false,
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

impl Operator {
    /// Whether `left operator right` holds.
    #[must_use]
    pub const fn compares(self, left: i64, right: i64) -> bool {
        match self {
            Self::Below => left < right,
            Self::AtMost => left <= right,
            Self::Above => left > right,
            Self::AtLeast => left >= right,
        }
    }
}

/// Names are small letters by rule, so only odd ones cost an allocation.
fn contains(name: &str, word: &str) -> bool {
    if name
        .bytes()
        .any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii())
    {
        name.to_ascii_lowercase().contains(word)
    } else {
        name.contains(word)
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
        ] {
            assert_eq!(Pattern::read(glob).matches(text), matches, "{glob} {text}");
        }
        assert!(!Pattern::read("a").matches("ab"));
    }
}
