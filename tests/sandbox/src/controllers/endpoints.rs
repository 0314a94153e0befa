//! Endpoint slices, and the older endpoints: the addresses behind a service.

use serde_json::{Value, json};

use super::{Controllers, has_condition, items, text};
use crate::label_selector::LabelSelector;
use crate::registry::{Part, Writer};
use crate::resource::{ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES};
use crate::store::KeyRange;

const MANAGER: &str = "kube-controller-manager";

impl Controllers {
    pub(super) fn sync_service(&mut self, key: &str) {
        let Some(service) = self.value(&SERVICES, key) else {
            return;
        };
        let Some(selector) = service["spec"]["selector"]
            .as_object()
            .filter(|selector| !selector.is_empty())
        else {
            return;
        };
        let pairs = selector
            .iter()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
        let pods = self.selected_pods(
            text(&service["metadata"]["namespace"]),
            &LabelSelector::equals(pairs),
        );
        self.write_slice(&service, &pods);
        self.write_endpoints(&service, key, &pods);
    }

    fn selected_pods(&self, namespace: &str, selector: &LabelSelector) -> Vec<Value> {
        let range = KeyRange::namespace(&PODS, Some(namespace));
        let pods = self.store.page(&PODS, &range, None, None, |pod| {
            selector.matches(pod.labels())
        });
        let pods = pods.map(|page| page.objects).unwrap_or_default();
        let pods = pods.into_iter().map(|pod| pod.value());
        pods.filter(|pod| {
            !text(&pod["status"]["podIP"]).is_empty()
                && !matches!(text(&pod["status"]["phase"]), "Succeeded" | "Failed")
        })
        .collect()
    }

    fn write_slice(&self, service: &Value, pods: &[Value]) {
        let (namespace, name) = (
            text(&service["metadata"]["namespace"]),
            text(&service["metadata"]["name"]),
        );
        let endpoints: Vec<Value> = pods.iter().map(endpoint).collect();
        let ports = if pods.is_empty() {
            Value::Null
        } else {
            ports(service, pods)
        };
        let range = KeyRange::namespace(&ENDPOINT_SLICES, Some(namespace));
        let existing = self
            .store
            .all(&ENDPOINT_SLICES, &range)
            .into_iter()
            .find(|slice| slice.labels().lookup("kubernetes.io/service-name") == Some(name));
        if let Some(existing) = existing {
            self.registry.modify(
                &ENDPOINT_SLICES,
                &existing.key,
                Part::Main,
                MANAGER,
                |slice| {
                    slice["endpoints"] = endpoints.into();
                    slice["ports"] = ports;
                },
            );
            return;
        }
        let slice = json!({
            "metadata": {
                "generateName": format!("{name}-"),
                "labels": {
                    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                    "kubernetes.io/service-name": name,
                },
                "ownerReferences": [super::controlled_by(&SERVICES, service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        });
        // Refused only while the namespace ends.
        let _ = self.registry.create(
            &ENDPOINT_SLICES,
            namespace,
            slice,
            &Writer::component(MANAGER),
        );
    }

    fn write_endpoints(&self, service: &Value, key: &str, pods: &[Value]) {
        let subsets = subsets(service, pods);
        if self.store.get(&ENDPOINTS, key).is_some() {
            self.registry
                .modify(&ENDPOINTS, key, Part::Main, MANAGER, |endpoints| {
                    match (subsets, endpoints.as_object_mut()) {
                        (Some(subsets), _) => endpoints["subsets"] = subsets,
                        (None, Some(members)) => drop(members.remove("subsets")),
                        (None, None) => {}
                    }
                });
            return;
        }
        let mut endpoints = json!({ "metadata": { "name": service["metadata"]["name"] } });
        if let Some(subsets) = subsets {
            endpoints["subsets"] = subsets;
        }
        let namespace = text(&service["metadata"]["namespace"]);
        // Refused only while the namespace ends.
        let _ = self.registry.create(
            &ENDPOINTS,
            namespace,
            endpoints,
            &Writer::component(MANAGER),
        );
    }
}

fn is_ready(pod: &Value) -> bool {
    has_condition(pod, "Ready") && pod["metadata"]["deletionTimestamp"].is_null()
}

fn target(pod: &Value) -> Value {
    let metadata = &pod["metadata"];
    json!({ "kind": "Pod", "name": metadata["name"], "namespace": metadata["namespace"], "uid": metadata["uid"] })
}

fn endpoint(pod: &Value) -> Value {
    json!({
        "addresses": [pod["status"]["podIP"]],
        "conditions": {
            "ready": is_ready(pod),
            "serving": has_condition(pod, "Ready"),
            "terminating": !pod["metadata"]["deletionTimestamp"].is_null(),
        },
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": target(pod),
    })
}

/// None where a real server writes no subsets.
fn subsets(service: &Value, pods: &[Value]) -> Option<Value> {
    if pods.is_empty() {
        return None;
    }
    let address = |pod: &Value| json!({ "ip": pod["status"]["podIP"], "nodeName": pod["spec"]["nodeName"], "targetRef": target(pod) });
    let mut subset = json!({ "ports": ports(service, pods) });
    let (ready, not_ready): (Vec<&Value>, Vec<&Value>) = pods.iter().partition(|pod| is_ready(pod));
    for (member, pods) in [("addresses", ready), ("notReadyAddresses", not_ready)] {
        if !pods.is_empty() {
            subset[member] = pods.into_iter().map(address).collect();
        }
    }
    Some(json!([subset]))
}

/// The service's ports as numbers on the pods; a port whose name no pod knows is left out.
fn ports(service: &Value, pods: &[Value]) -> Value {
    let ports = items(&service["spec"]["ports"]).iter().filter_map(|port| {
        let number = match &port["targetPort"] {
            Value::String(name) => pods.iter().find_map(|pod| container_port(pod, name))?,
            number => number.clone(),
        };
        Some(json!({ "name": text(&port["name"]), "port": number, "protocol": port["protocol"] }))
    });
    ports.collect()
}

fn container_port(pod: &Value, name: &str) -> Option<Value> {
    let ports = items(&pod["spec"]["containers"])
        .iter()
        .flat_map(|container| items(&container["ports"]));
    ports
        .filter(|port| port["name"] == name)
        .map(|port| port["containerPort"].clone())
        .next()
}
