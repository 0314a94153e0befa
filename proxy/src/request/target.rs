//! The form of the request: an ordinary path and method. CONNECT above all would be forwarded as a tunnel.

use http::header::HOST;
use http::{Method, StatusCode};

use super::{Exchange, Route, Step};
use crate::fault::Fault;
use crate::site::Site;

pub(super) fn check(exchange: &mut Exchange, _: &Site) -> Step {
    let parts = &exchange.parts;
    if matches!(parts.method, Method::CONNECT | Method::TRACE) {
        let fault = Fault::bad_request(format!("kapi does not carry {}", parts.method));
        return Err(fault.with_status(StatusCode::METHOD_NOT_ALLOWED).into());
    }
    let is_ours = matches!(exchange.route, Route::Config | Route::Clusters);
    if is_ours && !parts.method.is_safe() {
        let fault = Fault::bad_request(format!("{} only answers GET", parts.uri.path()));
        return Err(fault.with_status(StatusCode::METHOD_NOT_ALLOWED).into());
    }
    if parts.uri.path() == "*" {
        return Err(Fault::bad_request("kapi does not answer OPTIONS *; name a path").into());
    }
    // An absolute address must say the same as Host; it says so without user and password.
    let host = parts.headers.get(HOST).map(http::HeaderValue::as_bytes);
    match parts.uri.authority() {
        Some(authority) if Some(authority.as_str().as_bytes()) != host => {
            Err(Fault::bad_request("the address and the header host name different hosts").into())
        }
        _ => Ok(()),
    }
}
