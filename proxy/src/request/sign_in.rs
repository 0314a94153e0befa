//! The launch token: in the header `authorization`, or, since a browser can set no header on a WebSocket, among its
//! protocols. Cookies and addresses count for nothing: a browser sends those for foreign pages too.

use http::header::AUTHORIZATION;

use super::{Exchange, Step, single};
use crate::fault::{Fault, Kind};
use crate::site::Site;

pub(super) fn check(exchange: &mut Exchange, site: &Site) -> Step {
    let header = single(&exchange.parts, &AUTHORIZATION)?;
    let protocol = exchange
        .websocket
        .as_ref()
        .and_then(|websocket| websocket.token.as_deref());
    let candidate = match (header, protocol) {
        (Some(_), Some(_)) => {
            return Err(Fault::bad_request(
                "there is a token in the header and one in the protocols; send one",
            )
            .into());
        }
        (Some(header), None) => header.as_bytes().split_at_checked(7),
        (None, protocol) => protocol.map(|token| (b"Bearer ".as_slice(), token)),
    };
    match candidate {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case(b"bearer ") && site.token.matches(token) =>
        {
            Ok(())
        }
        Some(_) => Err(sign_in("the token is not the one of this launch")),
        None => Err(sign_in("there is no token")),
    }
}

fn sign_in(problem: &str) -> super::Stop {
    Fault::new(
        Kind::SignIn,
        format!("{problem}; open the address that kapi printed at its start"),
    )
    .into()
}
