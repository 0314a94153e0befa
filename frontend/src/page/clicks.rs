//! What a click on something that was drawn does: it opens an object or a cluster, runs a query,
//! does as a key does, or what has a name. What it is, the element says.

use leptos::ev::{self, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::Desk;
use super::keys::{act, action, named};
use crate::widget::event as on;
use crate::widget::text::{ACT, CLUSTER, KEY, OBJECT, QUERY, plain};

/// Listens for clicks that nothing else took, and for the keys that stand for them.
pub(super) fn listen(desk: Desk) {
    window_event_listener(ev::click, move |event: MouseEvent| {
        if !event.default_prevented() && plain(&event) && clicked(desk, &event) {
            event.prevent_default();
        }
    });
    window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let pressed = matches!(event.key().as_str(), "Enter" | " ");
        // Links and buttons turn it into a click by themselves.
        if pressed
            && on::target(&event)
                .is_some_and(|on| on.matches("div[data-query]").unwrap_or_default())
        {
            event.prevent_default();
            if let Some(on) = on::target(&event).and_then(|on| on.dyn_into::<HtmlElement>().ok()) {
                on.click();
            }
        }
    });
}

/// False when there is nothing to do.
fn clicked(desk: Desk, event: &MouseEvent) -> bool {
    let within = |name: &str| on::within(event, &format!("[{name}]"))?.get_attribute(name);
    if let Some(path) = within(OBJECT) {
        desk.navigation.open(path);
    } else if let Some(query) = within(QUERY) {
        desk.run(query);
    } else if let Some(slug) = within(CLUSTER) {
        desk.over.set(None);
        desk.navigation.choose_cluster(slug);
    } else if let Some(name) = within(ACT) {
        return named(&name).is_some_and(|action| act(desk, action));
    } else if let Some(key) = within(KEY) {
        return action(&key, desk.going.get_untracked()).is_some_and(|action| act(desk, action));
    } else {
        return false;
    }
    true
}
