//! The few things that the browser keeps from visit to visit. Where it may keep nothing, the
//! page works without.

use leptos::prelude::window;

/// The credential for whatever guards the API.
pub(crate) const TOKEN: &str = "kapi.token";
/// The chosen theme.
pub(crate) const THEME: &str = "kapi.theme";

pub(crate) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

pub(crate) fn store(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // Refused when the browser's room is full; the choice then lasts for this visit.
        let _ = storage.set_item(key, value);
    }
}
