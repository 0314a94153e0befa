//! Clauses of a kind.

use super::guess::{did_you_mean, nearest};
use super::{Binder, plurals};
use crate::api::label;
use crate::api::quantity::Quantity;
use crate::api::time::parse_duration;
use crate::plan::predicate::{AtPath, Flag, Selected, Test, Word};
use crate::plan::selectable::reads_otherwise;
use crate::plan::{Getter, Pattern, Predicate};
use crate::query::{Atom, Expr, Field, Operator, Query, Span, Spanned};
use crate::resource::{Kind, ValueType};
use crate::value::jsonpath::Path;
use crate::value::regex::Regex;

/// The flags of `is:`, and what they ask.
pub const FLAGS: [(&str, Flag, &str); 6] = [
    ("broken", Flag::Broken, "somebody should look at it"),
    ("running", Flag::Running, "all is well"),
    ("creating", Flag::Creating, "on its way"),
    ("terminating", Flag::Terminating, "asked to go"),
    ("completed", Flag::Completed, "ended well"),
    (
        "system",
        Flag::System,
        "part of the cluster itself, in kube-system",
    ),
];

/// Binds the clauses of one kind.
pub(super) struct Clauses<'a, 'b> {
    pub(super) binder: &'a mut Binder<'b>,
    pub(super) kind: &'static Kind,
    /// Where stands what makes no sense for any of several kinds; of one kind that is everything.
    pub(super) common: Option<&'a [(usize, usize)]>,
}

impl Clauses<'_, '_> {
    /// A condition; nothing when nothing of it makes sense.
    pub(super) fn condition(&mut self, condition: &Expr) -> Option<Predicate> {
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
            Expr::Atom(atom) => self.atom_or_never(&atom.value, atom.span),
        }
    }

    fn conditions(&mut self, conditions: &[Expr]) -> Vec<Predicate> {
        conditions
            .iter()
            .filter_map(|condition| self.condition(condition))
            .collect()
    }

    /// Reports what makes no sense for the kind, and reads nothing besides.
    pub(super) fn try_condition(&mut self, condition: &Expr) {
        match condition {
            Expr::And(parts) | Expr::Or(parts) => {
                for part in parts {
                    self.try_condition(part);
                }
            }
            Expr::Not(inner) => self.try_condition(inner),
            Expr::Atom(Spanned {
                value: Atom::With(_),
                ..
            }) => {}
            Expr::Atom(atom) => {
                self.atom(&atom.value, atom.span);
            }
        }
    }

    /// What makes sense for another of the kinds asked for is never so of this one.
    fn atom_or_never(&mut self, atom: &Atom, span: Span) -> Option<Predicate> {
        let reported = self.binder.problems.len();
        let found = self.atom(atom, span);
        if found.is_some() || matches!(atom, Atom::With(_)) {
            return found;
        }
        let problems = &self.binder.problems;
        let is_common = self.common.is_none_or(|common| {
            let mut new = problems[reported.min(problems.len())..].iter();
            new.all(|problem| common.contains(&(problem.span.start, problem.span.end)))
        });
        if is_common {
            return None;
        }
        self.binder.problems.truncate(reported);
        Some(Predicate::NEVER)
    }

    fn report(&mut self, span: Span, message: String, fix: Option<String>) {
        self.binder.report(span, message, fix);
    }

    fn atom(&mut self, atom: &Atom, span: Span) -> Option<Predicate> {
        match atom {
            Atom::Word(word) => Some(Predicate::NameContains(Box::new(Word::new(word)))),
            Atom::Label(requirement) => self.label(requirement, span),
            Atom::Is(flag) => self.flag(flag, span),
            Atom::Exists(path) => {
                let path = self.binder.path(path, span)?;
                let (every, test) = (false, Test::Present);
                Some(Predicate::Path(Box::new(AtPath { path, every, test })))
            }
            Atom::Selector {
                field,
                equal,
                value,
            } => self.selector(field, *equal, value, span),
            Atom::With(query) => self.binder.stands_to(self.kind, query),
            Atom::Compare {
                field: Field::Path(path),
                every,
                operator,
                values,
            } => self.at_path(path, *every, *operator, values, span),
            Atom::Compare {
                field: Field::Named(name),
                operator,
                values,
                ..
            } => self.named(name, *operator, values, span),
            // Labels have their own grammar.
            Atom::Compare {
                field: Field::Label(key),
                operator,
                values,
                ..
            } if *operator != Operator::Equal => {
                let value = values.first()?.clone();
                self.atom(&Atom::of_label(key, *operator, value), span)
            }
            Atom::Compare {
                field: Field::Label(key),
                values,
                ..
            } => Some(Predicate::Label(label::Requirement::new(
                key.clone(),
                label::Test::In(values.clone()),
            ))),
        }
    }

    /// `restarts>5` is meant for the field, when the kind has one of that name that can be
    /// compared.
    fn label(&mut self, requirement: &label::Requirement, span: Span) -> Option<Predicate> {
        let compared = match requirement.test {
            label::Test::Above(limit) => Some((Operator::Above, limit)),
            label::Test::Below(limit) => Some((Operator::Below, limit)),
            _ => None,
        };
        let compares = |index: &usize| {
            let value = self.kind.columns[*index].value;
            matches!(
                value,
                ValueType::Number | ValueType::Age | ValueType::Quantity
            )
        };
        let column = self.kind.column(&requirement.key).filter(compares);
        match (compared, column) {
            (Some((operator, limit)), Some(index)) => {
                self.comparison(&requirement.key, index, operator, &limit.to_string(), span)
            }
            _ => Some(Predicate::Label(requirement.clone())),
        }
    }

    fn flag(&mut self, flag: &str, span: Span) -> Option<Predicate> {
        let mut flags = FLAGS.into_iter();
        if let Some((_, found, _)) = flags.find(|(name, ..)| *name == flag) {
            return Some(Predicate::Is(found));
        }
        let fix = nearest(flag, FLAGS.into_iter().map(|(flag, ..)| flag));
        let message = format!("is:{flag} is not known{}", did_you_mean(fix.as_deref()));
        self.report(span, message, fix.map(|fix| format!("is:{fix}")));
        None
    }

    fn selector(&mut self, field: &str, equal: bool, value: &str, span: Span) -> Option<Predicate> {
        let (path, absent) = reads_otherwise(self.kind, field).unwrap_or((field, ""));
        let read = self.binder.path(&format!("{{{path}}}"), span)?;
        Some(Predicate::Selector(Box::new(Selected {
            field: field.to_owned(),
            read,
            absent,
            equal,
            value: value.to_owned(),
        })))
    }

    fn at_path(
        &mut self,
        path: &str,
        every: bool,
        operator: Operator,
        values: &[String],
        span: Span,
    ) -> Option<Predicate> {
        let path: Path = self.binder.path(path, span)?;
        let test = match operator {
            Operator::Equal => {
                Test::Text(values.iter().map(|value| Pattern::read(value)).collect())
            }
            Operator::Matches => Test::Matches(self.expression(values.first()?, span)?),
            _ => {
                let value = values.first()?;
                let (quantity, duration) = (Quantity::parse(value), parse_duration(value));
                if quantity.is_none() && duration.is_none() {
                    let message = format!(
                        "{value} has no order; what lies at a path is compared with a number, a quantity such as 500m or 1Gi, or a duration such as 1h"
                    );
                    self.report(span, message, None);
                    return None;
                }
                Test::Compares(operator, quantity, duration)
            }
        };
        Some(Predicate::Path(Box::new(AtPath { path, every, test })))
    }

    fn expression(&mut self, text: &str, span: Span) -> Option<Regex> {
        match Regex::new(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let message = format!("{text} is no regular expression: {error}");
                self.report(span, message, None);
                None
            }
        }
    }

    fn named(
        &mut self,
        name: &str,
        operator: Operator,
        values: &[String],
        span: Span,
    ) -> Option<Predicate> {
        match (name, operator) {
            ("ns" | "namespace", Operator::Equal) => return self.namespace(values, span),
            ("owner", Operator::Equal) => return self.owner(values, span),
            ("since", Operator::Equal) => {
                // How lately: the last moment that the kind knows of.
                let last = ["last", "age"]
                    .into_iter()
                    .find_map(|name| self.kind.column(name));
                return self.comparison(name, last?, Operator::AtMost, values.first()?, span);
            }
            _ => {}
        }
        let Some(index) = self.kind.column(name) else {
            self.binder.unknown_field(name, span, &[self.kind]);
            return None;
        };
        match operator {
            Operator::Equal => self.equality(name, index, values, span),
            Operator::Matches => {
                let expression = self.expression(values.first()?, span)?;
                Some(Predicate::Matches(Getter::Column(index), expression))
            }
            _ => self.comparison(name, index, operator, values.first()?, span),
        }
    }

    fn namespace(&mut self, values: &[String], span: Span) -> Option<Predicate> {
        if !self.kind.resource.namespaced {
            let plural = plurals(&[self.kind]);
            let message = format!("{plural} are in no namespace, so it is left out");
            self.report(span, message, Some(String::new()));
            return None;
        }
        Some(Predicate::Namespace(
            values.iter().map(|value| Pattern::read(value)).collect(),
        ))
    }

    /// `owner:deploy/web` is short for `with:(deploy name:web)`.
    fn owner(&mut self, values: &[String], span: Span) -> Option<Predicate> {
        let mut any = Vec::new();
        for value in values {
            let Some((kind, name)) = value.split_once('/') else {
                let message = "an owner is written kind/name, as in owner:deploy/web".to_owned();
                self.report(span, message, None);
                return None;
            };
            let value = kind.to_owned();
            let mut query = Query::default().names([name]);
            query.kinds.push(Spanned { span, value });
            any.push(self.binder.stands_to(self.kind, &query)?);
        }
        Some(Predicate::Any(any))
    }

    fn equality(
        &mut self,
        name: &str,
        index: usize,
        values: &[String],
        span: Span,
    ) -> Option<Predicate> {
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
            ValueType::Quantity => {
                let mut any = Vec::new();
                for value in values {
                    any.push(self.comparison(name, index, Operator::Equal, value, span)?);
                }
                Some(Predicate::Any(any))
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
        index: usize,
        operator: Operator,
        value: &str,
        span: Span,
    ) -> Option<Predicate> {
        let column = &self.kind.columns[index];
        let (limit, noun, example) = match column.value {
            ValueType::Age => (parse_duration(value), "a duration", "1h"),
            ValueType::Number => (value.parse().ok(), "a number", "5"),
            ValueType::Ratio => {
                if let Some(share) = share(value) {
                    return Some(Predicate::Share(index, operator, share));
                }
                (
                    value.parse().ok(),
                    "a number, a share or a percentage",
                    "100%",
                )
            }
            ValueType::Quantity => {
                if let Some(quantity) = Quantity::parse(value) {
                    return Some(Predicate::Quantity(index, operator, quantity));
                }
                (None, "a quantity", "500m")
            }
            ValueType::Text => {
                let message = format!("{name} is text and has no order");
                self.report(span, message, Some(format!("{name}:{value}")));
                return None;
            }
        };
        let Some(limit) = limit else {
            let sign = if name == "since" { "" } else { operator.sign() };
            let example = format!("{name}:{sign}{example}");
            self.report(
                span,
                format!("{name} is compared with {noun}, such as {example}"),
                Some(example),
            );
            return None;
        };
        Some(Predicate::compare(index, column.value, operator, limit))
    }
}

/// `50%`, `1/2`
fn share(text: &str) -> Option<(i64, i64)> {
    let (part, whole) = match text.strip_suffix('%') {
        Some(percent) => (percent.parse().ok()?, 100),
        None => {
            let (part, whole) = text.split_once('/')?;
            (part.parse().ok()?, whole.parse().ok()?)
        }
    };
    (whole > 0).then_some((part, whole))
}
