//! Services: a stable address for the pods that a selector selects.

use super::{
    Column, Datum, FactTable, FactValue, Facts, Health, Kind, Mark, Relation, labels_text,
};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, Section, Value};

/// Services.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "services",
        kind: "Service",
        namespaced: true,
    },
    singular: "service",
    short_names: &["svc", "svcs"],
    title: "Services",
    category: "Network",
    listed: Content::Whole,
    columns: &[
        Column::NAMESPACE,
        Column::NAME,
        Column::member("type", "Type", Section::Spec, "type")
            .selectable("spec.type")
            .wide(13),
        Column::text("ip", "Cluster IP", |object| {
            let first = object.spec.get("clusterIPs").items().next();
            Datum::text(first.unwrap_or(Value::ABSENT).text_or_empty())
        })
        .or(&["clusterip"])
        .wide(14),
        Column::text("external", "External IP", |object| {
            Datum::text(external(*object))
        })
        .folding(2),
        Column::text("ports", "Ports", |object| Datum::text(ports(*object)))
            .listed()
            .or(&["port"])
            .wide(22)
            .folding(1),
        Column::AGE,
        Column::text("selector", "Selector", |object| {
            Datum::text(labels_text(object.spec.get("selector")).unwrap_or_default())
        })
        .wide(24)
        .folding(3),
    ],
    cells: 7,
    order: &[],
    print: |object| health(object).into(),
    facts,
    relations: &[Relation::Selects("pods")],
    learned: None,
};

fn health(object: ObjectRef<'_>) -> Health {
    if object.is_terminating() {
        Health::fine(Mark::Terminating, "Terminating")
    } else if external(object) == "<pending>" {
        Health::fine(Mark::Pending, "Pending")
    } else {
        Health::fine(Mark::Running, "Active")
    }
}

fn external(object: ObjectRef<'_>) -> String {
    let external_ips = || {
        object
            .spec
            .get("externalIPs")
            .items()
            .map(|ip| ip.text_or_empty().into_owned())
    };
    match &*object.spec.get("type").text_or_empty() {
        "ExternalName" => object.spec.get("externalName").text_or_empty().into_owned(),
        "LoadBalancer" => {
            let ingress = object.status.at(&["loadBalancer", "ingress"]);
            let mut balanced: Vec<_> = ingress
                .items()
                .map(|point| {
                    let ip = point.get("ip").text_or_empty();
                    if ip.is_empty() {
                        point.get("hostname").text_or_empty().into_owned()
                    } else {
                        ip.into_owned()
                    }
                })
                .filter(|address| !address.is_empty())
                .collect();
            crate::sort::sort(&mut balanced);
            balanced.dedup();
            balanced.extend(external_ips());
            if balanced.is_empty() {
                "<pending>".to_owned()
            } else {
                balanced.join(",")
            }
        }
        _ => external_ips().collect::<Vec<_>>().join(","),
    }
}

fn ports(object: ObjectRef<'_>) -> String {
    let port = |port: Value<'_>| {
        let number = port.get("port").integer().unwrap_or_default();
        let protocol = port.get("protocol").text_or_empty();
        match port.get("nodePort").integer() {
            Some(node_port) if node_port > 0 => format!("{number}:{node_port}/{protocol}"),
            _ => format!("{number}/{protocol}"),
        }
    };
    object
        .spec
        .get("ports")
        .items()
        .map(port)
        .collect::<Vec<_>>()
        .join(",")
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let text =
        |value: Value<'_>| FactValue::Text(value.scalar_text().unwrap_or_default().into_owned());
    let rows = object
        .spec
        .get("ports")
        .items()
        .map(|port| {
            ["name", "port", "targetPort", "nodePort", "protocol"]
                .map(|field| text(port.get(field)))
                .to_vec()
        })
        .collect();
    let mut lines = Vec::new();
    for (label, field) in [
        ("Type", "type"),
        ("Cluster IP", "clusterIP"),
        ("Session affinity", "sessionAffinity"),
        ("External name", "externalName"),
    ] {
        let value = object.spec.get(field);
        if value.is_present() {
            lines.push((label, text(value)));
        }
    }
    let external = external(object);
    if !external.is_empty() {
        lines.push(("External IP", FactValue::Text(external)));
    }
    let selector = labels_text(object.spec.get("selector")).unwrap_or_else(|| "none".to_owned());
    lines.push(("Selector", FactValue::Text(selector)));
    Facts {
        lines,
        tables: vec![FactTable {
            title: "Ports",
            columns: &["Name", "Port", "Target", "Node port", "Protocol"],
            rows,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::cells;
    use super::KIND;
    use expect_test::expect;

    #[test]
    fn prints_as_kubectl_does() {
        expect![[r#"
            <none> | web | LoadBalancer | 10.0.0.1 | <pending> | 80:30080/TCP,53/UDP | <unknown> | a=1,b=2
            Pending Pending"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"web"},"spec":{"type":"LoadBalancer","clusterIPs":["10.0.0.1"],
            "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],"selector":{"b":"2","a":"1"}}}"#,
        ));
        expect![[r#"
            <none> | x | ExternalName | <none> | db.example.com | <none> | <unknown> | <none>
            Running Active"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"x"},"spec":{"type":"ExternalName","externalName":"db.example.com"}}"#,
        ));
    }
}
