//! Credentials from plugins and files, and a kubeconfig that changes.

use expect_test::expect;

use crate::world::World;

const GET: &str = "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n";

/// A user whose plugin is this shell script.
fn plugin(script: &str) -> String {
    let exec = serde_json::json!({
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": ["-c", script],
        "interactiveMode": "IfAvailable",
    });
    format!("{{exec: {exec}}}")
}

#[tokio::test]
async fn a_plugin_gives_the_token() {
    // Reads its input to the end first, which would never come from a terminal.
    let script = r#"cat; echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-plugin"}}'"#;
    let world = World::start_as(&plugin(script), &[]).await;
    world
        .check(
            GET,
            expect![[r#"
        HTTP/1.1 200 OK
        content-type: application/json
        content-length: 2
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin

        {}
        --- the API server saw
        GET /api HTTP/1.1
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        authorization: Bearer from-plugin
        host: SERVER


    "#]],
        )
        .await;
}

#[tokio::test]
async fn stale_credentials_are_loaded_again_once() {
    let dir = tempfile::tempdir().unwrap();
    let runs = dir.path().join("runs");
    // Says `stale` at its first run, `fresh` later.
    let script = format!(
        r#"if [ -e {0} ]; then t=fresh; else t=stale; fi; echo $t >> {0}; echo "{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"$t\"}}}}""#,
        runs.display()
    );
    let world = World::start_as(&plugin(&script), &[]).await;
    assert!(world.ask(GET).await.starts_with("HTTP/1.1 200"));
    // Refused three times at once: one run of the plugin for all of them.
    let answers =
        futures_util::future::join_all([world.ask(GET), world.ask(GET), world.ask(GET)]).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.starts_with("HTTP/1.1 200")),
        "{answers:?}"
    );
    assert!(world.last_seen().contains("Bearer fresh"));
    assert_eq!(std::fs::read_to_string(runs).unwrap(), "stale\nfresh\n");
}

#[tokio::test]
async fn a_failing_plugin_is_explained() {
    let world = World::start_as(
        &plugin("echo secret; printf 'log in\\nfirst' >&2; exit 3"),
        &[],
    )
    .await;
    world.check(GET, expect![[r#"
        HTTP/1.1 502 Bad Gateway
        content-type: application/json
        kapi-fault: credentials
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 263

        {"apiVersion":"v1","code":502,"kind":"Status","message":"cannot load the credentials of context \"main\": its plugin `sh` failed with exit status: 3: log in first; check with `kubectl --context main get ns`","metadata":{},"reason":"BadGateway","status":"Failure"}
    "#]]).await;
    let world = World::start_as(
        "{exec: {apiVersion: v1, command: no-such-plugin, installHint: 'get it at x.test'}}",
        &[],
    )
    .await;
    world.check(GET, expect![[r#"
        HTTP/1.1 502 Bad Gateway
        content-type: application/json
        kapi-fault: credentials
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 288

        {"apiVersion":"v1","code":502,"kind":"Status","message":"cannot load the credentials of context \"main\": its plugin `no-such-plugin` is not installed or not on the PATH; get it at x.test; check with `kubectl --context main get ns`","metadata":{},"reason":"BadGateway","status":"Failure"}
    "#]]).await;
    let world = World::start_as(
        "{exec: {apiVersion: v1, command: sh, interactiveMode: Always}}",
        &[],
    )
    .await;
    world.check(GET, expect![[r#"
        HTTP/1.1 502 Bad Gateway
        content-type: application/json
        kapi-fault: credentials
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 327

        {"apiVersion":"v1","code":502,"kind":"Status","message":"cannot load the credentials of context \"main\": its plugin `sh` wants a terminal (interactiveMode: Always), which kapi does not give; set interactiveMode to IfAvailable; check with `kubectl --context main get ns`","metadata":{},"reason":"BadGateway","status":"Failure"}
    "#]]).await;
}

#[tokio::test]
async fn a_token_file_may_end_in_a_newline() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    std::fs::write(&file, "from-file\n").unwrap();
    let world = World::start_as(&format!("{{tokenFile: {}}}", file.display()), &[]).await;
    world
        .check(
            GET,
            expect![[r#"
        HTTP/1.1 200 OK
        content-type: application/json
        content-length: 2
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin

        {}
        --- the API server saw
        GET /api HTTP/1.1
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        authorization: Bearer from-file
        host: SERVER


    "#]],
        )
        .await;
}

#[tokio::test]
async fn a_changed_kubeconfig_is_read_again() {
    let world = World::start(&[]).await;
    world.ask(GET).await;
    world.rewrite(|kubeconfig| kubeconfig.replace("kubeconfig-secret", "renewed-secret"));
    let answer = until_read_again(&world, "renewed-secret").await;
    assert!(
        answer.contains("authorization: Bearer renewed-secret"),
        "{answer}"
    );
}

/// The files are looked at once a second: asks until the answer, or what the API server saw, has this in it.
async fn until_read_again(world: &World, sign: &str) -> String {
    let mut answer = String::new();
    for _ in 0..100 {
        answer = world.ask(GET).await;
        if world.seen() > 0 {
            answer += &world.last_seen();
        }
        if answer.contains(sign) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    answer
}

#[tokio::test]
async fn our_own_token_never_leaves() {
    let world = World::start(&[]).await;
    let hidden = "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\
                  Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.Y2FuYXJ5, x\nSec-WebSocket-Key: a\n\n";
    assert!(world.ask(hidden).await.starts_with("HTTP/1.1 200"));
    let seen = world.last_seen().to_ascii_lowercase();
    assert!(!seen.contains("sec-websocket"), "{seen}");
}

#[tokio::test]
async fn a_proxy_that_is_not_understood_is_not_passed_by() {
    let world = World::start(&[]).await;
    world.rewrite(|text| text.replace("server:", "proxy-url: ftp://127.0.0.1:1, server:"));
    let answer = until_read_again(&world, "proxy-url").await;
    assert!(
        answer.contains("proxy-url") && answer.contains("neither http:// nor socks5://"),
        "{answer}"
    );
}
