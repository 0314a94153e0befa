//! Which page asks: our own, or one that `--allow-origin` names. Every method counts: a GET can open an exec.

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN};
use http::{HeaderValue, Method};

use super::{Exchange, Step, Stop, single};
use crate::fault::Fault;
use crate::site::Site;

static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
static SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

pub(super) fn check(exchange: &mut Exchange, site: &Site) -> Step {
    let parts = &exchange.parts;
    let origin = single(parts, &ORIGIN)?;
    let is_allowed = origin.is_some_and(|origin| site.allows_origin(origin.as_bytes()));
    if let Some(origin) = origin
        && !is_allowed
        && !site.is_own_origin(origin.as_bytes(), parts)
    {
        return Err(foreign(Some(origin)).into());
    }
    let fetch_site = single(parts, &SEC_FETCH_SITE)?.map(HeaderValue::as_bytes);
    if !is_allowed && matches!(fetch_site, Some(b"cross-site" | b"same-site")) {
        return Err(foreign(origin).into());
    }
    // Whatever an API server answers, it must not become a script that controls our page.
    if parts.headers.contains_key(&SERVICE_WORKER) {
        return Err(Fault::forbidden("the API of a cluster cannot be a service worker").into());
    }
    if !is_allowed {
        return Ok(());
    }
    exchange.foreign_origin = origin.cloned();
    match exchange.parts.method == Method::OPTIONS
        && exchange
            .parts
            .headers
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    {
        true => Err(Stop::Permission),
        false => Ok(()),
    }
}

fn foreign(origin: Option<&HeaderValue>) -> Fault {
    let page = origin.map_or_else(|| "another site".to_owned(), |origin| format!("{origin:?}"));
    Fault::forbidden(format!(
        "a page from {page} may not use this API; start kapi with --allow-origin for a page that you trust"
    ))
}
