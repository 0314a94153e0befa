//! The server's side of a WebSocket, with the rules of a real API server about origins and subprotocols.
//!
//! Watches and followed logs are served over it; nothing is read from the client but its going away.

use futures_util::{SinkExt, StreamExt};
use http::header::{
    CONNECTION, HOST, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{
    CloseFrame, Message, Role, frame::coding::CloseCode,
};

use super::Watch;
use crate::api_server::ApiServer;
use crate::body::{Response, full};

/// An open connection.
pub(crate) type Socket = WebSocketStream<TokioIo<Upgraded>>;

const BEARER_PREFIX: &str = "base64url.bearer.authorization.k8s.io.";

pub(crate) fn is_upgrade(headers: &HeaderMap) -> bool {
    let has = |name, wanted: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| {
                value
                    .split(',')
                    .any(|part| part.trim().eq_ignore_ascii_case(wanted))
            })
    };
    has(CONNECTION, "upgrade") && has(UPGRADE, "websocket")
}

/// What the client offers to speak, and the token it may have hidden among it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Subprotocols {
    pub(crate) offered: Vec<String>,
    /// Some("") is a token that cannot be used.
    pub(crate) bearer_token: Option<String>,
}

impl Subprotocols {
    /// A token counts only beside a real protocol: the server must be able to answer with one.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let values = headers
            .get_all(SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let all = values
            .flat_map(|value| value.split(','))
            .map(|part| part.trim().to_owned());
        let (tokens, offered): (Vec<_>, Vec<_>) =
            all.partition(|part| part.starts_with(BEARER_PREFIX));
        let bearer_token = tokens.first().map(|token| {
            let bytes = URL_SAFE_NO_PAD
                .decode(token.trim_start_matches(BEARER_PREFIX))
                .unwrap_or_default();
            if offered.is_empty() || tokens.len() > 1 {
                String::new()
            } else {
                String::from_utf8(bytes).unwrap_or_default()
            }
        });
        Self {
            offered,
            bearer_token,
        }
    }
}

/// The answer to a handshake whose connection is then handled by `serve`.
pub(crate) fn accept<F, Serving>(
    server: &ApiServer,
    headers: &HeaderMap,
    upgrade: OnUpgrade,
    protocol: Option<&str>,
    serve: F,
) -> Response
where
    F: FnOnce(Socket) -> Serving + Send + 'static,
    Serving: Future<Output = ()> + Send + 'static,
{
    if !origin_parses(headers) {
        return bare(StatusCode::FORBIDDEN);
    }
    let (Some(key), Some(_)) = (headers.get(SEC_WEBSOCKET_KEY), headers.get(HOST)) else {
        return bare(StatusCode::BAD_REQUEST);
    };
    if headers
        .get(SEC_WEBSOCKET_VERSION)
        .is_none_or(|version| version != "13")
    {
        let mut response = Response::new(full("missing or bad WebSocket Version"));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    }
    let mut response = bare(StatusCode::SWITCHING_PROTOCOLS);
    let answer = response.headers_mut();
    answer.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    answer.insert(UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = derive_accept_key(key.as_bytes()).parse() {
        answer.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    if let Some(protocol) = protocol.and_then(|protocol| protocol.parse().ok()) {
        answer.insert(SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    server.spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            serve(Socket::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await).await;
        }
    });
    response
}

pub(crate) fn bare(code: StatusCode) -> Response {
    let mut response = Response::new(full(""));
    *response.status_mut() = code;
    response
}

/// The server wants an origin, and one that is a URL; which one is the same to it.
fn origin_parses(headers: &HeaderMap) -> bool {
    let origin = headers
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .unwrap_or_default();
    origin
        .parse::<Uri>()
        .is_ok_and(|origin| origin.scheme().is_some() && origin.host().is_some())
}

/// One frame per event: text for JSON, binary for protobuf.
pub(crate) async fn serve_watch(mut socket: Socket, mut watch: Watch) {
    loop {
        tokio::select! {
            event = watch.next() => match event {
                Some(event) => {
                    let message = if watch.is_json() {
                        Message::text(String::from_utf8_lossy(&event).into_owned())
                    } else {
                        Message::binary(event)
                    };
                    if socket.send(message).await.is_err() {
                        return;
                    }
                }
                None if watch.is_broken() => return,
                None => return close(socket).await,
            },
            message = socket.next() => match message {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(_)) => {}
            },
        }
    }
}

/// Ends a connection in good order.
pub(crate) async fn close(mut socket: Socket) {
    let frame = CloseFrame {
        code: CloseCode::Normal,
        reason: "".into(),
    };
    // The client may have gone already; then there is nobody to tell.
    let _ = socket.close(Some(frame)).await;
    while let Some(Ok(_)) = socket.next().await {}
}
