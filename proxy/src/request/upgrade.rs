//! Upgrades: to a WebSocket, from a page that says where it comes from, or not at all.

use http::Method;
use http::header::{ORIGIN, UPGRADE};

use super::{Exchange, Route, Step, single};
use crate::fault::Fault;
use crate::site::Site;
use crate::websocket::Protocols;

pub(super) fn check(exchange: &mut Exchange, _: &Site) -> Step {
    let parts = &exchange.parts;
    let Some(upgrade) = single(parts, &UPGRADE)? else {
        return Ok(());
    };
    if !upgrade.as_bytes().eq_ignore_ascii_case(b"websocket") {
        return Err(Fault::bad_request("kapi carries no upgrade but websocket").into());
    }
    if parts.method != Method::GET || !matches!(exchange.route, Route::Cluster { .. }) {
        return Err(
            Fault::bad_request("only a GET of a path of a cluster can become a WebSocket").into(),
        );
    }
    // Who sends no Origin is no browser, but might be one that was talked into it; the check before this one has
    // seen that an Origin which is there is right.
    if !parts.headers.contains_key(ORIGIN) {
        return Err(Fault::forbidden(
            "a WebSocket needs the header origin; send the address of kapi itself",
        )
        .into());
    }
    exchange.websocket = Some(Protocols::parse(parts)?);
    Ok(())
}
