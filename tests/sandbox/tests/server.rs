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

const MERGE_PATCH: &str = "application/merge-patch+json";
const JSON_PATCH: &str = "application/json-patch+json";

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

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, "application/json", body)
            .await
    }

    /// A merge patch.
    async fn patch(&self, path: &str, patch: Value) -> (StatusCode, Value) {
        self.send(Method::PATCH, path, MERGE_PATCH, patch).await
    }

    /// A body as it comes in: of a watch that ends by itself, or of a log.
    async fn text(&self, path: &str) -> String {
        let request = Request::get(format!("{}{path}", self.sandbox.url()))
            .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
            .body(Body::default())
            .expect("a well-formed request");
        let response = self.client.request(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let body = response.into_body().collect().await.expect("a whole body");
        String::from_utf8_lossy(&body.to_bytes()).into_owned()
    }

    /// The events of a watch that ends by itself.
    async fn events(&self, path: &str) -> Vec<Value> {
        self.text(path)
            .await
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line is an event"))
            .collect()
    }

    async fn check_failure(&self, method: Method, path: &str, body: Value, expected: Expect) {
        let kind = "application/json";
        self.check_refusal(method, path, kind, body, expected).await;
    }

    async fn check_refusal(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: Value,
        expected: Expect,
    ) {
        let (code, status) = self.send(method, path, kind, body).await;
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
        expect![[r#"409 Conflict Operation cannot be fulfilled on ConfigMap "web-settings": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (102). The object might have been modified"#]],
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
    assert_eq!(open(&kapi, watch, origin, None, false).await, "403");
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

fn pod(name: &str) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": { "containers": [{ "name": "main", "image": "main:1" }] },
    })
}

/// Its pods are labelled `app=NAME`.
fn deployment(name: &str) -> Value {
    let labels = json!({ "app": name });
    json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": 1,
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": pod("")["spec"] },
        },
    })
}

/// The same with other members of the spec.
fn deployment_with(name: &str, spec: Value) -> Value {
    let mut deployment = deployment(name);
    for (member, value) in spec.as_object().into_iter().flatten() {
        deployment["spec"][member] = value.clone();
    }
    deployment
}

const PODS: &str = "/api/v1/namespaces/staging/pods";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/staging/deployments";

/// Whether the controllers still do their work.
async fn assert_alive(kapi: &Fixture, name: &str) {
    let (code, _) = kapi.post(DEPLOYMENTS, deployment(name)).await;
    assert_eq!(code, StatusCode::CREATED);
    kapi.sandbox.step(Duration::from_secs(10));
    let status = kapi.get(&format!("{DEPLOYMENTS}/{name}")).await["status"].clone();
    assert_eq!(status["availableReplicas"], 1, "{name}: {status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_deployments_created_at_once_are_all_reconciled() {
    const MANY: usize = 150;
    let options = Options {
        lively: false,
        ..Options::default()
    };
    let kapi = Fixture {
        sandbox: Sandbox::start(options).await.expect("a free port"),
        client: Client::builder(TokioExecutor::new()).build(HttpConnector::new()),
    };
    let create = |number: usize| {
        let kapi = &kapi;
        async move {
            tokio::time::sleep(Duration::from_millis(5 * number as u64)).await;
            let paused = deployment_with(&format!("d-{number}"), json!({ "replicas": 0 }));
            kapi.post(DEPLOYMENTS, paused).await.0
        }
    };
    let codes = futures_util::future::join_all((0..MANY).map(create)).await;
    assert_eq!(codes, [StatusCode::CREATED; MANY]);
    let mut left = MANY;
    for _ in 0..50 {
        let list = kapi.get(DEPLOYMENTS).await;
        let items = list["items"].as_array().into_iter().flatten();
        let done = items.filter(|one| !one["status"]["observedGeneration"].is_null());
        left = MANY - done.count();
        if left == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{left} deployments are never looked at");
}

#[tokio::test]
async fn bodies_of_the_wrong_shape_are_refused() {
    let kapi = sandbox().await;
    let check = |method, path, body, expected| kapi.check_failure(method, path, body, expected);
    let post = |path, body, expected| check(Method::POST, path, body, expected);
    post(
        PODS,
        json!({ "metadata": { "name": "a" }, "spec": "x" }),
        expect![[r#"400 BadRequest Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"#]],
    )
    .await;
    post(
        PODS,
        json!({ "metadata": { "name": "a" }, "spec": { "containers": ["x"] } }),
        expect![[r#"400 BadRequest Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container"#]],
    )
    .await;
    post(
        PODS,
        json!({ "metadata": { "name": "a", "labels": { "a": 1 } }, "spec": {} }),
        expect![[r#"400 BadRequest Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"#]],
    )
    .await;
    post(
        DEPLOYMENTS,
        json!({ "metadata": { "name": "a" }, "spec": "x" }),
        expect![[r#"400 BadRequest Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field Deployment.spec of type v1.DeploymentSpec"#]],
    )
    .await;
    post(
        DEPLOYMENTS,
        deployment_with("a", json!({ "replicas": "3" })),
        expect![[r#"400 BadRequest Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"#]],
    )
    .await;
    post(
        DEPLOYMENTS,
        deployment_with("a", json!({ "progressDeadlineSeconds": i64::MAX })),
        expect![[r#"400 BadRequest Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 9223372036854775807 into Go struct field DeploymentSpec.spec.progressDeadlineSeconds of type int32"#]],
    )
    .await;
    post(
        "/api/v1/namespaces/staging/secrets",
        json!({ "metadata": { "name": "a" }, "data": "x", "stringData": { "a": "b" } }),
        expect![[r#"400 BadRequest Secret in version "v1" cannot be handled as a Secret: json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8"#]],
    )
    .await;
    check(
        Method::PUT,
        "/apis/apps/v1/namespaces/shop/deployments/web/scale",
        json!({ "spec": { "replicas": "3" } }),
        expect![[r#"400 BadRequest Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32"#]],
    )
    .await;
}

#[tokio::test]
async fn patches_to_the_wrong_shape_are_refused_and_controllers_live_on() {
    let kapi = sandbox().await;
    let web = "/apis/apps/v1/namespaces/shop/deployments/web";
    let refuse = |path, kind, patch, expected| {
        kapi.check_refusal(Method::PATCH, path, kind, patch, expected)
    };
    refuse(
        web,
        JSON_PATCH,
        json!([{ "op": "replace", "path": "", "value": "x" }]),
        expect![[r#"422 Invalid  "" is invalid: patch: Invalid value: "\"x\"": json: cannot unmarshal string into Go value of type v1.Deployment"#]],
    )
    .await;
    let (code, status) = kapi
        .patch(web, json!({ "metadata": { "annotations": "x" } }))
        .await;
    assert_eq!(code, StatusCode::UNPROCESSABLE_ENTITY);
    let end = status["message"]
        .as_str()
        .and_then(|text| text.rsplit_once("}\": "));
    assert_eq!(
        end.map(|(_, end)| end),
        Some(
            "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.annotations of type map[string]string"
        )
    );
    kapi.post(PODS, pod("odd")).await;
    kapi.sandbox.step(Duration::from_secs(5));
    let odd = format!("{PODS}/odd");
    let more = json!([{ "op": "add", "path": "/spec/containers/-", "value": { "name": "b", "image": "b" } }]);
    refuse(&odd, JSON_PATCH, more, expect![[r#"422 Invalid Pod "odd" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers"#]]).await;
    let (code, _) = kapi
        .patch(&format!("{odd}/status"), json!({ "status": "x" }))
        .await;
    assert_eq!(code, StatusCode::UNPROCESSABLE_ENTITY);
    let none = json!({ "status": { "containerStatuses": [] } });
    let (code, _) = kapi.patch(&format!("{odd}/status"), none).await;
    assert_eq!(code, StatusCode::OK);
    assert_alive(&kapi, "alive").await;
    let statuses = kapi.get(&odd).await["status"]["containerStatuses"].clone();
    assert_eq!(
        (&statuses[0]["name"], &statuses[0]["ready"]),
        (&json!("main"), &json!(true))
    );
}

#[tokio::test]
async fn a_grace_without_end_ends_nothing_else() {
    let kapi = sandbox().await;
    let mut patient = pod("patient");
    patient["spec"]["terminationGracePeriodSeconds"] = json!(9_000_000_000_000_i64);
    kapi.post(PODS, patient).await;
    kapi.post(PODS, pod("asked")).await;
    kapi.sandbox.step(Duration::from_secs(5));
    for path in [
        format!("{PODS}/patient"),
        format!("{PODS}/asked?gracePeriodSeconds=9000000000000"),
    ] {
        let (code, deleted) = kapi.send(Method::DELETE, &path, "", Value::Null).await;
        assert_eq!(code, StatusCode::OK, "{path}");
        assert!(
            deleted["metadata"]["deletionTimestamp"].is_string(),
            "{deleted}"
        );
    }
    assert_alive(&kapi, "alive").await;
}

#[tokio::test]
async fn reading_changes_nothing_to_come() {
    let (quiet, read) = (sandbox().await, sandbox().await);
    read.get("/api/v1/pods").await;
    read.events("/api/v1/namespaces?watch=1&timeoutSeconds=1")
        .await;
    let unnamed = json!({ "metadata": { "generateName": "a-" }, "spec": pod("")["spec"] });
    let (_, one) = quiet.post(PODS, unnamed.clone()).await;
    let (_, other) = read.post(PODS, unnamed).await;
    assert_eq!(one["metadata"]["name"], other["metadata"]["name"]);
    assert_eq!(one["metadata"]["uid"], other["metadata"]["uid"]);
}

#[tokio::test]
async fn where_watches_begin() {
    let kapi = sandbox().await;
    let named = kapi.get("/api/v1/namespaces/shop?watch=1").await;
    assert_eq!(named["kind"], "Namespace");

    let future = kapi.sandbox.revision() + 2;
    let path = format!(
        "/api/v1/namespaces?watch=1&allowWatchBookmarks=1&resourceVersion={future}&timeoutSeconds=2"
    );
    let create = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        for name in ["a", "b", "c"] {
            let namespace = json!({ "metadata": { "name": name } });
            kapi.post("/api/v1/namespaces", namespace).await;
        }
    };
    let (events, ()) = tokio::join!(kapi.events(&path), create);
    let names: Vec<&Value> = events
        .iter()
        .map(|event| &event["object"]["metadata"]["name"])
        .collect();
    assert_eq!(names, ["c"]);

    for revision in ["", "&resourceVersion=0"] {
        let path =
            format!("/api/v1/namespaces?watch=1&allowWatchBookmarks=1&timeoutSeconds=1{revision}");
        let events = kapi.events(&path).await;
        let last = events.last().expect("a bookmark");
        let expected = json!({
            "type": "BOOKMARK",
            "object": {
                "kind": "Namespace",
                "apiVersion": "v1",
                "metadata": {
                    "annotations": { "k8s.io/initial-events-end": "true" },
                    "resourceVersion": kapi.sandbox.revision().to_string(),
                },
            },
        });
        assert_eq!(*last, expected);
        assert!(
            events[..events.len() - 1]
                .iter()
                .all(|event| event["type"] == "ADDED")
        );
    }
}

#[tokio::test]
async fn valid_writes_are_taken() {
    let kapi = sandbox().await;
    let expressions = json!({ "selector": { "matchExpressions": [
        { "key": "app", "operator": "In", "values": ["web", "by-expression"] },
        { "key": "old", "operator": "DoesNotExist" },
    ] } });
    let (code, _) = kapi
        .post(DEPLOYMENTS, deployment_with("by-expression", expressions))
        .await;
    assert_eq!(code, StatusCode::CREATED);
    kapi.sandbox.step(Duration::from_secs(10));
    let path = format!("{DEPLOYMENTS}/by-expression");
    assert_eq!(kapi.get(&path).await["status"]["availableReplicas"], 1);
    let scale = kapi.get(&format!("{path}/scale")).await;
    assert_eq!(
        scale["status"]["selector"],
        "app in (by-expression,web),!old"
    );
    let mut unversioned = pod("unversioned");
    unversioned["metadata"]["resourceVersion"] = json!("");
    assert_eq!(kapi.post(PODS, unversioned).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn invalid_writes_are_refused() {
    let kapi = sandbox().await;
    let map = "/api/v1/namespaces/shop/configmaps/web-settings";
    let patch =
        |patch, expected| kapi.check_refusal(Method::PATCH, map, MERGE_PATCH, patch, expected);
    patch(json!({ "metadata": { "name": "other" } }), expect!["400 BadRequest the name of the object (other) does not match the name on the URL (web-settings)"]).await;
    patch(
        json!({ "metadata": { "namespace": "data" } }),
        expect!["400 BadRequest the namespace of the object (data) does not match the namespace on the request (shop)"],
    )
    .await;
    patch(
        json!({ "metadata": { "labels": { "a b": "1" } } }),
        expect![[r#"422 Invalid ConfigMap "web-settings" is invalid: metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"#]],
    )
    .await;
    patch(
        json!({ "metadata": { "labels": { "a": "1 2" } } }),
        expect![[r#"422 Invalid ConfigMap "web-settings" is invalid: metadata.labels: Invalid value: "1 2": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#]],
    )
    .await;
    let post = |body, expected| kapi.check_failure(Method::POST, DEPLOYMENTS, body, expected);
    post(
        deployment_with("a", json!({ "replicas": -1 })),
        expect![[r#"422 Invalid Deployment.apps "a" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0"#]],
    )
    .await;
    post(
        deployment_with("a", json!({ "selector": {} })),
        expect![[r#"422 Invalid Deployment.apps "a" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment"#]],
    )
    .await;
    let unknown = json!({ "matchExpressions": [{ "key": "app", "operator": "Is" }] });
    post(
        deployment_with("a", json!({ "selector": unknown })),
        expect![[r#"422 Invalid Deployment.apps "a" is invalid: spec.selector.matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator"#]],
    )
    .await;
    let other =
        json!({ "matchExpressions": [{ "key": "app", "operator": "In", "values": ["b"] }] });
    post(
        deployment_with("a", json!({ "selector": other })),
        expect![[r#"422 Invalid Deployment.apps "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`"#]],
    )
    .await;
}

#[tokio::test]
async fn dry_runs() {
    let kapi = sandbox().await;
    let before = kapi.sandbox.revision();
    let post = |path, body, expected| kapi.check_failure(Method::POST, path, body, expected);
    post(
        "/api/v1/namespaces?dryRun=foo",
        json!({ "metadata": { "name": "a" } }),
        expect![[r#"422 Invalid CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["foo"]: supported values: "All""#]],
    )
    .await;
    post(
        "/api/v1/namespaces?dryRun=All",
        json!({ "metadata": { "name": "shop" } }),
        expect![[r#"409 AlreadyExists namespaces "shop" already exists"#]],
    )
    .await;
    let (code, _) = kapi
        .send(
            Method::DELETE,
            "/api/v1/namespaces/shop",
            "application/json",
            json!({ "dryRun": ["All"] }),
        )
        .await;
    assert_eq!(code, StatusCode::OK);
    assert_eq!(kapi.sandbox.revision(), before);
}

#[tokio::test]
async fn a_followed_log_ends_as_the_log_does() {
    let kapi = sandbox().await;
    let mut crashing = pod("crashing");
    crashing["spec"]["containers"][0]["env"] =
        json!([{ "name": "SANDBOX_FAULT", "value": "exit" }]);
    kapi.post(PODS, crashing).await;
    kapi.sandbox.step(Duration::from_secs(3));
    let log = format!("{PODS}/crashing/log");
    let followed = format!("{log}?follow=1");
    let crash = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        kapi.sandbox.step(Duration::from_secs(8));
    };
    let (followed, ()) = tokio::join!(kapi.text(&followed), crash);
    assert_eq!(followed, kapi.text(&log).await);
    let last = followed.lines().last().unwrap_or_default();
    assert!(last.ends_with("FATAL giving up, exit code 1"), "{last}");
}

#[test]
fn a_busy_port_is_told_in_a_sentence() {
    let busy = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = busy.local_addr().expect("an address").port();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_kapi-sandbox"))
        .args(["--port", &port.to_string()])
        .output()
        .expect("a program that ends");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).replace(&port.to_string(), "PORT");
    expect![[r#"
        kapi-sandbox: port PORT of 127.0.0.1 is in use. End the program that listens there, or choose another port with --port; without it, any free one is taken.
    "#]].assert_eq(&said);
}
