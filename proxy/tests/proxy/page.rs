//! The page and its files.

use expect_test::expect;

use crate::world::World;

#[tokio::test]
async fn only_the_files_that_are_there() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sub")).unwrap();
    std::fs::write(
        dir.path().join("index.html"),
        "<script type=\"module\">abc</script>",
    )
    .unwrap();
    std::fs::write(dir.path().join("app-0123456789abcdef.js"), "1").unwrap();
    std::fs::write(dir.path().join("app-0123456789abcdef_bg.wasm"), "2").unwrap();
    std::fs::write(dir.path().join("sub/plain.css"), "3").unwrap();
    let world = World::start(&["--app", dir.path().to_str().unwrap()]).await;
    world.check("GET /?c=main HTTP/1.1\nHost: HOST\n\n", expect![[r#"
        HTTP/1.1 200 OK
        content-type: text/html; charset=utf-8
        etag: "WCmXtPYyYQnl1WvWz/8rvs"
        cache-control: no-cache
        content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='; worker-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        referrer-policy: no-referrer
        cross-origin-opener-policy: same-origin
        cross-origin-resource-policy: same-origin
        x-content-type-options: nosniff
        x-frame-options: DENY
        content-length: 34

        <script type="module">abc</script>
    "#]]).await;
    world
        .check("GET /app-0123456789abcdef_bg.wasm HTTP/1.1\nHost: HOST\n\n", expect![[r#"
            HTTP/1.1 200 OK
            content-type: application/wasm
            etag: "1HNeOiZeFu7gP1lxi5tdAw"
            cache-control: public, max-age=31536000, immutable
            content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
            referrer-policy: no-referrer
            cross-origin-opener-policy: same-origin
            cross-origin-resource-policy: same-origin
            x-content-type-options: nosniff
            x-frame-options: DENY
            content-length: 1

            2
        "#]])
        .await;
    world
        .check_each(
            &[
                "GET /index.html HTTP/1.1\nHost: HOST\n\n",
                "HEAD / HTTP/1.1\nHost: HOST\n\n",
                "GET /app-0123456789abcdef.js HTTP/1.1\nHost: HOST\n\n",
                "GET /sub/plain.css HTTP/1.1\nHost: HOST\n\n",
                "GET /sub HTTP/1.1\nHost: HOST\n\n",
                "GET /sub/ HTTP/1.1\nHost: HOST\n\n",
                "GET /pods HTTP/1.1\nHost: HOST\n\n",
                "GET /.. HTTP/1.1\nHost: HOST\n\n",
                "POST / HTTP/1.1\nHost: HOST\nContent-Length: 0\n\n",
            ],
            expect![[r#"
                200 OK                         -            GET /index.html HTTP/1.1
                200 OK                         -            HEAD / HTTP/1.1
                200 OK                         -            GET /app-0123456789abcdef.js HTTP/1.1
                200 OK                         -            GET /sub/plain.css HTTP/1.1
                404 Not Found                  -            GET /sub HTTP/1.1
                404 Not Found                  -            GET /sub/ HTTP/1.1
                404 Not Found                  -            GET /pods HTTP/1.1
                400 Bad Request                bad-request  GET /.. HTTP/1.1
                405 Method Not Allowed         -            POST / HTTP/1.1
            "#]],
        )
        .await;
}

#[tokio::test]
async fn a_known_file_is_not_sent_again() {
    let world = World::start(&[]).await;
    let first = world.ask("GET / HTTP/1.1\nHost: HOST\n\n").await;
    let etag = first
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    let again = world
        .ask(&format!(
            "GET / HTTP/1.1\nHost: HOST\nIf-None-Match: {etag}\n\n"
        ))
        .await;
    assert!(again.starts_with("HTTP/1.1 304 "), "{again}");
    assert!(
        again.contains("content-security-policy: default-src 'none'; script-src 'self'"),
        "{again}"
    );
}
