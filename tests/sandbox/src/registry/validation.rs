//! The few validations that people meet: names, labels, containers, replicas, and selectors that do not fit their
//! template.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::label_selector::{LabelSelector, is_subdomain, label_key_faults, label_value_faults};
use crate::object::{Labels, flatten_labels};
use crate::resource::{
    CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS, Resource, SECRETS, SERVICES,
};
use crate::status::{FieldFault, Status};

pub(super) fn check(resource: &Resource, value: &Value) -> Result<(), Status> {
    let name = value["metadata"]["name"].as_str().unwrap_or_default();
    refuse(resource, name, &faults(resource, value))
}

fn faults(resource: &Resource, value: &Value) -> Vec<FieldFault> {
    let name = value["metadata"]["name"].as_str().unwrap_or_default();
    let mut faults = Vec::new();
    name_faults(resource, name, &mut faults);
    metadata_faults(&value["metadata"], "metadata", &mut faults);
    if resource.index == PODS.index {
        container_faults(&value["spec"], "spec", &mut faults);
    }
    if resource.index == DEPLOYMENTS.index || resource.index == REPLICA_SETS.index {
        let (spec, template) = (&value["spec"], &value["spec"]["template"]);
        replica_faults(&spec["replicas"], &mut faults);
        selector_faults(resource, spec, &mut faults);
        metadata_faults(&template["metadata"], "spec.template", &mut faults);
        container_faults(&template["spec"], "spec.template.spec", &mut faults);
    }
    faults
}

/// The same for what becomes of an object; some of it is forbidden only because it was another before.
pub(super) fn check_update(resource: &Resource, old: &Value, new: &Value) -> Result<(), Status> {
    let mut faults = faults(resource, new);
    finalizer_faults(&old["metadata"], &new["metadata"], &mut faults);
    match resource.index {
        index if index == CONFIG_MAPS.index || index == SECRETS.index => {
            immutable_data_faults(old, new, &mut faults);
        }
        index if index == DEPLOYMENTS.index || index == REPLICA_SETS.index => {
            immutable_fault(
                &old["spec"],
                &new["spec"],
                "selector",
                "spec.selector",
                &mut faults,
            );
        }
        index if index == SERVICES.index => {
            cluster_ip_fault(&old["spec"], &new["spec"], &mut faults)
        }
        _ => {}
    }
    if resource.index == SECRETS.index {
        immutable_fault(old, new, "type", "type", &mut faults);
    }
    if resource.index == PODS.index {
        pod_spec_fault(&old["spec"], &new["spec"], &mut faults);
        for list in ["containers", "initContainers"] {
            if items(&old["spec"][list]).len() != items(&new["spec"][list]).len() {
                let text = "pod updates may not add or remove containers";
                faults.push(FieldFault::forbidden(format!("spec.{list}"), text));
            }
        }
    }
    let name = old["metadata"]["name"].as_str().unwrap_or_default();
    refuse(resource, name, &faults)
}

/// What is being deleted can lose finalizers, but not gain any.
fn finalizer_faults(old: &Value, new: &Value, faults: &mut Vec<FieldFault>) {
    if old["deletionTimestamp"].is_null() {
        return;
    }
    let known = items(&old["finalizers"]);
    let gained: Vec<String> = items(&new["finalizers"])
        .iter()
        .filter(|finalizer| !known.contains(finalizer))
        .map(Value::to_string)
        .collect();
    if !gained.is_empty() {
        let text = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            gained.join(", ")
        );
        faults.push(FieldFault::forbidden("metadata.finalizers", &text));
    }
}

fn immutable_data_faults(old: &Value, new: &Value, faults: &mut Vec<FieldFault>) {
    const TEXT: &str = "field is immutable when `immutable` is set";
    if old["immutable"] != true {
        return;
    }
    if new["immutable"] != true {
        faults.push(FieldFault::forbidden("immutable", TEXT));
    }
    for member in ["data", "binaryData"] {
        if old[member] != new[member] {
            faults.push(FieldFault::forbidden(member, TEXT));
        }
    }
}

fn immutable_fault(
    old: &Value,
    new: &Value,
    member: &str,
    field: &str,
    faults: &mut Vec<FieldFault>,
) {
    if old[member] != new[member] {
        faults.push(FieldFault::invalid_json(
            field,
            &new[member],
            "field is immutable",
        ));
    }
}

fn cluster_ip_fault(old: &Value, new: &Value, faults: &mut Vec<FieldFault>) {
    let address = |spec: &Value| spec["clusterIP"].as_str().unwrap_or_default().to_owned();
    let (old, new_address) = (address(old), address(new));
    if !old.is_empty() && new["type"] != "ExternalName" && old != new_address {
        let shown = serde_json::json!([new_address]);
        faults.push(FieldFault::invalid_json(
            "spec.clusterIPs[0]",
            &shown,
            "may not change once set",
        ));
    }
}

/// Of a pod's spec little may change. That it is bound to a node is no change of this kind.
fn pod_spec_fault(old: &Value, new: &Value, faults: &mut Vec<FieldFault>) {
    const TEXT: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
                        `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions \
                        to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it \
                        was previously negative)";
    if old == new {
        return;
    }
    let count = |spec: &Value, list| items(&spec[list]).len();
    let same_number = ["containers", "initContainers"]
        .iter()
        .all(|list| count(old, *list) == count(new, *list));
    let bound = !old["nodeName"].as_str().unwrap_or_default().is_empty();
    if same_number && fixed_part(old, bound) != fixed_part(new, bound) {
        faults.push(FieldFault::forbidden("spec", TEXT));
    }
}

/// A pod's spec without what may change.
fn fixed_part(spec: &Value, bound: bool) -> Value {
    let mut fixed = spec.clone();
    let Some(members) = fixed.as_object_mut() else {
        return fixed;
    };
    for member in [
        "activeDeadlineSeconds",
        "tolerations",
        "terminationGracePeriodSeconds",
    ] {
        members.remove(member);
    }
    if !bound {
        members.remove("nodeName");
    }
    for list in ["containers", "initContainers"] {
        let containers = members.get_mut(list).and_then(Value::as_array_mut);
        for container in containers
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            container.remove("image");
        }
    }
    fixed
}

fn refuse(resource: &Resource, name: &str, faults: &[FieldFault]) -> Result<(), Status> {
    if faults.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(resource.group, resource.kind, name, faults))
}

fn name_faults(resource: &Resource, name: &str, faults: &mut Vec<FieldFault>) {
    const RULE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
                        and must start and end with an alphanumeric character (e.g. 'example.com', regex used for \
                        validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    const LABEL_RULE: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and \
                              must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex \
                              used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    let label = resource.index == NAMESPACES.index;
    if name.is_empty() {
        faults.push(FieldFault::required(
            "metadata.name",
            "name or generateName is required",
        ));
    } else if label && is_subdomain(name) && name.contains('.') {
        faults.push(FieldFault::invalid(
            "metadata.name",
            name,
            "must not contain dots",
        ));
    } else if label && (!is_subdomain(name) || name.len() > 63) {
        faults.push(FieldFault::invalid("metadata.name", name, LABEL_RULE));
    } else if !is_subdomain(name) || name.len() > 253 {
        faults.push(FieldFault::invalid("metadata.name", name, RULE));
    }
}

/// Labels and annotations; of annotations the server only wants their keys well formed, in whatever case.
fn metadata_faults(metadata: &Value, path: &str, faults: &mut Vec<FieldFault>) {
    let field = format!("{path}.labels");
    for (key, value) in metadata["labels"].as_object().into_iter().flatten() {
        for rule in label_key_faults(key) {
            faults.push(FieldFault::invalid(&field, key, &rule));
        }
        let value = value.as_str().unwrap_or_default();
        for rule in label_value_faults(value) {
            faults.push(FieldFault::invalid(&field, value, rule));
        }
    }
    let field = format!("{path}.annotations");
    for key in metadata["annotations"]
        .as_object()
        .into_iter()
        .flat_map(|annotations| annotations.keys())
    {
        for rule in label_key_faults(&key.to_lowercase()) {
            faults.push(FieldFault::invalid(&field, key, &rule));
        }
    }
}

fn container_faults(spec: &Value, path: &str, faults: &mut Vec<FieldFault>) {
    if items(&spec["containers"]).is_empty() {
        faults.push(FieldFault::missing(format!("{path}.containers")));
    }
    let mut names = BTreeSet::new();
    for list in ["containers", "initContainers"] {
        for (place, container) in items(&spec[list]).iter().enumerate() {
            for member in ["name", "image"] {
                if container[member].as_str().unwrap_or_default().is_empty() {
                    faults.push(FieldFault::missing(format!(
                        "{path}.{list}[{place}].{member}"
                    )));
                }
            }
            let name = container["name"].as_str().unwrap_or_default();
            if !name.is_empty() && !names.insert(name) {
                let field = format!("{path}.{list}[{place}].name");
                faults.push(FieldFault::duplicate(field, name));
            }
        }
    }
}

fn replica_faults(replicas: &Value, faults: &mut Vec<FieldFault>) {
    if let Some(replicas) = replicas.as_i64().filter(|replicas| *replicas < 0) {
        faults.push(FieldFault::negative("spec.replicas", replicas));
    }
}

fn selector_faults(resource: &Resource, spec: &Value, faults: &mut Vec<FieldFault>) {
    let selector = &spec["selector"];
    if !selector.is_object() {
        faults.push(FieldFault::missing("spec.selector"));
        template_fault(&spec["template"]["metadata"]["labels"], faults);
        return;
    }
    let before = faults.len();
    for (place, expression) in items(&selector["matchExpressions"]).iter().enumerate() {
        let path = format!("spec.selector.matchExpressions[{place}]");
        faults.extend(expression_fault(expression, &path));
    }
    if faults.len() > before {
        return;
    }
    let Some(parsed) = LabelSelector::of_workload(selector).filter(|parsed| !parsed.is_empty())
    else {
        let text = format!(
            "empty selector is invalid for {}",
            resource.kind.to_lowercase()
        );
        faults.push(FieldFault::invalid_json("spec.selector", selector, &text));
        return;
    };
    let labels = &spec["template"]["metadata"]["labels"];
    let pairs = labels.as_object().into_iter().flatten();
    let flat = flatten_labels(pairs.map(|(key, value)| (&**key, value.as_str().unwrap_or(""))));
    if !parsed.matches(Labels::of(&flat)) {
        template_fault(labels, faults);
    }
}

fn template_fault(labels: &Value, faults: &mut Vec<FieldFault>) {
    let text = "`selector` does not match template `labels`";
    faults.push(FieldFault::invalid_json(
        "spec.template.metadata.labels",
        labels,
        text,
    ));
}

fn expression_fault(expression: &Value, path: &str) -> Option<FieldFault> {
    let (operator, values) = (&expression["operator"], items(&expression["values"]));
    match operator.as_str().unwrap_or_default() {
        "In" | "NotIn" if values.is_empty() => Some(FieldFault::required(
            format!("{path}.values"),
            "must be specified when `operator` is 'In' or 'NotIn'",
        )),
        "Exists" | "DoesNotExist" if !values.is_empty() => Some(FieldFault::forbidden(
            format!("{path}.values"),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
        )),
        "In" | "NotIn" | "Exists" | "DoesNotExist" => None,
        unknown => Some(FieldFault::invalid(
            format!("{path}.operator"),
            unknown,
            "not a valid selector operator",
        )),
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
