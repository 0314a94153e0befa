//! What an event happened on.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

/// The element that an event happened on.
pub(crate) fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// That element, or the next one around it, that a selector names.
pub(crate) fn within(event: &Event, selector: &str) -> Option<Element> {
    target(event)?.closest(selector).ok().flatten()
}
