//! Binds a query to its kind: names become columns, values become numbers. What makes no sense
//! for the kind is left out of the answer and reported with a guess at what was meant.

use super::Known;
use super::predicate::{Pattern, Predicate};
use crate::api::label::Test;
use crate::api::time::parse_duration;
use crate::query::{Atom, Expr, Operator, Problem, Query, Span};
use crate::resource::{Kind, ValueType};

/// Asked for when a query names no kind.
const DEFAULT_KIND: &str = "pods";

/// The flags of `is:`, and what they ask.
pub const FLAGS: [(&str, &str); 2] = [
    ("broken", "somebody should look at it"),
    ("running", "all is well"),
];

/// A query bound to its kind.
pub(super) struct Bound {
    pub(super) kind: &'static Kind,
    /// Each conjunct with the text that it was written as.
    pub(super) filter: Vec<(String, Predicate)>,
    pub(super) order: Vec<(usize, bool)>,
}

pub(super) fn bind(query: &Query, known: &Known, problems: &mut Vec<Problem>) -> Option<Bound> {
    let name = query.kind.as_ref().map_or(DEFAULT_KIND, |kind| &kind.value);
    let Some(kind) = known.catalog.named(name) else {
        let span = query
            .kind
            .as_ref()
            .map(|kind| kind.span)
            .unwrap_or_default();
        problems.push(unknown_kind(name, known, span));
        return None;
    };
    let mut binder = Binder { kind, problems };
    let filter = query
        .conjuncts()
        .iter()
        .filter_map(|condition| Some((condition.to_string(), binder.condition(condition)?)))
        .collect();
    let mut order: Vec<_> = query
        .sort
        .iter()
        .filter_map(|sort| {
            let index = binder.column(&sort.value.field, sort.span)?;
            Some((index, sort.value.descending))
        })
        .collect();
    if order.is_empty() {
        order = kind
            .order
            .iter()
            .filter_map(|&(name, descending)| Some((kind.column(name)?, descending)))
            .collect();
    }
    Some(Bound {
        kind,
        filter,
        order,
    })
}

fn unknown_kind(name: &str, known: &Known, span: Span) -> Problem {
    if name.contains(',') {
        return Problem {
            span,
            message: "a query asks for one kind".to_owned(),
            fix: name.split(',').next().map(str::to_owned),
        };
    }
    let names = known.catalog.kinds().flat_map(|kind| {
        std::iter::once(kind.resource.plural)
            .chain([kind.singular])
            .chain(kind.short_names.iter().copied())
    });
    let fix = nearest(&name.to_ascii_lowercase(), names);
    Problem {
        span,
        message: format!(
            "there is no kind called {name}{}",
            did_you_mean(fix.as_deref())
        ),
        fix,
    }
}

struct Binder<'a> {
    kind: &'static Kind,
    problems: &'a mut Vec<Problem>,
}

impl Binder<'_> {
    fn condition(&mut self, condition: &Expr) -> Option<Predicate> {
        match condition {
            // What makes no sense is left out; if nothing is left, so is the whole.
            Expr::And(all) => {
                let parts = self.conditions(all);
                (all.is_empty() || !parts.is_empty()).then_some(Predicate::All(parts))
            }
            Expr::Or(any) => {
                let sides = self.conditions(any);
                (any.is_empty() || !sides.is_empty()).then_some(Predicate::Any(sides))
            }
            Expr::Not(inner) => Some(Predicate::Not(Box::new(self.condition(inner)?))),
            Expr::Atom(atom) => self.atom(&atom.value, atom.span),
        }
    }

    fn conditions(&mut self, conditions: &[Expr]) -> Vec<Predicate> {
        conditions
            .iter()
            .filter_map(|condition| self.condition(condition))
            .collect()
    }

    fn atom(&mut self, atom: &Atom, span: Span) -> Option<Predicate> {
        match atom {
            Atom::Word(word) => Some(Predicate::NameContains(word.to_ascii_lowercase())),
            Atom::Label(requirement) => {
                let compared = match requirement.test {
                    Test::Above(limit) => Some((Operator::Above, limit)),
                    Test::Below(limit) => Some((Operator::Below, limit)),
                    _ => None,
                };
                // `restarts>5` is meant for the field, when the kind has one of that name that can
                // be compared.
                let compares = |index: &usize| {
                    let value = self.kind.columns[*index].value;
                    matches!(value, ValueType::Number | ValueType::Age)
                };
                let column = self.kind.column(&requirement.key).filter(compares);
                match (compared, column) {
                    (Some((operator, limit)), Some(_)) => {
                        self.comparison(&requirement.key, operator, &limit.to_string(), span)
                    }
                    _ => Some(Predicate::Label(requirement.clone())),
                }
            }
            Atom::Is(flag) => self.flag(flag, span),
            Atom::Field { name, values } if matches!(name.as_str(), "ns" | "namespace") => {
                if !self.kind.resource.namespaced {
                    let message = format!(
                        "{} are in no namespace, so it is left out",
                        self.kind.resource.plural
                    );
                    self.report(span, message, Some(String::new()));
                    return None;
                }
                Some(Predicate::Namespace(
                    values.iter().map(|value| Pattern::read(value)).collect(),
                ))
            }
            Atom::Field { name, values } => self.field(name, values, span),
            Atom::Compare {
                name,
                operator,
                value,
            } => self.comparison(name, *operator, value, span),
        }
    }

    fn flag(&mut self, flag: &str, span: Span) -> Option<Predicate> {
        match flag {
            "broken" => Some(Predicate::Broken),
            "running" => Some(Predicate::Running),
            _ => {
                let fix = nearest(flag, FLAGS.into_iter().map(|(flag, _)| flag));
                let message = format!("is:{flag} is not known{}", did_you_mean(fix.as_deref()));
                self.report(span, message, fix.map(|fix| format!("is:{fix}")));
                None
            }
        }
    }

    fn field(&mut self, name: &str, values: &[String], span: Span) -> Option<Predicate> {
        let index = self.column(name, span)?;
        match self.kind.columns[index].value {
            ValueType::Text | ValueType::Ratio => Some(Predicate::Text(
                index,
                values.iter().map(|value| Pattern::read(value)).collect(),
            )),
            ValueType::Number => {
                let numbers: Option<Vec<i64>> =
                    values.iter().map(|value| value.parse().ok()).collect();
                if numbers.is_none() {
                    let message = format!("{name} is a number, so it needs one, such as {name}:>5");
                    self.report(span, message, Some(format!("{name}:>5")));
                }
                numbers.map(|numbers| Predicate::FigureIn(index, numbers))
            }
            ValueType::Age => {
                let message = format!("{name} is compared with a duration, such as {name}:<1h");
                let fix = values
                    .first()
                    .filter(|value| parse_duration(value).is_some());
                self.report(
                    span,
                    message,
                    Some(format!("{name}:<{}", fix.map_or("1h", String::as_str))),
                );
                None
            }
        }
    }

    fn comparison(
        &mut self,
        name: &str,
        operator: Operator,
        value: &str,
        span: Span,
    ) -> Option<Predicate> {
        let index = self.column(name, span)?;
        let column = &self.kind.columns[index];
        let (limit, example) = match column.value {
            ValueType::Age => (
                parse_duration(value),
                format!("{name}:{}1h", operator.sign()),
            ),
            ValueType::Number => (value.parse().ok(), format!("{name}:{}5", operator.sign())),
            ValueType::Text | ValueType::Ratio => {
                let message = format!("{name} is text and has no order");
                self.report(span, message, Some(format!("{name}:{value}")));
                return None;
            }
        };
        let Some(limit) = limit else {
            let noun = if column.value == ValueType::Age {
                "a duration"
            } else {
                "a number"
            };
            self.report(
                span,
                format!("{name} is compared with {noun}, such as {example}"),
                Some(example),
            );
            return None;
        };
        Some(Predicate::compare(index, column.value, operator, limit))
    }

    fn column(&mut self, name: &str, span: Span) -> Option<usize> {
        let found = self.kind.column(name);
        if found.is_none() {
            let fields = self.kind.columns.iter().map(|column| column.name);
            let words = ["is", "has", "sort", "limit"].into_iter();
            let fix = nearest(name, fields.chain(words));
            let plural = self.kind.resource.plural;
            let guess = did_you_mean(fix.as_deref());
            let message = format!("{name} is not a field of {plural}, so it is left out{guess}");
            // The repair replaces the field's name and keeps what stands after it.
            let end = if span.end > span.start {
                span.start + name.len()
            } else {
                span.end
            };
            let name_span = Span {
                start: span.start,
                end,
            };
            self.report(if fix.is_some() { name_span } else { span }, message, fix);
        }
        found
    }

    fn report(&mut self, span: Span, message: String, fix: Option<String>) {
        self.problems.push(Problem { span, message, fix });
    }
}

fn did_you_mean(guess: Option<&str>) -> String {
    guess.map_or_else(String::new, |guess| format!("; did you mean {guess}"))
}

/// The known word closest to a mistyped one, if one is close.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|candidate| (distance(word, candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| {
            *distance <= 1 + candidate.len() / 4 || (word.len() > 1 && candidate.starts_with(word))
        })
        .map(|(_, candidate)| candidate.to_owned())
}

/// Edits between two words (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut previous: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let change = previous[j] + usize::from(ca != *cb);
            row.push(change.min(previous[j + 1] + 1).min(row[j] + 1));
        }
        previous = row;
    }
    previous[b.len()]
}
