//! kube-rs, as anybody would use it, on the sandbox: a client that knows nothing of it.

use futures_util::{StreamExt, TryStreamExt};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Secret, Service};
use kapi_sandbox::{Options, Sandbox};
use kube::api::{
    Api, DeleteParams, ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams,
};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

async fn client(sandbox: &Sandbox, context: &str) -> Client {
    let kubeconfig = Kubeconfig::from_yaml(&sandbox.kubeconfig()).expect("a kubeconfig");
    let options = KubeConfigOptions {
        context: Some(context.to_owned()),
        ..KubeConfigOptions::default()
    };
    let config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .expect("a configuration");
    Client::try_from(config).expect("a client")
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_writes_and_watches() {
    let sandbox = Sandbox::start(Options {
        lively: false,
        ..Options::default()
    })
    .await
    .expect("the sandbox starts");
    let client = client(&sandbox, "sandbox").await;
    let version = client.apiserver_version().await.expect("a version");
    assert_eq!(version.major, "1");

    let all = Api::<Pod>::all(client.clone())
        .list(&ListParams::default())
        .await
        .expect("pods");
    assert!(all.items.len() > 10, "the demo has pods");
    let page = Api::<Pod>::all(client.clone())
        .list(&ListParams::default().limit(3))
        .await
        .expect("a page");
    assert_eq!(page.items.len(), 3);
    assert_eq!(
        page.metadata.remaining_item_count,
        Some(i64::try_from(all.items.len()).unwrap_or_default() - 3)
    );
    assert!(
        page.metadata
            .continue_
            .is_some_and(|token| !token.is_empty())
    );

    let services: Api<Service> = Api::namespaced(client.clone(), "shop");
    assert!(
        !services
            .list(&ListParams::default())
            .await
            .expect("services")
            .items
            .is_empty()
    );

    let deployments: Api<Deployment> = Api::namespaced(client.clone(), "shop");
    let some = deployments
        .list(&ListParams::default())
        .await
        .expect("deployments");
    let name = some.items[0].metadata.name.clone().expect("a name");
    let patch = serde_json::json!({"metadata": {"labels": {"touched": "yes"}}});
    let patched = deployments
        .patch(&name, &PatchParams::default(), &Patch::Merge(&patch))
        .await
        .expect("a patch");
    assert_eq!(
        patched
            .metadata
            .labels
            .and_then(|labels| labels.get("touched").cloned()),
        Some("yes".to_owned())
    );

    let pods: Api<Pod> = Api::namespaced(client, "default");
    let version = all.metadata.resource_version.unwrap_or_default();
    let mut events = pods
        .watch(&WatchParams::default().labels("app=mine"), &version)
        .await
        .expect("a watch")
        .boxed();
    let pod: Pod = serde_json::from_value(kapi_tests::pod(
        "default",
        "mine",
        &serde_json::json!({"app": "mine"}),
    ))
    .expect("a pod");
    pods.create(&PostParams::default(), &pod)
        .await
        .expect("created");
    let added = loop {
        match events
            .try_next()
            .await
            .expect("an event")
            .expect("the watch goes on")
        {
            WatchEvent::Added(pod) => break pod,
            WatchEvent::Bookmark(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(added.metadata.name.as_deref(), Some("mine"));
    let again = pods.create(&PostParams::default(), &pod).await;
    assert!(matches!(again, Err(kube::Error::Api(status)) if status.code == 409));
    pods.delete("mine", &DeleteParams::default().grace_period(0))
        .await
        .expect("deleted");
    assert!(pods.get_opt("mine").await.expect("an answer").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_user_has_a_context() {
    let sandbox = Sandbox::start(Options {
        lively: false,
        ..Options::default()
    })
    .await
    .expect("the sandbox starts");
    let all = ListParams::default();
    let mut seen = Vec::new();
    for user in ["admin", "viewer", "developer", "nobody"] {
        let client = client(&sandbox, &format!("kapi-{user}")).await;
        let code = |error: kube::Error| match error {
            kube::Error::Api(status) => status.code,
            other => panic!("{user}: {other}"),
        };
        let pods = Api::<Pod>::all(client.clone()).list(&all).await;
        let secrets = Api::<Secret>::all(client.clone()).list(&all).await;
        let own = Api::<Pod>::default_namespaced(client).list(&all).await;
        seen.push((
            user,
            pods.map_or_else(code, |_| 200),
            secrets.map_or_else(code, |_| 200),
            own.map_or_else(code, |_| 200),
        ));
    }
    assert_eq!(
        seen,
        [
            ("admin", 200, 200, 200),
            ("viewer", 200, 403, 200),
            ("developer", 403, 403, 200),
            ("nobody", 403, 403, 403),
        ]
    );
}
