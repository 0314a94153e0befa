//! Host: only our own names. The defence against DNS rebinding, where a foreign name leads to our address.

use http::header::HOST;

use super::{Exchange, Step};
use crate::fault::{Fault, Kind};
use crate::site::Site;

pub(super) fn check(exchange: &mut Exchange, site: &Site) -> Step {
    let mut hosts = exchange.parts.headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if site.is_own_host(host.as_bytes()) => Ok(()),
        _ => Err(Fault::new(
            Kind::Misdirected,
            format!(
                "this is kapi at {}; open the address that it printed at its start",
                site.hosts().join(", ")
            ),
        )
        .into()),
    }
}
