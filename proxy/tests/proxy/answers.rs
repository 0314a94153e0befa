//! What the API server sees, and what comes back from it.

use expect_test::expect;
use tokio::net::TcpListener;

use crate::world::World;

#[tokio::test]
async fn no_claim_of_the_client_arrives() {
    let world = World::start(&[]).await;
    world
        .check(
            "POST /clusters/main/api/v1/pods?a=%2F&b=c%20d HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\
             Impersonate-User: admin\nIMPERSONATE-Group: system:masters\nImpersonate-Extra-x: y\nImpersonate-Uid: 1\n\
             X-Remote-User: admin\nX-Forwarded-For: 1.2.3.4\nX-Forwarded-Host: evil.test\nForwarded: for=1.2.3.4\n\
             Cookie: a=b\nAudit-ID: mine\nUser-Agent: Mozilla/5.0\nReferer: http://HOST/\nSec-Fetch-Mode: cors\n\
             Connection: keep-alive, X-Hop\nConnection: x-other\nX-Hop: 1\nX-Other: 2\nKeep-Alive: 1\nTE: trailers\n\
             Proxy-Authorization: x\nAccept: application/json\nContent-Type: application/json\nContent-Length: 2\n\n{}",
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
                POST /api/v1/pods?a=%2F&b=c%20d HTTP/1.1
                content-type: application/json
                accept: application/json
                user-agent: kapi/0.1.0
                x-forwarded-for: 127.0.0.1
                audit-id: ID
                authorization: Bearer kubeconfig-secret
                host: SERVER
                content-length: 2

                {}
            "#]],
        )
        .await;
    world
        .check_each(
            &[
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\nConnection: Authorization\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\nConnection: x, impersonate-user\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\nConnection: x\nConnection: Host\n\n",
            ],
            expect![[r#"
                400 Bad Request                bad-request  GET /clusters/main/api HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main/api HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main/api HTTP/1.1
            "#]],
        )
        .await;
}

#[tokio::test]
async fn a_watch_is_never_compressed() {
    let world = World::start(&[]).await;
    world
        .check(
            &get("api?x=y&watch=1"),
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
        GET /api?x=y&watch=1 HTTP/1.1
        accept-encoding: identity
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        authorization: Bearer kubeconfig-secret
        host: SERVER


    "#]],
        )
        .await;
    world
        .check(
            &get("api/v1/namespaces/n/pods/p/log?follow=true"),
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
                GET /api/v1/namespaces/n/pods/p/log?follow=true HTTP/1.1
                accept-encoding: identity
                user-agent: kapi/0.1.0
                x-forwarded-for: 127.0.0.1
                audit-id: ID
                authorization: Bearer kubeconfig-secret
                host: SERVER


            "#]],
        )
        .await;
    world
        .check(
            &get("api?watching=1"),
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
        GET /api?watching=1 HTTP/1.1
        accept-encoding: gzip
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        authorization: Bearer kubeconfig-secret
        host: SERVER


    "#]],
        )
        .await;
}

#[tokio::test]
async fn an_answer_is_only_data() {
    let world = World::start(&[]).await;
    world
        .check(
            &get("wild"),
            expect![[r#"
        HTTP/1.1 200 OK
        content-type: text/html
        content-encoding: gzip
        cache-control: no-cache, private
        warning: 299 - old
        audit-id: theirs
        content-length: 2
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        vary: Origin

        {}
        --- the API server saw
        GET /wild HTTP/1.1
        accept-encoding: gzip
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        authorization: Bearer kubeconfig-secret
        host: SERVER


    "#]],
        )
        .await;
    world
        .check(
            &get("unauthorized"),
            expect![[r#"
                HTTP/1.1 401 Unauthorized
                content-length: 2
                x-content-type-options: nosniff
                content-security-policy: default-src 'none'; sandbox
                cross-origin-resource-policy: same-origin
                cache-control: no-cache, private
                vary: Origin

                {}
                --- the API server saw
                GET /unauthorized HTTP/1.1
                accept-encoding: gzip
                user-agent: kapi/0.1.0
                x-forwarded-for: 127.0.0.1
                audit-id: ID
                authorization: Bearer kubeconfig-secret
                host: SERVER


            "#]],
        )
        .await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::start(&[]).await;
    world.check(&get("redirect"), expect![[r#"
        HTTP/1.1 502 Bad Gateway
        content-type: application/json
        kapi-fault: redirect
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 220

        {"apiVersion":"v1","code":502,"kind":"Status","message":"the API server of main redirects (302 Found), which kapi does not follow; correct server in the kubeconfig","metadata":{},"reason":"BadGateway","status":"Failure"}
        --- the API server saw
        GET /redirect HTTP/1.1
        accept-encoding: gzip
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        authorization: Bearer kubeconfig-secret
        host: SERVER


    "#]]).await;
    world
        .check_each(
            &[&get("unmodified"), &get("switch")],
            expect![[r#"
        304 Not Modified               -            GET /clusters/main/unmodified HTTP/1.1
        502 Bad Gateway                unreachable  GET /clusters/main/switch HTTP/1.1
    "#]],
        )
        .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let world = World::in_front_of(&format!("https://{address}"), address).await;
    world.check(&get("api"), expect![[r#"
        HTTP/1.1 502 Bad Gateway
        content-type: application/json
        kapi-fault: unreachable
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 236

        {"apiVersion":"v1","code":502,"kind":"Status","message":"cannot reach SERVER: connection refused; check that the cluster runs and that the kubeconfig has its current port","metadata":{},"reason":"BadGateway","status":"Failure"}
    "#]]).await;
}

#[tokio::test]
async fn a_server_without_tls_is_told_apart() {
    let plain = World::start(&[]).await;
    let world = World::in_front_of(&format!("https://{}", plain.proxy), plain.proxy).await;
    world.check(&get("api"), expect![[r#"
        HTTP/1.1 502 Bad Gateway
        content-type: application/json
        kapi-fault: tls
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 234

        {"apiVersion":"v1","code":502,"kind":"Status","message":"no secure connection to SERVER: it does not speak TLS; check whether server in the kubeconfig should be http://","metadata":{},"reason":"BadGateway","status":"Failure"}
    "#]]).await;
}

fn get(path: &str) -> String {
    format!(
        "GET /clusters/main/{path} HTTP/1.1\nHost: HOST\nAccept-Encoding: gzip\nAuthorization: Bearer TOKEN\n\n"
    )
}
