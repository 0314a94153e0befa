//! The kinds of objects: what their tables show, what may be asked of them, when they are well,
//! and what they belong with.
//!
//! A kind known by heart is one file below, and its line in [`KINDS`]; the others that a cluster
//! has are learned from its discovery and its tables. Navigation, lists, details, search and
//! completion project from the [`Catalog`] of both; nothing elsewhere names a kind. The files of
//! kinds do not import each other: what they share stands here.

mod catalog;
mod cells;
pub mod column;
mod config_map;
mod custom_resource_definition;
pub mod datum;
mod deployment;
mod discovery;
mod event;
mod health;
mod learned;
mod namespace;
mod node;
mod pod;
mod replica_set;
mod secret;
mod service;

use std::borrow::Cow;

use crate::api::Resource;
use crate::api::label::{Requirement, Test};
use crate::plan::Content;
use crate::sort::{sort, sort_by};
use crate::value::{Key, ObjectRef, Value, key};
pub use catalog::Catalog;
pub use column::{Column, ValueType};
pub use datum::Datum;
pub use discovery::{Discovered, Discovery};
pub use health::{Health, Mark, Printed};
pub use learned::{Columns, Learned};

/// The kinds known by heart, in the order of the sidebar.
pub static KINDS: [&Kind; 10] = [
    &pod::KIND,
    &deployment::KIND,
    &replica_set::KIND,
    &service::KIND,
    &config_map::KIND,
    &secret::KIND,
    &node::KIND,
    &namespace::KIND,
    &custom_resource_definition::KIND,
    &event::KIND,
];

/// A kind of object.
#[derive(Debug)]
pub struct Kind {
    /// Where its objects live.
    pub resource: Resource,
    /// `pod`
    pub singular: &'static str,
    /// `po`
    pub short_names: &'static [&'static str],
    /// `Pods`
    pub title: &'static str,
    /// The heading under which the sidebar shows it.
    pub category: &'static str,
    /// How much of each object is listed and watched. What is large or secret is read whole only
    /// where that is asked for.
    pub listed: Content,
    /// Its fields, in the order of `kubectl get -o wide`; the namespace stands before them.
    pub columns: &'static [Column],
    /// How many of them are those of the server's table, in its order: the first ones behind the namespace. Of a
    /// kind that is not known by heart, none.
    pub cells: usize,
    /// How its rows are ordered when the query does not say: field and whether largest first.
    /// Namespace and name come after, always.
    pub order: &'static [(&'static str, bool)],
    /// Whether an object is well, and the cells that are computed together.
    pub print: fn(ObjectRef<'_>) -> Printed<'_>,
    /// What the detail says of an object beyond what every object has.
    pub facts: fn(ObjectRef<'_>) -> Facts,
    /// What an object belongs with.
    pub relations: &'static [Relation],
    /// What makes it one that is not known by heart.
    pub learned: Option<&'static Learned>,
}

/// What the detail says of an object.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Label and value.
    pub lines: Vec<(&'static str, FactValue)>,
    /// Small tables: title, heads, rows.
    pub tables: Vec<FactTable>,
}

/// A small table of the detail.
#[derive(Clone, Debug)]
pub struct FactTable {
    /// `Containers`
    pub title: &'static str,
    /// Heads.
    pub columns: &'static [&'static str],
    /// Rows.
    pub rows: Vec<Vec<FactValue>>,
}

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactValue {
    /// Words.
    Text(String),
    /// A state with its mark.
    State(Mark, String),
    /// A moment, shown as its age.
    Time(i64),
    /// Another object.
    Object(Lead),
}

/// Another object, as one object names it; whether there is such a kind is for the cluster to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lead {
    /// Any name of its kind.
    pub kind: Cow<'static, str>,
    /// Its namespace, or none.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Lead {
    /// The node of a name.
    fn to_node(name: &str) -> Self {
        Self {
            kind: Cow::Borrowed("nodes"),
            namespace: String::new(),
            name: name.to_owned(),
        }
    }
}

/// What an object belongs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The objects named in its `ownerReferences`.
    Owners,
    /// Objects of a kind (plural) that name it as their owner and that its `spec.selector`
    /// selects.
    Owned(&'static str),
    /// Objects of a kind (plural) in its namespace that its `spec.selector` selects.
    Selects(&'static str),
    /// Objects of a kind (plural) in its namespace whose `spec.selector` selects it.
    SelectedBy(&'static str),
    /// Objects of a kind (plural) that run on it: the field selector `spec.nodeName`.
    Runs(&'static str),
}

impl Kind {
    /// The kind known by heart of a name as people write it; see [`Catalog::named`].
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Catalog::default().named(name)
    }

    /// Whether it goes by a whole name, in small letters.
    fn is_called(&self, name: &str) -> bool {
        name == self.resource.plural
            || name == self.singular
            || self.resource.kind.eq_ignore_ascii_case(name)
    }

    /// Whether it is of a version and group: `v1.apps`.
    fn is_of(&self, place: &str) -> bool {
        let parts = place.split_once('.').unwrap_or((place, ""));
        parts == (self.resource.version, self.resource.group)
    }

    /// The column that bears the state's mark.
    #[must_use]
    pub fn state_column(&self) -> Option<usize> {
        ["status", "type", "ready", "name"]
            .iter()
            .find_map(|name| self.column(name))
    }

    /// Where an object is found in the page: `pods/shop/web-1`, `nodes/-/n1`.
    #[must_use]
    pub fn object_path(&self, namespace: &str, name: &str) -> String {
        let namespace = if namespace.is_empty() { "-" } else { namespace };
        format!("{}/{namespace}/{name}", self.resource.qualified())
    }

    /// The column with a name or an alias.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| column.name == name || column.aliases.contains(&name))
    }
}

/// `a=1,b=2`, as `kubectl` prints a map of labels.
fn labels_text(labels: Value<'_>) -> Option<String> {
    let mut pairs: Vec<_> = labels
        .entries()
        .map(|(key, value)| format!("{key}={}", value.text_or_empty()))
        .collect();
    sort(&mut pairs);
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// A `LabelSelector` object as `kubectl` prints it: pairs as equalities, expressions as sets.
fn selector_text(selector: Value<'_>) -> String {
    let print = |(requirement, is_pair): (Requirement, bool)| match &requirement.test {
        Test::In(values) if !is_pair => format!("{} in ({})", requirement.key, values.join(",")),
        Test::NotIn(values) => format!("{} notin ({})", requirement.key, values.join(",")),
        _ => requirement.to_string(),
    };
    let texts: Vec<_> = selector_parts(selector).into_iter().map(print).collect();
    texts.join(",")
}

/// The requirements of a `LabelSelector` (`matchLabels`, `matchExpressions`) or of a plain map of
/// labels, sorted by key as the API server sorts them.
#[must_use]
pub fn selector_requirements(selector: Value<'_>) -> Vec<Requirement> {
    let parts = selector_parts(selector).into_iter();
    parts.map(|(requirement, _)| requirement).collect()
}

/// Each requirement, and whether it was written as a pair of key and value.
fn selector_parts(selector: Value<'_>) -> Vec<(Requirement, bool)> {
    let is_object = ["matchLabels", "matchExpressions"]
        .iter()
        .any(|key| selector.get(key).is_present());
    let (pairs, expressions) = if is_object {
        let expressions = selector.get("matchExpressions");
        (selector.get("matchLabels"), expressions)
    } else {
        (selector, Value::ABSENT)
    };
    let pair = |(key, value): (Cow<'_, str>, Value<'_>)| {
        let test = Test::In(vec![value.text_or_empty().into_owned()]);
        (Requirement::new(key, test), true)
    };
    let expressions = expressions.items().filter_map(expression_requirement);
    let mut all: Vec<_> = pairs.entries().map(pair).collect();
    all.extend(expressions.map(|requirement| (requirement, false)));
    sort_by(&mut all, |(a, _), (b, _)| a.key.cmp(&b.key));
    all
}

/// One of `matchExpressions`; nothing for an operator that is not known.
fn expression_requirement(expression: Value<'_>) -> Option<Requirement> {
    let mut values: Vec<String> = expression
        .get("values")
        .items()
        .map(|value| value.text_or_empty().into_owned())
        .collect();
    sort(&mut values);
    let test = match &*expression.get("operator").text_or_empty() {
        "In" => Test::In(values),
        "NotIn" => Test::NotIn(values),
        "Exists" => Test::Exists,
        "DoesNotExist" => Test::Absent,
        _ => return None,
    };
    Some(Requirement::new(
        expression.get("key").text_or_empty(),
        test,
    ))
}

/// The status of a condition (`True`, `False`, `Unknown`) and its reason.
fn condition<'a>(object: ObjectRef<'a>, name: &str) -> Option<(Cow<'a, str>, Cow<'a, str>)> {
    let [condition] = conditions(object, [name]);
    condition.is_present().then(|| {
        (
            condition.get("status").text_or_empty(),
            condition.get("reason").text_or_empty(),
        )
    })
}

/// The conditions of some names, looked for once.
fn conditions<'a, const N: usize>(object: ObjectRef<'a>, names: [&str; N]) -> [Value<'a>; N] {
    let mut found = [Value::ABSENT; N];
    for condition in object.status.read(key!("conditions")).items() {
        let name = condition.read(key!("type"));
        let at = names.iter().position(|wanted| name.is(wanted));
        if let Some(found) = at.and_then(|at| found.get_mut(at))
            && !found.is_present()
        {
            *found = condition;
        }
    }
    found
}

/// The containers' names or images of a pod's template, joined by commas.
fn container_field<'a>(containers: Value<'a>, field: &'static Key) -> Cow<'a, str> {
    let mut containers = containers.items();
    let Some(first) = containers.next() else {
        return Cow::Borrowed("");
    };
    let mut joined = first.read(field).text_or_empty();
    for container in containers {
        let joined = joined.to_mut();
        joined.push(',');
        joined.push_str(&container.read(field).text_or_empty());
    }
    joined
}

/// The containers of a workload's template.
fn template_containers(object: ObjectRef<'_>) -> Value<'_> {
    object.spec.at(&["template", "spec", "containers"])
}

/// How many entries the maps of a config map or a secret have together.
fn data_count(maps: &[Value<'_>]) -> Datum<'static> {
    let count = maps.iter().flat_map(|map| map.entries()).count();
    Datum::Number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The keys of such maps, and what is said of the length of each value's text.
fn data_table(maps: &[Value<'_>], size: impl Fn(usize) -> String) -> FactTable {
    let entries = maps.iter().flat_map(|map| map.entries());
    let row = |(key, value): (Cow<'_, str>, Value<'_>)| {
        let size = size(value.text_or_empty().len());
        vec![FactValue::Text(key.into_owned()), FactValue::Text(size)]
    };
    FactTable {
        title: "Data",
        columns: &["Key", "Size"],
        rows: entries.map(row).collect(),
    }
}

/// How many replicas a workload shall have.
fn desired_replicas(object: ObjectRef<'_>) -> i64 {
    let replicas = object.spec.get("replicas").integer();
    replicas.unwrap_or_default()
}

/// One of the counts of replicas in a workload's status.
fn replicas(object: ObjectRef<'_>, field: &str) -> i64 {
    object.status.get(field).integer().unwrap_or_default()
}

/// Names and images of a workload's containers, for its detail.
fn template_table(containers: Value<'_>) -> FactTable {
    let rows = containers
        .items()
        .map(|container| {
            let text =
                |field: &str| FactValue::Text(container.get(field).text_or_empty().into_owned());
            let ports: Vec<String> = container
                .get("ports")
                .items()
                .filter_map(|port| port.get("containerPort").scalar_text().map(Cow::into_owned))
                .collect();
            vec![
                text("name"),
                FactValue::Text(ports.join(", ")),
                text("image"),
            ]
        })
        .collect();
    FactTable {
        title: "Containers",
        columns: &["Name", "Ports", "Image"],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

    /// The printed cells of an object, as `kubectl get -o wide` would show them at second 10,000.
    pub(super) fn cells(kind: &Kind, json: &str) -> String {
        let object = Object::received(json.as_bytes());
        let now = 10_000_000;
        let printed = (kind.print)(object.as_ref());
        let cells: Vec<String> = kind
            .columns
            .iter()
            .filter(|column| column.is_shown())
            .map(|column| column.print(&column.read(&object.as_ref(), &printed), now))
            .collect();
        let health = &printed.health;
        let broken = if health.broken { " broken" } else { "" };
        format!(
            "{}\n{:?} {}{broken}",
            cells.join(" | "),
            health.mark,
            health.word
        )
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        for name in ["po", "pod", "pods", "Pod", "PODS"] {
            assert_eq!(
                Kind::named(name).map(|kind| kind.title),
                Some("Pods"),
                "{name}"
            );
        }
        assert_eq!(
            Kind::named("deployments.apps").map(|kind| kind.title),
            Some("Deployments")
        );
        assert!(Kind::named("pods.apps").is_none());
        assert!(Kind::named("").is_none());
    }

    #[test]
    fn the_list_is_sound() {
        for kind in KINDS {
            for (index, column) in kind.columns.iter().enumerate() {
                for name in std::iter::once(&column.name).chain(column.aliases) {
                    assert_eq!(kind.column(name), Some(index), "{name} of {}", kind.title);
                }
            }
            assert!(
                kind.column("name").is_some() && kind.column("age").is_some(),
                "{}",
                kind.title
            );
        }
    }

    #[test]
    fn an_object_with_nearly_everything_missing_prints() {
        for kind in KINDS {
            cells(kind, "{}");
            (kind.facts)(Object::received(b"{}").as_ref());
        }
    }
}
