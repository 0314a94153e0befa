//! Replica sets: so many pods of one revision of a template.

use super::{
    Column, Datum, FactValue, Facts, Health, Kind, Mark, Relation, condition, container_field,
    desired_replicas, replicas, selector_text, template_containers, template_table,
};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, key};

/// Replica sets.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "apps",
        version: "v1",
        plural: "replicasets",
        kind: "ReplicaSet",
        namespaced: true,
    },
    singular: "replicaset",
    short_names: &["rs"],
    title: "ReplicaSets",
    category: "Workloads",
    listed: Content::Whole,
    columns: &[
        Column::NAMESPACE,
        Column::NAME,
        Column::number("desired", "Desired", |object| {
            Datum::Number(desired_replicas(*object))
        })
        .or(&["replicas"]),
        Column::number("current", "Current", |object| {
            Datum::Number(replicas(*object, "replicas"))
        })
        .folding(1),
        Column::number("ready", "Ready", |object| {
            Datum::Number(replicas(*object, "readyReplicas"))
        }),
        Column::AGE,
        Column::text("containers", "Containers", |object| {
            Datum::text(container_field(template_containers(*object), key!("name")))
        })
        .listed()
        .or(&["container"])
        .folding(4),
        Column::text("image", "Images", |object| {
            Datum::text(container_field(template_containers(*object), key!("image")))
        })
        .images()
        .or(&["images"])
        .wide(30)
        .folding(3),
        Column::text("selector", "Selector", |object| {
            Datum::text(selector_text(object.spec.get("selector")))
        })
        .wide(24)
        .folding(5),
    ],
    cells: 8,
    order: &[],
    print: |object| health(object).into(),
    facts,
    relations: &[Relation::Owners, Relation::Owned("pods")],
    learned: None,
};

fn health(object: ObjectRef<'_>) -> Health {
    let (desired, ready) = (desired_replicas(object), replicas(object, "readyReplicas"));
    let cannot_create =
        condition(object, "ReplicaFailure").is_some_and(|(status, _)| status == "True");
    if object.is_terminating() {
        Health::fine(Mark::Terminating, "Terminating")
    } else if cannot_create {
        Health::broken(Mark::Failed, "Cannot create pods")
    } else if desired == 0 {
        Health::fine(Mark::Completed, "Scaled to 0")
    } else if ready >= desired {
        Health::fine(Mark::Running, "Ready")
    } else if ready == 0 {
        Health::broken(Mark::NotReady, "Not ready")
    } else {
        Health::broken(Mark::Degraded, "Degraded")
    }
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let replicas = format!(
        "{} desired, {} current, {} ready",
        desired_replicas(object),
        replicas(object, "replicas"),
        replicas(object, "readyReplicas"),
    );
    let revision = object
        .metadata
        .at(&["annotations", "deployment.kubernetes.io/revision"])
        .text_or_empty()
        .into_owned();
    let mut lines = vec![("Replicas", FactValue::Text(replicas))];
    if !revision.is_empty() {
        lines.push(("Revision", FactValue::Text(revision)));
    }
    lines.push((
        "Selector",
        FactValue::Text(selector_text(object.spec.get("selector"))),
    ));
    Facts {
        lines,
        tables: vec![template_table(template_containers(object))],
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
            <none> | web-5d | 2 | 1 | 0 | <unknown> | a | x:1 | app=web,pod-template-hash=5d
            NotReady Not ready broken"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"web-5d"},
            "spec":{"replicas":2,"selector":{"matchLabels":{"pod-template-hash":"5d","app":"web"}},
              "template":{"spec":{"containers":[{"name":"a","image":"x:1"}]}}},
            "status":{"replicas":1}}"#,
        ));
    }
}
