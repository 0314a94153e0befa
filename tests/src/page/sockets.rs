//! Watches as a browser carries them: WebSockets, where token and media types are subprotocols.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use futures_util::StreamExt;
use k8kat::engine::{Head, Input, Request, RequestId};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Where WebSockets are opened, and as whom.
#[derive(Clone, Debug)]
pub struct Sockets {
    base: String,
    token: String,
    opened: Arc<AtomicU32>,
}

/// One that is open.
pub(super) type Socket = WebSocketStream<TcpStream>;

impl Sockets {
    pub(crate) fn new(base: String, token: String) -> Self {
        Self {
            base,
            token,
            opened: Arc::default(),
        }
    }

    /// How many have opened so far: where none does, watches go by HTTP and nobody notices.
    #[must_use]
    pub fn opened(&self) -> u32 {
        self.opened.load(Ordering::Relaxed)
    }

    /// None: it does not open. Why, a browser does not say either.
    pub(super) async fn open(&self, request: &Request) -> Option<Socket> {
        let rest = self.base.strip_prefix("http://")?;
        let host = rest.split('/').next()?;
        let address = format!("ws://{rest}{}", request.path);
        let mut handshake = address.into_client_request().ok()?;
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let protocols = format!(
            "base64url.bearer.authorization.k8s.io.{}, base64url.accept.kapi.{}, kapi.watch",
            encode(&self.token),
            encode(request.accept)
        );
        let protocols = HeaderValue::try_from(protocols).ok()?;
        let headers = handshake.headers_mut();
        headers.insert("sec-websocket-protocol", protocols);
        headers.insert(
            "origin",
            HeaderValue::try_from(format!("http://{host}")).ok()?,
        );
        let connection = TcpStream::connect(host).await.ok()?;
        let (socket, _) = tokio_tungstenite::client_async(handshake, connection)
            .await
            .ok()?;
        self.opened.fetch_add(1, Ordering::Relaxed);
        Some(socket)
    }
}

/// Tells what comes, and how it ends.
pub(super) async fn follow(mut socket: Socket, id: RequestId, out: &mpsc::UnboundedSender<Input>) {
    let head = Head {
        status: 200,
        ..Head::default()
    };
    // Where nobody listens any more, nothing is lost.
    let _ = out.send(Input::Head { id, head });
    let last = loop {
        match socket.next().await {
            Some(Ok(Message::Close(frame))) => break closed(id, frame.as_ref()),
            Some(Ok(message)) => {
                if let Some(bytes) = event(message) {
                    let _ = out.send(Input::Chunk { id, bytes });
                }
            }
            Some(Err(error)) => break broken(id, &error),
            None => break Input::End { id },
        }
    };
    let _ = out.send(last);
}

/// What HTTP would have carried: JSON on a line of its own, protobuf behind its length.
fn event(message: Message) -> Option<Vec<u8>> {
    match message {
        Message::Text(text) => Some([text.as_bytes(), b"\n"].concat()),
        Message::Binary(bytes) => {
            let length = u32::try_from(bytes.len()).ok()?;
            Some([&length.to_be_bytes()[..], &bytes].concat())
        }
        _ => None,
    }
}

fn closed(id: RequestId, frame: Option<&CloseFrame>) -> Input {
    match frame {
        Some(frame) if [CloseCode::Normal, CloseCode::Away].contains(&frame.code) => {
            Input::End { id }
        }
        frame => Input::Failed {
            id,
            error: format!("closed: {frame:?}"),
        },
    }
}

fn broken(id: RequestId, error: &Error) -> Input {
    Input::Failed {
        id,
        error: error.to_string(),
    }
}
