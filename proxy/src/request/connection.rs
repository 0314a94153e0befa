//! Headers that concern one connection end here; each of our two connections has its own.

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};

use super::{Exchange, Step};
use crate::fault::Fault;
use crate::site::Site;

/// Always about one connection, named in `Connection` or not. The framing is among them: it is made anew.
static HOP_BY_HOP: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
];

pub(super) fn strip(exchange: &mut Exchange, _: &Site) -> Step {
    let headers = &mut exchange.parts.headers;
    for name in named(headers)? {
        // Removing one of these would change who asks, or whom; a client that names them means harm.
        if name == HOST
            || name == http::header::AUTHORIZATION
            || name.as_str().starts_with("impersonate-")
        {
            return Err(Fault::bad_request(format!(
                "the header connection names {name}, which it must not"
            ))
            .into());
        }
        headers.remove(name);
    }
    strip_hop_by_hop(headers);
    headers.remove(CONTENT_LENGTH);
    Ok(())
}

/// Also used on answers, where what `Connection` names is not worth refusing.
pub(super) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    for name in named(headers).unwrap_or_default() {
        headers.remove(name);
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// What the `Connection` headers name, all lines of them.
fn named(headers: &HeaderMap) -> Result<Vec<HeaderName>, Fault> {
    let mut names = Vec::new();
    for line in headers.get_all(CONNECTION) {
        for name in line
            .as_bytes()
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .filter(|name| !name.is_empty())
        {
            let name = HeaderName::from_bytes(name).map_err(|_| {
                Fault::bad_request("the header connection names something that is no header")
            })?;
            names.push(name);
        }
    }
    Ok(names)
}
