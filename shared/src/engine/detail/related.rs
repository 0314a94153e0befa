//! Objects that belong with the opened one: who owns it, what it owns, selects and runs, and
//! what selects it.

use super::super::message::{Related, RelatedItem};
use super::super::{Engine, ScanId};
use super::{OpenDetail, spec_of};
use crate::api::label::Requirement;
use crate::plan::{FieldRequirement, ScanSpec};
use crate::query::Atom;
use crate::resource::{Datum, Kind, Relation, selector_requirements};
use crate::sort::sort_by;
use crate::store::Entry;
use crate::value::{ObjectRef, Value};

/// Objects shown of one relation.
const MOST_SHOWN: usize = 12;
/// How far owners are followed: a pod's replica set, its deployment, and one beyond.
const MOST_OWNERS: usize = 3;

/// Objects related in one way.
#[derive(Debug)]
pub(super) struct Relative {
    title: &'static str,
    kind: &'static Kind,
    pub(super) scan: ScanId,
    link: Link,
    query: Option<String>,
}

/// What makes an object one of them.
#[derive(Debug)]
enum Link {
    /// It has this name (namespace, name).
    Named(String, String),
    /// It names this uid as its owner.
    OwnedBy(String),
    /// It carries these labels, in this namespace.
    Selected(String, Vec<Requirement>),
    /// Its selector selects these labels, in this namespace.
    Selects(String, Vec<(String, String)>),
    /// It runs on this node.
    On(String),
}

impl Link {
    fn holds(&self, entry: Entry<'_>) -> bool {
        let object = entry.object();
        match self {
            Self::Named(namespace, name) => entry.namespace() == namespace && entry.name() == name,
            Self::OwnedBy(uid) => {
                owners(object).any(|owner| owner.get("uid").text_or_empty() == *uid)
            }
            Self::Selected(namespace, requirements) => {
                entry.namespace() == namespace
                    && requirements
                        .iter()
                        .all(|requirement| requirement.matches(entry.label(&requirement.key)))
            }
            Self::Selects(namespace, labels) => {
                let selector = selector_requirements(object.spec.get("selector"));
                let label = |key: &str| {
                    labels
                        .iter()
                        .find(|(k, _)| k == key)
                        .map(|(_, value)| value.as_str())
                };
                // An empty selector selects nothing here: such a service has endpoints made by hand.
                entry.namespace() == namespace
                    && !selector.is_empty()
                    && selector
                        .iter()
                        .all(|requirement| requirement.matches(label(&requirement.key)))
            }
            Self::On(node) => entry.field("node") == Datum::text(node),
        }
    }
}

fn owners(object: ObjectRef<'_>) -> impl Iterator<Item = Value<'_>> {
    object.metadata.get("ownerReferences").items()
}

impl Engine {
    /// Begins to follow what the opened object belongs with, as far as that is known by now.
    pub(super) fn follow_relatives(&mut self, detail: &mut OpenDetail) {
        let Some(entry) = detail.last() else {
            return;
        };
        if detail.relatives.is_empty() {
            let relations = detail.kind.relations.iter();
            let relatives = relations.flat_map(|relation| self.relatives(*relation, entry));
            detail.relatives = relatives.collect();
        }
        // Each round may lead one further.
        for _ in 1..MOST_OWNERS {
            self.follow_owners(detail);
        }
    }

    fn relatives(&mut self, relation: Relation, entry: Entry<'_>) -> Vec<Relative> {
        let object = entry.object();
        let namespace = entry.namespace().to_owned();
        let within = |kind: &'static Kind, labels: Vec<Requirement>| ScanSpec {
            namespace: Some(namespace.clone()).filter(|namespace| !namespace.is_empty()),
            labels,
            ..ScanSpec::all(kind)
        };
        let selector = || -> Vec<Requirement> {
            let requirements = selector_requirements(object.spec.get("selector"));
            requirements
                .into_iter()
                .filter(Requirement::is_sendable)
                .collect()
        };
        let (plural, link, labels) = match relation {
            Relation::Owners => return self.owners_of(object, &namespace),
            Relation::Owned(plural) => {
                (plural, Link::OwnedBy(entry.uid().into_owned()), selector())
            }
            Relation::Selects(plural) => {
                let requirements = selector();
                if requirements.is_empty() {
                    return Vec::new();
                }
                (
                    plural,
                    Link::Selected(namespace.clone(), requirements.clone()),
                    requirements,
                )
            }
            Relation::SelectedBy(plural) => {
                let link = Link::Selects(namespace.clone(), selected_labels(entry));
                (plural, link, Vec::new())
            }
            Relation::Runs(plural) => (plural, Link::On(entry.name().to_owned()), Vec::new()),
        };
        let Some(kind) = self.known.catalog.named(plural) else {
            return Vec::new();
        };
        let mut spec = within(kind, labels);
        let mut query = match &link {
            Link::Selected(..) | Link::OwnedBy(_) if !spec.labels.is_empty() => {
                let labels: Vec<_> = spec
                    .labels
                    .iter()
                    .map(|label| Atom::Label(label.clone()).to_string())
                    .collect();
                Some(format!("{plural} ns:{namespace} {}", labels.join(" ")))
            }
            _ => None,
        };
        if let Link::On(node) = &link {
            spec.fields.push(FieldRequirement {
                field: "spec.nodeName".to_owned(),
                equal: true,
                value: node.clone(),
            });
            query = Some(format!("{plural} node:{node}"));
        }
        let scan = self.want(&spec);
        vec![Relative {
            title: kind.title,
            kind,
            scan,
            link,
            query,
        }]
    }

    fn owners_of(&mut self, object: ObjectRef<'_>, namespace: &str) -> Vec<Relative> {
        let mut relatives = Vec::new();
        for owner in owners(object) {
            let text = |field: &str| owner.get(field).text_or_empty().into_owned();
            let Some(kind) = self
                .known
                .catalog
                .of_object(&text("kind"), &text("apiVersion"))
            else {
                self.learn_later();
                continue;
            };
            let namespace = if kind.resource.namespaced {
                namespace
            } else {
                ""
            };
            let scan = self.want(&spec_of(kind, namespace, &text("name")));
            relatives.push(Relative {
                title: "Owner",
                kind,
                scan,
                link: Link::Named(namespace.to_owned(), text("name")),
                query: None,
            });
        }
        relatives
    }

    /// The owner's owner: a pod's deployment stands behind its replica set.
    fn follow_owners(&mut self, detail: &mut OpenDetail) {
        let known: Vec<&Relative> = detail
            .relatives
            .iter()
            .filter(|relative| relative.title == "Owner")
            .collect();
        if known.is_empty() || known.len() >= MOST_OWNERS {
            return;
        }
        let found = known.last().and_then(|owner| match &owner.link {
            Link::Named(namespace, name) => {
                let store = &self.scans.get(owner.scan)?.scan.store;
                store.named(namespace, name)
            }
            _ => None,
        });
        let Some(object) = found.map(|owner| owner.object().to_object()) else {
            return;
        };
        let position = known.len();
        let namespace = detail.namespace.clone();
        let next = self.owners_of(object.as_ref(), &namespace);
        detail.relatives.splice(position..position, next);
    }

    /// The relations as the page shows them.
    pub(super) fn related(&self, detail: &OpenDetail, now: i64) -> Vec<Related> {
        let mut related: Vec<Related> = Vec::new();
        for relative in &detail.relatives {
            let more = self.relation(relative, now);
            match related.last_mut().filter(|last| last.title == more.title) {
                // A chain of owners is one relation, the nearest first.
                Some(last) => {
                    last.total += more.total;
                    last.items.extend(more.items);
                    last.problem = last.problem.take().or(more.problem);
                }
                None => related.push(more),
            }
        }
        related
    }

    fn relation(&self, relative: &Relative, now: i64) -> Related {
        let kept = self.scans.get(relative.scan);
        let mut entries: Vec<Entry<'_>> = kept
            .into_iter()
            .flat_map(|kept| kept.scan.store.entries())
            .map(|(_, entry)| entry)
            .filter(|entry| relative.link.holds(*entry))
            .collect();
        // The newest first: of many replica sets the current one matters.
        let created = |entry: Entry<'_>| match entry.field("age") {
            Datum::Time(time) => time,
            _ => 0,
        };
        sort_by(&mut entries, |a, b| {
            let newest = created(*b).cmp(&created(*a));
            newest.then_with(|| a.name().cmp(b.name()))
        });
        let item = |entry: &Entry<'_>| RelatedItem {
            kind: relative.kind.resource.kind.to_owned(),
            name: entry.name().to_owned(),
            path: relative.kind.object_path(entry.namespace(), entry.name()),
            mark: entry.mark(),
            note: note(*entry, now),
        };
        Related {
            title: relative.title.to_owned(),
            query: relative.query.clone(),
            total: entries.len(),
            items: entries.iter().take(MOST_SHOWN).map(item).collect(),
            problem: kept
                .and_then(|kept| kept.scan.refusal())
                .map(|refusal| refusal.message.clone()),
        }
    }
}

/// The labels by which something else selects this object: a pod's own, a workload's those of
/// its pods.
fn selected_labels(entry: Entry<'_>) -> Vec<(String, String)> {
    let template = entry.object().spec.at(&["template", "metadata", "labels"]);
    if template.is_present() {
        let entries = template.entries();
        return entries
            .map(|(key, value)| (key.into_owned(), value.text_or_empty().into_owned()))
            .collect();
    }
    let own = entry.labels();
    own.map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// What is said of a related object beside its name: its readiness where it has one, and its
/// word where all is not well.
fn note(entry: Entry<'_>, now: i64) -> String {
    let kind = entry.kind();
    let ready = kind
        .column("ready")
        .map(|index| kind.columns[index].print(&entry.datum(index), now));
    let word = entry.is_broken().then(|| entry.word().to_owned());
    let mut parts: Vec<String> = word.into_iter().chain(ready).collect();
    if parts.is_empty() {
        parts.push(entry.word().to_owned());
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_without_selector_selects_nothing() {
        let kind = Kind::named("services").expect("services are known");
        let selects = |selector: &str| {
            let mut store = crate::store::Store::new(kind);
            let json = format!(
                r#"{{"metadata":{{"uid":"u","name":"s","namespace":"n"}},"spec":{{"selector":{selector}}}}}"#
            );
            store.put(ObjectRef::new(json.as_bytes()));
            let link = Link::Selects("n".to_owned(), vec![("app".to_owned(), "web".to_owned())]);
            store.named("n", "s").is_some_and(|entry| link.holds(entry))
        };
        assert!(selects(r#"{"app":"web"}"#));
        assert!(!selects(r#"{"app":"web","v":"2"}"#));
        assert!(!selects("{}"));
        assert!(!selects("null"));
    }
}
