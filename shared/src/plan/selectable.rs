//! The fields by which the API server selects, kind by kind.
//!
//! Of custom resources their definitions say it. Of others nothing in the API does, so they stand here: those that kubernetes registers in
//! `pkg/apis/*/*/conversion.go` and that its registries' `ToSelectableFields` fill. A label that is
//! accepted and never filled (`status.podIPs`) selects nothing, so it is not here.

use crate::api::Resource;
use crate::plan::Known;
use crate::resource::Kind;

/// Group, plural, fields, and the minor version of 1.x since which they select.
const SELECTABLE: [(&str, &str, &[&str], u32); 13] = [
    (
        "",
        "pods",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
        0,
    ),
    ("", "pods", &["spec.hostNetwork"], 28),
    ("", "nodes", &["spec.unschedulable"], 0),
    ("", "namespaces", &["status.phase"], 0),
    ("", "secrets", &["type"], 0),
    ("", "services", &["spec.clusterIP", "spec.type"], 31),
    (
        "",
        "events",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        0,
    ),
    (
        "events.k8s.io",
        "events",
        &["reason", "reportingController", "type"],
        0,
    ),
    ("", "replicationcontrollers", &["status.replicas"], 0),
    (
        "certificates.k8s.io",
        "certificatesigningrequests",
        &["spec.signerName"],
        0,
    ),
    (
        "certificates.k8s.io",
        "clustertrustbundles",
        &["spec.signerName"],
        0,
    ),
    (
        "certificates.k8s.io",
        "podcertificaterequests",
        &[
            "spec.signerName",
            "spec.podName",
            "spec.serviceAccountName",
            "spec.nodeName",
        ],
        0,
    ),
    (
        "resource.k8s.io",
        "resourceslices",
        &["spec.nodeName", "spec.driver"],
        0,
    ),
];

/// Why a field is not selected by that only newer API servers select by.
pub(super) const UNKNOWN_VERSION: &str =
    "older API servers cannot select by this field, and the version is not known yet";

/// Where the API server reads a field that is no path of the object, or what it reads when that is not
/// there.
pub(super) fn reads_otherwise(kind: &Kind, field: &str) -> Option<(&'static str, &'static str)> {
    Some(match (kind.resource.plural, field) {
        ("pods", "status.podIP") => ("status.podIPs[0].ip", ""),
        ("pods", "spec.host") => ("spec.nodeName", ""),
        ("pods", "spec.hostNetwork") => ("spec.hostNetwork", "false"),
        ("nodes", "spec.unschedulable") => ("spec.unschedulable", "false"),
        ("jobs", "status.successful") => ("status.succeeded", "0"),
        ("events", "source") => ("['source.component','reportingComponent']", ""),
        _ => return None,
    })
}

/// Why the API server is not asked to select by a field, if it is not.
pub(super) fn refusal(kind: &Kind, field: &str, known: &Known) -> Result<(), &'static str> {
    if known.refuses_field(kind, field) {
        return Err("the API server refused to select by this field");
    }
    let Resource { namespaced, .. } = kind.resource;
    match field {
        "metadata.name" => return Ok(()),
        "metadata.namespace" if namespaced => return Ok(()),
        _ => {}
    }
    if kind.is_custom() {
        return known.is_declared(kind, field);
    }
    let Some((.., since)) = SELECTABLE.iter().find(|(group, plural, fields, _)| {
        kind.resource.group == *group && kind.resource.plural == *plural && fields.contains(&field)
    }) else {
        return Err("the API server cannot select by this field");
    };
    match known.version {
        _ if *since == 0 => Ok(()),
        Some((1, minor)) if minor < *since => {
            Err("this API server is too old to select by this field")
        }
        Some(_) => Ok(()),
        None => Err(UNKNOWN_VERSION),
    }
}
