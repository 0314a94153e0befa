//! The canonical text of a query: what stands in the URL. Reading it gives the query again.

use std::fmt;

use super::{Atom, Expr, Operator, Query, Sort};
use crate::api::label::{Requirement, Test};

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut clauses = Vec::new();
        clauses.extend(self.kind.iter().map(|kind| kind.value.clone()));
        clauses.extend(self.conjuncts().iter().map(print));
        if !self.sort.is_empty() {
            let keys: Vec<_> = self
                .sort
                .iter()
                .map(|sort| sort.value.to_string())
                .collect();
            clauses.push(format!("sort:{}", keys.join(",")));
        }
        clauses.extend(self.limit.map(|limit| format!("limit:{limit}")));
        if self.kind.is_none()
            && let Some(first) = clauses.first_mut()
            && super::parse::is_kind(first)
        {
            *first = quoted(first);
        }
        f.write_str(&clauses.join(" "))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print(self))
    }
}

fn print(condition: &Expr) -> String {
    let list = |parts: &[Expr], between: &str, empty: &str| match parts {
        [] => empty.to_owned(),
        [one] => print(one),
        _ => {
            let inner: Vec<_> = parts.iter().map(print).collect();
            format!("({})", inner.join(between))
        }
    };
    match condition {
        // An empty conjunction holds always; its only text inside an expression is a pair of
        // parentheses with nothing in it.
        Expr::And(all) => list(all, " ", "()"),
        Expr::Or(any) => list(any, " OR ", "-()"),
        Expr::Not(inner) => format!("-{}", print(inner)),
        Expr::Atom(atom) => atom.value.to_string(),
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { name, values } => {
                let values: Vec<_> = values.iter().map(|value| quote(value)).collect();
                write!(f, "{name}:{}", values.join(","))
            }
            Self::Compare {
                name,
                operator,
                value,
            } => write!(f, "{name}:{}{}", operator.sign(), quote(value)),
            Self::Label(requirement) => f.write_str(&label(requirement)),
            Self::Is(flag) => write!(f, "is:{}", quote(flag)),
            Self::Word(word) => f.write_str(&quote(word)),
        }
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
            .all(|c| c.is_ascii_alphanumeric() || "-_./*+@%".contains(c));
    if plain {
        return value.to_owned();
    }
    quoted(value)
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
