//! Requests whose length two readers could see differently: refused, or forwarded with one framing only.

use expect_test::expect;

use crate::world::World;

#[tokio::test]
async fn ambiguous_lengths() {
    let world = World::start(&[]).await;
    let head = "POST /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n";
    let mut lines = String::new();
    for more in [
        "Content-Length: 2\nContent-Length: 3\n",
        "Content-Length: +2\n",
        "Content-Length: 2, 2\n",
        "Transfer-Encoding: gzip\n",
        "Transfer-Encoding: chunked, gzip\n",
        "Content-Length : 2\n",
        " folded: x\n",
        "X: a\0b\n",
    ] {
        let answer = world.ask(&format!("{head}{more}\n{{}}")).await;
        lines.push_str(&format!(
            "{} {more:?}\n",
            answer.split(' ').nth(1).unwrap_or("closed")
        ));
    }
    expect![[r#"
        400 "Content-Length: 2\nContent-Length: 3\n"
        400 "Content-Length: +2\n"
        400 "Content-Length: 2, 2\n"
        400 "Transfer-Encoding: gzip\n"
        400 "Transfer-Encoding: chunked, gzip\n"
        400 "Content-Length : 2\n"
        400 " folded: x\n"
        400 "X: a\0b\n"
    "#]]
    .assert_eq(&lines);
    assert_eq!(world.seen(), 0);
    world
        .check(
            &format!(
                "{head}Content-Length: 99\nTransfer-Encoding: chunked\n\n2\r\n{{}}\r\n0\r\n\r\n"
            ),
            expect![[r#"
                HTTP/1.1 200 OK
                content-type: application/json
                content-length: 2
                x-content-type-options: nosniff
                content-security-policy: default-src 'none'; sandbox
                cross-origin-resource-policy: same-origin
                cache-control: no-cache, private
                vary: Origin
                connection: close

                {}
                --- the API server saw
                POST /api HTTP/1.1
                user-agent: kapi/0.1.0
                x-forwarded-for: 127.0.0.1
                audit-id: ID
                authorization: Bearer kubeconfig-secret
                host: SERVER
                transfer-encoding: chunked

                2
                {}
                0


            "#]],
        )
        .await;
}
