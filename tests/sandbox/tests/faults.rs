//! Faults as clients meet them.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use expect_test::{Expect, expect};
use http::{Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use kapi_sandbox::{Clock, Options, Sandbox, TOKEN};

async fn sandbox(faults: bool) -> Sandbox {
    let options = Options {
        lively: false,
        faults,
        ..Options::default()
    };
    Sandbox::start(options).await.expect("a free port")
}

async fn send(sandbox: &Sandbox, method: Method, path: &str, body: &str) -> Response<Incoming> {
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", sandbox.url()))
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(Full::new(Bytes::from(body.to_owned())))
        .expect("a well-formed request");
    let client = Client::builder(TokioExecutor::new()).build_http();
    client.request(request).await.expect("an answer")
}

async fn get(sandbox: &Sandbox, path: &str) -> Response<Incoming> {
    send(sandbox, Method::GET, path, "").await
}

/// What arrives of a body, and how it ends.
async fn read(response: Response<Incoming>) -> String {
    let mut body = response.into_body();
    let mut text = String::new();
    loop {
        match body.frame().await {
            None => return format!("{text}[end]"),
            Some(Err(_)) => return format!("{text}[broken off]"),
            Some(Ok(frame)) => {
                let data = frame.into_data().unwrap_or_default();
                text.push_str(&String::from_utf8_lossy(&data));
            }
        }
    }
}

#[tokio::test]
async fn nothing_fails_unless_it_may() {
    let sandbox = sandbox(false).await;
    let rules = r#"[{"fault":{"status":{"code":500}}}]"#;
    let answer = send(&sandbox, Method::PUT, "/sandbox/faults", rules).await;
    assert_eq!(answer.status(), 404);
    assert_eq!(get(&sandbox, "/api/v1/pods").await.status(), 200);
}

#[tokio::test]
async fn reads_fail_as_they_are_told() {
    let sandbox = sandbox(true).await;
    let rules = r#"[{"of":"lists","times":1,"fault":{"status":{"code":429,"retryAfter":3}}},
        {"of":"lists","times":1,"fault":{"cut":{"after":20}}}]"#;
    let answer = send(&sandbox, Method::PUT, "/sandbox/faults", rules).await;
    assert_eq!(answer.status(), 200);

    let refused = get(&sandbox, "/api/v1/nodes").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "3");
    let cut = read(get(&sandbox, "/api/v1/nodes").await).await;
    expect![[r#"{"kind":"NodeList","[broken off]"#]].assert_eq(&cut);
    assert_eq!(get(&sandbox, "/api/v1/nodes").await.status(), 200);

    let odd = send(&sandbox, Method::PUT, "/sandbox/faults", "[{}]").await;
    assert_eq!(odd.status(), 400);
    let left = read(get(&sandbox, "/sandbox/faults").await).await;
    assert_eq!(left, "[][end]");
}

#[tokio::test]
async fn open_watches_end_as_they_are_told() {
    let sandbox = sandbox(true).await;
    let check = async |fault: &str, expected: Expect| {
        let path = format!(
            "/api/v1/nodes?watch=1&resourceVersion={}",
            sandbox.revision()
        );
        let watch = get(&sandbox, &path).await;
        let body = format!(r#"{{"watches":"{fault}"}}"#);
        let answer = send(&sandbox, Method::POST, "/sandbox/faults", &body).await;
        assert_eq!(answer.status(), 200);
        expected.assert_eq(&read(watch).await);
    };
    check("drop", expect!["[broken off]"]).await;
    check(
        "cut",
        expect![[r#"
        {"type":"BOOKMARK","obj
        [broken off]"#]],
    )
    .await;
    check("end", expect!["[end]"]).await;
    check("expire", expect![[r#"
        {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"The resourceVersion for the provided watch is too old.","reason":"Expired","code":410}}
        [end]"#]]).await;
}

/// Controllers that have lost their place look at everything again, and find it as it should be.
#[tokio::test]
async fn forgetting_rolls_nothing_out() {
    let options = Options {
        lively: false,
        pods: 300,
        clock: Clock::Stepped(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.expect("a free port");
    let sets = async || {
        let list = read(get(&sandbox, "/apis/apps/v1/replicasets").await).await;
        list.replace(&format!("{:?}", sandbox.revision().to_string()), "now")
    };
    let before = sets().await;
    let body = r#"{"metadata":{"name":"one-more"}}"#;
    let created = send(&sandbox, Method::POST, "/api/v1/namespaces", body).await;
    assert_eq!(created.status(), 201);
    sandbox.compact();
    sandbox.settle();
    assert!(before == sets().await, "replica sets have changed");
}
