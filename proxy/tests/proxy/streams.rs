//! Bodies stream, both ways, and an end on one side ends the other.

use tokio::net::TcpListener;

use crate::world::{Peer, World};

const WATCH: &str =
    "GET /clusters/main/api?watch=1 HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\n";
const CREATE: &str = "POST /clusters/main/api HTTP/1.1\nHost: HOST\nAuthorization: Bearer TOKEN\n\
                      Transfer-Encoding: chunked\n\n";

/// A proxy, and the API server's side of the first connection that `request` leads to.
async fn connected(request: &str) -> (World, Peer, Peer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let world = World::in_front_of(&format!("http://{address}"), address).await;
    let client = world.send(request).await;
    let (stream, _) = listener.accept().await.unwrap();
    (world, client, Peer::new(stream))
}

#[tokio::test]
async fn each_event_passes_at_once() {
    let (_world, mut client, mut server) = connected(WATCH).await;
    server.until("\r\n\r\n").await;
    server
        .write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    assert!(client.until("\r\n\r\n").await.starts_with("HTTP/1.1 200"));
    for event in 0..100 {
        let line = format!("{{\"event\":{event:03}}}\n");
        server
            .write(format!("{:x}\r\n{line}\r\n", line.len()).as_bytes())
            .await;
        // Arrives before the next one is sent, or this waits for ever.
        assert!(client.until("}\n").await.ends_with(&line));
    }
}

#[tokio::test]
async fn the_end_of_a_watch_passes_both_ways() {
    let (_world, mut client, mut server) = connected(WATCH).await;
    server.until("\r\n\r\n").await;
    server
        .write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    client.until("\r\n\r\n").await;
    drop(server);
    client.ended().await;

    let (_world, mut client, mut server) = connected(WATCH).await;
    server.until("\r\n\r\n").await;
    server
        .write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    client.until("\r\n\r\n").await;
    drop(client);
    server.ended().await;
}

#[tokio::test]
async fn a_client_that_gives_up_before_the_answer_ends_the_request() {
    let (_world, client, mut server) = connected(WATCH).await;
    server.until("\r\n\r\n").await;
    drop(client);
    server.ended().await;
}

#[tokio::test]
async fn the_stop_ends_a_watch() {
    let (world, mut client, mut server) = connected(WATCH).await;
    server.until("\r\n\r\n").await;
    server
        .write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    client.until("\r\n\r\n").await;
    drop(world);
    client.ended().await;
    server.ended().await;
}

#[tokio::test]
async fn an_upload_passes_piece_by_piece() {
    let (_world, mut client, mut server) = connected(CREATE).await;
    assert!(
        server
            .until("\r\n\r\n")
            .await
            .contains("transfer-encoding: chunked")
    );
    for piece in ["first", "secnd"] {
        client.write(format!("5\r\n{piece}\r\n").as_bytes()).await;
        assert!(server.until(piece).await.ends_with(piece));
    }
    client.write(b"0\r\n\r\n").await;
    server.until("0\r\n\r\n").await;
    server
        .write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")
        .await;
    assert!(client.message().await.starts_with("HTTP/1.1 201"));
}

#[tokio::test]
async fn an_upload_is_cut_at_3_mib() {
    let world = World::start(&[]).await;
    let announced = CREATE.replace("Transfer-Encoding: chunked", "Content-Length: 3145729");
    let answer = world.ask(&announced).await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("kapi-fault: too-large"),
        "{answer}"
    );

    let (_world, mut client, mut server) = connected(CREATE).await;
    let reading = tokio::spawn(async move { server.ended().await });
    let piece = [b"100000\r\n".as_slice(), &vec![b'x'; 1 << 20], b"\r\n"].concat();
    for _ in 0..3 {
        client.write(&piece).await;
    }
    client.write(b"1\r\nx\r\n").await;
    let answer = client.message().await;
    assert!(
        answer.starts_with("HTTP/1.1 413") && answer.contains("kapi-fault: too-large"),
        "{answer}"
    );
    reading.await.unwrap();
}
