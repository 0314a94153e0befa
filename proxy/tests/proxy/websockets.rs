//! WebSockets: admitted like everything else, then bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use expect_test::expect;
use tokio::net::TcpListener;

use crate::world::{Peer, World};

struct Socket {
    world: World,
    listener: TcpListener,
}

impl Socket {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let world = World::in_front_of(&format!("http://{address}"), address).await;
        Self { world, listener }
    }

    /// Both sides of an upgrade request with these protocols, as far as the head that the API server saw.
    async fn open(&self, early: &str) -> (Peer, Peer, String) {
        let protocols = format!("{}, v5.channel.k8s.io", bearer(&self.world.token));
        let client = self
            .world
            .send(&format!(
                "{}{early}",
                request(&protocols, "Origin: http://HOST\n")
            ))
            .await;
        let (stream, _) = self.listener.accept().await.unwrap();
        let mut server = Peer::new(stream);
        let head = server.until("\r\n\r\n").await;
        (client, server, head)
    }
}

const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\nSet-Cookie: a=b\r\n\r\n";

#[tokio::test]
async fn bytes_pass_after_the_switch_and_not_before() {
    let socket = Socket::new().await;
    let (mut client, mut server, head) = socket.open("early").await;
    let port = socket.listener.local_addr().unwrap().port().to_string();
    let head = head.replace('\r', "").replace(&port, "SERVER");
    let head: String = head
        .lines()
        .filter(|line| !line.starts_with("audit-id"))
        .map(|line| format!("{line}\n"))
        .collect();
    expect![[r#"
        GET /exec?command=ls HTTP/1.1
        sec-websocket-key: abc
        sec-websocket-protocol: v5.channel.k8s.io
        sec-websocket-version: 13
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        connection: Upgrade
        upgrade: websocket
        origin: http://127.0.0.1:SERVER
        authorization: Bearer kubeconfig-secret
        host: 127.0.0.1:SERVER

    "#]]
    .assert_eq(&head);
    server.write(SWITCH).await;
    assert_eq!(server.until("early").await, "early");
    let head = client.until("\r\n\r\n").await.replace('\r', "");
    let head: String = head
        .lines()
        .filter(|line| !line.starts_with("date"))
        .map(|line| format!("{line}\n"))
        .collect();
    expect![[r#"
        HTTP/1.1 101 Switching Protocols
        sec-websocket-protocol: v5.channel.k8s.io
        sec-websocket-accept: x
        connection: Upgrade
        upgrade: websocket
        x-content-type-options: nosniff
        content-security-policy: default-src 'none'; sandbox
        cross-origin-resource-policy: same-origin
        cache-control: no-cache, private
        vary: Origin

    "#]]
    .assert_eq(&head);
    server.write(b"\x00\xffdown").await;
    assert!(client.until("down").await.ends_with("down"));
    client.write(b"up").await;
    assert_eq!(server.until("up").await, "up");
    // One side's end leaves the other direction open.
    client.end_writing().await;
    server.ended().await;
    server.write(b"last words").await;
    drop(server);
    assert_eq!(client.until("words").await, "last words");
    client.ended().await;
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_socket() {
    let socket = Socket::new().await;
    let (mut client, mut server, _) = socket.open("").await;
    server.write(SWITCH).await;
    client.until("\r\n\r\n").await;
    drop(client);
    server.ended().await;
}

#[tokio::test]
async fn the_stop_ends_the_socket() {
    let socket = Socket::new().await;
    let (mut client, mut server, _) = socket.open("").await;
    server.write(SWITCH).await;
    client.until("\r\n\r\n").await;
    drop(socket.world);
    client.ended().await;
    server.ended().await;
}

#[tokio::test]
async fn a_refused_upgrade_stays_http() {
    let socket = Socket::new().await;
    let smuggled = "GET /clusters/main/api HTTP/1.1\r\nHost: evil.test\r\n\r\n";
    let (mut client, mut server, _) = socket.open(smuggled).await;
    server
        .write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}")
        .await;
    let answer = client.message().await;
    assert!(
        answer.starts_with("HTTP/1.1 403") && !answer.contains("kapi-fault"),
        "{answer}"
    );
    // What followed is a request like any other.
    let answer = client.message().await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[tokio::test]
async fn only_complete_requests_are_dialled() {
    let world = World::start(&[]).await;
    let token = bearer(&world.token);
    let origin = "Origin: http://HOST\n";
    let accept = format!(
        "base64url.accept.kapi.{}",
        URL_SAFE_NO_PAD.encode("application/json;as=Table;v=v1")
    );
    let cases = [
        (format!("{token}, v5"), ""),
        (format!("{token}, v5"), "Origin: null\n"),
        (format!("{token}, v5"), "Origin: http://evil.test\n"),
        ("v5".to_owned(), origin),
        (format!("{}, v5", bearer("wrong")), origin),
        (token.clone(), origin),
        (format!("{token}, v5, v4"), origin),
        (format!("{token}, {token}, v5"), origin),
        (
            format!("{token}, v5"),
            "Origin: http://HOST\nAuthorization: Bearer TOKEN\n",
        ),
        (format!("{token}, base64url.accept.kapi.Cg, v5"), origin),
        (format!("{token}, base64url.accept.kapi.!, v5"), origin),
        (String::new(), origin),
    ];
    let mut lines = String::new();
    for (protocols, more) in &cases {
        let answer = world.ask(&request(protocols, more)).await;
        let shown = protocols.replace(&token, "RIGHT");
        lines.push_str(&format!(
            "{} {shown:?} {}\n",
            answer.split(' ').nth(1).unwrap(),
            more.trim().replace('\n', " | ")
        ));
    }
    expect![[r#"
        403 "RIGHT, v5" 
        403 "RIGHT, v5" Origin: null
        403 "RIGHT, v5" Origin: http://evil.test
        401 "v5" Origin: http://HOST
        401 "base64url.bearer.authorization.k8s.io.d3Jvbmc, v5" Origin: http://HOST
        400 "RIGHT" Origin: http://HOST
        400 "RIGHT, v5, v4" Origin: http://HOST
        400 "RIGHT, RIGHT, v5" Origin: http://HOST
        400 "RIGHT, v5" Origin: http://HOST | Authorization: Bearer TOKEN
        400 "RIGHT, base64url.accept.kapi.Cg, v5" Origin: http://HOST
        400 "RIGHT, base64url.accept.kapi.!, v5" Origin: http://HOST
        400 "" Origin: http://HOST
    "#]]
    .assert_eq(&lines);
    assert_eq!(world.seen(), 0);

    world
        .check(
            &request(&format!("v5, {accept}, {token}"), origin),
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
        GET /exec?command=ls HTTP/1.1
        sec-websocket-key: abc
        sec-websocket-protocol: v5
        sec-websocket-version: 13
        user-agent: kapi/0.1.0
        x-forwarded-for: 127.0.0.1
        audit-id: ID
        connection: Upgrade
        upgrade: websocket
        accept: application/json;as=Table;v=v1
        origin: http://SERVER
        authorization: Bearer kubeconfig-secret
        host: SERVER


    "#]],
        )
        .await;
    let other =
        request(&format!("{token}, v5"), origin).replace("Upgrade: websocket", "Upgrade: SPDY/3.1");
    let post = request(&format!("{token}, v5"), origin).replace("GET ", "POST ");
    world
        .check_each(
            &[
                &other.replace(&token, "RIGHT"),
                &post.replace(&token, "RIGHT"),
            ],
            expect![[r#"
        400 Bad Request                bad-request  GET /clusters/main/exec?command=ls HTTP/1.1
        400 Bad Request                bad-request  POST /clusters/main/exec?command=ls HTTP/1.1
    "#]],
        )
        .await;
}

fn request(protocols: &str, more: &str) -> String {
    format!(
        "GET /clusters/main/exec?command=ls HTTP/1.1\nHost: HOST\nConnection: Upgrade\nUpgrade: websocket\n\
         Sec-WebSocket-Version: 13\nSec-WebSocket-Key: abc\nSec-WebSocket-Protocol: {protocols}\n{more}\n"
    )
}

fn bearer(token: &str) -> String {
    format!(
        "base64url.bearer.authorization.k8s.io.{}",
        URL_SAFE_NO_PAD.encode(token)
    )
}
