//! What stands beside an answer: counts, and an opened object with what belongs to it.

use super::*;

#[test]
fn opens_an_object_with_what_it_belongs_with() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[]);
    stage.log.clear();
    let owned = pod("web-5d-x", r#""app":"web","pod-template-hash":"5d""#, 0).replace(
        r#""uid":"u-web-5d-x""#,
        r#""uid":"u1","ownerReferences":[{"kind":"ReplicaSet","apiVersion":"apps/v1","name":"web-5d","uid":"r1"}]"#,
    );
    let watch = stage.request("/api/v1/pods?watch");
    stage.chunk(watch, &event("ADDED", &owned));
    stage.intent(Intent::Open {
        path: "pods/shop/web-5d-x".to_owned(),
    });
    stage.log.sort();
    assert_eq!(
        stage.log,
        [
            "> GET /api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Dweb-5d-x%2CinvolvedObject.kind%3DPod&limit=500",
            "> GET /api/v1/namespaces/shop/services?limit=500",
            "> GET /apis/apps/v1/namespaces/shop/replicasets?fieldSelector=metadata.name%3Dweb-5d&limit=500",
        ]
    );
    stage.answer(
        "/apis/apps/v1/namespaces/shop/replicasets",
        200,
        r#"{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"web-5d","namespace":"shop","uid":"r1",
        "ownerReferences":[{"kind":"Deployment","apiVersion":"apps/v1","name":"web","uid":"d1"}]}}]}"#,
    );
    stage.answer(
        "/api/v1/namespaces/shop/services",
        200,
        r#"{"metadata":{"resourceVersion":"1"},"items":[
        {"metadata":{"name":"web","namespace":"shop","uid":"s1"},"spec":{"selector":{"app":"web"}}},
        {"metadata":{"name":"db","namespace":"shop","uid":"s2"},"spec":{"selector":{"app":"db"}}}]}"#,
    );
    stage.pass(500);
    stage.answer(
        "/apis/apps/v1/namespaces/shop/deployments",
        200,
        r#"{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"web","namespace":"shop","uid":"d1"}}]}"#,
    );
    stage.pass(500);
    let detail = stage.shown.detail.clone().unwrap();
    let related: Vec<_> = detail
        .related
        .iter()
        .map(|related| {
            let items: Vec<_> = related
                .items
                .iter()
                .map(|item| item.path.as_str())
                .collect();
            format!("{}: {}", related.title, items.join(" "))
        })
        .collect();
    assert_eq!(
        related,
        [
            "Owner: replicasets.apps/shop/web-5d deployments.apps/shop/web",
            "Services: services/shop/web"
        ]
    );
    stage.intent(Intent::Yaml { shown: true });
    assert!(
        stage
            .shown
            .yaml
            .clone()
            .unwrap()
            .starts_with("apiVersion: v1\nkind: Pod\n")
    );
    stage.chunk(watch, &event("DELETED", &owned));
    stage.pass(1000);
    let gone = stage.shown.detail.clone().unwrap();
    assert!(
        matches!(gone.state, message::DetailState::Gone(_)),
        "{:?}",
        gone.state
    );
    assert!(!gone.facts.is_empty(), "its last state is kept");
}

#[test]
fn counts_what_is_not_watched() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.intent(Intent::Count);
    stage.answer(
        "/apis/apps/v1/deployments?limit=1",
        200,
        r#"{"metadata":{"remainingItemCount":41},"items":[{"metadata":{"name":"x"}}]}"#,
    );
    stage.answer(
        "/api/v1/nodes?limit=1",
        403,
        &status(403, "Forbidden", "no"),
    );
    stage.pass(3000);
    let kinds = stage.shown.kinds.clone().unwrap();
    let line = |plural: &str| {
        let kind = kinds.iter().find(|kind| kind.plural == plural).unwrap();
        format!(
            "{:?} {} {:?} {:?}",
            kind.count, kind.live, kind.age, kind.problem
        )
    };
    assert_eq!(line("pods"), "Some(1) true \"\" None");
    assert_eq!(line("deployments"), "Some(42) false \"2s\" None");
    assert_eq!(line("nodes"), "None false \"\" Some(\"forbidden\")");
}

#[test]
fn counts_say_how_old_they_are_when_the_scan_has_stopped() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    let pods = |stage: &Stage| {
        let kinds = stage.shown.kinds.iter().flatten();
        let mut pods = kinds.filter(|kind| kind.plural == "pods");
        let pods = pods.next().expect("pods are counted");
        format!("{:?} live: {} age: {}", pods.count, pods.live, pods.age)
    };
    stage.pass(1000);
    assert_eq!(pods(&stage), "Some(1) live: true age: ");
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "connection reset".to_owned(),
    });
    stage.pass(400);
    stage.pass(1000);
    stage.pass(9000);
    assert_eq!(pods(&stage), "Some(1) live: false age: 11s");
}

#[test]
fn what_belongs_with_an_object_follows_its_selector() {
    let service = |app: &str| {
        format!(
            r#"{{"metadata":{{"name":"s","namespace":"shop","uid":"u-s"}},"spec":{{"selector":{{"app":"{app}"}}}}}}"#
        )
    };
    let mut stage = Stage::new();
    let watch = stage.live("svc", "/api/v1/services", &[service("a")]);
    stage.intent(Intent::Open {
        path: "services/shop/s".to_owned(),
    });
    stage.request("/api/v1/namespaces/shop/pods?labelSelector=app%3Da");
    stage.chunk(watch, &event("MODIFIED", &service("b")));
    stage.request("/api/v1/namespaces/shop/pods?labelSelector=app%3Db");
}
