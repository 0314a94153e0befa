//! The few validations that people meet: names, missing containers, selectors that do not fit their template.

use serde_json::Value;

use crate::label_selector::is_subdomain;
use crate::resource::{DEPLOYMENTS, NAMESPACES, PODS, REPLICA_SETS, Resource};
use crate::status::{FieldFault, Status};

pub(super) fn check(resource: &Resource, value: &Value) -> Result<(), Status> {
    let name = value["metadata"]["name"].as_str().unwrap_or_default();
    let mut faults = Vec::new();
    name_faults(resource, name, &mut faults);
    if resource.index == PODS.index {
        container_faults(
            &value["spec"],
            ["spec.containers", "spec.containers[0].image"],
            &mut faults,
        );
    }
    if resource.index == DEPLOYMENTS.index || resource.index == REPLICA_SETS.index {
        let fields = [
            "spec.template.spec.containers",
            "spec.template.spec.containers[0].image",
        ];
        selector_faults(&value["spec"], &mut faults);
        container_faults(&value["spec"]["template"]["spec"], fields, &mut faults);
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Status::invalid(
            resource.group,
            resource.kind,
            name,
            &faults,
        ))
    }
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

fn container_faults(spec: &Value, fields: [&'static str; 2], faults: &mut Vec<FieldFault>) {
    let containers = spec["containers"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if containers.is_empty() {
        faults.push(FieldFault {
            field: fields[0],
            reason: "FieldValueRequired",
            message: "Required value".to_owned(),
        });
    }
    if containers
        .iter()
        .any(|container| container["image"].as_str().unwrap_or_default().is_empty())
    {
        faults.push(FieldFault {
            field: fields[1],
            reason: "FieldValueRequired",
            message: "Required value".to_owned(),
        });
    }
}

fn selector_faults(spec: &Value, faults: &mut Vec<FieldFault>) {
    let Some(wanted) = spec["selector"]["matchLabels"]
        .as_object()
        .filter(|wanted| !wanted.is_empty())
    else {
        faults.push(FieldFault {
            field: "spec.selector",
            reason: "FieldValueRequired",
            message: "Required value".to_owned(),
        });
        return;
    };
    let labels = &spec["template"]["metadata"]["labels"];
    if wanted.iter().any(|(key, value)| labels[key] != *value) {
        faults.push(FieldFault {
            field: "spec.template.metadata.labels",
            reason: "FieldValueInvalid",
            message: format!(
                "Invalid value: {labels}: `selector` does not match template `labels`"
            ),
        });
    }
}
