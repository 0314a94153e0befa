//! Kinds that a cluster has and that are not known by heart: their columns are those of the
//! server's own tables, whose rows they are read from.

use std::sync::{Mutex, PoisonError};

use super::{
    Column, Discovered, Facts, Health, Kind, Mark, Relation, ValueType, condition,
    custom_resource_definition,
};
use crate::api::{Resource, TABLE, with_parameters};
use crate::plan::Content;
use crate::value::jsonpath::Path;
use crate::value::{ObjectRef, Value};

/// What is known of such a kind beside what every kind has.
#[derive(Debug)]
pub struct Learned {
    /// What queries call it: its plural, with the group where another kind comes first.
    pub name: &'static str,
    /// Whether the server tells of changes; else it is listed again and again.
    pub watchable: bool,
    /// What is known of its columns.
    pub columns: Columns,
    /// All that discovery says of it, by which it is made only once.
    discovered: &'static str,
}

/// What is known of the columns of the server's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Nothing yet. Objects are listed as such, and have a name and an age.
    Unasked,
    /// The server makes no tables of it.
    None,
    /// Its `columnDefinitions`, as JSON.
    Defined(&'static str),
}

/// The kinds made so far, by all that makes them. A kind lives as long as the program, so that
/// whoever holds one need not ask whether it still does; as each is made once, they are as many
/// as the cluster has, and one more for each time that somebody changes a kind's columns.
static MADE: Mutex<Vec<(String, &'static Kind)>> = Mutex::new(Vec::new());

pub(super) fn made(key: String, make: impl FnOnce() -> Kind) -> &'static Kind {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, kind)) = made.iter().find(|(known, _)| *known == key) {
        return kind;
    }
    let kind: &'static Kind = Box::leak(Box::new(make()));
    made.push((key, kind));
    kind
}

fn kept(text: &str) -> &'static str {
    Box::leak(text.into())
}

/// The kind that was discovered, called so in queries; of its columns nothing is known.
pub(super) fn discovered(found: &Discovered, name: &str) -> &'static Kind {
    let said = identity(found, name);
    made(said.clone(), || {
        let short_names = found.short_names.iter().map(|name| kept(name));
        let short_names: Vec<&'static str> = short_names.collect();
        let singular = if found.singular.is_empty() {
            found.kind.to_ascii_lowercase()
        } else {
            found.singular.clone()
        };
        Kind {
            resource: Resource {
                group: kept(&found.group),
                version: kept(&found.version),
                plural: kept(&found.plural),
                kind: kept(&found.kind),
                namespaced: found.namespaced,
            },
            singular: kept(&singular),
            short_names: short_names.leak(),
            title: kept(&title(&found.kind, &found.plural)),
            category: kept(category(&found.group)),
            listed: Content::Whole,
            columns: columns(&found.group, &found.plural, found.namespaced, Value::ABSENT).leak(),
            cells: 0,
            order: &[],
            print: |object| health(object).into(),
            facts: |_| Facts::default(),
            relations: &[Relation::Owners],
            learned: Some(Box::leak(Box::new(Learned {
                name: kept(name),
                watchable: found.watchable,
                columns: Columns::Unasked,
                discovered: kept(&said),
            }))),
        }
    })
}

/// All that discovery says of a kind, as one text.
fn identity(found: &Discovered, name: &str) -> String {
    let flag = |holds: bool| if holds { "1" } else { "0" };
    let short_names = found.short_names.join(",");
    let (namespaced, watchable) = (flag(found.namespaced), flag(found.watchable));
    let parts: [&str; 9] = [
        name,
        &found.group,
        &found.version,
        &found.plural,
        &found.singular,
        &found.kind,
        &short_names,
        namespaced,
        watchable,
    ];
    parts.join(" ")
}

/// The same kind with the columns that the server's tables have, by their `columnDefinitions`;
/// without any if the server makes no tables.
pub(super) fn described(kind: &'static Kind, definitions: Option<&str>) -> &'static Kind {
    let Some(learned) = kind.learned else {
        return kind;
    };
    let columns_are = definitions.unwrap_or("none");
    made([learned.discovered, columns_are].concat(), || {
        let read = definitions.map_or(Value::ABSENT, |json| Value::json(json.as_bytes()));
        Kind {
            listed: definitions.map_or(Content::Whole, |_| Content::Row),
            columns: {
                let Resource {
                    group,
                    plural,
                    namespaced,
                    ..
                } = kind.resource;
                columns(group, plural, namespaced, read).leak()
            },
            learned: Some(Box::leak(Box::new(Learned {
                columns: definitions.map_or(Columns::None, |json| Columns::Defined(kept(json))),
                ..*learned
            }))),
            ..*kind
        }
    })
}

/// Whether a group is one that somebody added to the API. The groups of Kubernetes itself are
/// words, or end in `k8s.io` behind one word; what its subprojects define has more before that.
fn is_custom(group: &str) -> bool {
    let own = [
        "rbac.authorization",
        "flowcontrol.apiserver",
        "internal.apiserver",
    ];
    match group.strip_suffix(".k8s.io") {
        Some(area) => area.contains('.') && !own.contains(&area),
        None => group.contains('.'),
    }
}

/// The heading under which the sidebar shows kinds of a group.
fn category(group: &str) -> &str {
    match group {
        "apps" | "batch" | "autoscaling" | "policy" => "Workloads",
        "networking.k8s.io" | "discovery.k8s.io" => "Network",
        "storage.k8s.io" => "Storage",
        _ if is_custom(group) => group,
        _ => "Others",
    }
}

/// `NetworkPolicy` and `networkpolicies` make `NetworkPolicies`; of a kind whose plural is another
/// word, the kind is its title.
fn title(kind: &str, plural: &str) -> String {
    let pairs = kind.bytes().zip(plural.bytes());
    let same = pairs
        .take_while(|(own, other)| own.to_ascii_lowercase() == *other)
        .count();
    match (kind.get(..same), plural.get(same..)) {
        (Some(stem), Some(end)) if same + 1 >= kind.len() => [stem, end].concat(),
        _ => kind.to_owned(),
    }
}

/// The namespace, and the columns of the server's tables. What no table says of a kind, queries
/// may ask all the same.
fn columns(group: &str, plural: &str, namespaced: bool, definitions: Value<'_>) -> Vec<Column> {
    let mut columns = Vec::new();
    if namespaced {
        columns.push(Column::NAMESPACE);
    }
    for (place, definition) in definitions.items().enumerate() {
        let content = content(group, plural, definition);
        columns.push(column(place, definition, content, &columns));
    }
    let has = |columns: &[Column], name: &str| columns.iter().any(|column| column.name == name);
    if !has(&columns, "name") {
        columns.insert(usize::from(namespaced), Column::NAME);
    }
    if !has(&columns, "age") {
        let is_only = !definitions.is_present();
        let priority = if is_only { 0 } else { Column::HIDDEN };
        columns.push(Column::AGE.folding(priority));
    }
    columns
}

/// A column as the server defines it. Ages are read from the object, because the server's text is
/// of the moment at which it was written; of fractions its text is kept.
fn column(place: usize, definition: Value<'_>, content: Cell, before: &[Column]) -> Column {
    let text = |key: &str| definition.get(key).text_or_empty();
    let title = text("name");
    let name = field_name(&title);
    let is_taken = |name: &str| {
        let taken = |column: &Column| column.name == name || column.aliases.contains(&name);
        WORDS.contains(&name) || before.iter().any(taken)
    };
    match name.as_str() {
        "name" if !is_taken("name") => return Column::NAME,
        "age" if !is_taken("age") => return Column::AGE,
        _ => {}
    }
    let (stem, mut name, mut number) = (name.clone(), name, 1);
    while is_taken(&name) {
        number += 1;
        name = format!("{stem}-{number}");
    }
    let is_wide = definition
        .get("priority")
        .integer()
        .is_some_and(|priority| priority > 0);
    let value = match &*text("type") {
        "integer" => ValueType::Number,
        _ => ValueType::Text,
    };
    let least = if value == ValueType::Number { 7 } else { 12 };
    let width = u16::try_from(title.chars().count() + 2).unwrap_or(least);
    let (name, title) = (kept(&name), kept(&title));
    let made = match content {
        Cell::Text(Some(field)) if value == ValueType::Text => {
            Column::cell(name, title, value, place).selectable(kept(&field))
        }
        Cell::Text(_) => Column::cell(name, title, value, place),
        Cell::Age => Column::cell(name, kept(&[title, " (as read)"].concat()), value, place),
        Cell::Since(path) => Column::moment(name, title, Box::leak(Box::new(path))),
    };
    made.wide(width.clamp(least, 30))
        .folding(if is_wide { 4 } else { u8::from(place > 2) })
}

/// What the server prints in a column.
enum Cell {
    /// What stays true as long as the object does not change, and the field that it is, if that is
    /// known.
    Text(Option<String>),
    /// How long ago something was when it was printed; nobody says where that lies.
    Age,
    /// How long ago something was that lies at a path.
    Since(Path),
}

/// Where the moment lies whose age the server prints, by group, plural and column: at the first of
/// these paths that there is.
const MOMENTS: [(&str, &str, &str, &str); 4] = [
    (
        "batch",
        "cronjobs",
        "Last Schedule",
        ".status.lastScheduleTime",
    ),
    // Of one that ended it stands still, which no moment does.
    ("batch", "jobs", "Duration", ""),
    (
        "events.k8s.io",
        "events",
        "Last Seen",
        "['series.lastObservedTime','deprecatedLastTimestamp','deprecatedFirstTimestamp','eventTime']",
    ),
    (
        "events.k8s.io",
        "events",
        "First Seen",
        "['deprecatedFirstTimestamp','eventTime']",
    ),
];

/// Of its own kinds the server prints dates as they are; of custom ones as ages. Of these it says where
/// in the object that lies which it prints, where nobody describes the column otherwise.
fn content(group: &str, plural: &str, definition: Value<'_>) -> Cell {
    const SAYS: &str = "Custom resource definition column (in JSONPath format): ";
    let text = |key: &str| definition.get(key).text_or_empty();
    let (title, description) = (text("name"), text("description"));
    let mut moments = MOMENTS.into_iter();
    let known = moments.find(|known| (known.0, known.1, known.2) == (group, plural, &*title));
    let is_custom = is_custom(group);
    let is_age = known.is_some() || is_custom && text("type") == "date";
    let path = match known {
        Some((.., path)) => Some(path).filter(|path| !path.is_empty()),
        None => description.strip_prefix(SAYS).filter(|_| is_custom),
    };
    match path.and_then(|path| Path::parse(path).ok()) {
        path if !is_age => Cell::Text(path.and_then(|path| path.field())),
        Some(path) => Cell::Since(path),
        None => Cell::Age,
    }
}

/// Words of the language, which are no fields.
const WORDS: [&str; 6] = ["ns", "namespace", "is", "has", "sort", "limit"];

/// `Up-to-date` is `up-to-date`, `Port(s)` is `port-s`: small letters and digits, and a dash for
/// whatever else stands between them.
pub(super) fn field_name(title: &str) -> String {
    let lower = title.to_ascii_lowercase();
    // `Port(s)` is a word.
    let lower = lower.replace("(s)", "s");
    let parts = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        "column".to_owned()
    } else {
        parts.join("-")
    }
}

/// Conditions of which `True` says that all is well, as most kinds have one.
const GOOD: [&str; 8] = [
    "Ready",
    "Available",
    "Healthy",
    "Established",
    "Synced",
    "Reconciled",
    "Programmed",
    "Accepted",
];

/// What nearly every controller says in the same way: conditions, counts of replicas, a phase.
fn health(object: ObjectRef<'_>) -> Health {
    if object.is_terminating() {
        return Health::fine(Mark::Terminating, "Terminating");
    }
    if let Some((status, reason)) = condition(object, "Failed")
        && status == "True"
    {
        return said(Mark::Failed, &reason, "Failed");
    }
    let mut good = GOOD.iter().filter_map(|name| {
        let (status, reason) = condition(object, name)?;
        Some((*name, status.into_owned(), reason.into_owned()))
    });
    if let Some((name, _, reason)) = good.clone().find(|(_, status, _)| status == "False") {
        return said(
            Mark::Degraded,
            &reason,
            &format!("Not {}", name.to_ascii_lowercase()),
        );
    }
    if let Some((ready, wanted)) = counts(object).filter(|(ready, wanted)| ready < wanted) {
        return said(Mark::Degraded, &format!("{ready} of {wanted} ready"), "");
    }
    if let Some((name, status, _)) = good.next() {
        return match &*status {
            "True" => Health::fine(Mark::Running, name),
            _ => Health::fine(Mark::Pending, "Pending"),
        };
    }
    if condition(object, "Complete").is_some_and(|(status, _)| status == "True") {
        return Health::fine(Mark::Completed, "Complete");
    }
    let phase = object.status.get("phase").text_or_empty();
    match &*phase {
        "Failed" | "Error" | "Lost" => said(Mark::Failed, &phase, "Failed"),
        "Pending" => Health::fine(Mark::Pending, "Pending"),
        "" => Health::fine(Mark::Running, "Active"),
        _ => Health {
            broken: false,
            ..said(Mark::Running, &phase, "Active")
        },
    }
}

/// A state that somebody should look at, in the words of whoever said so.
fn said(mark: Mark, reason: &str, otherwise: &str) -> Health {
    let word = if reason.is_empty() { otherwise } else { reason };
    Health {
        mark,
        word: word.to_owned().into(),
        broken: true,
    }
}

/// How many parts are ready, of how many there shall be. One that does not count what is ready
/// may still count what is available.
fn counts(object: ObjectRef<'_>) -> Option<(i64, i64)> {
    let status = |field: &str| object.status.get(field).integer();
    let replicas = object.spec.get("replicas").integer();
    match (replicas, status("desiredNumberScheduled")) {
        (Some(wanted), _) => {
            let ready = status("readyReplicas").or_else(|| status("availableReplicas"));
            ready.map(|ready| (ready, wanted))
        }
        (None, Some(wanted)) => status("numberReady").map(|ready| (ready, wanted)),
        (None, None) => None,
    }
}

impl Kind {
    /// What queries call it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let learned = self.learned.map(|learned| learned.name);
        learned.unwrap_or(self.resource.plural)
    }

    /// Whether the server tells of its changes.
    #[must_use]
    pub fn is_watchable(&self) -> bool {
        self.learned.is_none_or(|learned| learned.watchable)
    }

    /// Where its columns are asked for, in a namespace that may be read or in all, and in what.
    #[must_use]
    pub fn columns_path(&self, namespace: Option<&str>) -> (String, &'static str) {
        let path = self.resource.collection(namespace);
        let path = with_parameters(&path, &[("includeObject", "None"), ("limit", "1")]);
        (path, TABLE)
    }

    /// Where the definition of a custom resource is.
    #[must_use]
    pub fn definition_path(&self) -> String {
        let definitions = custom_resource_definition::KIND.resource.collection(None);
        [&definitions, "/", &self.resource.qualified()].concat()
    }

    /// Whether the server was not yet asked for its columns.
    #[must_use]
    pub fn is_unasked(&self) -> bool {
        self.learned
            .is_some_and(|learned| learned.columns == Columns::Unasked)
    }

    /// Whether it is the same kind, whatever is known of its columns.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let said = |kind: &Self| kind.learned.map(|learned| learned.discovered);
        said(self) == said(other)
    }

    /// Whether somebody added it to the API.
    #[must_use]
    pub fn is_custom(&self) -> bool {
        self.learned.is_some() && is_custom(self.resource.group)
    }

    /// Whether these are other columns than the server's tables had.
    #[must_use]
    pub fn is_outdated(&self, definitions: &str) -> bool {
        let columns = self.learned.map(|learned| learned.columns);
        let is_other = |told: &str| !definitions.is_empty() && told != definitions;
        matches!(columns, Some(Columns::Defined(told)) if is_other(told))
    }
}

#[cfg(test)]
mod tests;
