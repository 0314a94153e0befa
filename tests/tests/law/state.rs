//! Random states of a cluster: such objects as an API server takes, few enough names and values that
//! they meet each other.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::chance::Chance;

/// The time by the server's clock: 2026-01-01.
pub(crate) const NOW: Duration = Duration::from_secs(1_767_225_600);

/// A resource of the API.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resource {
    pub(crate) plural: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) group: &'static str,
    pub(crate) namespaced: bool,
}

const fn resource(
    plural: &'static str,
    kind: &'static str,
    group: &'static str,
    namespaced: bool,
) -> Resource {
    Resource {
        plural,
        kind,
        group,
        namespaced,
    }
}

pub(crate) static RESOURCES: [Resource; 10] = [
    resource("pods", "Pod", "", true),
    resource("deployments", "Deployment", "apps", true),
    resource("replicasets", "ReplicaSet", "apps", true),
    resource("services", "Service", "", true),
    resource("configmaps", "ConfigMap", "", true),
    resource("secrets", "Secret", "", true),
    resource("nodes", "Node", "", false),
    resource("namespaces", "Namespace", "", false),
    resource(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "apiextensions.k8s.io",
        false,
    ),
    resource("events", "Event", "", true),
];

pub(crate) fn named(plural: &str) -> &'static Resource {
    let found = RESOURCES.iter().find(|resource| resource.plural == plural);
    found.unwrap_or_else(|| panic!("there is no {plural}"))
}

impl Resource {
    /// `v1`, `apps/v1`
    pub(crate) fn api_version(&self) -> String {
        let group = if self.group.is_empty() {
            ""
        } else {
            &format!("{}/", self.group)
        };
        format!("{group}v1")
    }

    /// `pods`, `deployments.apps`
    pub(crate) fn qualified(&self) -> String {
        let group = if self.group.is_empty() {
            ""
        } else {
            &format!(".{}", self.group)
        };
        format!("{}{group}", self.plural)
    }
}

/// Plural, namespace, name.
pub(crate) type Key = (&'static str, String, String);

/// The objects of a cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<Key, Value>,
}

/// One sorts before the other as keys of etcd do, and after it as names do.
pub(crate) const NAMESPACES: [&str; 5] = ["a", "a-b", "b", "in", "kube-system"];
pub(crate) const NAMES: [&str; 6] = ["a", "b", "ab", "ba", "a.b", "x-1"];
pub(crate) const NODES: [&str; 3] = ["n1", "n2", "node-3"];
pub(crate) const KEYS: [&str; 4] = ["a", "b", "in", "x.io/k"];
pub(crate) const VALUES: [&str; 7] = ["", "a", "b", "in", "1", "5", "x.y"];
const HASHES: [&str; 2] = ["h1", "h2"];

impl State {
    pub(crate) fn random(chance: &mut Chance) -> Self {
        let mut state = Self::default();
        for name in NAMESPACES {
            state.put(chance, named("namespaces"), "", name);
        }
        for name in NODES {
            if !chance.one_in(4) {
                state.put(chance, named("nodes"), "", name);
            }
        }
        for _ in 0..chance.below(24) {
            state.change(chance);
        }
        state
    }

    /// Puts some object into it.
    pub(crate) fn change(&mut self, chance: &mut Chance) -> Key {
        let resource = match chance.below(12) {
            0..5 => named("pods"),
            5 => named("nodes"),
            other => &RESOURCES[[1, 2, 3, 4, 5, 9][other - 6]],
        };
        let namespace = if resource.namespaced {
            chance.pick(&NAMESPACES)
        } else {
            ""
        };
        let name = match resource.plural {
            "nodes" => chance.pick(&NODES).to_owned(),
            "replicasets" => format!("{}-{}", chance.pick(&NAMES), chance.pick(&HASHES)),
            _ => chance.pick(&NAMES).to_owned(),
        };
        self.put(chance, resource, namespace, &name)
    }

    /// A new state of an object, which keeps what it is made with.
    fn put(
        &mut self,
        chance: &mut Chance,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
    ) -> Key {
        let key = (resource.plural, namespace.to_owned(), name.to_owned());
        let mut object = match resource.plural {
            "pods" => pod(chance),
            "deployments" => deployment(chance),
            "replicasets" => replica_set(chance),
            "services" => service(chance),
            "configmaps" => json!({"data": {"k": "v"}}),
            "secrets" => json!({"type": chance.pick(&["Opaque", "kubernetes.io/tls"]), "data": {}}),
            "nodes" => node(chance),
            "namespaces" => json!({"status": {"phase": chance.pick(&["Active", "Terminating"])}}),
            _ => self.event(chance, namespace),
        };
        let known = self.objects.get(&key);
        let mut metadata = metadata(chance, resource, namespace, name);
        metadata["uid"] = known.map_or_else(
            || json!(format!("{}/{namespace}/{name}", resource.kind)),
            |known| known["metadata"]["uid"].clone(),
        );
        if let Some(known) = known {
            metadata["creationTimestamp"] = known["metadata"]["creationTimestamp"].clone();
        }
        object["metadata"] = metadata;
        self.own(chance, resource, &mut object);
        self.objects.insert(key.clone(), object);
        key
    }

    /// Names an owner, as controllers do.
    fn own(&self, chance: &mut Chance, resource: &Resource, object: &mut Value) {
        let owner = match resource.plural {
            "pods" => "replicasets",
            "replicasets" => "deployments",
            _ => return,
        };
        // Now and then in another namespace, where the API takes it and no owner is.
        let anywhere = chance.one_in(8);
        let owners: Vec<&Key> = self
            .objects
            .keys()
            .filter(|(plural, namespace, _)| {
                *plural == owner && (anywhere || object["metadata"]["namespace"] == **namespace)
            })
            .collect();
        if owners.is_empty() || chance.one_in(3) {
            return;
        }
        let (plural, namespace, name) = owners[chance.below(owners.len())];
        let kind = named(plural).kind;
        object["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "apps/v1", "kind": kind, "name": name, "controller": !chance.one_in(4),
            "uid": format!("{kind}/{namespace}/{name}"),
        }]);
    }

    fn event(&self, chance: &mut Chance, namespace: &str) -> Value {
        let about: Vec<&Key> = self
            .objects
            .keys()
            .filter(|(plural, of, _)| *plural != "events" && of == namespace)
            .collect();
        let mut involved =
            json!({"kind": "Pod", "namespace": namespace, "name": "gone", "uid": "gone"});
        if !about.is_empty() {
            let (plural, namespace, name) = about[chance.below(about.len())];
            let kind = named(plural).kind;
            let uid = format!("{kind}/{namespace}/{name}");
            involved = json!({"kind": kind, "namespace": namespace, "name": name, "uid": uid});
        }
        match chance.below(4) {
            0 => involved["uid"] = involved["name"].clone(),
            1 => involved["uid"] = json!(""),
            _ => {}
        }
        let last = ago(chance);
        let source = if chance.one_in(2) {
            json!({"component": "kubelet"})
        } else {
            json!({})
        };
        json!({
            "involvedObject": involved,
            "type": chance.pick(&["Normal", "Warning"]),
            "reason": chance.pick(&["BackOff", "Pulled", ""]),
            "message": "m", "source": source,
            "reportingComponent": chance.pick(&["kubelet", "scheduler"]),
            "count": chance.below(4), "firstTimestamp": last, "lastTimestamp": last,
        })
    }
}

/// A moment so long ago that no test lasts until it is another age.
fn ago(chance: &mut Chance) -> String {
    let seconds = [300, 301, 1800, 10_800, 172_800][chance.below(5)];
    time(NOW - Duration::from_secs(seconds))
}

/// As the API writes a time.
pub(crate) fn time(since: Duration) -> String {
    let time: SystemTime = UNIX_EPOCH + since;
    humantime::format_rfc3339_seconds(time).to_string()
}

fn metadata(chance: &mut Chance, resource: &Resource, namespace: &str, name: &str) -> Value {
    let mut metadata = json!({
        "name": name, "creationTimestamp": ago(chance),
        "managedFields": [{"manager": "kubelet", "fieldsV1": {"f:a": {}}}],
    });
    if resource.namespaced {
        metadata["namespace"] = json!(namespace);
    }
    if !chance.one_in(5) {
        metadata["labels"] = labels(chance);
        if resource.plural == "pods" && chance.one_in(2) {
            metadata["labels"]["pod-template-hash"] = json!(chance.pick(&HASHES));
        }
    }
    if chance.one_in(8) {
        metadata["deletionTimestamp"] = json!(ago(chance));
    }
    metadata
}

fn labels(chance: &mut Chance) -> Value {
    let mut labels = json!({});
    for key in KEYS {
        if chance.one_in(2) {
            labels[key] = json!(chance.pick(&VALUES));
        }
    }
    labels
}

fn containers(chance: &mut Chance) -> Vec<Value> {
    let count = 1 + chance.below(2);
    let mut container = |index: usize| {
        let mut container = json!({
            "name": if index == 0 { "c" } else { "d" },
            "image": chance.pick(&["nginx:1", "shop/web:2", "redis"]),
            "resources": {"limits": {"memory": chance.pick(&["64Mi", "1Gi", "500M"])}},
        });
        if chance.one_in(2) {
            container["resources"]["requests"] =
                json!({"cpu": chance.pick(&["100m", "1", "1500m"])});
        }
        if chance.one_in(3) {
            container["envFrom"] = json!([{"configMapRef": {"name": chance.pick(&NAMES)}}]);
        }
        container
    };
    (0..count).map(&mut container).collect()
}

fn pod(chance: &mut Chance) -> Value {
    let containers = containers(chance);
    let statuses: Vec<Value> = containers
        .iter()
        .map(|container| {
            let state = match chance.below(4) {
                0 => json!({"waiting": {"reason": chance.pick(&["CrashLoopBackOff", "ContainerCreating"])}}),
                1 => json!({"terminated": {"reason": chance.pick(&["Completed", "Error"]), "exitCode": chance.below(2)}}),
                _ => json!({"running": {}}),
            };
            json!({"name": container["name"], "restartCount": chance.below(7), "ready": chance.one_in(2), "state": state})
        })
        .collect();
    let mut spec = json!({"containers": containers});
    let mut status =
        json!({"phase": chance.pick(&["Running", "Running", "Pending", "Failed", "Succeeded"])});
    if let Some(node) = chance.maybe(&NODES) {
        spec["nodeName"] = json!(node);
    }
    if let Some(account) = chance.maybe(&["default", "robot"]) {
        spec["serviceAccountName"] = json!(account);
    }
    if chance.one_in(4) {
        spec["volumes"] = json!([
            {"name": "v", "configMap": {"name": chance.pick(&NAMES)}},
            {"name": "w", "secret": {"secretName": chance.pick(&NAMES)}},
        ]);
    }
    if !chance.one_in(4) {
        status["containerStatuses"] = json!(statuses);
    }
    if chance.one_in(2) {
        let ip = chance.pick(&["10.0.0.1", "10.0.0.2"]);
        status["podIP"] = json!(ip);
        status["podIPs"] = json!([{"ip": ip}]);
    }
    if !chance.one_in(3) {
        status["conditions"] = json!([
            {"type": "Ready", "status": chance.pick(&["True", "False"])},
            {"type": "PodScheduled", "status": chance.pick(&["True", "True", "False"])},
        ]);
    }
    json!({"spec": spec, "status": status})
}

/// A selector of one key, or of a key and an expression; now and then an empty one.
fn selector(chance: &mut Chance) -> Value {
    if chance.one_in(6) {
        return json!({});
    }
    let mut selector = json!({"matchLabels": {chance.pick(&KEYS): chance.pick(&VALUES)}});
    if chance.one_in(3) {
        let operator = chance.pick(&["In", "NotIn", "Exists", "DoesNotExist"]);
        let mut expression = json!({"key": chance.pick(&KEYS), "operator": operator});
        if operator.ends_with("In") {
            expression["values"] = json!([chance.pick(&VALUES), chance.pick(&VALUES)]);
        }
        selector["matchExpressions"] = json!([expression]);
        if chance.one_in(2) {
            selector["matchLabels"] = json!({});
        }
    }
    selector
}

fn deployment(chance: &mut Chance) -> Value {
    json!({
        "spec": {
            "replicas": chance.below(3), "selector": selector(chance),
            "template": {"metadata": {"labels": labels(chance)}, "spec": {"containers": containers(chance)}},
        },
        "status": {
            "readyReplicas": chance.below(3), "updatedReplicas": chance.below(3), "availableReplicas": chance.below(3),
            "conditions": [{"type": "Progressing", "status": "True",
                "reason": chance.pick(&["NewReplicaSetAvailable", "ProgressDeadlineExceeded", "ReplicaSetUpdated"])}],
        },
    })
}

fn replica_set(chance: &mut Chance) -> Value {
    json!({
        "spec": {
            "replicas": chance.below(3), "selector": selector(chance),
            "template": {"metadata": {"labels": labels(chance)}, "spec": {"containers": containers(chance)}},
        },
        "status": {"replicas": chance.below(3), "readyReplicas": chance.below(3)},
    })
}

fn service(chance: &mut Chance) -> Value {
    let ip = chance.pick(&["10.96.0.1", "10.96.0.2", "None"]);
    let mut service = json!({"spec": {
        "type": chance.pick(&["ClusterIP", "NodePort", "LoadBalancer"]), "clusterIP": ip, "clusterIPs": [ip],
        "ports": [{"port": 80, "protocol": "TCP"}],
    }});
    if !chance.one_in(4) {
        service["spec"]["selector"] = json!({chance.pick(&KEYS): chance.pick(&VALUES)});
    }
    service
}

fn node(chance: &mut Chance) -> Value {
    let mut node = json!({
        "spec": {},
        "status": {"conditions": [{"type": "Ready", "status": chance.pick(&["True", "False", "Unknown"])}]},
    });
    if chance.one_in(2) {
        node["spec"]["unschedulable"] = json!(chance.one_in(2));
    }
    node
}
