//! The canonical text of a query: what stands in the URL. Reading it gives the query again.

use std::fmt;

use super::{Aggregate, Atom, Expr, Field, Function, Operator, Output, Query, Sort, Spanned};
use crate::api::label::{Requirement, Test};

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(from) = &self.from {
            write!(f, "{from} -> ")?;
        }
        let mut clauses = Vec::new();
        if !self.kinds.is_empty() {
            clauses.push(joined(&self.kinds));
        }
        clauses.extend(self.conjuncts().iter().map(print));
        let mut list = |name: &str, values: String| {
            if !values.is_empty() {
                clauses.push(format!("{name}:{values}"));
            }
        };
        list("group", joined(&self.group));
        list("cols", joined(&self.columns));
        list("sort", joined(&self.sort));
        clauses.extend(self.aggregates.iter().map(|one| one.value.to_string()));
        clauses.extend(self.limit.map(|limit| format!("limit:{limit}")));
        if self.kinds.is_empty()
            && let Some(first) = clauses.first_mut()
            && super::parse::is_kind(first)
            && !super::parse::is_alone(first)
        {
            *first = quoted(first);
        }
        if let Some(Output::Pluck(fields)) = &self.output {
            clauses.push(format!("| pluck {}", joined(fields)));
        }
        f.write_str(&clauses.join(" "))
    }
}

fn joined<T: fmt::Display>(values: &[Spanned<T>]) -> String {
    let values: Vec<_> = values.iter().map(|value| value.value.to_string()).collect();
    values.join(",")
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(self))
    }
}

const OR: &str = " OR ";

fn print(condition: &Expr) -> String {
    let list = |parts: &[Expr], between: &str, empty: &str| {
        let mut inner: Vec<_> = parts.iter().map(print).collect();
        match inner.len() {
            0 => empty.to_owned(),
            1 => inner.swap_remove(0),
            // Where a side of a choice holds always, so does the whole; one that says nothing would
            // not be read as a side.
            _ if between == OR && inner.iter().any(|side| side == "()") => "()".to_owned(),
            _ => format!("({})", inner.join(between)),
        }
    };
    match condition {
        // An empty conjunction holds always; its only text inside an expression is a pair of
        // parentheses with nothing in it.
        Expr::And(all) => list(all, " ", "()"),
        Expr::Or(any) => list(any, OR, "-()"),
        Expr::Not(inner) => match &**inner {
            Expr::Atom(atom) => match &atom.value {
                Atom::With(query) => with("without", query),
                atom => format!("-{atom}"),
            },
            // Two minus signs would begin a flag of kubectl.
            inner @ Expr::Not(_) => format!("-({})", print(inner)),
            inner => format!("-{}", print(inner)),
        },
        Expr::Atom(atom) => atom.value.to_string(),
    }
}

fn with(name: &str, query: &Query) -> String {
    let is_bare = query.from.is_none() && query.conjuncts().is_empty();
    let inner = query.to_string();
    if is_bare {
        format!("{name}:{inner}")
    } else {
        format!("{name}:({inner})")
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare {
                field,
                every,
                operator,
                values,
            } => {
                // By its name alone it would be a directive, unless a figure follows.
                let is_figure = |value: &String| value.starts_with(|c: char| c.is_ascii_digit());
                let is_alone = matches!(field, Field::Named(name) if super::parse::is_alone(name))
                    && !values.first().is_some_and(is_figure);
                let values: Vec<_> = values.iter().map(|value| quote(value)).collect();
                let every = if *every { "all:" } else { "" };
                let sign = match (field, operator) {
                    (Field::Path(_), Operator::Equal) => "=",
                    (_, Operator::Equal) if is_alone => "=",
                    _ => operator.sign(),
                };
                let colon = if matches!(field, Field::Named(_)) {
                    ":"
                } else {
                    ""
                };
                write!(f, "{every}{field}{colon}{sign}{}", values.join(","))
            }
            Self::Exists(path) => write!(f, "has:{path}"),
            Self::Label(requirement) => f.write_str(&label(requirement)),
            Self::Selector {
                field,
                equal,
                value,
            } => {
                let sign = if *equal { "=" } else { "!=" };
                let value = crate::api::field_value(value);
                write!(f, "-f {}", quoted(&format!("{field}{sign}{value}")))
            }
            Self::Is(flag) => write!(f, "is:{}", quote(flag)),
            Self::Word(word) if is_reserved(word) => f.write_str(&quoted(word)),
            Self::Word(word) => f.write_str(&quote(word)),
            Self::With(query) => f.write_str(&with("with", query)),
        }
    }
}

/// Words that mean something else when they stand by themselves.
fn is_reserved(word: &str) -> bool {
    super::parse::is_alone(word) || super::parse::is_flag(word)
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Path(path) => f.write_str(path),
            Self::Label(key) => write!(f, "label:{key}"),
        }
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name())?;
        match &self.field {
            Some(field) => write!(f, ":{field}"),
            None => Ok(()),
        }
    }
}

/// How each is written.
const FUNCTIONS: [(Function, &str); 6] = [
    (Function::Count, "count"),
    (Function::Sum, "sum"),
    (Function::Average, "avg"),
    (Function::Least, "min"),
    (Function::Most, "max"),
    (Function::Distinct, "distinct"),
];

impl Function {
    /// `avg`
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut functions = FUNCTIONS.into_iter();
        functions
            .find_map(|(function, name)| (function == self).then_some(name))
            .unwrap_or_default()
    }

    /// The one of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut functions = FUNCTIONS.into_iter();
        functions.find_map(|(function, known)| (known == name).then_some(function))
    }
}

/// As `kubectl -l` takes it, but values that no label can have are quoted, so that they are read
/// again as they are.
fn label(requirement: &Requirement) -> String {
    let key = &requirement.key;
    let set = |values: &[String]| -> String {
        let values: Vec<_> = values
            .iter()
            .map(|value| {
                if value.is_empty() {
                    String::new()
                } else {
                    quote(value)
                }
            })
            .collect();
        values.join(",")
    };
    match &requirement.test {
        Test::In(values) if values.len() == 1 => format!("{key}={}", set(values)),
        Test::NotIn(values) if values.len() == 1 => format!("{key}!={}", set(values)),
        Test::In(values) => format!("{key} in ({})", set(values)),
        Test::NotIn(values) => format!("{key} notin ({})", set(values)),
        Test::Exists => format!("has:{}", quote(key)),
        Test::Absent | Test::Above(_) | Test::Below(_) => requirement.to_string(),
    }
}

impl Operator {
    /// `>=`
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "",
            Self::Matches => "~",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            if self.descending { "-" } else { "" },
            self.field
        )
    }
}

/// A value as it must be written to be read as itself.
#[must_use]
pub fn quote(value: &str) -> String {
    let plain = !value.is_empty()
        && !value.starts_with(['-', '!', '<', '>', '='])
        && !matches!(value, "OR" | "NOT" | "in" | "notin")
        && value
            .chars()
            .all(|c| c.is_ascii() && super::parse::is_name(c));
    if plain {
        return value.to_owned();
    }
    quoted(value)
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
