//! The fluent API against a server.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use k8kat::client::{Error, Record};
use k8kat::engine::message::FreshnessState;
use kapi_sandbox::Options;
use kapi_tests::System;
use serde_json::{Value, json};

/// How long news may take.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_awaited() {
    for system in System::all().await {
        let namespace = system.namespace("fluent").await;
        for (name, label) in [("d1", "alpha"), ("d2", "beta")] {
            let labels = json!({"v": label});
            let body = json!({
                "apiVersion": "apps/v1", "kind": "Deployment",
                "metadata": {"name": name, "labels": labels},
                "spec": {"replicas": 0, "selector": {"matchLabels": labels},
                         "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "none:1"}]}}},
            });
            let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
            let (status, answer) = system.send("POST", &path, Some(body)).await;
            assert_eq!(status, 201, "{answer}");
        }
        let k8kat = system.k8kat();
        let chain = k8kat
            .deps()
            .ns(["default", &namespace])
            .lbs_inc_any([("v", "alpha")]);
        let found = chain.all().await.expect("an answer");
        let names: Vec<_> = found
            .iter()
            .map(|object| object.as_ref().name().into_owned())
            .collect();
        assert_eq!(names, ["d1"], "{}", system.name);
        let all = k8kat
            .deps()
            .ns([&*namespace])
            .order_desc("name")
            .await
            .expect("an answer");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].as_ref().name(), "d2");
        assert!(matches!(
            k8kat.deps().ns([&*namespace]).one().await,
            Err(Error::NotOne(2))
        ));
        assert!(
            k8kat
                .deps()
                .ns([&*namespace])
                .names(["no"])
                .first()
                .await
                .expect("an answer")
                .is_none()
        );
        assert!(matches!(
            k8kat.kind("nothing").all().await,
            Err(Error::Query(_))
        ));
        system.delete_namespace(&namespace).await;
    }
}

fn config_map(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}})
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_come_in_batches() {
    for system in System::all().await {
        let namespace = system.namespace("fluent-batches").await;
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        for index in 0..7 {
            let (code, answer) = system
                .send("POST", &path, Some(config_map(&format!("c{index}"))))
                .await;
            assert_eq!(code, 201, "{answer}");
        }
        let k8kat = system.k8kat();
        let maps = k8kat
            .kind("cm")
            .ns([&*namespace])
            .like("c")
            .not_names(["c3"])
            .not_names(["kube-root-ca.crt"]);
        let batches: Vec<_> = maps.in_batches(4).try_collect().await.expect("an answer");
        let names: Vec<Vec<String>> = batches
            .iter()
            .map(|batch| batch.iter().map(Record::name).collect())
            .collect();
        assert_eq!(
            names,
            [vec!["c0", "c1", "c2", "c4"], vec!["c5", "c6"]],
            "{}",
            system.name
        );
        system.delete_namespace(&namespace).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_followed() {
    for system in System::all().await {
        let namespace = system.namespace("fluent-live").await;
        let path = format!("/api/v1/namespaces/{namespace}/configmaps");
        system.send("POST", &path, Some(config_map("one"))).await;
        let k8kat = system.k8kat();
        let mut live = k8kat
            .kind("cm")
            .ns([&*namespace])
            .names(["one", "two"])
            .live();
        let (mut there, mut is_live) = (BTreeSet::new(), false);
        // What is done, and what is there once that is known of.
        let steps = [
            (None, vec!["one"]),
            (
                Some(("POST", path.clone(), Some(config_map("two")))),
                vec!["one", "two"],
            ),
            (Some(("DELETE", format!("{path}/one"), None)), vec!["two"]),
        ];
        for (act, expected) in steps {
            if let Some((method, path, body)) = act {
                system.send(method, &path, body).await;
            }
            let is_there = |there: &BTreeSet<String>| there.iter().eq(expected.iter());
            while !is_live || !is_there(&there) {
                let news = tokio::time::timeout(PATIENCE, live.next()).await;
                let news =
                    news.unwrap_or_else(|_| panic!("{}: there is still {there:?}", system.name));
                let news = news.expect("it goes on").expect("it makes sense");
                there.extend(news.changed.iter().map(Record::name));
                for place in news.gone {
                    let name = place.rsplit('/').next().unwrap_or_default();
                    there.remove(name);
                }
                is_live = news.freshness.state == FreshnessState::Live;
            }
            let names: Vec<String> = live.records().iter().map(Record::name).collect();
            assert_eq!(names, expected, "{}", system.name);
        }
        system.delete_namespace(&namespace).await;
    }
}

#[tokio::test]
async fn a_busy_server_is_asked_again() {
    let options = Options {
        lively: false,
        faults: true,
        ..Options::default()
    };
    let system = System::sandbox(options).await;
    let sandbox = system.sandbox.as_ref().expect("it is a sandbox");
    let busy =
        json!([{"of": "lists", "times": 1, "fault": {"status": {"code": 429, "retryAfter": 1}}}]);
    let request = reqwest::Client::new().put(format!("{}/sandbox/faults", sandbox.url()));
    let answer = request.body(busy.to_string()).send().await;
    assert_eq!(answer.expect("the sandbox answers").status(), 200);
    let asked = Instant::now();
    let nodes = system.k8kat().nodes().count().await.expect("an answer");
    assert!(nodes > 0 && asked.elapsed() >= Duration::from_secs(1));
}
