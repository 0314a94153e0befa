//! What belongs with what, after the API's documentation of owners, selectors, volumes and events.

use serde_json::Value;

use crate::cell::Object;
use crate::state::{RESOURCES, Resource};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Owner,
    Owned,
    Selects,
    SelectedBy,
    Mounts,
    MountedBy,
    RunsOn,
    Runs,
    Events,
    Concerns,
    Within,
    Contains,
}

/// The relation of a name in a query.
pub(crate) fn relation(name: &str) -> Option<Way> {
    Some(match name {
        "owner" => Way::Owner,
        "owned" => Way::Owned,
        "selects" => Way::Selects,
        "selected-by" => Way::SelectedBy,
        "mounts" => Way::Mounts,
        "mounted-by" | "users" => Way::MountedBy,
        "runs-on" => Way::RunsOn,
        "runs" => Way::Runs,
        "concerns" => Way::Concerns,
        "within" => Way::Within,
        "contains" => Way::Contains,
        // `events` is a relation before it is a kind.
        "events" => Way::Events,
        _ => return None,
    })
}

/// How objects of a kind stand to those of another, when the query does not say.
pub(crate) fn between(kind: &Resource, other: &Resource) -> Vec<Way> {
    match (kind.plural, other.plural) {
        ("events", "events") => vec![],
        (_, "events") => vec![Way::Events],
        ("events", _) => vec![Way::Concerns],
        ("pods", "nodes") => vec![Way::RunsOn],
        ("nodes", "pods") => vec![Way::Runs],
        (_, "namespaces") if kind.namespaced => vec![Way::Within],
        ("namespaces", _) if other.namespaced => vec![Way::Contains],
        ("pods", "configmaps" | "secrets") => vec![Way::Mounts],
        ("configmaps" | "secrets", "pods") => vec![Way::MountedBy],
        ("deployments" | "services", "pods") | ("services", "deployments" | "replicasets") => {
            vec![Way::Selects]
        }
        ("pods", "deployments" | "services") | ("deployments" | "replicasets", "services") => {
            vec![Way::SelectedBy]
        }
        _ => vec![Way::Owned, Way::Owner],
    }
}

/// The kinds to which objects of a kind stand so.
pub(crate) fn targets(way: Way, kind: &Resource) -> Vec<&'static Resource> {
    let leads = |other: &&Resource| match (way, kind.plural) {
        (Way::Owner, "pods") => other.plural == "replicasets",
        (Way::Owner, "replicasets") => other.plural == "deployments",
        (Way::Owned, "replicasets") => other.plural == "pods",
        (Way::Owned, "deployments") => other.plural == "replicasets",
        (Way::Owner | Way::Owned, _) => false,
        _ => between(kind, other).contains(&way),
    };
    RESOURCES.iter().filter(leads).collect()
}

/// Whether an object stands so to another.
pub(crate) fn relates(object: Object<'_>, way: Way, other: Object<'_>) -> bool {
    let same_namespace = object.namespace() == other.namespace();
    match way {
        Way::Owner => {
            let mut owners = array(&object.value["metadata"]["ownerReferences"]);
            (same_namespace || !other.kind.namespaced)
                && owners.any(|owner| owner["uid"] == other.value["metadata"]["uid"])
        }
        Way::Selects => same_namespace && selects(object, other),
        Way::Mounts => same_namespace && mounts(object, other),
        Way::RunsOn => {
            other.kind.plural == "nodes" && object.value["spec"]["nodeName"] == other.name()
        }
        Way::Concerns => object.kind.plural == "events" && concerns(object, other),
        Way::Within => {
            other.kind.plural == "namespaces"
                && object.kind.namespaced
                && object.namespace() == other.name()
        }
        Way::Owned => relates(other, Way::Owner, object),
        Way::SelectedBy => relates(other, Way::Selects, object),
        Way::MountedBy => relates(other, Way::Mounts, object),
        Way::Runs => relates(other, Way::RunsOn, object),
        Way::Events => relates(other, Way::Concerns, object),
        Way::Contains => relates(other, Way::Within, object),
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn selects(object: Object<'_>, other: Object<'_>) -> bool {
    let selector = &object.value["spec"]["selector"];
    let labels = match &other.value["spec"]["template"]["metadata"]["labels"] {
        Value::Null => &other.value["metadata"]["labels"],
        template => template,
    };
    let pairs = if selector
        .get("matchLabels")
        .or_else(|| selector.get("matchExpressions"))
        .is_some()
    {
        &selector["matchLabels"]
    } else {
        selector
    };
    let pairs: Vec<_> = pairs.as_object().into_iter().flatten().collect();
    let expressions: Vec<&Value> = array(&selector["matchExpressions"]).collect();
    if pairs.is_empty() && expressions.is_empty() {
        return false;
    }
    let meets = |expression: &&Value| {
        let value = labels.get(expression["key"].as_str().unwrap_or_default());
        let is_in = value.is_some_and(|value| array(&expression["values"]).any(|one| one == value));
        match expression["operator"].as_str() {
            Some("In") => is_in,
            Some("NotIn") => !is_in,
            Some("Exists") => value.is_some(),
            _ => value.is_none(),
        }
    };
    pairs
        .iter()
        .all(|(key, value)| labels.get(key.as_str()) == Some(value))
        && expressions.iter().all(meets)
        && !(object.kind.plural == "deployments" && is_of_another(object, other))
}

/// A pod that a deployment's selector happens to select, but another controls.
fn is_of_another(deployment: Object<'_>, pod: Object<'_>) -> bool {
    let mut owners = array(&pod.value["metadata"]["ownerReferences"]);
    owners
        .find(|owner| owner["controller"] == true)
        .is_some_and(|controller| {
            let hash = pod.value["metadata"]["labels"]["pod-template-hash"]
                .as_str()
                .unwrap_or_default();
            controller["kind"] != "ReplicaSet"
                || controller["name"] != format!("{}-{hash}", deployment.name())
        })
}

fn mounts(pod: Object<'_>, other: Object<'_>) -> bool {
    let spec = &pod.value["spec"];
    let name = other.name();
    match other.kind.plural {
        "configmaps" => {
            let mut containers = array(&spec["containers"]);
            array(&spec["volumes"]).any(|volume| volume["configMap"]["name"] == name)
                || containers.any(|container| {
                    array(&container["envFrom"]).any(|from| from["configMapRef"]["name"] == name)
                })
        }
        "secrets" => array(&spec["volumes"]).any(|volume| volume["secret"]["secretName"] == name),
        _ => false,
    }
}

/// By its uid; where an event has none, or the name in its place, by kind and name.
fn concerns(event: Object<'_>, other: Object<'_>) -> bool {
    let about = &event.value["involvedObject"];
    let uid = &about["uid"];
    if *uid == "" || *uid == about["name"] {
        about["kind"] == other.kind.kind
            && about["name"] == other.name()
            && about["namespace"] == other.namespace()
    } else {
        *uid == other.value["metadata"]["uid"]
    }
}
