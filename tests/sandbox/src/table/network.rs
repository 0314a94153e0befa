//! Rows of services, endpoints and endpoint slices.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde_json::Value;

use super::{age, items, name, text, text_or};

const SHOWN: usize = 3;

pub(super) fn service(object: &Value, now: SystemTime) -> Vec<Value> {
    let spec = &object["spec"];
    let selector: Vec<String> = spec["selector"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    vec![
        name(object),
        text(&spec["type"]),
        text_or(&spec["clusterIPs"][0], "<none>").into(),
        external_address(object).into(),
        or(ports(spec), "<none>").into(),
        age(object, now),
        or(selector.join(","), "<none>").into(),
    ]
}

fn or(text: String, absent: &str) -> String {
    if text.is_empty() {
        absent.to_owned()
    } else {
        text
    }
}

fn external_address(service: &Value) -> String {
    let spec = &service["spec"];
    let external = || {
        items(&spec["externalIPs"])
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
    };
    match spec["type"].as_str().unwrap_or_default() {
        "ClusterIP" | "NodePort" => or(external().collect::<Vec<_>>().join(","), "<none>"),
        "LoadBalancer" => {
            let ingress = items(&service["status"]["loadBalancer"]["ingress"]);
            let balancers: BTreeSet<String> = ingress
                .iter()
                .filter_map(|one| one["ip"].as_str().or_else(|| one["hostname"].as_str()))
                .map(str::to_owned)
                .collect();
            or(
                balancers
                    .into_iter()
                    .chain(external())
                    .collect::<Vec<_>>()
                    .join(","),
                "<pending>",
            )
        }
        "ExternalName" => spec["externalName"].as_str().unwrap_or_default().to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

fn ports(spec: &Value) -> String {
    let ports = items(&spec["ports"]).iter().map(|port| {
        let (number, protocol) = (&port["port"], port["protocol"].as_str().unwrap_or_default());
        match port["nodePort"].as_i64().unwrap_or(0) {
            0 => format!("{number}/{protocol}"),
            node_port => format!("{number}:{node_port}/{protocol}"),
        }
    });
    ports.collect::<Vec<_>>().join(",")
}

pub(super) fn endpoints(object: &Value, now: SystemTime) -> Vec<Value> {
    let mut addresses = Vec::new();
    for subset in items(&object["subsets"]) {
        let ips = || {
            items(&subset["addresses"])
                .iter()
                .filter_map(|address| address["ip"].as_str())
        };
        if items(&subset["ports"]).is_empty() {
            addresses.extend(ips().map(str::to_owned));
        }
        for port in items(&subset["ports"]) {
            addresses.extend(ips().map(|ip| format!("{ip}:{}", port["port"])));
        }
    }
    vec![
        name(object),
        shortened(&addresses, "<none>").into(),
        age(object, now),
    ]
}

pub(super) fn endpoint_slice(object: &Value, now: SystemTime) -> Vec<Value> {
    let ports: Vec<String> = items(&object["ports"])
        .iter()
        .map(|port| match (&port["port"], port["name"].as_str()) {
            (Value::Number(number), _) => number.to_string(),
            (_, Some(name)) => name.to_owned(),
            _ => "*".to_owned(),
        })
        .collect();
    let addresses: Vec<String> = items(&object["endpoints"])
        .iter()
        .flat_map(|endpoint| items(&endpoint["addresses"]))
        .filter_map(|address| address.as_str().map(str::to_owned))
        .collect();
    vec![
        name(object),
        text(&object["addressType"]),
        shortened(&ports, "<unset>").into(),
        shortened(&addresses, "<unset>").into(),
        age(object, now),
    ]
}

/// The first few, and how many more.
fn shortened(all: &[String], none: &str) -> String {
    let shown = all
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(",");
    match all.len() {
        0 => none.to_owned(),
        count if count > SHOWN => format!("{shown} + {} more...", count - SHOWN),
        _ => shown,
    }
}
