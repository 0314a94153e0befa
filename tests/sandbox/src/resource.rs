//! The kinds that the sandbox serves, as a table of data: adding one is adding a row.
//!
//! Nothing else in the crate decides by kind what discovery, selectors or paths look like.

use serde_json::{Value, json};

use crate::custom::{self, Definition};
use crate::store::Store;

/// One resource type.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Its place in [`RESOURCES`], and in the store.
    pub(crate) index: usize,
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) short_names: &'static [&'static str],
    pub(crate) categories: &'static [&'static str],
    pub(crate) namespaced: bool,
    pub(crate) subresources: &'static [Subresource],
    /// Whether `metadata.generation` counts changes of the spec.
    pub(crate) counts_generation: bool,
    /// Whether a deletion answers with what was deleted; of most kinds, it only says that it was.
    pub(crate) answers_with_the_deleted: bool,
    pub(crate) fields: FieldLabels,
    /// What defines it, if that is no row of this table.
    pub(crate) definition: Option<&'static Definition>,
}

/// A path below an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subresource {
    Status,
    Scale,
    Log,
    Binding,
    Eviction,
}

impl Subresource {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Scale => "scale",
            Self::Log => "log",
            Self::Binding => "binding",
            Self::Eviction => "eviction",
        }
    }

    pub(crate) fn verbs(self) -> &'static [&'static str] {
        match self {
            Self::Status | Self::Scale => &["get", "patch", "update"],
            Self::Log => &["get"],
            Self::Binding | Self::Eviction => &["create"],
        }
    }
}

/// Which field labels a resource can be selected by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldLabels {
    /// Only `metadata.name` and `metadata.namespace`.
    Metadata,
    /// These besides `metadata.name`, and besides `metadata.namespace` where the resource is namespaced.
    /// Each is a JSON path; the store keeps their values beside the object.
    Own(&'static [Field]),
}

/// A selectable field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) label: &'static str,
    pub(crate) source: FieldSource,
}

/// Where the value of a selectable field stands in the object.
#[derive(Debug)]
pub(crate) enum FieldSource {
    /// The string at this JSON pointer, or "".
    At(&'static str),
    /// The string, number or boolean at this JSON pointer, or "".
    ScalarAt(&'static str),
    /// "true" or "false"; absent is "false".
    BoolAt(&'static str),
    /// The first of these that is not empty.
    FirstOf(&'static [&'static str]),
    /// The server accepts the label and never matches it.
    Never,
}

const fn at(label: &'static str, pointer: &'static str) -> Field {
    Field {
        label,
        source: FieldSource::At(pointer),
    }
}

pub(crate) const VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

const CUSTOM_VERBS: &[&str] = &[
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "create",
    "update",
    "watch",
];

pub(crate) static PODS: Resource = Resource {
    index: 0,
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    short_names: &["po"],
    categories: &["all"],
    namespaced: true,
    subresources: &[
        Subresource::Binding,
        Subresource::Eviction,
        Subresource::Log,
        Subresource::Status,
    ],
    counts_generation: true,
    answers_with_the_deleted: true,
    fields: FieldLabels::Own(&[
        at("spec.nodeName", "/spec/nodeName"),
        at("spec.restartPolicy", "/spec/restartPolicy"),
        at("spec.schedulerName", "/spec/schedulerName"),
        at("spec.serviceAccountName", "/spec/serviceAccountName"),
        Field {
            label: "spec.hostNetwork",
            source: FieldSource::BoolAt("/spec/hostNetwork"),
        },
        at("status.phase", "/status/phase"),
        at("status.podIP", "/status/podIPs/0/ip"),
        Field {
            label: "status.podIPs",
            source: FieldSource::Never,
        },
        at("status.nominatedNodeName", "/status/nominatedNodeName"),
    ]),
    definition: None,
};

pub(crate) static DEPLOYMENTS: Resource = Resource {
    index: 1,
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    singular: "deployment",
    short_names: &["deploy"],
    categories: &["all"],
    namespaced: true,
    subresources: &[Subresource::Scale, Subresource::Status],
    counts_generation: true,
    answers_with_the_deleted: false,
    fields: FieldLabels::Metadata,
    definition: None,
};

pub(crate) static REPLICA_SETS: Resource = Resource {
    index: 2,
    group: "apps",
    version: "v1",
    kind: "ReplicaSet",
    plural: "replicasets",
    singular: "replicaset",
    short_names: &["rs"],
    categories: &["all"],
    namespaced: true,
    subresources: &[Subresource::Scale, Subresource::Status],
    counts_generation: true,
    answers_with_the_deleted: false,
    fields: FieldLabels::Metadata,
    definition: None,
};

pub(crate) static SERVICES: Resource = Resource {
    index: 3,
    group: "",
    version: "v1",
    kind: "Service",
    plural: "services",
    singular: "service",
    short_names: &["svc"],
    categories: &["all"],
    namespaced: true,
    subresources: &[Subresource::Status],
    counts_generation: false,
    answers_with_the_deleted: true,
    fields: FieldLabels::Own(&[
        at("spec.clusterIP", "/spec/clusterIP"),
        at("spec.type", "/spec/type"),
    ]),
    definition: None,
};

pub(crate) static NAMESPACES: Resource = Resource {
    index: 4,
    group: "",
    version: "v1",
    kind: "Namespace",
    plural: "namespaces",
    singular: "namespace",
    short_names: &["ns"],
    categories: &[],
    namespaced: false,
    subresources: &[Subresource::Status],
    counts_generation: false,
    answers_with_the_deleted: false,
    fields: FieldLabels::Own(&[at("status.phase", "/status/phase")]),
    definition: None,
};

pub(crate) static NODES: Resource = Resource {
    index: 5,
    group: "",
    version: "v1",
    kind: "Node",
    plural: "nodes",
    singular: "node",
    short_names: &["no"],
    categories: &[],
    namespaced: false,
    subresources: &[Subresource::Status],
    counts_generation: false,
    answers_with_the_deleted: false,
    fields: FieldLabels::Own(&[Field {
        label: "spec.unschedulable",
        source: FieldSource::BoolAt("/spec/unschedulable"),
    }]),
    definition: None,
};

pub(crate) static EVENTS: Resource = Resource {
    index: 6,
    group: "",
    version: "v1",
    kind: "Event",
    plural: "events",
    singular: "event",
    short_names: &["ev"],
    categories: &[],
    namespaced: true,
    subresources: &[],
    counts_generation: false,
    answers_with_the_deleted: false,
    fields: FieldLabels::Own(&[
        at("involvedObject.kind", "/involvedObject/kind"),
        at("involvedObject.namespace", "/involvedObject/namespace"),
        at("involvedObject.name", "/involvedObject/name"),
        at("involvedObject.uid", "/involvedObject/uid"),
        at("involvedObject.apiVersion", "/involvedObject/apiVersion"),
        at(
            "involvedObject.resourceVersion",
            "/involvedObject/resourceVersion",
        ),
        at("involvedObject.fieldPath", "/involvedObject/fieldPath"),
        at("reason", "/reason"),
        at("reportingComponent", "/reportingComponent"),
        Field {
            label: "source",
            source: FieldSource::FirstOf(&["/source/component", "/reportingComponent"]),
        },
        at("type", "/type"),
    ]),
    definition: None,
};

pub(crate) static ENDPOINTS: Resource = Resource {
    index: 7,
    group: "",
    version: "v1",
    kind: "Endpoints",
    plural: "endpoints",
    singular: "endpoints",
    short_names: &["ep"],
    categories: &[],
    namespaced: true,
    subresources: &[],
    counts_generation: false,
    answers_with_the_deleted: false,
    fields: FieldLabels::Metadata,
    definition: None,
};

pub(crate) static ENDPOINT_SLICES: Resource = Resource {
    index: 8,
    group: "discovery.k8s.io",
    version: "v1",
    kind: "EndpointSlice",
    plural: "endpointslices",
    singular: "endpointslice",
    short_names: &[],
    categories: &[],
    namespaced: true,
    subresources: &[],
    counts_generation: true,
    answers_with_the_deleted: false,
    fields: FieldLabels::Metadata,
    definition: None,
};

pub(crate) static CONFIG_MAPS: Resource = Resource {
    index: 9,
    group: "",
    version: "v1",
    kind: "ConfigMap",
    plural: "configmaps",
    singular: "configmap",
    short_names: &["cm"],
    categories: &[],
    namespaced: true,
    subresources: &[],
    counts_generation: false,
    answers_with_the_deleted: false,
    fields: FieldLabels::Metadata,
    definition: None,
};

pub(crate) static SECRETS: Resource = Resource {
    index: 10,
    group: "",
    version: "v1",
    kind: "Secret",
    plural: "secrets",
    singular: "secret",
    short_names: &[],
    categories: &[],
    namespaced: true,
    subresources: &[],
    counts_generation: false,
    answers_with_the_deleted: false,
    fields: FieldLabels::Own(&[at("type", "/type")]),
    definition: None,
};

pub(crate) static SERVICE_ACCOUNTS: Resource = Resource {
    index: 11,
    group: "",
    version: "v1",
    kind: "ServiceAccount",
    plural: "serviceaccounts",
    singular: "serviceaccount",
    short_names: &["sa"],
    categories: &[],
    namespaced: true,
    subresources: &[],
    counts_generation: false,
    answers_with_the_deleted: true,
    fields: FieldLabels::Metadata,
    definition: None,
};

pub(crate) static CUSTOM_RESOURCE_DEFINITIONS: Resource = Resource {
    index: 12,
    group: "apiextensions.k8s.io",
    version: "v1",
    kind: "CustomResourceDefinition",
    plural: "customresourcedefinitions",
    singular: "customresourcedefinition",
    short_names: &["crd", "crds"],
    categories: &["api-extensions"],
    namespaced: false,
    subresources: &[],
    counts_generation: true,
    fields: FieldLabels::Metadata,
    answers_with_the_deleted: true,
    definition: None,
};

/// Every resource, by index.
pub(crate) static RESOURCES: [&Resource; 13] = [
    &PODS,
    &DEPLOYMENTS,
    &REPLICA_SETS,
    &SERVICES,
    &NAMESPACES,
    &NODES,
    &EVENTS,
    &ENDPOINTS,
    &ENDPOINT_SLICES,
    &CONFIG_MAPS,
    &SECRETS,
    &SERVICE_ACCOUNTS,
    &CUSTOM_RESOURCE_DEFINITIONS,
];

/// Every resource, and those that objects of the store define.
pub(crate) fn served(store: &Store) -> Vec<&'static Resource> {
    let mut served = RESOURCES.to_vec();
    served.extend(custom::all(store));
    served
}

pub(crate) fn find(
    store: &Store,
    group: &str,
    version: &str,
    plural: &str,
) -> Option<&'static Resource> {
    let mut built_in = RESOURCES.iter().copied();
    built_in
        .find(|resource| {
            resource.group == group && resource.version == version && resource.plural == plural
        })
        .or_else(|| custom::find(store, group, version, plural))
}

/// The groups with their versions: the core group first, the custom ones last.
pub(crate) fn group_versions(store: &Store) -> Vec<(&'static str, &'static str)> {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    let mut built_in = RESOURCES.to_vec();
    built_in.sort_by_key(|resource| (resource.group, resource.version));
    for resource in built_in.into_iter().chain(custom::all(store)) {
        if !groups.contains(&(resource.group, resource.version)) {
            groups.push((resource.group, resource.version));
        }
    }
    groups
}

impl Resource {
    pub(crate) fn api_version(&self) -> String {
        api_version(self.group, self.version)
    }

    /// `deployments.apps`, as error texts name it.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// As Go packages of the server's own types are called.
    pub(crate) fn internal_group(&self) -> &'static str {
        match self.group {
            "" => "core",
            group => group.split('.').next().unwrap_or(group),
        }
    }

    /// Namespaces are deleted one by one only. Of custom resources the server tells the verbs in another order.
    pub(crate) fn verbs(&self) -> Vec<&'static str> {
        if self.definition.is_some() {
            return CUSTOM_VERBS.to_vec();
        }
        let one_by_one = self.index == NAMESPACES.index;
        let verbs = VERBS.iter().copied();
        verbs
            .filter(|verb| !(one_by_one && *verb == "deletecollection"))
            .collect()
    }

    pub(crate) fn has(&self, subresource: Subresource) -> bool {
        self.subresources.contains(&subresource)
    }

    /// `Status.details` for one object.
    pub(crate) fn details(&self, name: &str) -> Value {
        let mut details = json!({ "kind": self.plural });
        if !name.is_empty() {
            details["name"] = name.into();
        }
        if !self.group.is_empty() {
            details["group"] = self.group.into();
        }
        details
    }

    /// The key of an object in the store; keys sort as the real server lists.
    pub(crate) fn key(&self, namespace: &str, name: &str) -> String {
        if self.namespaced {
            format!("{namespace}/{name}")
        } else {
            name.to_owned()
        }
    }
}

pub(crate) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_the_place() {
        for (place, resource) in RESOURCES.iter().enumerate() {
            assert_eq!(resource.index, place, "{}", resource.plural);
        }
    }
}
