//! WebSockets: raw bytes between browser and API server, from the moment that the API server agreed.
//!
//! Frames are not looked at. Until the API server has answered 101 the connection stays plain HTTP, so that early
//! bytes of a client whose upgrade failed are a new request and meet every rule again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::SEC_WEBSOCKET_PROTOCOL;
use http::request::Parts;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::audit::Line;
use crate::fault::Fault;

/// As the API server itself takes a bearer token from a browser.
const TOKEN: &str = "base64url.bearer.authorization.k8s.io.";

/// The media types that a browser cannot put into `Accept`.
const ACCEPT: &str = "base64url.accept.kapi.";

/// What the header `sec-websocket-protocol` says: our two messages, and the one protocol that is spoken.
pub(crate) struct Protocols {
    pub(crate) token: Option<Vec<u8>>,
    pub(crate) accept: Option<HeaderValue>,
    pub(crate) protocol: HeaderValue,
}

impl Protocols {
    pub(crate) fn parse(parts: &Parts) -> Result<Self, Fault> {
        let (mut token, mut accept, mut protocol) = (None, None, None);
        for line in parts.headers.get_all(SEC_WEBSOCKET_PROTOCOL) {
            let line = line
                .to_str()
                .map_err(|_| Fault::bad_request("the WebSocket protocols are not plain text"))?;
            for item in line.split(',').map(str::trim) {
                if let Some(encoded) = item.strip_prefix(TOKEN) {
                    once(&mut token, visible(encoded)?, "token")?;
                } else if let Some(encoded) = item.strip_prefix(ACCEPT) {
                    once(&mut accept, visible(encoded)?, "accept")?;
                } else {
                    once(
                        &mut protocol,
                        item.as_bytes().to_vec(),
                        "protocol beside token and accept",
                    )?;
                }
            }
        }
        let header = |bytes: Vec<u8>| {
            HeaderValue::try_from(bytes)
                .map_err(|_| Fault::bad_request("a WebSocket protocol is malformed"))
        };
        // The API server wants exactly one and answers with it; with none a browser would refuse the answer.
        let protocol = protocol.filter(|name| !name.is_empty()).ok_or_else(|| {
            Fault::bad_request(
                "the WebSocket names no protocol beside token and accept; name exactly one",
            )
        })?;
        if token.as_ref().is_some_and(|token| token.contains(&b',')) {
            return Err(Fault::bad_request(
                "the token of the WebSocket is malformed",
            ));
        }
        Ok(Self {
            token,
            accept: accept.map(header).transpose()?,
            protocol: header(protocol)?,
        })
    }
}

fn once(slot: &mut Option<Vec<u8>>, value: Vec<u8>, what: &str) -> Result<(), Fault> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Fault::bad_request(format!(
            "the WebSocket names more than one {what}; name exactly one"
        ))),
    }
}

/// Decodes unpadded base64url of visible characters and spaces.
fn visible(encoded: &str) -> Result<Vec<u8>, Fault> {
    let decoded = URL_SAFE_NO_PAD.decode(encoded).ok();
    decoded
        .filter(|bytes| !bytes.is_empty() && bytes.iter().all(|byte| matches!(byte, b' '..=b'~')))
        .ok_or_else(|| {
            Fault::bad_request("a WebSocket protocol is not unpadded base64url of plain text")
        })
}

/// Copies both ways until both sides have ended, or the site stops. One side's end alone is passed on and the other
/// direction stays open.
pub(crate) async fn relay(
    browser: OnUpgrade,
    server: OnUpgrade,
    stopped: impl Future<Output = ()>,
    mut line: Line,
) {
    let copying = async {
        let (browser, server) = tokio::try_join!(browser, server).ok()?;
        let (mut browser, mut server) = (TokioIo::new(browser), TokioIo::new(server));
        tokio::io::copy_bidirectional(&mut browser, &mut server)
            .await
            .ok()
    };
    tokio::select! {
        copied = copying => line.count(copied.map_or(0, |(_, down)| down)),
        () = stopped => {}
    }
}
