//! Deployments: so many pods of one template, rolled out through replica sets.

use super::{
    Column, Datum, FactValue, Facts, Health, Kind, Mark, Relation, condition, container_field,
    desired_replicas, replicas, selector_text, template_containers, template_table,
};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, key};

/// Deployments.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "apps",
        version: "v1",
        plural: "deployments",
        kind: "Deployment",
        namespaced: true,
    },
    singular: "deployment",
    short_names: &["deploy", "deps", "dep"],
    title: "Deployments",
    category: "Workloads",
    listed: Content::Whole,
    columns: &[
        Column::NAMESPACE,
        Column::NAME,
        Column::ratio("ready", "Ready", |object| {
            Datum::Ratio(
                replicas(*object, "readyReplicas"),
                desired_replicas(*object),
            )
        })
        .wide(7),
        Column::number("updated", "Up-to-date", |object| {
            Datum::Number(replicas(*object, "updatedReplicas"))
        })
        .folding(2),
        Column::number("available", "Available", |object| {
            Datum::Number(replicas(*object, "availableReplicas"))
        })
        .folding(1),
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
        Column::number("replicas", "Replicas", |object| {
            Datum::Number(desired_replicas(*object))
        })
        .folding(Column::HIDDEN),
    ],
    cells: 8,
    order: &[],
    print: |object| health(object).into(),
    facts,
    relations: &[
        Relation::Owned("replicasets"),
        Relation::Selects("pods"),
        Relation::SelectedBy("services"),
    ],
    learned: None,
};

fn health(object: ObjectRef<'_>) -> Health {
    let (desired, available) = (
        desired_replicas(object),
        replicas(object, "availableReplicas"),
    );
    let progressing = condition(object, "Progressing");
    let reason = progressing.as_ref().map(|(_, reason)| &**reason);
    if object.is_terminating() {
        Health::fine(Mark::Terminating, "Terminating")
    } else if desired == 0 {
        Health::fine(Mark::Completed, "Scaled to 0")
    } else if available >= desired && replicas(object, "updatedReplicas") >= desired {
        Health::fine(Mark::Running, "Available")
    } else if reason == Some("ProgressDeadlineExceeded") {
        let mark = if available == 0 {
            Mark::Failed
        } else {
            Mark::Degraded
        };
        Health::broken(mark, "Rollout stuck")
    } else if object.spec.get("paused").boolean() == Some(true) {
        Health::fine(Mark::Pending, "Paused")
    } else if reason != Some("NewReplicaSetAvailable") {
        Health::fine(Mark::Pending, "Rolling out")
    } else if available == 0 {
        Health::broken(Mark::Failed, "Unavailable")
    } else {
        Health::broken(Mark::Degraded, "Degraded")
    }
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let replicas = format!(
        "{} desired, {} updated, {} ready, {} available",
        desired_replicas(object),
        replicas(object, "updatedReplicas"),
        replicas(object, "readyReplicas"),
        replicas(object, "availableReplicas"),
    );
    let strategy = object
        .spec
        .at(&["strategy", "type"])
        .text_or_empty()
        .into_owned();
    Facts {
        lines: vec![
            ("Replicas", FactValue::Text(replicas)),
            ("Strategy", FactValue::Text(strategy)),
            (
                "Selector",
                FactValue::Text(selector_text(object.spec.get("selector"))),
            ),
        ],
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
            <none> | web | 2/3 | 3 | 2 | 100m | a,b | x:1,y:2 | app=web,tier in (a,b)
            Degraded Degraded broken"#]]
        .assert_eq(&cells(
            &KIND,
            r#"{"metadata":{"name":"web","creationTimestamp":"1970-01-01T01:06:40Z"},
            "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"tier","operator":"In","values":["b","a"]}]},
              "template":{"spec":{"containers":[{"name":"a","image":"x:1"},{"name":"b","image":"y:2"}]}}},
            "status":{"readyReplicas":2,"updatedReplicas":3,"availableReplicas":2,
              "conditions":[{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}}"#,
        ));
    }
}
