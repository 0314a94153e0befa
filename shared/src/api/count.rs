//! How many objects a list has, by one request: the API server says how many more there are than the
//! one that it gives.

use super::with_parameters;
use crate::value::Value;

/// The metadata of one object is the least that says how many more there are.
pub const ACCEPT: &str =
    "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";

/// What is asked for, of a collection.
#[must_use]
pub fn path(collection: &str) -> String {
    with_parameters(collection, &[("limit", "1")])
}

/// The count in its answer. A server that does not say how many more there are has not said how many
/// there are.
#[must_use]
pub fn read(json: &[u8]) -> Option<u64> {
    let list = Value::json(json);
    let metadata = list.get("metadata");
    let is_whole = metadata.get("continue").text_or_empty().is_empty();
    let more = metadata.get("remainingItemCount").integer();
    let more = more.or_else(|| is_whole.then_some(0))?;
    let shown = list.get("items").items().count() as u64;
    Some(shown + u64::try_from(more).unwrap_or_default())
}
