//! The fluent API against a server.

use std::time::{Duration, Instant};

use k8kat::client::Error;
use kapi_sandbox::Options;
use kapi_tests::System;
use serde_json::json;

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
