//! Who is let in, and with what.

use expect_test::expect;

use crate::world::World;

#[tokio::test]
async fn only_our_own_hosts() {
    let world = World::start(&[]).await;
    let port = world.proxy.port();
    let hosts: Vec<String> = [
        format!("Host: 127.0.0.1:{port}"),
        format!("Host: localhost:{port}"),
        format!("Host: [::1]:{port}"),
        "Host: localhost:1".to_owned(),
        "Host: localhost".to_owned(),
        format!("Host: localhost.:{port}"),
        format!("Host: 0.0.0.0:{port}"),
        format!("Host: evil.test:{port}"),
        "X: no host".to_owned(),
        format!("Host: localhost:{port}\nHost: localhost:{port}"),
    ]
    .iter()
    .map(|host| format!("GET /config.json HTTP/1.1\n{host}\n\n"))
    .collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    world.check_each(&hosts, expect![[r#"
        200 OK                         -            GET /config.json HTTP/1.1 | Host: HOST
        200 OK                         -            GET /config.json HTTP/1.1 | Host: localhost:PORT
        200 OK                         -            GET /config.json HTTP/1.1 | Host: [::1]:PORT
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | Host: localhost:1
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | Host: localhost
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | Host: localhost.:PORT
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | Host: 0.0.0.0:PORT
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | Host: evil.test:PORT
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | X: no host
        421 Misdirected Request        misdirected  GET /config.json HTTP/1.1 | Host: localhost:PORT | Host: localhost:PORT
    "#]]).await;
}

#[tokio::test]
async fn only_ordinary_requests() {
    let world = World::start(&[]).await;
    let long = format!("GET /{} HTTP/1.1\nHost: HOST\n\n", "x".repeat(9000));
    let wide = format!("GET / HTTP/1.1\nHost: HOST\nX: {}\n\n", "x".repeat(70_000));
    let many = format!("GET / HTTP/1.1\nHost: HOST\n{}\n", "X: y\n".repeat(101));
    for (request, status) in [(&long, "414"), (&wide, "431"), (&many, "431")] {
        let answer = world.ask(request).await;
        assert_eq!(answer.split(' ').nth(1), Some(status), "{answer}");
    }
    world
        .check_each(
            &[
                "CONNECT HOST HTTP/1.1\nHost: HOST\n\n",
                "TRACE /clusters HTTP/1.1\nHost: HOST\n\n",
                "OPTIONS * HTTP/1.1\nHost: HOST\n\n",
                "GET http://HOST/config.json HTTP/1.1\nHost: HOST\n\n",
                "GET http://evil.test/config.json HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main/api/../x HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main//api HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main/%2e%2e/api HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nimpersonate_user: admin\n\n",
            ],
            expect![[r#"
                405 Method Not Allowed         bad-request  CONNECT HOST HTTP/1.1
                405 Method Not Allowed         bad-request  TRACE /clusters HTTP/1.1
                400 Bad Request                bad-request  OPTIONS * HTTP/1.1
                200 OK                         -            GET http://HOST/config.json HTTP/1.1
                400 Bad Request                bad-request  GET http://evil.test/config.json HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main/api/../x HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main//api HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main/%2e%2e/api HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main/api HTTP/1.1
            "#]],
        )
        .await;
    assert_eq!(world.seen(), 0);
}

#[tokio::test]
async fn only_with_the_token() {
    let world = World::start(&[]).await;
    world
        .check_each(
            &[
                "GET /config.json HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/nowhere/api HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nCookie: token=TOKEN\n\n",
                "GET /clusters/main/api?token=TOKEN HTTP/1.1\nHost: HOST\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKENx\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Basic TOKEN\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\nAuthorization: Bearer x\n\n",
            ],
            expect![[r#"
                200 OK                         -            GET /config.json HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters/main/api HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters/nowhere/api HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters/main/api HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters/main/api?token=TOKEN HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters/main/api HTTP/1.1
                401 Unauthorized               sign-in      GET /clusters/main/api HTTP/1.1
                400 Bad Request                bad-request  GET /clusters/main/api HTTP/1.1
            "#]],
        )
        .await;
    assert_eq!(world.seen(), 0);
    world
        .check_each(
            &[
                "GET /clusters HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n",
                "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: bearer TOKEN\n\n",
                "GET /clusters/main HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n",
                "GET /clusters/nowhere/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n",
                "GET /clusters/other/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n",
                "GET /clusters/main/api/v1/nodes/n/proxy/ HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n",
            ],
            expect![[r#"
                200 OK                         -            GET /clusters HTTP/1.1
                200 OK                         -            GET /clusters/main/api HTTP/1.1
                200 OK                         -            GET /clusters/main HTTP/1.1
                404 Not Found                  not-found    GET /clusters/nowhere/api HTTP/1.1
                502 Bad Gateway                credentials  GET /clusters/other/api HTTP/1.1
                403 Forbidden                  forbidden    GET /clusters/main/api/v1/nodes/n/proxy/ HTTP/1.1
            "#]],
        )
        .await;
}

#[tokio::test]
async fn only_our_own_page() {
    let world = World::start(&[]).await;
    let ask = |more: &str| {
        format!(
            "GET /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n{more}\n"
        )
    };
    let asked: Vec<(String, String)> = [
        "",
        "Origin: http://HOST\n",
        "Sec-Fetch-Site: same-origin\n",
        "Sec-Fetch-Site: none\n",
        "Sec-Fetch-Site: same-site\n",
        "Sec-Fetch-Site: cross-site\n",
        "Origin: null\n",
        "Origin: https://HOST\n",
        "Origin: http://localhost:8080\n",
        "Origin: http://HOST\nOrigin: http://HOST\n",
        "Service-Worker: script\n",
    ]
    .iter()
    .map(|more| (more.trim().to_owned(), ask(more)))
    .collect();
    let mut lines = String::new();
    for (more, request) in asked {
        let answer = world.ask(&request).await;
        assert!(!answer.contains("access-control-"), "{answer}");
        lines.push_str(&format!("{} {more}\n", answer.split(' ').nth(1).unwrap()));
    }
    expect![[r#"
        200 
        200 Origin: http://HOST
        200 Sec-Fetch-Site: same-origin
        200 Sec-Fetch-Site: none
        403 Sec-Fetch-Site: same-site
        403 Sec-Fetch-Site: cross-site
        403 Origin: null
        403 Origin: https://HOST
        403 Origin: http://localhost:8080
        400 Origin: http://HOST
        Origin: http://HOST
        403 Service-Worker: script
    "#]]
    .assert_eq(&lines);
}

#[tokio::test]
async fn an_allowed_page_elsewhere() {
    let world = World::start(&["--allow-origin", "http://localhost:8080/"]).await;
    world
        .check(
            "OPTIONS /clusters/main/api HTTP/1.1\nHost: HOST\nOrigin: http://localhost:8080\nSec-Fetch-Site: cross-site\n\
             Access-Control-Request-Method: PATCH\nAccess-Control-Request-Headers: authorization\n\n",
            expect![[r#"
                HTTP/1.1 204 No Content
                access-control-allow-methods: GET, HEAD, POST, PUT, PATCH, DELETE
                access-control-allow-headers: authorization, content-type, accept
                access-control-max-age: 600
                x-content-type-options: nosniff
                content-security-policy: default-src 'none'; sandbox
                cross-origin-resource-policy: same-origin
                cache-control: no-cache, private
                vary: Origin
                access-control-allow-origin: http://localhost:8080
                access-control-expose-headers: date, kapi-fault, retry-after, warning, audit-id


            "#]],
        )
        .await;
    world
        .check(
            "GET /clusters/main/wild HTTP/1.1\nHost: HOST\nOrigin: http://localhost:8080\nSec-Fetch-Site: cross-site\n\
             Authorization: Bearer TOKEN\n\n",
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
                access-control-allow-origin: http://localhost:8080
                access-control-expose-headers: date, kapi-fault, retry-after, warning, audit-id

                {}
                --- the API server saw
                GET /wild HTTP/1.1
                user-agent: kapi/0.1.0
                x-forwarded-for: 127.0.0.1
                audit-id: ID
                authorization: Bearer kubeconfig-secret
                host: SERVER


            "#]],
        )
        .await;
    world
        .check_each(
            &[
                "GET /clusters HTTP/1.1\nHost: HOST\nOrigin: http://localhost:8080\n\n",
                "OPTIONS /clusters HTTP/1.1\nHost: HOST\nOrigin: http://localhost:8081\nAccess-Control-Request-Method: GET\n\n",
                "GET /clusters HTTP/1.1\nHost: HOST\nSec-Fetch-Site: cross-site\nAuthorization: Bearer TOKEN\n\n",
            ],
            expect![[r#"
                401 Unauthorized               sign-in      GET /clusters HTTP/1.1
                403 Forbidden                  forbidden    OPTIONS /clusters HTTP/1.1
                403 Forbidden                  forbidden    GET /clusters HTTP/1.1
            "#]],
        )
        .await;
}

#[tokio::test]
async fn the_list_of_clusters() {
    let world = World::start(&[]).await;
    world
        .check(
            "GET /config.json HTTP/1.1\nHost: HOST\n\n",
            expect![[r#"
                HTTP/1.1 200 OK
                content-type: application/json
                cache-control: no-cache
                content-security-policy: default-src 'none'
                referrer-policy: no-referrer
                cross-origin-opener-policy: same-origin
                cross-origin-resource-policy: same-origin
                x-content-type-options: nosniff
                x-frame-options: DENY
                content-length: 81

                {"api":"","cluster":"main","mode":"local","storeBudgetMb":1024,"version":"0.1.0"}
            "#]],
        )
        .await;
    world.check("GET /clusters HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n", expect![[r#"
        HTTP/1.1 200 OK
        content-type: application/json
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin
        content-length: 392

        {"clusters":[{"context":"main","current":true,"error":null,"insecure":false,"namespace":"shop","server":"SERVER","slug":"main","user":"u"},{"context":"other","current":false,"error":"cannot use context \"other\": its cluster \"missing\" is not in the kubeconfig; correct it in the kubeconfig and try again","insecure":false,"namespace":null,"server":null,"slug":"other","user":"u"}]}
    "#]]).await;
}
