//! Deployments, services and the like, with what the demo's have in common.

use serde_json::{Value, json};

/// A deployment with one container; the rest is changed in place.
pub(super) fn deployment(name: &str, image: &str, replicas: u32) -> Value {
    let labels = json!({ "app": name, "app.kubernetes.io/name": name });
    json!({
        "metadata": { "name": name, "labels": labels },
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 3,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [container(name, image)] },
            },
        },
    })
}

pub(super) fn container(name: &str, image: &str) -> Value {
    json!({
        "name": name,
        "image": image,
        "ports": [{ "name": "http", "containerPort": 8080 }],
        "env": [{ "name": "LOG_LEVEL", "value": "info" }],
        "readinessProbe": { "httpGet": { "path": "/healthz", "port": "http", "scheme": "HTTP" }, "periodSeconds": 10 },
        "resources": {
            "requests": { "cpu": "100m", "memory": "128Mi" },
            "limits": { "memory": "256Mi" },
        },
    })
}

/// Makes the first container fail; see the kubelet's `Fault`.
pub(super) fn with_fault(mut workload: Value, fault: &str) -> Value {
    let container = &mut workload["spec"]["template"]["spec"]["containers"][0];
    if let Some(variables) = container["env"].as_array_mut() {
        variables.push(json!({ "name": "SANDBOX_FAULT", "value": fault }));
    }
    workload
}

pub(super) fn with_init(mut workload: Value, name: &str, image: &str) -> Value {
    let init = json!({ "name": name, "image": image, "command": ["/bin/migrate", "up"] });
    workload["spec"]["template"]["spec"]["initContainers"] = json!([init]);
    workload
}

pub(super) fn with_cpu(mut workload: Value, cpu: &str) -> Value {
    workload["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] =
        cpu.into();
    workload
}

pub(super) fn service(name: &str, app: &str) -> Value {
    json!({
        "metadata": { "name": name, "labels": { "app": app } },
        "spec": { "selector": { "app": app }, "ports": [{ "name": "http", "port": 80, "targetPort": "http" }] },
    })
}

pub(super) fn config_map(name: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name }, "data": data })
}

pub(super) fn secret(name: &str, kind: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name }, "type": kind, "stringData": data })
}
