//! What belongs with what: the relations between objects, and the joins that they make.

use std::borrow::Cow;
use std::collections::HashSet;

use hashbrown::HashTable;

use crate::api::label::{Requirement, Test};
use crate::bytes::Seed;
use crate::resource::{Catalog, Kind, selector_requirements};
use crate::store::Entry;
use crate::value::{ObjectRef, Value};

/// How an object stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The other is named in its `ownerReferences`.
    Owner,
    /// It is named in the other's.
    Owned,
    /// Its selector selects the other.
    Selects,
    /// The other's selector selects it.
    SelectedBy,
    /// It is a pod, and names the other as a source of its content.
    Mounts,
    /// The other is a pod that names it so.
    MountedBy,
    /// It runs on the other, a node.
    RunsOn,
    /// The other runs on it.
    Runs,
    /// The other is an event about it.
    Events,
    /// It is an event about the other.
    Concerns,
    /// It lies in the other, a namespace.
    Within,
    /// The other lies in it.
    Contains,
}

/// The relations by the names that queries have for them, and what each asks.
pub const RELATIONS: [(&str, Relation, &str); 13] = [
    ("owner", Relation::Owner, "what its ownerReferences name"),
    ("owned", Relation::Owned, "what names it as its owner"),
    ("selects", Relation::Selects, "what its selector selects"),
    ("selected-by", Relation::SelectedBy, "what selects it"),
    (
        "mounts",
        Relation::Mounts,
        "config maps and secrets that it uses",
    ),
    ("mounted-by", Relation::MountedBy, "pods that use it"),
    ("users", Relation::MountedBy, "pods that use it"),
    ("runs-on", Relation::RunsOn, "the node that it runs on"),
    ("runs", Relation::Runs, "the pods that run on it"),
    ("events", Relation::Events, "events about it"),
    ("concerns", Relation::Concerns, "what an event is about"),
    ("within", Relation::Within, "its namespace"),
    ("contains", Relation::Contains, "what lies in it"),
];

/// The kinds whose objects pods use.
const MOUNTED: [&str; 4] = [
    "configmaps",
    "secrets",
    "persistentvolumeclaims",
    "serviceaccounts",
];

/// Kinds that own pods by way of their selector.
const WORKLOADS: [&str; 5] = [
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
];

/// Kinds that select pods and own none.
const SELECTORS: [&str; 3] = ["services", "poddisruptionbudgets", "networkpolicies"];

impl Relation {
    /// The relation of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let mut relations = RELATIONS.into_iter();
        relations.find_map(|(known, relation, _)| (known == name).then_some(relation))
    }

    /// Its first name.
    #[must_use]
    pub fn name(self) -> &'static str {
        let mut relations = RELATIONS.into_iter();
        relations
            .find_map(|(name, relation, _)| (relation == self).then_some(name))
            .unwrap_or_default()
    }

    /// The same, seen from the other.
    #[must_use]
    pub const fn inverse(self) -> Self {
        match self {
            Self::Owner => Self::Owned,
            Self::Owned => Self::Owner,
            Self::Selects => Self::SelectedBy,
            Self::SelectedBy => Self::Selects,
            Self::Mounts => Self::MountedBy,
            Self::MountedBy => Self::Mounts,
            Self::RunsOn => Self::Runs,
            Self::Runs => Self::RunsOn,
            Self::Events => Self::Concerns,
            Self::Concerns => Self::Events,
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
        }
    }

    /// Whether both lie in the same namespace, if they lie in any.
    #[must_use]
    pub const fn stays_within_namespace(self) -> bool {
        !matches!(
            self,
            Self::RunsOn | Self::Runs | Self::Within | Self::Contains
        )
    }

    /// How objects of a kind may stand to those of another, the closest way first.
    #[must_use]
    pub fn between(kind: &Kind, other: &Kind) -> Vec<Self> {
        let (one, two) = (kind.resource.plural, other.resource.plural);
        match (one, two) {
            ("events", "events") => vec![],
            (_, "events") => vec![Self::Events],
            ("events", _) => vec![Self::Concerns],
            ("pods", "nodes") => vec![Self::RunsOn],
            ("nodes", "pods") => vec![Self::Runs],
            (_, "namespaces") if kind.resource.namespaced => vec![Self::Within],
            ("namespaces", _) if other.resource.namespaced => vec![Self::Contains],
            ("pods", _) if MOUNTED.contains(&two) => vec![Self::Mounts],
            (_, "pods") if MOUNTED.contains(&one) => vec![Self::MountedBy],
            (_, "pods") if one == "deployments" || SELECTORS.contains(&one) => vec![Self::Selects],
            ("pods", _) if two == "deployments" || SELECTORS.contains(&two) => {
                vec![Self::SelectedBy]
            }
            (_, "services") if WORKLOADS.contains(&one) => vec![Self::SelectedBy],
            ("services", _) if WORKLOADS.contains(&two) => vec![Self::Selects],
            _ => vec![Self::Owned, Self::Owner],
        }
    }

    /// The kinds that objects of a kind stand so to.
    #[must_use]
    pub fn targets(self, kind: &Kind, catalog: &Catalog) -> Vec<&'static Kind> {
        let applies = |other: &&'static Kind| match self {
            // Who owns whom is known of these only; of others the kind is to be named.
            Self::Owner => {
                kind.resource.plural == "pods" && WORKLOADS[1..].contains(&other.resource.plural)
                    || kind.resource.plural == "replicasets"
                        && other.resource.plural == "deployments"
            }
            Self::Owned => {
                other.resource.plural == "pods" && WORKLOADS[1..].contains(&kind.resource.plural)
                    || other.resource.plural == "replicasets"
                        && kind.resource.plural == "deployments"
            }
            _ => Self::between(kind, other).contains(&self),
        };
        catalog.kinds().filter(applies).collect()
    }
}

/// The objects of a kind that match, made ready to say which others stand in a relation to one of
/// them.
#[derive(Debug)]
pub struct Matched<'a> {
    relation: Relation,
    keys: HashSet<Cow<'a, str>>,
    selectors: Selectors<'a>,
    selected: Selected<'a>,
}

/// Selectors by one of the labels that each asks for, in its namespace; those that ask for none, by
/// their namespace.
#[derive(Debug, Default)]
struct Selectors<'a> {
    all: Vec<(Entry<'a>, Vec<Requirement>)>,
    places: Places,
}

/// What may be selected, by its labels and namespace.
#[derive(Debug, Default)]
struct Selected<'a> {
    all: Vec<Entry<'a>>,
    places: Places,
}

/// Places in a list, by the hashes of texts. Two texts may share one, so that what is found there is
/// to be looked at.
#[derive(Debug, Default)]
struct Places {
    seed: Seed,
    lists: HashTable<(u64, Vec<usize>)>,
}

impl<'a> Matched<'a> {
    /// Those in `entries`.
    pub fn new(relation: Relation, entries: impl Iterator<Item = Entry<'a>>) -> Self {
        let mut matched = Self {
            relation,
            keys: HashSet::new(),
            selectors: Selectors::default(),
            selected: Selected::default(),
        };
        for entry in entries {
            match relation {
                Relation::Selects => matched.selected.add(entry),
                Relation::SelectedBy => matched.selectors.add(entry),
                _ => matched.keys.extend(keys(relation.inverse(), entry)),
            }
        }
        matched
    }

    /// Whether an object stands in the relation to one of them.
    #[must_use]
    pub fn relates(&self, entry: Entry<'_>) -> bool {
        match self.relation {
            Relation::Selects => self.selected.any(entry),
            Relation::SelectedBy => self.selectors.any(entry),
            relation => keys(relation, entry)
                .iter()
                .any(|key| self.keys.contains(key)),
        }
    }
}

/// The texts of which two objects that stand in a relation have one in common.
fn keys(relation: Relation, entry: Entry<'_>) -> Vec<Cow<'_, str>> {
    let mut keys = all_keys(relation, entry);
    keys.retain(|key| !key.is_empty());
    keys
}

fn all_keys(relation: Relation, entry: Entry<'_>) -> Vec<Cow<'_, str>> {
    let object = entry.object();
    match relation {
        Relation::Owner => owners(object)
            .flat_map(|owner| owned_keys(entry.namespace(), &owner.get("uid").text_or_empty()))
            .collect(),
        Relation::Owned => vec![Cow::Owned(format!("{}/{}", entry.namespace(), entry.uid()))],
        Relation::RunsOn => vec![object.spec.get("nodeName").text_or_empty()],
        Relation::Runs | Relation::Contains => vec![Cow::Borrowed(entry.name())],
        Relation::Within => vec![Cow::Borrowed(entry.namespace())],
        Relation::Events => vec![
            entry.uid(),
            Cow::Owned(place(
                entry.kind().resource.kind,
                entry.namespace(),
                entry.name(),
            )),
        ],
        Relation::Concerns => concerned(object).into_iter().collect(),
        Relation::Mounts => mounts(entry).into_iter().map(Cow::Owned).collect(),
        Relation::MountedBy => {
            let plural = entry.kind().resource.plural;
            vec![Cow::Owned(place(plural, entry.namespace(), entry.name()))]
        }
        Relation::Selects | Relation::SelectedBy => Vec::new(),
    }
}

/// An owner lies in the same namespace or in none; who names one in another is not owned by it, and
/// is collected as garbage.
fn owned_keys<'a>(namespace: &str, uid: &str) -> [Cow<'a, str>; 2] {
    [namespace, ""].map(|namespace| Cow::Owned(format!("{namespace}/{uid}")))
}

fn place(kind: &str, namespace: &str, name: &str) -> String {
    format!("{kind}/{namespace}/{name}")
}

fn owners(object: ObjectRef<'_>) -> impl Iterator<Item = Value<'_>> {
    object.metadata.get("ownerReferences").items()
}

/// What an event is about: by its uid, or where it has none by kind and name. Events of nodes have
/// the node's name in place of its uid.
fn concerned(object: ObjectRef<'_>) -> Option<Cow<'_, str>> {
    let about = ["involvedObject", "regarding"].map(|field| object.get(&[field]));
    let about = about.into_iter().find(|about| about.is_present())?;
    let text = |field: &str| about.get(field).text_or_empty();
    let uid = text("uid");
    Some(if uid.is_empty() || uid == text("name") {
        Cow::Owned(place(&text("kind"), &text("namespace"), &text("name")))
    } else {
        uid
    })
}

/// The objects whose content a pod uses: volumes, variables, credentials for images, its account.
fn mounts(entry: Entry<'_>) -> Vec<String> {
    let object = entry.object();
    let namespace = entry.namespace();
    let mut all = Vec::new();
    let mut add = |kind: &str, name: Value<'_>| {
        let name = name.text_or_empty();
        if !name.is_empty() {
            all.push(place(kind, namespace, &name));
        }
    };
    let spec = object.spec;
    for volume in spec.get("volumes").items() {
        add("configmaps", volume.at(&["configMap", "name"]));
        add("secrets", volume.at(&["secret", "secretName"]));
        add(
            "persistentvolumeclaims",
            volume.at(&["persistentVolumeClaim", "claimName"]),
        );
        for source in volume.at(&["projected", "sources"]).items() {
            add("configmaps", source.at(&["configMap", "name"]));
            add("secrets", source.at(&["secret", "name"]));
        }
    }
    for containers in ["containers", "initContainers", "ephemeralContainers"] {
        for container in spec.get(containers).items() {
            for source in container.get("envFrom").items() {
                add("configmaps", source.at(&["configMapRef", "name"]));
                add("secrets", source.at(&["secretRef", "name"]));
            }
            for variable in container.get("env").items() {
                let from = variable.get("valueFrom");
                add("configmaps", from.at(&["configMapKeyRef", "name"]));
                add("secrets", from.at(&["secretKeyRef", "name"]));
            }
        }
    }
    for secret in spec.get("imagePullSecrets").items() {
        add("secrets", secret.get("name"));
    }
    add("serviceaccounts", spec.get("serviceAccountName"));
    all
}

/// The requirements of an object that selects; one that has none selects nothing.
pub(super) fn requirements(entry: Entry<'_>) -> Vec<Requirement> {
    let spec = entry.object().spec;
    let selector = ["selector", "podSelector"].map(|field| spec.get(field));
    selector
        .into_iter()
        .flat_map(selector_requirements)
        .collect()
}

/// The labels and values that a selector surely asks for.
fn pairs<'a>(requirements: &'a [Requirement]) -> impl Iterator<Item = (&'a str, &'a str)> {
    let pair = |requirement: &'a Requirement| match &requirement.test {
        Test::In(values) if values.len() == 1 => {
            Some((requirement.key.as_str(), values[0].as_str()))
        }
        _ => None,
    };
    requirements.iter().filter_map(pair)
}

/// The labels by which an object is selected: a workload's pods have those of its template.
fn labels(entry: Entry<'_>) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    if entry.kind().resource.plural != "pods" {
        let template = entry.object().spec.at(&["template", "metadata", "labels"]);
        if template.is_present() {
            let entries = template.entries();
            return entries
                .map(|(key, value)| (key, value.text_or_empty()))
                .collect();
        }
    }
    let labels = entry.labels();
    labels
        .map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)))
        .collect()
}

/// Whether one selects the other, by its labels, and that one is not another's.
fn selects(
    selector: Entry<'_>,
    requirements: &[Requirement],
    other: Entry<'_>,
    labels: &[(Cow<'_, str>, Cow<'_, str>)],
) -> bool {
    let label = |key: &str| {
        let mut labels = labels.iter();
        labels
            .find(|(own, _)| own == key)
            .map(|(_, value)| &**value)
    };
    !requirements.is_empty()
        && selector.namespace() == other.namespace()
        && requirements
            .iter()
            .all(|requirement| requirement.matches(label(&requirement.key)))
        && !(selector.kind().resource.plural == "deployments" && is_of_another(selector, other))
}

/// Whether a pod that a deployment's selector selects is controlled by something else than one of
/// its replica sets, whose names are its own and the hash of their template.
fn is_of_another(deployment: Entry<'_>, pod: Entry<'_>) -> bool {
    let mut owners = owners(pod.object());
    let Some(controller) = owners.find(|owner| owner.get("controller").boolean() == Some(true))
    else {
        return false;
    };
    let hash = pod.label("pod-template-hash").unwrap_or_default();
    let expected = format!("{}-{hash}", deployment.name());
    controller.get("kind").text_or_empty() != "ReplicaSet"
        || controller.get("name").text_or_empty() != expected
}

impl Places {
    /// What is added to by each label of an object of a namespace.
    fn within(&self, namespace: &str) -> Seed {
        self.seed.after(namespace.as_bytes())
    }

    fn add(&mut self, hash: u64, place: usize) {
        let is_it = |(own, _): &(u64, Vec<usize>)| *own == hash;
        match self.lists.find_mut(hash, is_it) {
            Some((_, places)) => places.push(place),
            None => {
                let list = (hash, vec![place]);
                self.lists.insert_unique(hash, list, |(own, _)| *own);
            }
        }
    }

    fn get(&self, hash: u64) -> &[usize] {
        let found = self.lists.find(hash, |(own, _)| *own == hash);
        found.map_or(&[], |(_, places)| places)
    }
}

fn hash(within: Seed, (key, value): (&str, &str)) -> u64 {
    within.hash_pair(key.as_bytes(), value.as_bytes())
}

impl<'a> Selectors<'a> {
    fn add(&mut self, entry: Entry<'a>) {
        let requirements = requirements(entry);
        let within = self.places.within(entry.namespace());
        let hashes = pairs(&requirements).map(|pair| hash(within, pair));
        // By the pair that the fewest others ask for: of what many have in common, each is tried.
        let fewest = hashes.min_by_key(|hash| self.places.get(*hash).len());
        let hash = fewest.unwrap_or_else(|| within.hash(&[]));
        self.places.add(hash, self.all.len());
        self.all.push((entry, requirements));
    }

    fn any(&self, entry: Entry<'_>) -> bool {
        let labels = labels(entry);
        let within = self.places.within(entry.namespace());
        let selects = |hash: u64| {
            let mut found = self.places.get(hash).iter();
            found.any(|place| {
                let selector = self.all.get(*place);
                selector.is_some_and(|(selector, requirements)| {
                    selects(*selector, requirements, entry, &labels)
                })
            })
        };
        let mut pairs = labels.iter();
        pairs.any(|(key, value)| selects(hash(within, (key, value)))) || selects(within.hash(&[]))
    }
}

impl<'a> Selected<'a> {
    fn add(&mut self, entry: Entry<'a>) {
        let within = self.places.within(entry.namespace());
        let place = self.all.len();
        for (key, value) in labels(entry) {
            self.places.add(hash(within, (&key, &value)), place);
        }
        self.places.add(within.hash(&[]), place);
        self.all.push(entry);
    }

    fn any(&self, entry: Entry<'_>) -> bool {
        let requirements = requirements(entry);
        let within = self.places.within(entry.namespace());
        let found = pairs(&requirements).map(|pair| self.places.get(hash(within, pair)));
        let candidates = found
            .min_by_key(|found| found.len())
            .unwrap_or_else(|| self.places.get(within.hash(&[])));
        candidates.iter().any(|place| {
            let other = self.all.get(*place);
            other.is_some_and(|other| selects(entry, &requirements, *other, &labels(*other)))
        })
    }
}
