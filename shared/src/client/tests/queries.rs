//! Which requests a chain sends, and what it makes of the answers.

use expect_test::{Expect, expect};

use super::*;

type Answers = Vec<(u16, Option<&'static str>, &'static str)>;

/// What is sent, then the result.
fn told(answers: Answers, ask: impl AsyncFnOnce(&K8Kat<Told>) -> String, expected: &Expect) {
    let k8kat = K8Kat::new(Told {
        answers: RefCell::new(answers.into()),
        ..Told::default()
    });
    let result = ask(&k8kat)
        .now_or_never()
        .expect("nothing else is waited for");
    let mut lines = k8kat.transport.log.take();
    lines.push(result);
    expected.assert_eq(&lines.join("\n"));
}

fn said(found: impl fmt::Debug) -> String {
    format!("{found:?}")
}

const DEPLOYMENT: &str = r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"web","namespace":"shop","uid":"d"},"spec":{"selector":{"matchLabels":{"app":"web"}}}}]}"#;
const PODS: &str = r#"{"metadata":{"resourceVersion":"7"},"items":[
    {"metadata":{"name":"web-2","namespace":"shop","uid":"p2","labels":{"app":"web"}},"status":{"phase":"Running","containerStatuses":[{"name":"c","restartCount":3}]}},
    {"metadata":{"name":"web-1","namespace":"shop","uid":"p1","labels":{"app":"web"}},"status":{"phase":"Failed"}}]}"#;
const NOTHING: &str = r#"{"metadata":{"resourceVersion":"5"},"items":[]}"#;
const FORBIDDEN: &str =
    r#"{"kind":"Status","reason":"Forbidden","message":"pods is forbidden","code":403}"#;

#[test]
fn one_owner_narrows_what_is_read_of_its_pods() {
    told(
        vec![(200, None, DEPLOYMENT), (200, None, PODS)],
        async |k8kat| {
            said(
                k8kat
                    .deps()
                    .ns(["shop"])
                    .names(["web"])
                    .pods()
                    .broken()
                    .await,
            )
        },
        &expect![[r#"
            /apis/apps/v1/namespaces/shop/deployments?fieldSelector=metadata.name%3Dweb&limit=500
            /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500
            Ok([pods/shop/web-1, pods/shop/web-2])"#]],
    );
    // None leaves nothing to be read.
    told(
        vec![(200, None, NOTHING)],
        async |k8kat| said(k8kat.deps().names(["web"]).pods().all().await),
        &expect![[r#"
            /apis/apps/v1/deployments?fieldSelector=metadata.name%3Dweb&limit=500
            Ok([])"#]],
    );
    told(
        vec![
            (200, None, DEPLOYMENT),
            (200, None, DEPLOYMENT),
            (200, None, PODS),
        ],
        async |k8kat| {
            let deployment = k8kat.deps().find("web").await.expect("an answer");
            said(deployment.expect("it is there").pods().ids().await)
        },
        &expect![[r#"
            /apis/apps/v1/deployments?fieldSelector=metadata.name%3Dweb&limit=500
            /apis/apps/v1/namespaces/shop/deployments?fieldSelector=metadata.name%3Dweb&limit=500
            /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500
            Ok(["p1", "p2"])"#]],
    );
}

#[test]
fn many_objects_with_what_belongs_to_them_are_one_list_for_each_kind() {
    told(
        vec![
            (200, None, DEPLOYMENT),
            (200, None, PODS),
            (200, None, NOTHING),
        ],
        async |k8kat| {
            let deps = k8kat.deps().ns(["shop"]);
            said(deps.including(&["pods", "services"]).await)
        },
        &expect![[r#"
            /apis/apps/v1/namespaces/shop/deployments?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            /api/v1/namespaces/shop/services?limit=500
            Ok([WithRelated { record: deployments.apps/shop/web, related: [[pods/shop/web-1, pods/shop/web-2], []] }])"#]],
    );
}

#[test]
fn the_first_rows_are_all_that_is_read_where_the_order_is_the_servers() {
    told(
        vec![(200, None, PODS)],
        async |k8kat| said(k8kat.pods().ns(["shop"]).first().await),
        &expect![[r#"
            /api/v1/namespaces/shop/pods?limit=1
            Ok(Some(pods/shop/web-1))"#]],
    );
    told(
        vec![(200, None, PODS)],
        async |k8kat| said(k8kat.pods().ns(["shop"]).broken().first().await),
        &expect![[r#"
            /api/v1/namespaces/shop/pods?limit=500
            Ok(Some(pods/shop/web-1))"#]],
    );
}

#[test]
fn lists_of_one_answer_are_of_one_moment() {
    told(
        vec![
            (200, None, PODS),
            (
                410,
                None,
                r#"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#,
            ),
            (200, None, PODS),
            (200, None, NOTHING),
        ],
        async |k8kat| {
            said(
                k8kat
                    .pods()
                    .lbs_inc_any([("app", "web"), ("tier", "x")])
                    .await,
            )
        },
        &expect![[r#"
            /api/v1/pods?labelSelector=app%3Dweb&limit=500
            /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
            /api/v1/pods?labelSelector=app%3Dweb&limit=500
            /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
            Ok([pods/shop/web-1, pods/shop/web-2])"#]],
    );
}

#[test]
fn counts_as_cheaply_as_can_be() {
    told(
        vec![(
            200,
            None,
            r#"{"metadata":{"remainingItemCount":41,"continue":"x"},"items":[{}]}"#,
        )],
        async |k8kat| said(k8kat.pods().count().await),
        &expect![[r#"
            /api/v1/pods?limit=1
            Ok(42)"#]],
    );
    told(
        vec![(200, None, PODS)],
        async |k8kat| said(k8kat.pods().like("web").count().await),
        &expect![[r#"
            /api/v1/pods?limit=500
            Ok(2)"#]],
    );
}

#[test]
fn plucks_values() {
    told(
        vec![(200, None, PODS)],
        async |k8kat| {
            let pods = k8kat.pods().ns(["shop"]);
            said(
                pods.pretty_pluck(&[
                    "status",
                    "restarts",
                    "label:app",
                    "{.metadata.uid}",
                    "{.spec.no}",
                ])
                .await,
            )
        },
        &expect![[r#"
            /api/v1/namespaces/shop/pods?limit=500
            Ok("<web-1: Failed | 0 | web | p1 | <none>>\n<web-2: Running | 3 | web | p2 | <none>>")"#]],
    );
}

#[test]
fn says_what_of_a_cluster_it_may_not_read() {
    const NAMESPACES: &str =
        r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"shop"}}]}"#;
    told(
        vec![(403, None, FORBIDDEN)],
        async |k8kat| said(k8kat.pods().all().await),
        &expect![[r#"
            /api/v1/pods?limit=500
            Err(Refused(Refusal { code: 403, reason: "Forbidden", message: "pods is forbidden" }))"#]],
    );
    told(
        vec![
            (403, None, FORBIDDEN),
            (200, None, NAMESPACES),
            (200, None, PODS),
        ],
        async |k8kat| said(k8kat.pods().visible().await),
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/namespaces?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            Ok(([pods/shop/web-1, pods/shop/web-2], Some("you may not list pods in all namespaces, so only those known by name are read: shop")))"#]],
    );
}

#[test]
fn remembers_what_it_may_not_list() {
    const NAMESPACES: &str =
        r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"shop"}}]}"#;
    told(
        vec![
            (403, None, FORBIDDEN),
            (200, None, NAMESPACES),
            (200, None, PODS),
            (200, None, NAMESPACES),
            (200, None, PODS),
        ],
        async |k8kat| {
            let pods = k8kat.pods();
            let first = pods.visible().await.expect("what may be read").0.len();
            said((first, pods.visible().await))
        },
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/namespaces?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            /api/v1/namespaces?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            (2, Ok(([pods/shop/web-1, pods/shop/web-2], Some("you may not list pods in all namespaces, so only those known by name are read: shop"))))"#]],
    );
}

#[test]
fn explains_what_it_took() {
    told(
        vec![(200, None, PODS)],
        async |k8kat| {
            let found = k8kat.pods().ns(["shop"]).running().explain_analyze().await;
            found.expect("an answer").to_string()
        },
        &expect![[r#"
            /api/v1/namespaces/shop/pods?limit=500
            GET /api/v1/namespaces/shop/pods?limit=500
              the API server decides: ns:shop
              decided here: is:running (the state is derived from many fields)
            then all is watched from its resourceVersion
            sorted here by namespace, name
            sent GET /api/v1/namespaces/shop/pods?limit=500: 200, 2 objects, 331 bytes
            0 rows
        "#]],
    );
}
