//! A page on a server: what happens there shows here, without asking.

use k8kat::engine::message::{DetailState, Intent};
use kapi_tests::{Page, System, pod};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_shows() {
    for system in System::all().await {
        let namespace = system.namespace("live").await;
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        let mut page = Page::open(system.http());
        page.ask(&format!("pods ns:{namespace}"));
        page.until("an empty namespace", |page| {
            page.is_live() && page.view.blank.is_some()
        })
        .await;

        system
            .send(
                "POST",
                &pods,
                Some(pod(&namespace, "one", &json!({"app": "web"}))),
            )
            .await;
        let one = format!("pods/{namespace}/one");
        page.until("the new pod", |page| page.names() == [&*one])
            .await;

        let status = json!({"status": {"phase": "Running", "containerStatuses": [{"name": "c", "image": "i", "imageID": "i",
            "ready": false, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}});
        let (code, answer) = system
            .send("PATCH", &format!("{pods}/one/status"), Some(status))
            .await;
        assert_eq!(code, 200, "{answer}");
        page.until("its crash loop", |page| {
            page.cells()
                .first()
                .is_some_and(|row| row.contains("CrashLoopBackOff | 3"))
        })
        .await;

        page.intent(Intent::Open { path: one.clone() });
        page.until("its detail", |page| page.detail.state == DetailState::Shown)
            .await;
        assert_eq!(page.detail.status.text(), "CrashLoopBackOff");

        page.ask(&format!("pods ns:{namespace} app=web is:broken"));
        page.until("the narrower query", |page| {
            page.query.answered && page.names() == [&*one]
        })
        .await;
        let patch = json!({"metadata": {"labels": {"app": "other"}}});
        system
            .send("PATCH", &format!("{pods}/one"), Some(patch))
            .await;
        page.until("the pod leaves the answer", |page| page.names().is_empty())
            .await;

        system
            .send("DELETE", &format!("{pods}/one?gracePeriodSeconds=0"), None)
            .await;
        page.until("the detail says that it is gone", |page| {
            matches!(page.detail.state, DetailState::Gone(_))
        })
        .await;
        system.delete_namespace(&namespace).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_are_what_the_server_has() {
    for system in System::all().await {
        let mut page = Page::open(system.http());
        for kind in [
            "pods",
            "deployments",
            "replicasets",
            "services",
            "nodes",
            "namespaces",
            "events",
        ] {
            page.ask(kind);
            page.until(kind, |page| {
                page.is_live() && page.view.plural == kind && page.rows.total > 0
            })
            .await;
            let k8kat = system.k8kat();
            page.until_total(&format!("as many {kind} as a list has"), async || {
                k8kat.kind(kind).count().await.expect("a list")
            })
            .await;
        }
    }
}
