//! Who asks: nothing that the client says of itself, only what we know.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, COOKIE, FORWARDED, HOST, HeaderName,
    ORIGIN, REFERER, SEC_WEBSOCKET_PROTOCOL, UPGRADE, USER_AGENT, VIA,
};
use http::{HeaderValue, StatusCode};

use super::{Exchange, Route, Step};
use crate::audit;
use crate::fault::{Fault, Kind};
use crate::site::Site;

const AGENT: &str = concat!("kapi/", env!("CARGO_PKG_VERSION"));

static AUDIT_ID: HeaderName = HeaderName::from_static("audit-id");
static X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Removes every claim of the client: to be somebody, to act for somebody, to come from somewhere.
pub(super) fn strip(exchange: &mut Exchange, _: &Site) -> Step {
    // Outside an upgrade these have no meaning, and may still carry a token.
    let no_websocket = exchange.websocket.is_none();
    let is_protocol =
        |name: &HeaderName| no_websocket && name.as_str().starts_with("sec-websocket-");
    let headers = &mut exchange.parts.headers;
    let claims: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_claim(name) || is_protocol(name))
        .cloned()
        .collect();
    for name in claims {
        headers.remove(name);
    }
    Ok(())
}

fn is_claim(name: &HeaderName) -> bool {
    let text = name.as_str();
    let prefixes = [
        "impersonate-",
        "x-remote-",
        "x-forwarded-",
        "sec-fetch-",
        "sec-ch-",
        "access-control-",
        "kapi-",
    ];
    prefixes.iter().any(|prefix| text.starts_with(prefix))
        || [
            AUTHORIZATION,
            COOKIE,
            FORWARDED,
            HOST,
            ORIGIN,
            REFERER,
            USER_AGENT,
            VIA,
        ]
        .contains(name)
        || [
            "audit-id",
            "x-real-ip",
            "x-original-url",
            "x-rewrite-url",
            "x-http-method-override",
            "true-client-ip",
        ]
        .contains(&text)
}

/// Adds what the API server shall know of us. The credentials come later, from the kubeconfig.
pub(super) fn add(exchange: &mut Exchange, _: &Site) -> Step {
    let is_stream = is_stream(&exchange.route);
    let headers = &mut exchange.parts.headers;
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(
        X_FORWARDED_FOR.clone(),
        value(&exchange.peer.ip().to_string())?,
    );
    headers.insert(AUDIT_ID.clone(), value(&audit::new_id()?)?);
    if is_stream {
        // Newer API servers compress a watch event by event, and browsers read the first compressed member only.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    let Some(websocket) = &exchange.websocket else {
        return Ok(());
    };
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, websocket.protocol.clone());
    if let Some(accept) = &websocket.accept {
        headers.insert(ACCEPT, accept.clone());
    }
    Ok(())
}

/// Whether the query asks for a watch or a followed log.
fn is_stream(route: &Route) -> bool {
    let Route::Cluster { target, .. } = route else {
        return false;
    };
    let mut pairs = target.query().unwrap_or_default().split('&');
    pairs.any(|pair| ["watch", "follow"].contains(&pair.split('=').next().unwrap_or_default()))
}

fn value(text: &str) -> Result<HeaderValue, Fault> {
    // An address and hexadecimal digits always fit into a header.
    HeaderValue::from_str(text).map_err(|_| {
        Fault::new(Kind::BadRequest, "a header cannot be written")
            .with_status(StatusCode::INTERNAL_SERVER_ERROR)
    })
}
