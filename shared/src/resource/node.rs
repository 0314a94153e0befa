//! Nodes: the machines on which pods run.

use super::{Column, Datum, FactValue, Facts, Health, Kind, Mark, Relation, condition};
use crate::api::Resource;
use crate::api::quantity::Quantity;
use crate::plan::Content;
use crate::value::ObjectRef;

/// Nodes.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "nodes",
        kind: "Node",
        namespaced: false,
    },
    singular: "node",
    short_names: &["no"],
    title: "Nodes",
    category: "Cluster",
    listed: Content::Whole,
    columns: &[
        Column::NAME,
        Column::text("status", "Status", |object| Datum::text(status(*object))).wide(26),
        Column::text("roles", "Roles", |object| Datum::text(roles(*object)))
            .or(&["role"])
            .folding(1),
        Column::AGE,
        Column::text("version", "Version", |object| {
            info(*object, "kubeletVersion")
        })
        .else_print("")
        .wide(12),
        Column::text("ip", "Internal IP", |object| address(*object, "InternalIP")).folding(2),
        Column::text("external", "External IP", |object| {
            address(*object, "ExternalIP")
        })
        .folding(5),
        Column::text("os", "OS image", |object| info(*object, "osImage"))
            .else_print("<unknown>")
            .wide(28)
            .folding(3),
        Column::text("kernel", "Kernel version", kernel)
            .printed_since(36)
            .else_print("<unknown>")
            .folding(6),
        Column::text("runtime", "Container runtime", |object| {
            info(*object, "containerRuntimeVersion")
        })
        .else_print("<unknown>")
        .wide(22)
        .folding(4),
        Column::text("unschedulable", "Unschedulable", |object| {
            let flag = object.spec.get("unschedulable").boolean() == Some(true);
            Datum::text(if flag { "true" } else { "false" })
        })
        .selectable("spec.unschedulable")
        .folding(Column::HIDDEN),
        Column::quantity("cpu", "CPU", |object| allocatable(*object, "cpu"))
            .folding(Column::HIDDEN),
        Column::quantity("memory", "Memory", |object| allocatable(*object, "memory"))
            .or(&["mem"])
            .folding(Column::HIDDEN),
    ],
    cells: 10,
    order: &[],
    print: |object| health(object).into(),
    facts,
    relations: &[Relation::Runs("pods")],
    learned: None,
};

fn status(object: ObjectRef<'_>) -> String {
    let ready = match condition(object, "Ready") {
        Some((status, _)) if status == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if object.spec.get("unschedulable").boolean() == Some(true) {
        format!("{ready},SchedulingDisabled")
    } else {
        ready.to_owned()
    }
}

fn roles(object: ObjectRef<'_>) -> String {
    let mut roles: Vec<String> = object
        .metadata
        .get("labels")
        .entries()
        .filter_map(
            |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
                Some(role) if !role.is_empty() => Some(role.to_owned()),
                None if key == "kubernetes.io/role" => Some(value.text_or_empty().into_owned()),
                _ => None,
            },
        )
        .filter(|role| !role.is_empty())
        .collect();
    crate::sort::sort(&mut roles);
    roles.dedup();
    roles.join(",")
}

fn info<'a>(object: ObjectRef<'a>, field: &str) -> Datum<'a> {
    Datum::text(object.status.at(&["nodeInfo", field]).text_or_empty())
}

/// With the architecture behind it, also of a kernel that is not known.
fn kernel<'a>(object: &ObjectRef<'a>) -> Datum<'a> {
    let text = |field: &str| object.status.at(&["nodeInfo", field]).text_or_empty();
    let (version, architecture) = (text("kernelVersion"), text("architecture"));
    if architecture.is_empty() {
        return Datum::text(version);
    }
    let version = if version.is_empty() {
        "<unknown>".into()
    } else {
        version
    };
    Datum::text(format!("{version} ({architecture})"))
}

fn address<'a>(object: ObjectRef<'a>, kind: &str) -> Datum<'a> {
    let address = object
        .status
        .get("addresses")
        .items()
        .find(|address| address.get("type").text_or_empty() == kind);
    Datum::text(
        address
            .and_then(|address| address.get("address").text())
            .unwrap_or_default(),
    )
}

/// What of it pods may ask for.
fn allocatable<'a>(object: ObjectRef<'a>, resource: &str) -> Datum<'a> {
    let amount = object.status.at(&["allocatable", resource]).scalar_text();
    Datum::quantity(amount.and_then(|amount| Quantity::parse(&amount)))
}

fn health(object: ObjectRef<'_>) -> Health {
    let ready = condition(object, "Ready").map(|(status, _)| status.into_owned());
    let pressed = [
        "MemoryPressure",
        "DiskPressure",
        "PIDPressure",
        "NetworkUnavailable",
    ]
    .iter()
    .any(|name| condition(object, name).is_some_and(|(status, _)| status == "True"));
    match ready.as_deref() {
        _ if object.is_terminating() => Health::fine(Mark::Terminating, "Terminating"),
        Some("True") if pressed => Health::broken(Mark::Degraded, "Under pressure"),
        Some("True") if object.spec.get("unschedulable").boolean() == Some(true) => {
            Health::fine(Mark::Degraded, "Cordoned")
        }
        Some("True") => Health::fine(Mark::Running, "Ready"),
        Some("False") => Health::broken(Mark::Failed, "Not ready"),
        _ => Health::broken(Mark::Unknown, "Unknown"),
    }
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let mut lines = Vec::new();
    for (label, field) in [("CPU", "cpu"), ("Memory", "memory"), ("Pods", "pods")] {
        let capacity = object
            .status
            .at(&["capacity", field])
            .scalar_text()
            .unwrap_or_default();
        let allocatable = object
            .status
            .at(&["allocatable", field])
            .scalar_text()
            .unwrap_or_default();
        if !capacity.is_empty() {
            lines.push((
                label,
                FactValue::Text(format!("{allocatable} allocatable of {capacity}")),
            ));
        }
    }
    for (label, field) in [
        ("Kubelet", "kubeletVersion"),
        ("OS image", "osImage"),
        ("Kernel", "kernelVersion"),
        ("Runtime", "containerRuntimeVersion"),
        ("Architecture", "architecture"),
    ] {
        if let Datum::Text(text) = info(object, field) {
            lines.push((label, FactValue::Text(text.to_string())));
        }
    }
    for taint in object.spec.get("taints").items() {
        let text = |field: &str| taint.get(field).text_or_empty().into_owned();
        let value = Some(text("value")).filter(|value| !value.is_empty());
        let value = value.map_or_else(String::new, |value| format!("={value}"));
        let taint = format!("{}{value}:{}", text("key"), text("effect"));
        lines.push(("Taint", FactValue::Text(taint)));
    }
    Facts {
        lines,
        tables: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::cells;
    use super::KIND;
    use crate::value::Object;
    use expect_test::expect;

    #[test]
    fn says_what_pods_may_ask_for() {
        let node = Object::received(
            br#"{"status":{"capacity":{"cpu":"8"},"allocatable":{"cpu":"7910m","memory":"32Gi"}}}"#,
        );
        let text = |name: &str| {
            let column = &KIND.columns[KIND.column(name).expect("it is a field")];
            column.print(
                &column.read(&node.as_ref(), &(KIND.print)(node.as_ref())),
                0,
            )
        };
        assert_eq!((text("cpu"), text("mem")), ("7910m".into(), "32Gi".into()));
    }

    #[test]
    fn prints_as_kubectl_does() {
        expect![[r#"
            n1 | Ready,SchedulingDisabled | control-plane,edge | <unknown> | v1.36.3 | 10.1.0.1 | <none> | Debian | 6.1.0 (amd64) | <unknown>
            Degraded Cordoned"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"n1","labels":{"kubernetes.io/role":"edge","node-role.kubernetes.io/control-plane":""}},
            "spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],
            "nodeInfo":{"kubeletVersion":"v1.36.3","osImage":"Debian","kernelVersion":"6.1.0","architecture":"amd64"},"addresses":[{"type":"InternalIP","address":"10.1.0.1"}]}}"#,
        ));
    }
}
