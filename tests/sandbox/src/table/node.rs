//! A node's row.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde_json::Value;

use super::{age, items, name, text, text_or};

pub(super) fn cells(node: &Value, now: SystemTime) -> Vec<Value> {
    let info = &node["status"]["nodeInfo"];
    let mut kernel = text_or(&info["kernelVersion"], "<unknown>");
    if let Some(architecture) = info["architecture"]
        .as_str()
        .filter(|architecture| !architecture.is_empty())
    {
        kernel.push_str(&format!(" ({architecture})"));
    }
    vec![
        name(node),
        status(node).into(),
        roles(node).into(),
        age(node, now),
        text(&info["kubeletVersion"]),
        address(node, "InternalIP").into(),
        address(node, "ExternalIP").into(),
        text_or(&info["osImage"], "<unknown>").into(),
        kernel.into(),
        text_or(&info["containerRuntimeVersion"], "<unknown>").into(),
    ]
}

fn status(node: &Value) -> String {
    let ready = items(&node["status"]["conditions"])
        .iter()
        .find(|condition| condition["type"] == "Ready");
    let mut status = match ready {
        Some(condition) if condition["status"] == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if node["spec"]["unschedulable"] == true {
        status.push_str(",SchedulingDisabled");
    }
    status
}

fn roles(node: &Value) -> String {
    let mut roles = BTreeSet::new();
    for (label, value) in node["metadata"]["labels"].as_object().into_iter().flatten() {
        if let Some(role) = label
            .strip_prefix("node-role.kubernetes.io/")
            .filter(|role| !role.is_empty())
        {
            roles.insert(role);
        } else if label == "kubernetes.io/role"
            && let Some(role) = value.as_str().filter(|role| !role.is_empty())
        {
            roles.insert(role);
        }
    }
    if roles.is_empty() {
        "<none>".to_owned()
    } else {
        roles.into_iter().collect::<Vec<_>>().join(",")
    }
}

fn address(node: &Value, kind: &str) -> String {
    let addresses = items(&node["status"]["addresses"]);
    let found = addresses.iter().find(|address| address["type"] == kind);
    found.map_or_else(
        || "<none>".to_owned(),
        |address| text_or(&address["address"], "<none>"),
    )
}
