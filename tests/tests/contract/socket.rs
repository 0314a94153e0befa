//! A watch in progress: its events, one by one, over HTTP or a WebSocket.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use http::Response;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

const PATIENCE: Duration = Duration::from_secs(15);

/// Each item is a line as the server sent it, or the way it ended.
pub(crate) struct Events(std::pin::Pin<Box<dyn Stream<Item = String> + Send>>);

impl Events {
    /// None: the server has ended it.
    pub(crate) async fn next(&mut self) -> Option<String> {
        match tokio::time::timeout(PATIENCE, self.0.next()).await {
            Ok(next) => next,
            Err(_) => {
                // Whoever waits for the end shall not wait again.
                self.0 = Box::pin(futures_util::stream::empty());
                Some(format!("nothing for {PATIENCE:?}"))
            }
        }
    }

    /// Of a program.
    pub(crate) fn of_lines(lines: impl Stream<Item = String> + Send + 'static) -> Self {
        Self(Box::pin(lines))
    }

    /// The lines of a body.
    pub(crate) fn of_body(body: Body) -> Self {
        let lines =
            futures_util::stream::unfold((body, Vec::new()), |(mut body, mut read)| async move {
                loop {
                    if let Some(end) = read.iter().position(|byte| *byte == b'\n') {
                        let line: Vec<u8> = read.drain(..=end).collect();
                        return Some((
                            String::from_utf8_lossy(&line).trim_end().to_owned(),
                            (body, read),
                        ));
                    }
                    match body.frame().await {
                        Some(Ok(frame)) => read.extend(frame.into_data().unwrap_or_default()),
                        Some(Err(error)) => {
                            return Some((format!("broken: {error}"), (Body::empty(), Vec::new())));
                        }
                        None if read.is_empty() => return None,
                        None => read.push(b'\n'),
                    }
                }
            });
        Self(Box::pin(lines))
    }

    /// The messages of a connection that the server has agreed to.
    pub(crate) async fn of_socket(response: Response<Body>) -> Self {
        let upgraded = hyper::upgrade::on(response)
            .await
            .expect("a connection after a 101");
        let socket =
            WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
        let messages = socket.filter_map(async |message| match message {
            Ok(Message::Text(text)) => Some(text.trim_end().to_owned()),
            Ok(Message::Binary(bytes)) => {
                Some(format!("binary {:?}", String::from_utf8_lossy(&bytes)))
            }
            Ok(Message::Close(None)) => Some("closed without a frame".to_owned()),
            Ok(Message::Close(Some(frame))) => Some(format!(
                "closed {} {:?}",
                u16::from(frame.code),
                frame.reason.as_str()
            )),
            Ok(_) => None,
            Err(error) => Some(format!("broken: {error}")),
        });
        Self(Box::pin(messages))
    }
}
