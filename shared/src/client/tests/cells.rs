//! What is plucked of rows is read as the cells that the server prints, where these say it all.

use expect_test::expect;

use super::queries::{PODS, said, told};

const TABLE: &str = r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7"},
    "columnDefinitions":[{"name":"Name"},{"name":"Ready"},{"name":"Status"},{"name":"Restarts"},{"name":"Age"},{"name":"IP"},{"name":"Node"},{"name":"Nominated Node"},{"name":"Readiness Gates"}],
    "rows":[{"cells":["web-2","1/1","Running","3 (2m ago)","1h","10.0.0.2","n1","<none>","<none>"]},
            {"cells":["web-1","0/1","Error","0","1h","<none>","n2","<none>","<none>"]}]}"#;
const NEW: &str = r#"{"gitVersion":"v1.36.0"}"#;
const OLD: &str = r#"{"gitVersion":"v1.35.9"}"#;
const OTHERS: &str = r#"{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"7"},
    "columnDefinitions":[{"name":"Name"},{"name":"Status"}],"rows":[{"cells":["web-1","Error"]}]}"#;
const NO_TABLES: &str = r#"{"kind":"Status","reason":"NotAcceptable","message":"only the following media types are accepted: application/json","code":406}"#;

#[test]
fn of_one_namespace_and_by_labels() {
    told(
        vec![(200, None, NEW), (200, None, TABLE)],
        async |k8kat| {
            let pods = k8kat.pods().ns(["shop"]).label("app", "web");
            said(pods.pretty_pluck(&["ns", "ready", "status", "ip"]).await)
        },
        &expect![[r#"
            /version
            /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&includeObject=None&limit=500
            Ok("<web-1: shop | 0/1 | Error | <none>>\n<web-2: shop | 1/1 | Running | 10.0.0.2>")"#]],
    );
}

#[test]
fn whole_objects_are_read_where_cells_say_too_little_or_too_much() {
    // No namespace, no time, no more than is printed, and nothing to decide by.
    let asked = [
        ("pods", "status"),
        ("pods ns:shop", "restarts"),
        ("pods ns:shop", "phase"),
        ("pods ns:shop is:broken", "status"),
        ("pods ns:shop sort:-status", "status"),
    ];
    told(
        vec![(200, None, PODS); asked.len()],
        async |k8kat| {
            let mut found = Vec::new();
            for (text, field) in asked {
                let chain = k8kat.text(text).expect("it makes sense");
                found.push(said(chain.pluck(&[field]).await));
            }
            found.join("\n")
        },
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            /api/v1/namespaces/shop/pods?limit=500
            Ok([["Failed"], ["Running"]])
            Ok([["0"], ["3"]])
            Ok([["Failed"], ["Running"]])
            Ok([["Failed"], ["Running"]])
            Ok([["Running"], ["Failed"]])"#]],
    );
    // Objects are wanted, whatever the text plucks.
    told(
        vec![(200, None, PODS)],
        async |k8kat| {
            let pods = k8kat.text("pods ns:shop | pluck name,status");
            said(pods.expect("it makes sense").all().await)
        },
        &expect![[r#"
            /api/v1/namespaces/shop/pods?limit=500
            Ok([pods/shop/web-1, pods/shop/web-2])"#]],
    );
}

#[test]
fn cells_that_are_others_than_expected_are_not_read_again() {
    for (status, answer) in [(200, OTHERS), (200, PODS), (406, NO_TABLES)] {
        told(
            vec![
                (200, None, NEW),
                (status, None, answer),
                (200, None, PODS),
                (200, None, PODS),
            ],
            async |k8kat| {
                let pods = k8kat.pods().ns(["shop"]);
                let first = pods.pluck(&["status"]).await;
                said((first, pods.pluck(&["name"]).await))
            },
            &expect![[r#"
                /version
                /api/v1/namespaces/shop/pods?includeObject=None&limit=500
                /api/v1/namespaces/shop/pods?limit=500
                /api/v1/namespaces/shop/pods?limit=500
                (Ok([["Failed"], ["Running"]]), Ok([["web-1"], ["web-2"]]))"#]],
        );
    }
}

#[test]
fn words_that_older_servers_print_otherwise_are_read_of_objects() {
    told(
        vec![(200, None, OLD), (200, None, PODS), (200, None, TABLE)],
        async |k8kat| {
            let pods = k8kat.pods().ns(["shop"]);
            let statuses = pods.pluck(&["status"]).await;
            said((statuses, pods.pluck(&["node"]).await))
        },
        &expect![[r#"
            /version
            /api/v1/namespaces/shop/pods?limit=500
            /api/v1/namespaces/shop/pods?includeObject=None&limit=500
            (Ok([["Failed"], ["Running"]]), Ok([["n2"], ["n1"]]))"#]],
    );
}

#[test]
fn one_list_in_the_place_of_several_is_of_objects() {
    const NO_MOMENTS: &str = r#"{"kind":"Status","reason":"BadRequest","message":"resourceVersionMatch is unknown","code":400}"#;
    told(
        vec![
            (200, None, NEW),
            (200, None, TABLE),
            (400, None, NO_MOMENTS),
            (200, None, PODS),
            (200, None, PODS),
        ],
        async |k8kat| {
            let pods = k8kat.pods().ns(["shop", "blog"]);
            let fields = ["ns", "name", "status"];
            said((pods.pluck(&fields).await, pods.pluck(&fields).await))
        },
        &expect![[r#"
            /version
            /api/v1/namespaces/blog/pods?includeObject=None&limit=500
            /api/v1/namespaces/shop/pods?includeObject=None&limit=500&resourceVersion=7&resourceVersionMatch=Exact
            /api/v1/pods?limit=500
            /api/v1/pods?limit=500
            (Ok([["shop", "web-1", "Failed"], ["shop", "web-2", "Running"]]), Ok([["shop", "web-1", "Failed"], ["shop", "web-2", "Running"]]))"#]],
    );
}

#[test]
fn rows_that_were_not_asked_for_are_no_answer() {
    told(
        vec![(200, None, NEW), (200, None, TABLE)],
        async |k8kat| {
            let pods = k8kat.pods().ns(["shop"]).names(["web-1"]);
            said(pods.pluck(&["name", "status"]).await)
        },
        &expect![[r#"
            /version
            /api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb-1&includeObject=None&limit=500
            Ok([["web-1", "Error"]])"#]],
    );
}

#[test]
fn fields_that_are_not_there_are_a_problem_for_who_wants_objects_too() {
    told(
        vec![],
        async |k8kat| {
            let pods = k8kat.text("pods | pluck nosuch").expect("it is a query");
            said(pods.all().await)
        },
        &expect![[
            r#"Err(Query([Problem { span: Span { start: 13, end: 19 }, message: "nosuch is not a field of pods, so it is left out", fix: None }]))"#
        ]],
    );
}

#[test]
fn is_explained() {
    told(
        vec![(200, None, NEW), (200, None, TABLE)],
        async |k8kat| {
            let chain = |text: &str| k8kat.text(text).expect("it makes sense");
            let explain = |text| chain(text).explain().expect("it makes sense").to_string();
            let plucked = chain("pods ns:shop | pluck name,status");
            let plucked = plucked.explain_analyze().await.expect("an answer");
            let plucked = plucked.to_string();
            let all = explain("pods | pluck name,status");
            let ages = explain("pods ns:shop | pluck name,age");
            let shown = explain("pods ns:shop cols:name,status");
            [plucked, all, ages, shown].join("\n")
        },
        &expect![[r#"
            /version
            /api/v1/namespaces/shop/pods?includeObject=None&limit=500
            GET /api/v1/namespaces/shop/pods?includeObject=None&limit=500
              the API server prints all that is asked for: its cells are read, without objects
              the API server decides: ns:shop
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            took: 1 request, 2 objects, 467 bytes for 2 rows, as of resourceVersion 7
            sent GET /api/v1/namespaces/shop/pods?includeObject=None&limit=500: 200, 2 objects, 467 bytes

            GET /api/v1/pods?limit=500
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            not chosen: the cells that the server prints of pods, without objects: they do not say of which namespace they are

            GET /api/v1/namespaces/shop/pods?limit=500
              the API server decides: ns:shop
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            not chosen: the cells that the server prints of pods, without objects: they say how long ago something was by the time they were printed, not when

            GET /api/v1/namespaces/shop/pods?limit=500
              the API server decides: ns:shop
            sorted here by namespace, name
            read once, page by page
            expected: 1 request or more, 1 seat or more, nobody knows how many objects
            not chosen: the cells that the server prints of pods, without objects: more is wanted of rows that are shown than their columns
        "#]],
    );
}
