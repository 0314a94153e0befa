use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::resource::{ENDPOINT_SLICES, EVENTS, NODES, PODS, RESOURCES, Resource, SERVICES};

fn check(resource: &Resource, object: Value, expected: Expect) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(3600);
    let cells: Vec<String> = row(resource, &object, now)
        .cells
        .iter()
        .map(|cell| {
            cell.as_str()
                .map_or_else(|| cell.to_string(), str::to_owned)
        })
        .collect();
    expected.assert_eq(&cells.join(" | "));
}

fn pod(spec: Value, status: Value) -> Value {
    json!({ "metadata": { "name": "p", "creationTimestamp": "1970-01-01T00:50:00Z" }, "spec": spec, "status": status })
}

#[test]
fn as_many_cells_as_columns() {
    for resource in RESOURCES {
        let row = row(resource, &json!({}), SystemTime::UNIX_EPOCH);
        assert_eq!(
            Some(row.cells.len()),
            column_definitions(resource).as_array().map(Vec::len),
            "{}",
            resource.kind
        );
    }
}

#[test]
fn running_pod() {
    check(
        &PODS,
        pod(
            json!({ "nodeName": "n", "containers": [{ "name": "a" }] }),
            json!({ "phase": "Running", "podIPs": [{ "ip": "10.0.0.1" }], "containerStatuses": [{
                "ready": true, "restartCount": 2, "state": { "running": {} },
                "lastState": { "terminated": { "finishedAt": "1970-01-01T00:59:00Z" } },
            }] }),
        ),
        expect!["p | 1/1 | Running | 2 (60s ago) | 10m | 10.0.0.1 | n | <none> | <none>"],
    );
}

#[test]
fn crashing_pod() {
    check(
        &PODS,
        pod(
            json!({ "containers": [{ "name": "a" }, { "name": "b" }] }),
            json!({ "phase": "Running", "containerStatuses": [
                { "state": { "waiting": { "reason": "CrashLoopBackOff" } }, "restartCount": 4 },
                { "ready": true, "state": { "running": {} } },
            ] }),
        ),
        expect!["p | 1/2 | CrashLoopBackOff | 4 | 10m | <none> | <none> | <none> | <none>"],
    );
}

#[test]
fn initializing_pod() {
    check(
        &PODS,
        pod(
            json!({ "containers": [{ "name": "a" }], "initContainers": [{ "name": "i" }, { "name": "j" }] }),
            json!({ "phase": "Pending", "initContainerStatuses": [
                { "state": { "terminated": { "exitCode": 0 } } }, { "state": { "running": {} } },
            ] }),
        ),
        expect!["p | 0/1 | Init:1/2 | 0 | 10m | <none> | <none> | <none> | <none>"],
    );
}

#[test]
fn load_balancer() {
    check(
        &SERVICES,
        json!({ "metadata": { "name": "web" }, "spec": {
            "type": "LoadBalancer", "clusterIPs": ["10.96.0.9"], "selector": { "app": "web" },
            "ports": [{ "port": 80, "nodePort": 30080, "protocol": "TCP" }],
        } }),
        expect!["web | LoadBalancer | 10.96.0.9 | <pending> | 80:30080/TCP | <unknown> | app=web"],
    );
}

#[test]
fn cordoned_node() {
    check(
        &NODES,
        json!({
            "metadata": { "name": "n", "labels": { "node-role.kubernetes.io/worker": "" } },
            "spec": { "unschedulable": true },
            "status": { "conditions": [{ "type": "Ready", "status": "True" }] },
        }),
        expect![
            "n | Ready,SchedulingDisabled | worker | <unknown> |  | <none> | <none> | <unknown> | <unknown> | <unknown>"
        ],
    );
}

#[test]
fn slice_with_many_endpoints() {
    let endpoints: Vec<Value> = (1..=5)
        .map(|n| json!({ "addresses": [format!("10.0.0.{n}")] }))
        .collect();
    check(
        &ENDPOINT_SLICES,
        json!({ "metadata": { "name": "s" }, "addressType": "IPv4", "ports": [{ "port": 80 }], "endpoints": endpoints }),
        expect!["s | IPv4 | 80 | 10.0.0.1,10.0.0.2,10.0.0.3 + 2 more... | <unknown>"],
    );
}

#[test]
fn counted_event() {
    check(
        &EVENTS,
        json!({
            "metadata": { "name": "p.1" }, "type": "Warning", "reason": "BackOff", "message": "again\n", "count": 7,
            "involvedObject": { "kind": "Pod", "name": "p", "fieldPath": "spec.containers{a}" },
            "source": { "component": "kubelet", "host": "n" },
            "firstTimestamp": "1970-01-01T00:30:00Z", "lastTimestamp": "1970-01-01T00:59:50Z",
        }),
        expect![
            "10s | Warning | BackOff | pod/p | spec.containers{a} | kubelet, n | again | 30m | 7 | p.1"
        ],
    );
}
