//! Pods as a real cluster has them: small ones, such as simulated nodes run, and large ones with
//! several containers, volumes and a longer history of their fields. A small one has, field by field,
//! what the control plane of `tests/cluster` sends of a pod of such a deployment.

use k8kat::value::encode::{encode, envelop};
use k8kat::value::{Type, Value};
use serde_json::json;

/// How large a pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// One container.
    Small,
    /// Three, with volumes, probes and more settings: about 14 kB of JSON.
    Large,
}

/// A list in both encodings.
pub struct Bodies {
    /// As JSON.
    pub json: Vec<u8>,
    /// As protobuf in its envelope.
    pub protobuf: Vec<u8>,
}

/// A list of so many pods.
///
/// # Panics
/// Never: pods and lists of them are built-in types.
#[must_use]
pub fn bodies(count: usize, size: Size) -> Bodies {
    let head =
        r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"4711"},"items":["#;
    let mut json = head.as_bytes().to_vec();
    let mut raw = Vec::new();
    let head = br#"{"metadata":{"resourceVersion":"4711"}}"#;
    let list = Type::named("v1", "PodList").expect("a built-in type");
    raw.extend(encode(Value::json(head), list).expect("a list"));
    let kind = Type::named("v1", "Pod").expect("a built-in type");
    for number in 0..count {
        let text = pod(number, size).to_string();
        if number > 0 {
            json.push(b',');
        }
        json.extend_from_slice(text.as_bytes());
        let message = encode(Value::json(text.as_bytes()), kind).expect("a pod");
        k8kat::value::wire::put_bytes(&mut raw, 2, &message);
    }
    json.extend_from_slice(b"]}");
    let protobuf = envelop(&raw, "v1", "PodList");
    Bodies { json, protobuf }
}

/// Looks random, and is the same every time.
fn hex(number: usize, salt: usize, digits: usize) -> String {
    let mut state = (number as u64 ^ (salt as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut text = String::new();
    while text.len() < digits {
        state ^= state >> 29;
        state = state.wrapping_mul(0xbf58_476d_1ce4_e5b9);
        text.push_str(&format!("{state:016x}"));
    }
    text.truncate(digits);
    text
}

fn uid(number: usize, salt: usize) -> String {
    let hex = hex(number, salt, 32);
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}

fn pod(number: usize, size: Size) -> serde_json::Value {
    let owner = number / 10;
    let app = format!("app-{}", owner % 200);
    let hash = hex(owner, 1, 10);
    let containers = match size {
        Size::Small => 1,
        Size::Large => 3,
    };
    let mut pod = json!({
        "metadata": {
            "name": format!("{app}-{hash}-{}", hex(number, 2, 5)),
            "generateName": format!("{app}-{hash}-"),
            "namespace": format!("team-{:03}", owner % 50),
            "uid": uid(number, 3),
            "resourceVersion": (4000 + number).to_string(),
            "generation": 1,
            "creationTimestamp": format!("2026-11-26T{:02}:{:02}:{:02}Z", number / 3600 % 24, number / 60 % 60, number % 60),
            "labels": {"app": app, "pod-template-hash": hash, "tier": "back", "topology.kubernetes.io/zone": "zone-b"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{app}-{hash}"),
                "uid": uid(owner, 4), "controller": true, "blockOwnerDeletion": true}],
        },
        "spec": {
            "volumes": [{"name": "kube-api-access-w7s5z", "projected": {"defaultMode": 420, "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
            ]}}],
            "containers": (0..containers).map(|index| container(&app, index, size)).collect::<Vec<_>>(),
            "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
            "serviceAccountName": "default", "serviceAccount": "default",
            "nodeName": format!("node-{}", number % 500), "securityContext": {}, "schedulerName": "default-scheduler",
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
                {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            ],
            "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
        },
        "status": {
            "phase": "Running",
            "conditions": conditions(),
            "hostIP": "198.18.0.1", "podIP": address(number), "podIPs": [{"ip": address(number)}],
            "startTime": "2026-11-26T15:32:02Z", "qosClass": "Burstable",
            "containerStatuses": (0..containers).map(|index| status(&app, number, index)).collect::<Vec<_>>(),
        },
    });
    pod["metadata"]["managedFields"] = match size {
        Size::Small => json!([
            written("kube-controller-manager", "", made_fields(&uid(owner, 4))),
            written("kwok", "status", status_fields(&address(number))),
        ]),
        Size::Large => managed_fields(containers),
    };
    if size == Size::Large {
        pod["metadata"]["annotations"] = json!({
            "kubectl.kubernetes.io/restartedAt": "2026-11-26T15:31:58Z",
            "prometheus.io/scrape": "true", "prometheus.io/port": "8080",
            "checksum/config": hex(owner, 5, 64),
        });
    }
    pod
}

fn conditions() -> serde_json::Value {
    let names = [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    ];
    let condition = |name| json!({"type": name, "status": "True", "lastProbeTime": null, "lastTransitionTime": "2026-11-26T15:32:04Z"});
    json!(names.map(condition))
}

fn address(number: usize) -> String {
    format!(
        "10.{}.{}.{}",
        number >> 16 & 255,
        number >> 8 & 255,
        number & 255
    )
}

fn container(app: &str, index: usize, size: Size) -> serde_json::Value {
    let mut container = json!({
        "name": format!("main-{index}"), "image": format!("registry.example.com/{app}:1.{index}.0"),
        "ports": [{"name": "http", "containerPort": 8080 + index, "protocol": "TCP"}],
        "env": [{"name": "LOG_LEVEL", "value": "info"}],
        "resources": {"limits": {"memory": "128Mi"}, "requests": {"cpu": "10m", "memory": "32Mi"}},
        "volumeMounts": [{"name": "kube-api-access-w7s5z", "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}],
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
    });
    if size == Size::Large {
        container["env"] = (0..12)
            .map(|number| json!({"name": format!("SETTING_{number}"), "value": format!("the value of setting {number}")}))
            .collect();
        for probe in ["readinessProbe", "livenessProbe"] {
            container[probe] = json!({"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"},
                "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3});
        }
    }
    container
}

fn status(app: &str, number: usize, index: usize) -> serde_json::Value {
    json!({
        "name": format!("main-{index}"), "state": {"running": {"startedAt": "2026-11-26T15:32:03Z"}}, "lastState": {},
        "ready": !number.is_multiple_of(17), "restartCount": number % 3, "image": format!("registry.example.com/{app}:1.{index}.0"),
        "imageID": "", "started": true,
    })
}

fn managed_fields(containers: usize) -> serde_json::Value {
    let leaf = json!({});
    let names = [
        "command",
        "env",
        "image",
        "imagePullPolicy",
        "livenessProbe",
        "name",
        "ports",
        "readinessProbe",
        "resources",
        "securityContext",
        "terminationMessagePath",
        "terminationMessagePolicy",
        "volumeMounts",
    ];
    let fields: serde_json::Map<_, _> = (0..containers)
        .map(|index| {
            let own: serde_json::Map<_, _> = names
                .iter()
                .map(|name| {
                    (
                        format!("f:{name}"),
                        json!({".": leaf, "f:value": leaf, "f:more": {"f:deep": leaf}}),
                    )
                })
                .collect();
            (format!(r#"k:{{"name":"main-{index}"}}"#), json!(own))
        })
        .collect();
    let fields = json!({"f:spec": {"f:containers": fields}});
    json!(
        ["kube-controller-manager", "kubelet"].map(|manager| written(manager, "", fields.clone()))
    )
}

/// What one writer wrote.
fn written(manager: &str, subresource: &str, fields: serde_json::Value) -> serde_json::Value {
    let mut written = json!({
        "manager": manager, "operation": "Update", "apiVersion": "v1", "time": "2026-11-26T15:31:58Z",
        "fieldsType": "FieldsV1", "fieldsV1": fields,
    });
    if !subresource.is_empty() {
        written["subresource"] = json!(subresource);
    }
    written
}

/// What a replica set writes of a pod with one container.
fn made_fields(owner: &str) -> serde_json::Value {
    json!({
        "f:metadata": {
            "f:generateName": {},
            "f:labels": {".": {}, "f:app": {}, "f:pod-template-hash": {}, "f:tier": {}},
            "f:ownerReferences": {".": {}, format!(r#"k:{{"uid":"{owner}"}}"#): {}},
        },
        "f:spec": {
            "f:containers": {r#"k:{"name":"main-0"}"#: {
                ".": {},
                "f:env": {".": {}, r#"k:{"name":"LOG_LEVEL"}"#: {".": {}, "f:name": {}, "f:value": {}}},
                "f:image": {}, "f:imagePullPolicy": {}, "f:name": {},
                "f:ports": {".": {}, r#"k:{"containerPort":8080,"protocol":"TCP"}"#:
                    {".": {}, "f:containerPort": {}, "f:name": {}, "f:protocol": {}}},
                "f:resources": {".": {}, "f:limits": {".": {}, "f:memory": {}},
                    "f:requests": {".": {}, "f:cpu": {}, "f:memory": {}}},
                "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {},
            }},
            "f:dnsPolicy": {}, "f:enableServiceLinks": {}, "f:restartPolicy": {}, "f:schedulerName": {},
            "f:securityContext": {}, "f:terminationGracePeriodSeconds": {},
        },
    })
}

/// What a node writes of its pod; the scheduler wrote of one condition more.
fn status_fields(address: &str) -> serde_json::Value {
    let condition = json!({".": {}, "f:lastProbeTime": {}, "f:lastTransitionTime": {}, "f:status": {}, "f:type": {}});
    let names = [
        "ContainersReady",
        "Initialized",
        "PodReadyToStartContainers",
        "Ready",
    ];
    let conditions: serde_json::Map<_, _> = names
        .map(|name| (format!(r#"k:{{"type":"{name}"}}"#), condition.clone()))
        .into_iter()
        .collect();
    json!({"f:status": {
        "f:conditions": conditions, "f:containerStatuses": {}, "f:hostIP": {}, "f:phase": {}, "f:podIP": {},
        "f:podIPs": {".": {}, format!(r#"k:{{"ip":"{address}"}}"#): {".": {}, "f:ip": {}}},
        "f:startTime": {},
    }})
}
