//! The sandbox as clients meet it: over real HTTP and WebSockets, on a stepped clock.

use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};
use futures_util::StreamExt;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kapi_sandbox::{Clock, Options, Sandbox, TOKEN};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error as WebSocketError;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

type Body = Full<bytes::Bytes>;

/// A sandbox on a clock that stands still, and a client for it.
struct Fixture {
    sandbox: Sandbox,
    client: Client<HttpConnector, Body>,
}

async fn sandbox() -> Fixture {
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let options = Options {
        lively: false,
        clock: Clock::Stepped(start),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options).await.expect("a free port");
    Fixture {
        sandbox,
        client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
    }
}

impl Fixture {
    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.sandbox.url()))
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(body))
            .expect("a well-formed request");
        let response = self.client.request(request).await.expect("an answer");
        assert!(response.headers().contains_key(header::DATE));
        let status = response.status();
        let bytes = response
            .into_body()
            .collect()
            .await
            .expect("a whole body")
            .to_bytes();
        (
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        )
    }

    async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, "", Value::Null).await.1
    }

    async fn names(&self, path: &str) -> Vec<String> {
        let list = self.get(path).await;
        let items = list["items"]
            .as_array()
            .unwrap_or_else(|| panic!("{path}: {list}"));
        items
            .iter()
            .map(|item| {
                item["metadata"]["name"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .collect()
    }

    async fn check_failure(&self, method: Method, path: &str, body: Value, expected: Expect) {
        let (code, status) = self.send(method, path, "application/json", body).await;
        assert_eq!(status["code"], code.as_u16());
        let (reason, message) = (&status["reason"], &status["message"]);
        expected.assert_eq(&format!(
            "{} {} {}",
            code.as_u16(),
            reason.as_str().unwrap_or(""),
            message.as_str().unwrap_or("")
        ));
    }
}

#[tokio::test]
async fn the_demo_is_the_same_for_a_seed() {
    let (one, other) = (sandbox().await, sandbox().await);
    assert_eq!(
        one.names("/api/v1/pods").await,
        other.names("/api/v1/pods").await
    );
    assert_eq!(
        one.get("/api/v1/events").await,
        other.get("/api/v1/events").await
    );
}

#[tokio::test]
async fn failures() {
    let kapi = sandbox().await;
    let check = |method, path, body, expected| kapi.check_failure(method, path, body, expected);
    check(
        Method::GET,
        "/api/v1/namespaces/shop/pods/x",
        Value::Null,
        expect![[r#"404 NotFound pods "x" not found"#]],
    )
    .await;
    check(
        Method::GET,
        "/api/v1/nothing",
        Value::Null,
        expect!["404 NotFound the server could not find the requested resource"],
    )
    .await;
    check(
        Method::POST,
        "/api/v1/namespaces",
        json!({ "metadata": { "name": "shop" } }),
        expect![[r#"409 AlreadyExists namespaces "shop" already exists"#]],
    )
    .await;
    check(
        Method::POST,
        "/api/v1/namespaces/nowhere/configmaps",
        json!({ "metadata": { "name": "a" } }),
        expect![[r#"404 NotFound namespaces "nowhere" not found"#]],
    )
    .await;
    check(
        Method::PATCH,
        "/api/v1/namespaces/shop/configmaps/web-settings",
        json!({}),
        expect!["415 UnsupportedMediaType 415: Unsupported Media Type"],
    )
    .await;
    check(
        Method::DELETE,
        "/api/v1/namespaces/shop/configmaps/web-settings",
        json!({ "preconditions": { "resourceVersion": "1" } }),
        expect![[r#"409 Conflict Operation cannot be fulfilled on ConfigMap "web-settings": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (101). The object might have been modified"#]],
    )
    .await;
    check(
        Method::POST,
        "/api/v1/namespaces/shop/pods",
        json!({ "metadata": { "name": "A" }, "spec": { "containers": [{ "name": "a", "image": "a" }] } }),
        expect![[r#"422 Invalid Pod "A" is invalid: metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"#]],
    )
    .await;
}

#[tokio::test]
async fn pages_show_one_snapshot() {
    let kapi = sandbox().await;
    let before = kapi.names("/api/v1/namespaces/shop/pods").await;
    let first = kapi.get("/api/v1/namespaces/shop/pods?limit=4").await;
    assert_eq!(first["metadata"]["remainingItemCount"], before.len() - 4);
    let pod = format!(
        "/api/v1/namespaces/shop/pods/{}?gracePeriodSeconds=0",
        before[6]
    );
    kapi.send(Method::DELETE, &pod, "", Value::Null).await;
    let token = first["metadata"]["continue"]
        .as_str()
        .expect("more to come");
    let rest = kapi
        .names(&format!(
            "/api/v1/namespaces/shop/pods?limit=100&continue={token}"
        ))
        .await;
    assert_eq!(rest, before[4..]);
    kapi.sandbox.compact();
    let expired = kapi
        .get(&format!(
            "/api/v1/namespaces/shop/pods?limit=4&continue={token}"
        ))
        .await;
    assert_eq!(expired["reason"], "Expired");
    let on = expired["metadata"]["continue"]
        .as_str()
        .expect("a way to go on");
    assert_eq!(
        kapi.names(&format!("/api/v1/namespaces/shop/pods?continue={on}"))
            .await
            .len(),
        before.len() - 5
    );
}

#[tokio::test]
async fn a_rollout_goes_all_its_way() {
    let kapi = sandbox().await;
    let deployment = "/apis/apps/v1/namespaces/shop/deployments/cart";
    let patch = json!({ "spec": { "replicas": 3, "template": { "spec": { "containers": [{ "name": "cart", "image": "cart:2.0.0" }] } } } });
    let (code, _) = kapi
        .send(
            Method::PATCH,
            deployment,
            "application/strategic-merge-patch+json",
            patch,
        )
        .await;
    assert_eq!(code, StatusCode::OK);
    kapi.sandbox.step(Duration::from_secs(60));
    let status = kapi.get(deployment).await["status"].clone();
    let counts = [
        "replicas",
        "updatedReplicas",
        "availableReplicas",
        "observedGeneration",
    ]
    .map(|count| &status[count]);
    assert_eq!(counts, [&json!(3), &json!(3), &json!(3), &json!(2)]);
    let images = kapi
        .get("/api/v1/namespaces/shop/pods?labelSelector=app%3Dcart")
        .await;
    let images = images["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|pod| &pod["spec"]["containers"][0]["image"]);
    assert_eq!(images.collect::<Vec<_>>(), ["cart:2.0.0"; 3]);
    let slices = kapi.get("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io/service-name%3Dcart").await;
    assert_eq!(
        slices["items"][0]["endpoints"].as_array().map(Vec::len),
        Some(3)
    );
}

#[tokio::test]
async fn a_namespace_takes_everything_with_it() {
    let kapi = sandbox().await;
    kapi.send(Method::DELETE, "/api/v1/namespaces/search", "", Value::Null)
        .await;
    kapi.sandbox.step(Duration::from_secs(40));
    assert_eq!(
        kapi.get("/api/v1/namespaces/search").await["reason"],
        "NotFound"
    );
    assert_eq!(
        kapi.names("/api/v1/namespaces/search/pods").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn selectors_decide_what_a_watch_calls_an_event() {
    let kapi = sandbox().await;
    let start = kapi.sandbox.revision();
    let map = "/api/v1/namespaces/shop/configmaps";
    for patch in [
        json!({ "a": "1" }),
        json!({ "b": "2" }),
        json!({ "a": "2" }),
    ] {
        let patch = json!({ "metadata": { "labels": patch } });
        kapi.send(
            Method::PATCH,
            &format!("{map}/web-settings"),
            "application/merge-patch+json",
            patch,
        )
        .await;
    }
    let path =
        format!("{map}?watch=1&resourceVersion={start}&labelSelector=a%3D1&timeoutSeconds=1");
    let request = Request::get(format!("{}{path}", kapi.sandbox.url()))
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(Body::default())
        .expect("a well-formed request");
    let body = kapi
        .client
        .request(request)
        .await
        .expect("an answer")
        .into_body();
    let bytes = body.collect().await.expect("a watch that ends").to_bytes();
    let events = String::from_utf8_lossy(&bytes)
        .lines()
        .map(|line| {
            let event: Value = serde_json::from_str(line).expect("a line is an event");
            let revision = event["object"]["metadata"]["resourceVersion"]
                .as_str()
                .and_then(|text| text.parse::<u64>().ok());
            format!(
                "{} +{}",
                event["type"].as_str().unwrap_or(""),
                revision.unwrap_or(0) - start
            )
        })
        .collect::<Vec<_>>()
        .join(", ");
    expect!["ADDED +1, MODIFIED +2, DELETED +3"].assert_eq(&events);
}

/// Opens a WebSocket; answers its protocol and first frame, or the code of the refusal.
async fn open(
    kapi: &Fixture,
    path: &str,
    origin: Option<&str>,
    protocols: Option<&str>,
    token: bool,
) -> String {
    let mut request = format!("ws://{}{path}", kapi.sandbox.address())
        .into_client_request()
        .expect("a WebSocket address");
    let headers = request.headers_mut();
    if let Some(origin) = origin {
        headers.insert(header::ORIGIN, origin.parse().expect("an origin"));
    }
    if let Some(protocols) = protocols {
        headers.insert(
            header::SEC_WEBSOCKET_PROTOCOL,
            protocols.parse().expect("protocols"),
        );
    }
    if token {
        headers.insert(
            header::AUTHORIZATION,
            format!("Bearer {TOKEN}").parse().expect("a token"),
        );
    }
    let stream = tokio::net::TcpStream::connect(kapi.sandbox.address())
        .await
        .expect("a listening server");
    match tokio_tungstenite::client_async(request, stream).await {
        Ok((mut socket, response)) => {
            let protocol = response
                .headers()
                .get(header::SEC_WEBSOCKET_PROTOCOL)
                .and_then(|value| value.to_str().ok());
            let frame = socket
                .next()
                .await
                .expect("a frame")
                .expect("a whole frame");
            let kind = if frame.is_text() { "text" } else { "binary" };
            let start: String = frame
                .to_text()
                .unwrap_or_default()
                .chars()
                .take(15)
                .collect();
            format!("{} {kind} {start}", protocol.unwrap_or("-"))
        }
        Err(WebSocketError::Http(response)) => response.status().as_u16().to_string(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn web_sockets() {
    let kapi = sandbox().await;
    let (watch, origin) = ("/api/v1/namespaces?watch=1", Some("http://localhost"));
    let bearer = "base64url.bearer.authorization.k8s.io.c2FuZGJveC1hZG1pbi10b2tlbg";
    assert_eq!(
        open(&kapi, watch, origin, None, true).await,
        r#"- text {"type":"ADDED""#
    );
    assert_eq!(open(&kapi, watch, None, None, true).await, "403");
    assert_eq!(open(&kapi, watch, origin, None, false).await, "401");
    assert_eq!(open(&kapi, watch, origin, Some(bearer), false).await, "401");
    assert_eq!(
        open(&kapi, watch, origin, Some(&format!("{bearer}, a")), false).await,
        r#"a text {"type":"ADDED""#
    );
    assert_eq!(
        open(
            &kapi,
            watch,
            origin,
            Some(&format!("{bearer}, a, b")),
            false
        )
        .await,
        "400"
    );
    let pod = kapi
        .names("/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb")
        .await
        .remove(0);
    let log = format!("/api/v1/namespaces/shop/pods/{pod}/log?follow=1&tailLines=1");
    assert_eq!(
        open(&kapi, &log, origin, Some("binary.k8s.io"), true).await,
        "binary.k8s.io binary "
    );
    assert_eq!(open(&kapi, &log, origin, Some("a"), true).await, "403");
}

#[tokio::test]
async fn the_end_of_a_sandbox_ends_its_connections() {
    let kapi = sandbox().await;
    let path = format!("ws://{}/api/v1/nodes?watch=1", kapi.sandbox.address());
    let mut request = path.into_client_request().expect("a WebSocket address");
    let token = format!("Bearer {TOKEN}").parse().expect("a token");
    request.headers_mut().insert(header::AUTHORIZATION, token);
    request.headers_mut().insert(
        header::ORIGIN,
        header::HeaderValue::from_static("http://localhost"),
    );
    let stream = tokio::net::TcpStream::connect(kapi.sandbox.address())
        .await
        .expect("a listening server");
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream)
        .await
        .expect("a watch");
    drop(kapi);
    while let Some(Ok(_)) = socket.next().await {}
}
