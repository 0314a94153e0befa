//! What a query means, read off its syntax tree and JSON objects by loops: no plan, no index, nothing
//! of the engine.

use std::cmp::Ordering;

use k8kat::api::label::{Requirement, Test};
use k8kat::query::{Atom, Expr, Field, Operator, Query, Sort};
use serde_json::Value;

use crate::cell::{Cell, Object, age, cell, flags, is_listed, milli, print, word_of_nothing};
use crate::groups::groups;
use crate::path::{quantity, text, values};
use crate::relation::{between, relates, relation, targets};
use crate::selectors::fields;
use crate::state::{NOW, RESOURCES, Resource, State};

/// What is visible of a cluster.
pub(crate) struct Reference<'a> {
    pub(crate) state: &'a State,
    /// Whether somebody may see the objects of a kind in a namespace.
    pub(crate) visible: &'a dyn Fn(&Resource, &str) -> bool,
}

pub(crate) const EVERYTHING: &dyn Fn(&Resource, &str) -> bool = &|_, _| true;

impl<'a> Reference<'a> {
    /// The rows of a query's answer: paths of objects, or the cells of groups.
    pub(crate) fn answer(&self, query: &Query) -> Vec<String> {
        let kinds = self.kinds(query);
        let mut found = self.matching(query);
        let mut rows: Vec<String> = if query.is_grouped() {
            groups(query, &found)
        } else {
            found.sort_by(|a, b| compare(query, &kinds, *a, *b));
            found.iter().map(|object| path(*object)).collect()
        };
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        rows
    }

    /// The kinds that a query asks for.
    fn kinds(&self, query: &Query) -> Vec<&'static Resource> {
        match &query.from {
            None if query.kinds.is_empty() => vec![kind("pods")],
            None => {
                let mut kinds: Vec<_> = query.kinds.iter().map(|name| kind(&name.value)).collect();
                kinds.dedup();
                kinds
            }
            Some(from) => reached(query, &self.kinds(from)),
        }
    }

    /// The objects that a query asks for, in no order.
    fn matching(&self, query: &Query) -> Vec<Object<'a>> {
        let mut found = Vec::new();
        let sources = query.from.as_deref().map(|from| self.matching(from));
        for kind in self.kinds(query) {
            for object in self.objects(kind) {
                let is_reached = sources.as_ref().is_none_or(|sources| {
                    sources.iter().any(|source| stands(query, *source, object))
                });
                if is_reached && self.holds(&query.filter, object) {
                    found.push(object);
                }
            }
        }
        found
    }

    fn objects(&self, kind: &'static Resource) -> Vec<Object<'a>> {
        let all = self.state.objects.iter();
        all.filter(|((plural, namespace, _), _)| {
            *plural == kind.plural && (self.visible)(kind, namespace)
        })
        .map(|(_, value)| Object { kind, value })
        .collect()
    }

    fn holds(&self, condition: &Expr, object: Object<'_>) -> bool {
        match condition {
            Expr::And(all) => all.iter().all(|part| self.holds(part, object)),
            Expr::Or(any) => any.iter().any(|part| self.holds(part, object)),
            Expr::Not(inner) => !self.holds(inner, object),
            Expr::Atom(atom) => self.atom(&atom.value, object),
        }
    }

    fn atom(&self, atom: &Atom, object: Object<'_>) -> bool {
        match atom {
            Atom::Word(word) => object.name().contains(&word.to_ascii_lowercase()),
            Atom::Is(flag) if flag == "system" => object.namespace() == "kube-system",
            Atom::Is(flag) => flags(object).contains(&flag.as_str()),
            Atom::Label(requirement) => label(requirement, object),
            Atom::Exists(path) => !values(path, object.value).is_empty(),
            Atom::Selector {
                field,
                equal,
                value,
            } => {
                let known = fields(object.kind.plural, 99, object.value);
                let own = known.get(field).and_then(Value::as_str).map(str::to_owned);
                let own = own.or_else(|| {
                    values(&format!("{{.{field}}}"), object.value)
                        .first()
                        .map(|one| text(one))
                });
                (own.unwrap_or_default() == *value) == *equal
            }
            Atom::With(query) => {
                let kinds = match &query.from {
                    None => reached(query, &[object.kind]),
                    Some(_) => self.kinds(query),
                };
                let of = Query {
                    from: None,
                    ..(**query).clone()
                };
                let others = match &query.from {
                    None => kinds
                        .into_iter()
                        .flat_map(|kind| self.objects(kind))
                        .filter(|other| self.holds(&query.filter, *other))
                        .collect(),
                    Some(_) => self.matching(query),
                };
                others.into_iter().any(|other| match &query.from {
                    None => stands(&of, object, other),
                    Some(_) => between(object.kind, other.kind)
                        .into_iter()
                        .any(|way| relates(object, way, other)),
                })
            }
            Atom::Compare {
                field: Field::Path(path),
                every,
                operator,
                values: wanted,
            } => {
                let found = values(path, object.value);
                let holds = |value: &&Value| at_path(*operator, wanted, value);
                if *every {
                    !found.is_empty() && found.iter().all(holds)
                } else {
                    found.iter().any(holds)
                }
            }
            Atom::Compare {
                field: Field::Named(name),
                operator,
                values,
                ..
            } => self.compares(name, *operator, values, object),
            Atom::Compare {
                field: Field::Label(key),
                values,
                ..
            } => label(
                &Requirement::new(key.clone(), Test::In(values.clone())),
                object,
            ),
        }
    }

    fn compares(
        &self,
        name: &str,
        operator: Operator,
        values: &[String],
        object: Object<'_>,
    ) -> bool {
        let any_matches = |text: &str| values.iter().any(|value| glob(value, text));
        match name {
            "ns" | "namespace" => return object.kind.namespaced && any_matches(object.namespace()),
            "owner" => {
                return values.iter().any(|value| {
                    let (kind, name) = value.split_once('/').unwrap_or_default();
                    let owner = Query::of(kind).names([name]);
                    self.atom(&Atom::With(Box::new(owner)), object)
                });
            }
            "since" => {
                let last = cell(object, "last").or_else(|| cell(object, "age"));
                return matches!(last, Some(Cell::Time(time)) if Some(NOW.as_secs() - time) <= age(&values[0]));
            }
            _ => {}
        }
        let Some(own) = cell(object, name) else {
            return false;
        };
        let first = values.first().map(String::as_str).unwrap_or_default();
        match (operator, own) {
            (Operator::Matches, Cell::Absent) => false,
            (Operator::Matches, own) => {
                regex::Regex::new(first).is_ok_and(|regex| regex.is_match(&print(&own, "")))
            }
            (Operator::Equal, Cell::Absent) => {
                any_matches("") || any_matches(word_of_nothing(object.kind, name))
            }
            (Operator::Equal, Cell::Number(own)) => {
                values.iter().any(|value| value.parse() == Ok(own))
            }
            (Operator::Equal, Cell::Amount(own)) => {
                values.iter().any(|value| milli(value) == Some(own))
            }
            (_, Cell::Amount(own)) => {
                milli(first).is_some_and(|limit| orders(operator, own.cmp(&limit)))
            }
            (Operator::Equal, own) => {
                let own = print(&own, "");
                any_matches(&own) || (is_listed(name) && own.split(',').any(any_matches))
            }
            (_, Cell::Time(time)) => {
                let own = NOW.as_secs() - time;
                age(first).is_some_and(|limit| orders(operator, own.cmp(&limit)))
            }
            (_, Cell::Number(own)) => first
                .parse()
                .is_ok_and(|limit: i64| orders(operator, own.cmp(&limit))),
            (_, Cell::Ratio(part, whole)) => match share(first) {
                Some((of, all)) => whole > 0 && orders(operator, (part * all).cmp(&(of * whole))),
                None => first
                    .parse()
                    .is_ok_and(|limit: i64| orders(operator, part.cmp(&limit))),
            },
            _ => false,
        }
    }
}

/// `50%`, `1/2`
fn share(text: &str) -> Option<(i64, i64)> {
    match text.strip_suffix('%') {
        Some(percent) => Some((percent.parse().ok()?, 100)),
        None => {
            let (part, whole) = text.split_once('/')?;
            Some((part.parse().ok()?, whole.parse().ok()?))
        }
    }
}

/// The kinds that the names of a query mean, where `from` are the kinds that it comes from.
fn reached(query: &Query, from: &[&'static Resource]) -> Vec<&'static Resource> {
    let mut kinds: Vec<&'static Resource> = Vec::new();
    for name in &query.kinds {
        let found = match relation(&name.value) {
            Some(way) => from.iter().flat_map(|kind| targets(way, kind)).collect(),
            None => vec![kind(&name.value)],
        };
        for kind in found {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    kinds
}

/// The kind of a name.
pub(crate) fn kind(name: &str) -> &'static Resource {
    let plural = match name {
        "po" | "pod" => "pods",
        "deploy" => "deployments",
        "rs" => "replicasets",
        "svc" => "services",
        "cm" => "configmaps",
        "node" => "nodes",
        other => other,
    };
    let found = RESOURCES
        .iter()
        .find(|resource| resource.plural == plural || resource.qualified() == plural);
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

/// Whether an object stands to another in the way that a query names, or in any.
fn stands(query: &Query, object: Object<'_>, other: Object<'_>) -> bool {
    let ways = match query.kinds.as_slice() {
        [name] if relation(&name.value).is_some() => relation(&name.value).into_iter().collect(),
        _ => between(object.kind, other.kind),
    };
    ways.into_iter().any(|way| relates(object, way, other))
}

fn label(requirement: &Requirement, object: Object<'_>) -> bool {
    let value = object.value["metadata"]["labels"]
        .get(&requirement.key)
        .and_then(Value::as_str);
    let number = value.and_then(|value| value.parse::<i64>().ok());
    match &requirement.test {
        Test::In(values) => value.is_some_and(|value| values.iter().any(|one| one == value)),
        Test::NotIn(values) => !value.is_some_and(|value| values.iter().any(|one| one == value)),
        Test::Exists => value.is_some(),
        Test::Absent => value.is_none(),
        // What the kind has as a figure is meant, where it has it.
        Test::Above(limit) => match cell(object, &requirement.key) {
            Some(Cell::Number(own)) => own > *limit,
            Some(Cell::Amount(own)) => own > *limit * 1000,
            _ => number.is_some_and(|number| number > *limit),
        },
        Test::Below(limit) => match cell(object, &requirement.key) {
            Some(Cell::Number(own)) => own < *limit,
            Some(Cell::Amount(own)) => own < *limit * 1000,
            _ => number.is_some_and(|number| number < *limit),
        },
    }
}

fn at_path(operator: Operator, wanted: &[String], value: &Value) -> bool {
    let own = text(value);
    let first = wanted.first().map(String::as_str).unwrap_or_default();
    match operator {
        Operator::Equal => wanted.iter().any(|pattern| glob(pattern, &own)),
        Operator::Matches => regex::Regex::new(first).is_ok_and(|regex| regex.is_match(&own)),
        _ => match (
            humantime::parse_rfc3339(&own),
            quantity(&own),
            quantity(first),
        ) {
            (Ok(time), ..) => {
                let time = time
                    .duration_since(std::time::UNIX_EPOCH)
                    .unwrap_or_default();
                age(first).is_some_and(|limit| orders(operator, (NOW - time).as_secs().cmp(&limit)))
            }
            (_, Some(own), Some(limit)) => own
                .partial_cmp(&limit)
                .is_some_and(|order| orders(operator, order)),
            _ => false,
        },
    }
}

/// `*` stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| glob(rest, &text[at..]))
        }),
    }
}

fn orders(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::Below => order.is_lt(),
        Operator::AtMost => order.is_le(),
        Operator::Above => order.is_gt(),
        Operator::AtLeast => order.is_ge(),
        Operator::Equal | Operator::Matches => false,
    }
}

/// `pods/a/x`, `nodes/-/n1`
fn path(object: Object<'_>) -> String {
    let namespace = if object.kind.namespaced {
        object.namespace()
    } else {
        "-"
    };
    format!("{}/{namespace}/{}", object.kind.qualified(), object.name())
}

/// The field of an object, of whatever a directive names.
pub(crate) fn shown(field: &Field, object: Object<'_>) -> Cell {
    match field {
        Field::Named(name) if name == "kind" => Cell::Text(object.kind.kind.to_owned()),
        Field::Named(name) => cell(object, name).unwrap_or(Cell::Absent),
        Field::Label(key) => match object.value["metadata"]["labels"][key].as_str() {
            Some("") | None => Cell::Absent,
            Some(value) => Cell::Text(value.to_owned()),
        },
        Field::Path(path) => match values(path, object.value).as_slice() {
            [] => Cell::Absent,
            [Value::Number(number)] if number.is_i64() => {
                Cell::Number(number.as_i64().unwrap_or_default())
            }
            found => {
                let texts: Vec<_> = found.iter().map(|value| text(value)).collect();
                let joined = texts.join(",");
                if joined.is_empty() {
                    Cell::Absent
                } else {
                    Cell::Text(joined)
                }
            }
        },
    }
}

fn compare(query: &Query, kinds: &[&Resource], a: Object<'_>, b: Object<'_>) -> Ordering {
    let mut sort: Vec<Sort> = query.sort.iter().map(|sort| sort.value.clone()).collect();
    if sort.is_empty() && kinds.len() == 1 && kinds[0].plural == "events" {
        let field = Field::Named("last".to_owned());
        sort.push(Sort {
            field,
            descending: false,
        });
    }
    let of = |object: Object<'_>| kinds.iter().position(|kind| **kind == *object.kind);
    let mut orders = sort.iter().map(|sort| {
        order(
            &shown(&sort.field, a),
            &shown(&sort.field, b),
            sort.descending,
        )
    });
    orders
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
        .then_with(|| of(a).cmp(&of(b)))
        .then_with(|| a.namespace().cmp(b.namespace()))
        .then_with(|| a.name().cmp(b.name()))
}

/// Smallest first, or largest; what is absent last either way. The youngest has the smallest age.
pub(crate) fn order(a: &Cell, b: &Cell, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Cell::Absent, Cell::Absent) => return Ordering::Equal,
        (Cell::Absent, _) => return Ordering::Greater,
        (_, Cell::Absent) => return Ordering::Less,
        (Cell::Time(a), Cell::Time(b)) => b.cmp(a),
        (Cell::Number(a), Cell::Number(b)) | (Cell::Amount(a), Cell::Amount(b)) => a.cmp(b),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        (Cell::Ratio(a, of_a), Cell::Ratio(b, of_b)) => (a * of_b)
            .cmp(&(b * of_a))
            .then(of_a.cmp(of_b))
            .then(a.cmp(b)),
        _ => rank(a).cmp(&rank(b)),
    };
    if descending { order.reverse() } else { order }
}

fn rank(cell: &Cell) -> usize {
    match cell {
        Cell::Number(_) => 0,
        Cell::Ratio(..) => 1,
        Cell::Amount(_) => 2,
        Cell::Time(_) => 3,
        Cell::Text(_) => 4,
        Cell::Absent => 5,
    }
}
