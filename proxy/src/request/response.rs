//! The last word on the headers of an API answer, be it ours or the API server's.
//!
//! An API answer is data for our page: never a document, a script, a cookie, or a policy for our origin.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALT_SVC, CACHE_CONTROL,
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, LINK, REFRESH, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};

use super::connection::strip_hop_by_hop;
use crate::body::{self, Body};
use crate::fault::KAPI_FAULT;

/// What a page of another origin may do.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// What a page of another origin may send along.
const SENT: &str = "authorization, content-type, accept";

/// What a page of another origin may read of an answer.
const EXPOSED: &str = "date, kapi-fault, retry-after, warning, audit-id";

/// Removes from the API server's answer what must not reach the browser as its word.
pub(crate) fn strip(headers: &mut HeaderMap) {
    strip_hop_by_hop(headers);
    let unwanted: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_unwanted(name))
        .cloned()
        .collect();
    for name in unwanted {
        headers.remove(name);
    }
}

fn is_unwanted(name: &HeaderName) -> bool {
    name.as_str().starts_with("access-control-")
        || [
            "clear-site-data",
            "service-worker-allowed",
            "nel",
            "report-to",
            "reporting-endpoints",
            "content-security-policy-report-only",
        ]
        .contains(&name.as_str())
        || [
            SET_COOKIE,
            REFRESH,
            LINK,
            STRICT_TRANSPORT_SECURITY,
            ALT_SVC,
            // A browser would ask for a password of its own accord.
            WWW_AUTHENTICATE,
            KAPI_FAULT.clone(),
        ]
        .contains(name)
}

/// The answer to a browser that asks before it sends. The origin itself is added to every answer.
pub(crate) fn permission() -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(SENT));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Adds our policy, and the permission for an allowed foreign page.
pub(crate) fn finish(response: &mut Response<Body>, foreign_origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    let is_never_kept = headers.get(CACHE_CONTROL).is_some_and(|value| {
        let mut directives = value.as_bytes().split(|byte| *byte == b',');
        directives.any(|directive| directive.trim_ascii() == b"no-store")
    });
    let kept = if is_never_kept {
        "no-store"
    } else {
        "no-cache, private"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = foreign_origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(EXPOSED),
        );
    }
}
