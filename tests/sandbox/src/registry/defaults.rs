//! What the server fills in where a new object says nothing.

use serde_json::{Value, json};

use super::Registry;
use crate::resource::{
    CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, EVENTS, NAMESPACES, NODES, PODS, REPLICA_SETS,
    Resource, SECRETS, SERVICES,
};

pub(super) fn apply(registry: &Registry, resource: &Resource, value: &mut Value) {
    match resource.index {
        index if index == PODS.index => pod(registry, value),
        index if index == DEPLOYMENTS.index => deployment(value),
        index if index == REPLICA_SETS.index => replica_set(value),
        index if index == SERVICES.index => service(registry, value),
        index if index == NAMESPACES.index => namespace(value),
        index if index == SECRETS.index => secret(value),
        index if index == EVENTS.index => event(value),
        index if index == NODES.index => default_to(value, "spec", || json!({})),
        index if index == CUSTOM_RESOURCE_DEFINITIONS.index => definition(value),
        _ => {}
    }
}

/// Sets a member that is absent or null. Does nothing to what is not an object.
fn default_to(value: &mut Value, member: &str, default: impl FnOnce() -> Value) {
    if let Some(members) = value.as_object_mut()
        && members.get(member).is_none_or(Value::is_null)
    {
        members.insert(member.to_owned(), default());
    }
}

fn pod(registry: &Registry, value: &mut Value) {
    default_to(value, "spec", || json!({}));
    let spec = &mut value["spec"];
    pod_spec(spec);
    default_to(spec, "serviceAccountName", || json!("default"));
    let account = spec["serviceAccountName"].clone();
    default_to(spec, "serviceAccount", || account);
    default_to(spec, "enableServiceLinks", || json!(true));
    default_to(spec, "preemptionPolicy", || json!("PreemptLowerPriority"));
    default_to(spec, "priority", || json!(0));
    default_to(spec, "tolerations", || {
        json!([
            { "effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300 },
            { "effect": "NoExecute", "key": "node.kubernetes.io/unreachable", "operator": "Exists", "tolerationSeconds": 300 },
        ])
    });
    mount_token(registry, spec);
    value["status"] = json!({ "phase": "Pending", "qosClass": qos_class(&value["spec"]) });
}

/// The volume that gives a pod its access to the API.
fn mount_token(registry: &Registry, spec: &mut Value) {
    let name = format!("kube-api-access-{}", registry.name_suffix());
    let volume = json!({
        "name": name,
        "projected": {
            "defaultMode": 420,
            "sources": [
                { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
                { "configMap": { "items": [{ "key": "ca.crt", "path": "ca.crt" }], "name": "kube-root-ca.crt" } },
                { "downwardAPI": { "items": [{
                    "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.namespace" }, "path": "namespace",
                }] } },
            ],
        },
    });
    push(spec, "volumes", volume);
    for list in ["containers", "initContainers"] {
        for container in spec
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let mount = json!({
                "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "name": name, "readOnly": true,
            });
            push(container, "volumeMounts", mount);
        }
    }
}

fn push(value: &mut Value, member: &str, item: Value) {
    default_to(value, member, || json!([]));
    if let Some(items) = value[member].as_array_mut() {
        items.push(item);
    }
}

fn qos_class(spec: &Value) -> &'static str {
    let resources: Vec<_> = spec["containers"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| &one["resources"])
        .collect();
    let empty =
        |resources: &&Value| resources["requests"].is_null() && resources["limits"].is_null();
    let pinned = |resources: &&Value| {
        let limits = &resources["limits"];
        limits["cpu"].is_string()
            && limits["memory"].is_string()
            && resources["requests"] == *limits
    };
    match () {
        () if resources.iter().all(empty) => "BestEffort",
        () if resources.iter().all(pinned) => "Guaranteed",
        () => "Burstable",
    }
}

fn pod_spec(spec: &mut Value) {
    default_to(spec, "restartPolicy", || json!("Always"));
    default_to(spec, "terminationGracePeriodSeconds", || json!(30));
    default_to(spec, "dnsPolicy", || json!("ClusterFirst"));
    default_to(spec, "schedulerName", || json!("default-scheduler"));
    default_to(spec, "securityContext", || json!({}));
    for list in ["containers", "initContainers"] {
        for container in spec
            .get_mut(list)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            self::container(container);
        }
    }
}

fn container(container: &mut Value) {
    let image = container["image"].as_str().unwrap_or_default();
    let latest =
        !image.rsplit('/').next().unwrap_or_default().contains(':') || image.ends_with(":latest");
    let pull = if latest { "Always" } else { "IfNotPresent" };
    default_to(container, "imagePullPolicy", || json!(pull));
    default_to(container, "resources", || json!({}));
    default_to(container, "terminationMessagePath", || {
        json!("/dev/termination-log")
    });
    default_to(container, "terminationMessagePolicy", || json!("File"));
    if let Some(limits) = container["resources"].get("limits").cloned() {
        default_to(&mut container["resources"], "requests", || limits);
    }
    for port in container
        .get_mut("ports")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        default_to(port, "protocol", || json!("TCP"));
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get_mut(probe) else {
            continue;
        };
        for (member, default) in [
            ("failureThreshold", 3),
            ("periodSeconds", 10),
            ("successThreshold", 1),
            ("timeoutSeconds", 1),
        ] {
            default_to(probe, member, || default.into());
        }
    }
}

fn template(spec: &mut Value) {
    default_to(spec, "template", || json!({}));
    default_to(&mut spec["template"], "metadata", || json!({}));
    default_to(&mut spec["template"], "spec", || json!({}));
    pod_spec(&mut spec["template"]["spec"]);
}

fn deployment(value: &mut Value) {
    default_to(value, "spec", || json!({}));
    let spec = &mut value["spec"];
    default_to(spec, "replicas", || json!(1));
    default_to(spec, "revisionHistoryLimit", || json!(10));
    default_to(spec, "progressDeadlineSeconds", || json!(600));
    default_to(
        spec,
        "strategy",
        || json!({ "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } }),
    );
    template(spec);
    value["status"] = json!({});
}

fn replica_set(value: &mut Value) {
    default_to(value, "spec", || json!({}));
    default_to(&mut value["spec"], "replicas", || json!(1));
    template(&mut value["spec"]);
    value["status"] = json!({ "replicas": 0 });
}

fn service(registry: &Registry, value: &mut Value) {
    default_to(value, "spec", || json!({}));
    let spec = &mut value["spec"];
    default_to(spec, "type", || json!("ClusterIP"));
    default_to(spec, "sessionAffinity", || json!("None"));
    let kind = spec["type"].as_str().unwrap_or_default().to_owned();
    if kind != "ExternalName" {
        let (third, fourth) = (registry.number(0..256), registry.number(2..254));
        default_to(spec, "clusterIP", || {
            json!(format!("10.96.{third}.{fourth}"))
        });
        let address = spec["clusterIP"].clone();
        default_to(spec, "clusterIPs", || json!([address]));
        default_to(spec, "internalTrafficPolicy", || json!("Cluster"));
        default_to(spec, "ipFamilies", || json!(["IPv4"]));
        default_to(spec, "ipFamilyPolicy", || json!("SingleStack"));
    }
    for port in spec
        .get_mut("ports")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        default_to(port, "protocol", || json!("TCP"));
        let number = port["port"].clone();
        default_to(port, "targetPort", || number);
        if kind == "NodePort" || kind == "LoadBalancer" {
            let node_port = registry.number(30_000..32_768);
            default_to(port, "nodePort", || node_port.into());
        }
    }
    default_to(value, "status", || json!({ "loadBalancer": {} }));
}

fn namespace(value: &mut Value) {
    let name = value["metadata"]["name"].clone();
    default_to(&mut value["metadata"], "labels", || json!({}));
    default_to(
        &mut value["metadata"]["labels"],
        "kubernetes.io/metadata.name",
        || name,
    );
    default_to(value, "spec", || json!({ "finalizers": ["kubernetes"] }));
    value["status"] = json!({ "phase": "Active" });
}

/// A definition is in force at once; a real server takes a moment.
fn definition(value: &mut Value) {
    default_to(value, "spec", || json!({}));
    let spec = &mut value["spec"];
    default_to(spec, "names", || json!({}));
    let kind = spec["names"]["kind"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    default_to(&mut spec["names"], "singular", || {
        json!(kind.to_lowercase())
    });
    default_to(&mut spec["names"], "listKind", || {
        json!(format!("{kind}List"))
    });
    default_to(spec, "conversion", || json!({ "strategy": "None" }));
    let versions = spec["versions"].as_array().into_iter().flatten();
    let stored: Vec<Value> = versions
        .filter(|version| version["storage"] == true)
        .map(|version| version["name"].clone())
        .collect();
    let created = value["metadata"]["creationTimestamp"].clone();
    let condition = |kind: &str, reason: &str, message: &str| json!({ "type": kind, "status": "True", "reason": reason, "message": message, "lastTransitionTime": created });
    let conditions = [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition(
            "Established",
            "InitialNamesAccepted",
            "the initial names have been accepted",
        ),
    ];
    let accepted = value["spec"]["names"].clone();
    value["status"] =
        json!({ "acceptedNames": accepted, "conditions": conditions, "storedVersions": stored });
}

/// Members that are always there, whatever is known.
fn event(value: &mut Value) {
    for member in ["eventTime", "firstTimestamp", "lastTimestamp"] {
        default_to(value, member, || Value::Null);
    }
    for member in ["reportingComponent", "reportingInstance"] {
        default_to(value, member, || json!(""));
    }
    for member in ["involvedObject", "source"] {
        default_to(value, member, || json!({}));
    }
}

/// What was given as text becomes data.
fn secret(value: &mut Value) {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    default_to(value, "type", || json!("Opaque"));
    let Some(texts) = value
        .as_object_mut()
        .and_then(|members| members.remove("stringData"))
    else {
        return;
    };
    default_to(value, "data", || json!({}));
    for (key, text) in texts.as_object().into_iter().flatten() {
        value["data"][key] = STANDARD.encode(text.as_str().unwrap_or_default()).into();
    }
}
