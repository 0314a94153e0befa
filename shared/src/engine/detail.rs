//! The opened object: itself, what it belongs with and its events, all followed like any answer.

mod related;

use related::Relative;

use super::message::{Condition, Detail, DetailState, DetailTable, EventLine, Fact, Label};
use super::paint::{fact_cell, name_cell};
use super::{Engine, ScanId, Scans};
use crate::api::is_namespace;
use crate::api::time::{date_and_clock, human_duration};
use crate::plan::{Content, FieldRequirement, ScanSpec};
use crate::resource::{Datum, Kind, Mark};
use crate::sort::sort_by;
use crate::store::{Entry, Store};
use crate::value::ObjectRef;
use crate::watch::Standing;

/// Annotations longer than this are shortened.
const LONGEST_ANNOTATION: usize = 200;
/// Events shown.
const MOST_EVENTS: usize = 50;

/// The opened object.
#[derive(Debug)]
pub(super) struct OpenDetail {
    path: String,
    kind: &'static Kind,
    namespace: String,
    name: String,
    scan: ScanId,
    events: Option<ScanId>,
    relatives: Vec<Relative>,
    /// Its state when last seen.
    last: Option<Store>,
    /// When it was found to be gone (server's time).
    gone: Option<i64>,
    pub(super) yaml_shown: bool,
    /// A scan that it looks at changed.
    pub(super) changed: bool,
}

impl OpenDetail {
    /// The scans it looks at.
    pub(super) fn scans(&self) -> impl Iterator<Item = ScanId> + '_ {
        let relatives = self.relatives.iter().map(|relative| relative.scan);
        relatives.chain(self.events).chain([self.scan])
    }

    pub(super) fn uses(&self, scan: ScanId) -> bool {
        self.scans().any(|id| id == scan)
    }

    /// Its state when last seen.
    fn last(&self) -> Option<Entry<'_>> {
        self.last.as_ref()?.named(&self.namespace, &self.name)
    }

    fn find<'a>(&self, scans: &'a Scans) -> Option<Entry<'a>> {
        let store = &scans.get(self.scan)?.scan.store;
        store.named(&self.namespace, &self.name)
    }
}

/// The scan of one object alone.
fn spec_of(kind: &'static Kind, namespace: &str, name: &str) -> ScanSpec {
    ScanSpec {
        namespace: Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
        fields: vec![FieldRequirement {
            field: "metadata.name".to_owned(),
            equal: true,
            value: name.to_owned(),
        }],
        content: kind.listed.max(Content::Whole),
        ..ScanSpec::all(kind)
    }
}

impl Engine {
    /// Opens `plural.group/namespace/name`.
    pub(super) fn open(&mut self, path: &str) {
        self.page.dirty.detail = true;
        let mut parts = path.splitn(3, '/');
        let (plural, namespace, name) = (parts.next(), parts.next(), parts.next());
        let is_place = |namespace: &&str| *namespace == "-" || is_namespace(namespace);
        let (namespace, name) = (namespace.filter(is_place), name.unwrap_or_default());
        let namespace = namespace.filter(|_| !name.is_empty());
        let within = namespace.filter(|namespace| *namespace != "-");
        let within = within.unwrap_or_default();
        let plural = plural.filter(|_| namespace.is_some());
        (self.learning.opening, self.not_opened) = (None, None);
        let Some(kind) = plural.and_then(|plural| self.learned_kind(plural, within)) else {
            self.detail = None;
            if plural.is_some_and(|plural| self.is_learning(plural)) {
                self.learning.opening = Some((path.to_owned(), false));
                return;
            }
            let why =
                format!("{path} names no object that is known here, such as pods/shop/web-1.");
            self.not_opened = Some((path.to_owned(), why));
            return;
        };
        let namespace = within;
        let scan = self.want(&spec_of(kind, namespace, name));
        self.detail = Some(OpenDetail {
            path: path.to_owned(),
            kind,
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            scan,
            events: None,
            relatives: Vec::new(),
            last: None,
            gone: None,
            yaml_shown: self.detail.as_ref().is_some_and(|detail| detail.yaml_shown),
            changed: true,
        });
        self.page.dirty.yaml = true;
    }

    /// Keeps up with the opened object: its last state, and the scans of what it belongs with.
    pub(super) fn follow_detail(&mut self) {
        let Some(mut detail) = self.detail.take_if(|detail| detail.changed) else {
            return;
        };
        detail.changed = false;
        match detail.find(&self.scans) {
            Some(entry) => {
                detail.last = entry.alone();
                detail.gone = None;
                // Its owner, labels or selector may be others by now; what stays finds its scans.
                detail.relatives.clear();
            }
            None if detail.last.is_some() && detail.gone.is_none() => {
                let live = self.scans.get(detail.scan).is_some_and(|kept| {
                    kept.scan.is_listed()
                        && kept.scan.standing(self.clock.monotonic()) == Standing::Live
                });
                detail.gone = live.then(|| self.clock.server());
                // Not sure yet: look again.
                detail.changed = !live;
            }
            None => {}
        }
        if detail.last.is_some() && detail.events.is_none() {
            detail.events = self.events_of(&detail);
        }
        self.follow_relatives(&mut detail);
        self.detail = Some(detail);
    }

    /// Events name their object by kind and name; the kubelet's events of a node lie in
    /// `default` and have the node's name as uid, so the uid is looked at only here.
    fn events_of(&mut self, detail: &OpenDetail) -> Option<ScanId> {
        let events = Kind::named("events").filter(|events| !std::ptr::eq(*events, detail.kind))?;
        let field = |field: &str, value: &str| FieldRequirement {
            field: field.to_owned(),
            equal: true,
            value: value.to_owned(),
        };
        let namespace = if detail.namespace.is_empty() {
            "default"
        } else {
            &detail.namespace
        };
        Some(self.want(&ScanSpec {
            namespace: Some(namespace.to_owned()),
            fields: vec![
                field("involvedObject.name", &detail.name),
                field("involvedObject.kind", detail.kind.resource.kind),
            ],
            ..ScanSpec::all(events)
        }))
    }

    /// The page shows the opened object as YAML, or no longer.
    pub(super) fn show_yaml(&mut self, shown: bool) {
        if let Some(detail) = &mut self.detail {
            detail.yaml_shown = shown;
            self.page.dirty.yaml = shown;
        } else if let Some((_, yaml)) = &mut self.learning.opening {
            *yaml = shown;
        }
    }

    /// The opened object as YAML, while the page shows it.
    pub(super) fn yaml(&self) -> Option<String> {
        let detail = self.detail.as_ref().filter(|detail| detail.yaml_shown)?;
        let resource = &detail.kind.resource;
        Some(
            detail
                .last()?
                .object()
                .to_yaml(&resource.api_version(), resource.kind),
        )
    }

    /// All that the page shows of the opened object.
    pub(super) fn detail(&self) -> Detail {
        let Some(detail) = &self.detail else {
            return self.unopened();
        };
        let kind = detail.kind;
        let query = match detail.namespace.as_str() {
            "" => format!("{} name:{}", kind.name(), detail.name),
            namespace => format!("{} ns:{namespace} name:{}", kind.name(), detail.name),
        };
        let bare = Detail {
            path: detail.path.clone(),
            kind: kind.resource.kind.to_owned(),
            name: detail.name.as_str().into(),
            namespace: Some(detail.namespace.clone()).filter(|namespace| !namespace.is_empty()),
            query,
            state: self.detail_state(detail),
            ..Detail::default()
        };
        let Some(entry) = detail.last() else {
            return bare;
        };
        let now = self.clock.server();
        let object = entry.object();
        let facts = (kind.facts)(object);
        let table = |table: crate::resource::FactTable| DetailTable {
            title: table.title.to_owned(),
            columns: table.columns.iter().map(|&head| head.to_owned()).collect(),
            rows: table
                .rows
                .iter()
                .map(|row| {
                    row.iter()
                        .map(|value| fact_cell(value, &self.known.catalog, now))
                        .collect()
                })
                .collect(),
        };
        Detail {
            name: name_cell(entry),
            status: fact_cell(
                &crate::resource::FactValue::State(entry.mark(), status_word(entry)),
                &self.known.catalog,
                now,
            ),
            facts: self.facts_of(entry, facts.lines, now),
            labels: labels(entry),
            annotations: annotations(object),
            conditions: conditions(object, now),
            tables: facts.tables.into_iter().map(table).collect(),
            related: self.related(detail, now),
            events: self.event_lines(detail, now),
            ..bare
        }
    }

    /// What stands there when no object is opened: nothing, or why not.
    fn unopened(&self) -> Detail {
        let not_opened = self.not_opened.clone();
        let not_opened = not_opened.map(|(path, why)| (path, DetailState::Missing(why)));
        let opening = self.learning.opening.clone();
        let opening = opening.map(|(path, _)| (path, DetailState::Loading));
        not_opened
            .or(opening)
            .map_or_else(Detail::default, |(path, state)| Detail {
                name: path.as_str().into(),
                path,
                state,
                ..Detail::default()
            })
    }

    fn detail_state(&self, detail: &OpenDetail) -> DetailState {
        let singular = detail.kind.singular;
        if let Some(gone) = detail.gone {
            let ago = human_duration(self.clock.server() - gone);
            return DetailState::Gone(format!(
                "This {singular} is gone, deleted {ago} ago. Shown is its last state."
            ));
        }
        if detail.last.is_some() {
            return DetailState::Shown;
        }
        let now = self.clock.monotonic();
        match self
            .scans
            .get(detail.scan)
            .map(|kept| kept.scan.standing(now))
        {
            Some(Standing::Absent(trouble)) => {
                DetailState::Missing(super::freshness::cause(&trouble, false))
            }
            Some(Standing::Live) => DetailState::Missing(format!(
                "There is no {singular} called {}{}.",
                detail.name,
                Some(&detail.namespace)
                    .filter(|namespace| !namespace.is_empty())
                    .map_or_else(String::new, |namespace| format!(" in {namespace}"))
            )),
            _ => DetailState::Loading,
        }
    }

    fn facts_of(
        &self,
        entry: Entry<'_>,
        lines: Vec<(&'static str, crate::resource::FactValue)>,
        now: i64,
    ) -> Vec<Fact> {
        let mut facts: Vec<Fact> = lines
            .iter()
            .map(|(label, value)| Fact {
                label: (*label).to_owned(),
                value: fact_cell(value, &self.known.catalog, now),
            })
            .collect();
        facts.extend(printed(entry, now));
        if let Some(created) = entry.object().metadata.get("creationTimestamp").time() {
            facts.push(Fact {
                label: "Age".to_owned(),
                value: format!(
                    "{} since {} UTC",
                    human_duration(now - created),
                    date_and_clock(created)
                )
                .as_str()
                .into(),
            });
        }
        if entry.kind().listed == Content::Metadata {
            let size = entry.object().size();
            facts.push(Fact {
                label: "Read for this".to_owned(),
                value: format!("the whole {}, {size} B", entry.kind().singular)
                    .as_str()
                    .into(),
            });
        }
        facts
    }

    fn event_lines(&self, detail: &OpenDetail, now: i64) -> Vec<EventLine> {
        let Some(kept) = detail.events.and_then(|id| self.scans.get(id)) else {
            return Vec::new();
        };
        let uid = detail.last().map(Entry::uid);
        let ours = |entry: &Entry<'_>| {
            let involved = entry.object().get(&["involvedObject"]);
            let event_uid = involved.get("uid").text_or_empty();
            involved.get("name").text_or_empty() == detail.name
                && involved.get("kind").text_or_empty() == detail.kind.resource.kind
                && (event_uid.is_empty()
                    || Some(&event_uid) == uid.as_ref()
                    || event_uid == detail.name)
        };
        let text = |entry: Entry<'_>, name: &str| match entry.field(name) {
            Datum::Text(text) => text.into_owned(),
            _ => String::new(),
        };
        let time = |entry: Entry<'_>| match entry.field("last") {
            Datum::Time(time) => time,
            _ => 0,
        };
        let mut entries: Vec<Entry<'_>> = kept
            .scan
            .store
            .entries()
            .map(|(_, entry)| entry)
            .filter(ours)
            .collect();
        sort_by(&mut entries, |a, b| {
            // Names end in the moment at which the event was written, to the nanosecond.
            let newest = time(*b).cmp(&time(*a));
            newest.then_with(|| b.name().cmp(a.name()))
        });
        let line = |entry: Entry<'_>| EventLine {
            age: human_duration(now - time(entry)),
            mark: entry.mark(),
            reason: text(entry, "reason"),
            message: text(entry, "message"),
            source: text(entry, "source"),
            count: match entry.field("count") {
                Datum::Number(count) => u64::try_from(count).unwrap_or_default(),
                _ => 1,
            },
        };
        entries.into_iter().take(MOST_EVENTS).map(line).collect()
    }
}

/// What the server prints of an object of a kind that is not known by heart.
fn printed(entry: Entry<'_>, now: i64) -> impl Iterator<Item = Fact> {
    let columns = entry.kind().columns.iter().enumerate();
    let printed = columns.filter(|(_, column)| column.is_cell());
    printed.filter_map(move |(index, column)| {
        let datum = entry.datum(index);
        (datum != Datum::Absent).then(|| Fact {
            label: column.title.to_owned(),
            value: column.print(&datum, now).as_str().into(),
        })
    })
}

/// What the table says of the state, else our word for it.
fn status_word(entry: Entry<'_>) -> String {
    match entry.field("status") {
        Datum::Text(text) if entry.mark() != Mark::NotReady => text.into_owned(),
        _ => entry.word().to_owned(),
    }
}

fn labels(entry: Entry<'_>) -> Vec<Label> {
    let (plural, namespace) = (entry.kind().name(), entry.namespace());
    let label = |(key, value): (&str, &str)| Label {
        key: key.to_owned(),
        value: value.to_owned(),
        query: Some(if namespace.is_empty() {
            format!("{plural} {key}={value}")
        } else {
            format!("{plural} ns:{namespace} {key}={value}")
        }),
    };
    entry.labels().map(label).collect()
}

fn annotations(object: ObjectRef<'_>) -> Vec<Label> {
    let entries = object.metadata.get("annotations").entries();
    entries
        .map(|(key, value)| {
            let text = value.text_or_empty();
            let mut short: String = text.chars().take(LONGEST_ANNOTATION).collect();
            if short.len() < text.len() {
                short.push('…');
            }
            Label {
                key: key.into_owned(),
                value: short,
                query: None,
            }
        })
        .collect()
}

/// Conditions whose `True` is bad news; of all others it is good news.
fn is_bad_news(name: &str) -> bool {
    name.ends_with("Pressure")
        || name.ends_with("Failure")
        || matches!(
            name,
            "NetworkUnavailable" | "DisruptionTarget" | "Failed" | "Stalled"
        )
        || (name.starts_with("Namespace") && name != "NamespaceContentRemaining")
}

fn conditions(object: ObjectRef<'_>, now: i64) -> Vec<Condition> {
    let items = object.status.get("conditions").items();
    items
        .map(|condition| {
            let name = condition.get("type").text_or_empty();
            let status = condition.get("status").text_or_empty();
            let (reason, message) = (
                condition.get("reason").text_or_empty(),
                condition.get("message").text_or_empty(),
            );
            let mark = match (&*status, is_bad_news(&name)) {
                ("True", false) | ("False", true) => Mark::Completed,
                ("True", true) | ("False", false) => Mark::Failed,
                _ => Mark::Unknown,
            };
            let since = condition.get("lastTransitionTime").time();
            Condition {
                name: name.into_owned(),
                mark,
                status: status.into_owned(),
                text: [&*reason, &*message]
                    .into_iter()
                    .filter(|text| !text.is_empty())
                    .collect::<Vec<_>>()
                    .join(": "),
                age: since.map_or_else(String::new, |since| human_duration(now - since)),
            }
        })
        .collect()
}
