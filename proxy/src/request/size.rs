//! Sizes of address, headers and announced body.

use http::StatusCode;
use http::header::CONTENT_LENGTH;

use super::{Exchange, Step};
use crate::body::{LARGEST_UPLOAD, UploadError};
use crate::fault::{Fault, Kind};
use crate::site::Site;

const LONGEST_ADDRESS: usize = 8 * 1024;
const LARGEST_HEADERS: usize = 64 * 1024;
const MOST_HEADERS: usize = 100;

pub(super) fn check(exchange: &mut Exchange, _: &Site) -> Step {
    let (uri, headers) = (&exchange.parts.uri, &exchange.parts.headers);
    if uri
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > LONGEST_ADDRESS)
    {
        let fault = Fault::new(
            Kind::TooLarge,
            "the address is longer than 8 KiB; shorten its query",
        );
        return Err(fault.with_status(StatusCode::URI_TOO_LONG).into());
    }
    let size: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if headers.len() > MOST_HEADERS || size > LARGEST_HEADERS {
        let fault = Fault::new(
            Kind::TooLarge,
            "there are more than 100 headers or 64 KiB of them; send fewer",
        );
        return Err(fault
            .with_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            .into());
    }
    // Refused before the API server is bothered; a body of unannounced length is counted as it passes.
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced.is_some_and(|length| length > LARGEST_UPLOAD) {
        true => Err(Fault::new(Kind::TooLarge, UploadError::TooLarge.to_string()).into()),
        false => Ok(()),
    }
}
