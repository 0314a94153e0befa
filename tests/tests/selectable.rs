//! The fields by which the API server selects: of each that the planner asks it to select by, that it does, and
//! of those that others take for such, that it does not. A server may take a label and never fill it, so two
//! objects that differ decide.

use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use k8kat::plan::{Known, Plan};
use k8kat::query::Query;
use kapi_tests::{System, pod};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// Two objects of a kind, and fields with the value that the first has and the second has not.
struct Trial {
    /// As in queries.
    kind: &'static str,
    /// The collection; `$ns` is a namespace.
    path: &'static str,
    objects: [Value; 2],
    /// What they become after they were made.
    statuses: Option<[Value; 2]>,
    fields: &'static [(&'static str, &'static str)],
}

impl Trial {
    /// Of each field: what the server does, and whether the planner asks it to.
    async fn run(&self, system: &System, namespace: &str) -> String {
        let path = self.path.replace("$ns", namespace);
        let mut names = Vec::new();
        for (index, object) in self.objects.iter().enumerate() {
            let (code, made) = system.send("POST", &path, Some(object.clone())).await;
            assert_eq!(code, 201, "{made}");
            let name = made["metadata"]["name"]
                .as_str()
                .expect("a name")
                .to_owned();
            if let Some(status) = self.statuses.as_ref().map(|both| &both[index]) {
                let path = format!("{path}/{name}/status");
                let (code, answer) = system
                    .send("PATCH", &path, Some(json!({"status": status})))
                    .await;
                assert_eq!(code, 200, "{answer}");
            }
            names.push(name);
        }
        let mut lines = vec![format!("{}:", self.kind)];
        for (field, value) in self.fields {
            let does = selects(system, &path, field, value, &names).await;
            let asked = if self.is_asked(field, value) {
                "asked"
            } else {
                "not asked"
            };
            lines.push(format!("  {field} {does}, {asked}"));
        }
        for name in names {
            system
                .send(
                    "DELETE",
                    &format!("{path}/{name}?gracePeriodSeconds=0"),
                    None,
                )
                .await;
        }
        lines.join("\n")
    }

    fn is_asked(&self, field: &str, value: &str) -> bool {
        let query = Query::parse(&format!("{} -f \"{field}={value}\"", self.kind)).query;
        let known = Known {
            version: Some((1, 36)),
            ..Known::default()
        };
        let (plan, problems) = Plan::of(&query, &known);
        assert_eq!(problems, [], "{query}");
        plan.is_some_and(|plan| plan.scans().any(|scan| !scan.fields.is_empty()))
    }
}

/// Whether the server selects by a field the first of two objects and not the second.
async fn selects(
    system: &System,
    path: &str,
    field: &str,
    value: &str,
    names: &[String],
) -> &'static str {
    let path = format!("{path}?fieldSelector={field}%3D{value}");
    let (code, list) = system.send("GET", &path, None).await;
    let has = |name: &String| {
        let mut items = list["items"].as_array().into_iter().flatten();
        items.any(|item| item["metadata"]["name"] == **name)
    };
    match code {
        400 => "is refused",
        200 if has(&names[0]) && !has(&names[1]) => "selects",
        200 => "selects nothing",
        _ => panic!("{path}: {list}"),
    }
}

fn trials(namespace: &str) -> Vec<Trial> {
    let object = |name: &str, rest: Value| {
        let mut object = rest;
        object["metadata"] = json!({"name": name});
        object
    };
    let with = |name: &str, spec: &Value| {
        let mut made = pod(namespace, name, &json!({}));
        for (field, value) in spec.as_object().into_iter().flatten() {
            made["spec"][field] = value.clone();
        }
        made
    };
    let template = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "example.com/none:1"}]}});
    let workload = |name: &str| {
        let selector = json!({"matchLabels": {"a": "b"}});
        object(
            name,
            json!({"spec": {"replicas": 0, "selector": selector, "template": template}}),
        )
    };
    let about = |name: &str, path: &str, kind: &str, of: &str| {
        let involved = json!({"kind": kind, "namespace": namespace, "name": of, "uid": of, "apiVersion": of,
            "resourceVersion": of, "fieldPath": path});
        let reporting = format!("example.com/{name}");
        object(
            name,
            json!({"involvedObject": involved, "reason": of, "type": if of == "one" { "Normal" } else { "Warning" },
            "source": {"component": of}, "reportingComponent": reporting, "reportingInstance": "i",
            "action": "a", "eventTime": "2026-01-01T00:00:00.000000Z"}),
        )
    };
    vec![
        Trial {
            kind: "pods",
            path: "/api/v1/namespaces/$ns/pods",
            objects: [
                with(
                    "one",
                    &json!({"nodeName": "one", "restartPolicy": "Never", "schedulerName": "one", "serviceAccountName": "one", "hostNetwork": true}),
                ),
                with("two", &json!({})),
            ],
            statuses: Some([
                json!({"phase": "Failed", "podIP": "10.9.9.9", "podIPs": [{"ip": "10.9.9.9"}], "hostIP": "10.9.9.1"}),
                json!({"phase": "Running"}),
            ]),
            fields: &[
                ("metadata.name", "one"),
                ("spec.nodeName", "one"),
                ("spec.restartPolicy", "Never"),
                ("spec.schedulerName", "one"),
                ("spec.serviceAccountName", "one"),
                ("spec.hostNetwork", "true"),
                ("status.phase", "Failed"),
                ("status.podIP", "10.9.9.9"),
                ("status.podIPs", "10.9.9.9"),
                ("status.hostIP", "10.9.9.1"),
                ("metadata.uid", "one"),
            ],
        },
        Trial {
            kind: "pods",
            path: "/api/v1/namespaces/$ns/pods",
            // Nothing places them, and what is placed cannot be nominated.
            objects: ["one", "two"]
                .map(|name| with(name, &json!({"nodeName": null, "schedulerName": "none"}))),
            statuses: Some([
                json!({"nominatedNodeName": "one"}),
                json!({"phase": "Pending"}),
            ]),
            fields: &[("status.nominatedNodeName", "one")],
        },
        Trial {
            kind: "services",
            path: "/api/v1/namespaces/$ns/services",
            objects: [
                object(
                    "one",
                    json!({"spec": {"clusterIP": "None", "ports": [{"port": 80}]}}),
                ),
                object(
                    "two",
                    json!({"spec": {"type": "NodePort", "ports": [{"port": 80}]}}),
                ),
            ],
            statuses: None,
            fields: &[
                ("metadata.name", "one"),
                ("spec.clusterIP", "None"),
                ("spec.type", "ClusterIP"),
                ("spec.sessionAffinity", "None"),
            ],
        },
        Trial {
            kind: "secrets",
            path: "/api/v1/namespaces/$ns/secrets",
            objects: [
                object("one", json!({"type": "example.com/one"})),
                object("two", json!({})),
            ],
            statuses: None,
            fields: &[("metadata.name", "one"), ("type", "example.com/one")],
        },
        Trial {
            kind: "events",
            path: "/api/v1/namespaces/$ns/events",
            objects: [
                about("one", "one", "One", "one"),
                about("two", "two", "Two", "two"),
            ],
            statuses: None,
            fields: &[
                ("metadata.name", "one"),
                ("involvedObject.kind", "One"),
                ("involvedObject.name", "one"),
                ("involvedObject.uid", "one"),
                ("involvedObject.apiVersion", "one"),
                ("involvedObject.resourceVersion", "one"),
                ("involvedObject.fieldPath", "one"),
                ("reason", "one"),
                ("reportingComponent", "example.com/one"),
                ("reportingController", "example.com/one"),
                ("source", "one"),
                ("type", "Normal"),
                ("regarding.name", "one"),
            ],
        },
        Trial {
            kind: "deployments",
            path: "/apis/apps/v1/namespaces/$ns/deployments",
            objects: [workload("one"), workload("two")],
            statuses: None,
            fields: &[
                ("metadata.name", "one"),
                ("spec.replicas", "0"),
                ("status.replicas", "0"),
            ],
        },
        Trial {
            kind: "replicasets",
            path: "/apis/apps/v1/namespaces/$ns/replicasets",
            objects: [workload("one"), workload("two")],
            statuses: None,
            fields: &[("metadata.name", "one"), ("status.replicas", "0")],
        },
        Trial {
            kind: "configmaps",
            path: "/api/v1/namespaces/$ns/configmaps",
            objects: [
                object("one", json!({"data": {"k": "v"}})),
                object("two", json!({})),
            ],
            statuses: None,
            fields: &[("metadata.name", "one"), ("data.k", "v")],
        },
        Trial {
            kind: "nodes",
            path: "/api/v1/nodes",
            objects: [
                object(
                    &format!("{namespace}-one"),
                    json!({"spec": {"unschedulable": true}}),
                ),
                object(&format!("{namespace}-two"), json!({})),
            ],
            statuses: None,
            fields: &[
                ("spec.unschedulable", "true"),
                ("spec.podCIDR", "none"),
                ("status.phase", "x"),
            ],
        },
    ]
}

async fn check(kinds: &[&str], expected: &Expect) {
    let mut found: Option<String> = None;
    for system in System::all().await {
        let namespace = system.namespace(&format!("selectable-{}", kinds[0])).await;
        settle(&system, &namespace).await;
        let mut lines = Vec::new();
        for trial in trials(&namespace) {
            if kinds.contains(&trial.kind) {
                lines.push(trial.run(&system, &namespace).await);
            }
        }
        system.delete_namespace(&namespace).await;
        let lines = lines.join("\n");
        let first = found.get_or_insert_with(|| lines.clone());
        assert_eq!(lines, *first, "on the {}", system.name);
    }
    expected.assert_eq(&found.unwrap_or_default());
}

/// Waits for the accounts of pods.
async fn settle(system: &System, namespace: &str) {
    let accounts = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
    system
        .send(
            "POST",
            &accounts,
            Some(json!({"metadata": {"name": "one"}})),
        )
        .await;
    let end = Instant::now() + PATIENCE;
    while system
        .send("GET", &format!("{accounts}/default"), None)
        .await
        .0
        != 200
    {
        assert!(
            Instant::now() < end,
            "there is no account after {PATIENCE:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pods() {
    check(
        &["pods"],
        &expect![[r#"
            pods:
              metadata.name selects, asked
              spec.nodeName selects, asked
              spec.restartPolicy selects, asked
              spec.schedulerName selects, asked
              spec.serviceAccountName selects, asked
              spec.hostNetwork selects, asked
              status.phase selects, asked
              status.podIP selects, asked
              status.podIPs selects nothing, not asked
              status.hostIP is refused, not asked
              metadata.uid is refused, not asked
            pods:
              status.nominatedNodeName selects, asked"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_of_the_core() {
    check(
        &["services", "secrets", "events", "configmaps", "nodes"],
        &expect![[r#"
            services:
              metadata.name selects, asked
              spec.clusterIP selects, asked
              spec.type selects, asked
              spec.sessionAffinity is refused, not asked
            secrets:
              metadata.name selects, asked
              type selects, asked
            events:
              metadata.name selects, asked
              involvedObject.kind selects, asked
              involvedObject.name selects, asked
              involvedObject.uid selects, asked
              involvedObject.apiVersion selects, asked
              involvedObject.resourceVersion selects, asked
              involvedObject.fieldPath selects, asked
              reason selects, asked
              reportingComponent selects, asked
              reportingController is refused, not asked
              source selects, asked
              type selects, asked
              regarding.name is refused, not asked
            configmaps:
              metadata.name selects, asked
              data.k is refused, not asked
            nodes:
              spec.unschedulable selects, asked
              spec.podCIDR is refused, not asked
              status.phase is refused, not asked"#]],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workloads() {
    check(
        &["deployments", "replicasets"],
        &expect![[r#"
        deployments:
          metadata.name selects, asked
          spec.replicas is refused, not asked
          status.replicas is refused, not asked
        replicasets:
          metadata.name selects, asked
          status.replicas is refused, not asked"#]],
    )
    .await;
}
