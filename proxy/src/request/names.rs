//! Header names: none with `_`, which some servers read as `-`, so that `impersonate_user` would pass every filter.

use super::{Exchange, Step};
use crate::fault::Fault;
use crate::site::Site;

pub(super) fn check(exchange: &mut Exchange, _: &Site) -> Step {
    match exchange
        .parts
        .headers
        .keys()
        .any(|name| name.as_str().contains('_'))
    {
        true => Err(Fault::bad_request(
            "a header name has an underscore, which kapi does not carry",
        )
        .into()),
        false => Ok(()),
    }
}
