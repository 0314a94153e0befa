//! The few validations that people meet: names, labels, containers, replicas, and selectors that do not fit their
//! template.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::label_selector::{LabelSelector, is_subdomain, label_key_faults, label_value_faults};
use crate::object::{Labels, flatten_labels};
use crate::resource::{DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS, Resource};
use crate::status::{FieldFault, Status};

pub(super) fn check(resource: &Resource, value: &Value) -> Result<(), Status> {
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
    refuse(resource, name, &faults)
}

/// What may not become of an object, whatever it is by itself.
pub(super) fn check_update(resource: &Resource, old: &Value, new: &Value) -> Result<(), Status> {
    let mut faults = Vec::new();
    if resource.index == PODS.index {
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
    } else if label && (!is_subdomain(name) || name.contains('.') || name.len() > 63) {
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
        let text = "`selector` does not match template `labels`";
        faults.push(FieldFault::invalid_json(
            "spec.template.metadata.labels",
            labels,
            text,
        ));
    }
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
