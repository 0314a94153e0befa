//! Which requests a chain sends, and what it makes of the answers.

use expect_test::{Expect, expect};

use super::*;

pub(super) type Answers = Vec<(u16, Option<&'static str>, &'static str)>;

/// What is sent, then the result.
pub(super) fn told(
    answers: Answers,
    ask: impl AsyncFnOnce(&K8Kat<Told>) -> String,
    expected: &Expect,
) {
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

pub(super) fn said(found: impl fmt::Debug) -> String {
    format!("{found:?}")
}

pub(super) const DEPLOYMENT: &str = r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"web","namespace":"shop","uid":"d"},"spec":{"selector":{"matchLabels":{"app":"web"}}}}]}"#;
pub(super) const PODS: &str = r#"{"metadata":{"resourceVersion":"7"},"items":[
    {"metadata":{"name":"web-2","namespace":"shop","uid":"p2","labels":{"app":"web"}},"status":{"phase":"Running","containerStatuses":[{"name":"c","restartCount":3}]}},
    {"metadata":{"name":"web-1","namespace":"shop","uid":"p1","labels":{"app":"web"}},"status":{"phase":"Failed"}}]}"#;
pub(super) const NOTHING: &str = r#"{"metadata":{"resourceVersion":"5"},"items":[]}"#;
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
fn what_decides_in_two_ways_is_read_once() {
    told(
        vec![(200, None, DEPLOYMENT), (200, None, PODS)],
        async |k8kat| {
            let pods = k8kat.text("pods ns:shop with:rs").expect("it can be read");
            said(pods.await)
        },
        &expect![[r#"
            /apis/apps/v1/namespaces/shop/replicasets?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            Ok([])"#]],
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

const UNKNOWN: &str = r#"{"kind":"Status","code":400,"reason":"BadRequest","message":"resourceVersionMatch is not known"}"#;
const BEHIND: &str =
    r#"{"kind":"Status","code":504,"reason":"Timeout","message":"Too large resource version: 7"}"#;

#[test]
fn a_server_that_is_not_there_yet_is_waited_for_and_then_asked_anew() {
    let first = (200, None, PODS);
    let behind = (504, Some("1"), BEHIND);
    let mut answers = vec![first, behind, (200, None, NOTHING)];
    let ask = async |k8kat: &K8Kat<Told>| {
        let pods = k8kat.pods().lbs_inc_any([("app", "web"), ("tier", "x")]);
        said(pods.await)
    };
    told(
        answers.clone(),
        ask,
        &expect![[r#"
        /api/v1/pods?labelSelector=app%3Dweb&limit=500
        /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
        waits 1000 ms
        /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
        Ok([pods/shop/web-1, pods/shop/web-2])"#]],
    );
    // One that does not say how long that takes.
    answers[1] = (504, None, BEHIND);
    answers.insert(2, first);
    told(
        answers,
        ask,
        &expect![[r#"
        /api/v1/pods?labelSelector=app%3Dweb&limit=500
        /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
        /api/v1/pods?labelSelector=app%3Dweb&limit=500
        /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
        Ok([pods/shop/web-1, pods/shop/web-2])"#]],
    );
}

#[test]
fn where_no_list_is_of_a_given_moment_there_is_one_list() {
    let (known, unknown) = ((200, None, PODS), (400, None, UNKNOWN));
    told(
        vec![known, unknown, known, known],
        async |k8kat| {
            let pods = k8kat.pods().lbs_inc_any([("app", "web"), ("tier", "x")]);
            let first = pods.explain_analyze().await.expect("an answer");
            // It is remembered.
            format!("{first}{}", said(pods.await))
        },
        &expect![[r#"
            /api/v1/pods?labelSelector=app%3Dweb&limit=500
            /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
            /api/v1/pods?limit=500
            /api/v1/pods?limit=500
            GET /api/v1/pods?limit=500
              decided here: (app=web OR tier=x) (the API server gives no two lists of one moment, so one is read)
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            took: 1 request, 2 objects, 331 bytes for 2 rows, as of resourceVersion 7
            sent GET /api/v1/pods?limit=500: 200, 2 objects, 331 bytes
            Ok([pods/shop/web-1, pods/shop/web-2])"#]],
    );
    // Without the right to that, the answer is of several moments.
    let forbidden = (403, None, FORBIDDEN);
    let apart = async |k8kat: &K8Kat<Told>| said(k8kat.pods().ns(["a", "shop"]).await);
    told(
        vec![(200, None, NOTHING), unknown, forbidden],
        apart,
        &expect![[r#"
            /api/v1/namespaces/a/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500&resourceVersion=5&resourceVersionMatch=Exact
            /api/v1/pods?limit=500
            Err(Partial("the lists of pods are of several moments, because the API server gives none of a given one and you may not list pods in all namespaces"))"#]],
    );
    told(
        vec![
            (200, None, NOTHING),
            unknown,
            forbidden,
            (200, None, NOTHING),
            known,
        ],
        async |k8kat| said(k8kat.pods().ns(["a", "shop"]).visible().await),
        &expect![[r#"
            /api/v1/namespaces/a/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500&resourceVersion=5&resourceVersionMatch=Exact
            /api/v1/pods?limit=500
            /api/v1/namespaces/a/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            Ok(([pods/shop/web-1, pods/shop/web-2], Some("the lists of pods are of several moments, because the API server gives none of a given one and you may not list pods in all namespaces")))"#]],
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
fn the_version_is_asked_for_once_where_more_can_be_left_to_the_server() {
    let version = (200, None, r#"{"gitVersion":"v1.34.1"}"#);
    let nothing = (200, None, NOTHING);
    told(
        vec![version, nothing, nothing],
        async |k8kat| {
            let services = k8kat.svcs().field("type", "NodePort");
            said((
                services.count().await,
                k8kat
                    .text("pods -f spec.hostNetwork=true")
                    .expect("text")
                    .await,
            ))
        },
        &expect![[r#"
            /version
            /api/v1/services?fieldSelector=spec.type%3DNodePort&limit=500
            /api/v1/pods?fieldSelector=spec.hostNetwork%3Dtrue&limit=500
            (Ok(0), Ok([]))"#]],
    );
}

#[test]
fn explains_what_it_will_take_by_what_is_known() {
    told(
        vec![(200, None, PODS)],
        async |k8kat| {
            let explain =
                |chain: Chain<'_, Told>| chain.explain().expect("it makes sense").to_string();
            let two = || k8kat.pods().ns(["shop", "x"]).label("app", "web");
            let before = explain(two());
            let analysis = k8kat.pods().explain_analyze().await.expect("an answer");
            let named = k8kat.pods().ns(["shop"]).names(["web-1", "web-2"]);
            let printed = k8kat
                .text("pods cols:ns,name,status")
                .expect("it makes sense");
            let all = [before, analysis.to_string(), explain(two()), explain(named)];
            [all.join("\n"), explain(printed)].join("\n")
        },
        &expect![[r#"
            /api/v1/pods?limit=500
            GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500
            GET /api/v1/namespaces/x/pods?labelSelector=app%3Dweb&limit=500
              the API server decides: ns:shop,x app=web
            sorted here by namespace, name
            read once, one list after the other
            expected: 2 requests or more, 2 seats or more, nobody knows how many objects
            not chosen: GET /api/v1/pods?labelSelector=app%3Dweb: 1 request or more, 1 seat or more, nobody knows how many objects, rather than 2 requests or more, 2 seats or more, nobody knows how many objects

            GET /api/v1/pods?limit=500
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            took: 1 request, 2 objects, 331 bytes for 2 rows, as of resourceVersion 7
            sent GET /api/v1/pods?limit=500: 200, 2 objects, 331 bytes

            GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500
            GET /api/v1/namespaces/x/pods?labelSelector=app%3Dweb&limit=500
              the API server decides: ns:shop,x app=web
            sorted here by namespace, name
            read once, one list after the other
            expected: 2 requests, 2 seats, at most 2 objects, 272 bytes
            not chosen: GET /api/v1/pods?labelSelector=app%3Dweb: 1 request, 1 seat, at most 2 objects, 272 bytes, rather than 2 requests, 2 seats, at most 2 objects, 272 bytes

            GET /api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb-1&limit=500
            GET /api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb-2&limit=500
              the API server decides: ns:shop name:web-1,web-2
            sorted here by namespace, name
            read once, one list after the other
            expected: 2 requests, 2 seats, at most 2 objects, 272 bytes
            not chosen: GET /api/v1/namespaces/shop/pods: 1 request, 1 seat, at most 2 objects, 272 bytes, rather than 2 requests, 2 seats, at most 2 objects, 272 bytes

            GET /api/v1/pods?limit=500
            sorted here by namespace, name
            read once, page by page
            expected: 1 request, 1 seat, about 2 objects, 272 bytes
            not chosen: the cells that the server prints of pods, without objects: they do not say of which namespace they are
        "#]],
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
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            took: 1 request, 2 objects, 331 bytes for 0 rows, as of resourceVersion 7
            sent GET /api/v1/namespaces/shop/pods?limit=500: 200, 2 objects, 331 bytes
        "#]],
    );
}
