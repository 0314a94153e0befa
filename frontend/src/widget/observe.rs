//! The size of an element, as it changes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};

use crate::state::State;

/// Width and height of what the reference names, without borders; 0 before it is there. It is
/// observed for as long as the page is open.
pub(crate) fn size(of: NodeRef<html::Div>) -> State<(f64, f64)> {
    let size = State::new((0.0, 0.0));
    Effect::new(move |_| {
        if let Some(element) = of.get() {
            observe(element.into(), size);
        }
    });
    size
}

fn observe(element: Element, size: State<(f64, f64)>) {
    let watched = element.clone();
    let callback = Closure::<dyn Fn()>::new(move || {
        let now = (
            f64::from(watched.client_width()),
            f64::from(watched.client_height()),
        );
        if size.get_untracked() != now {
            size.set(now);
        }
    });
    // The constructor takes any function.
    if let Ok(observer) = ResizeObserver::new(callback.into_js_value().unchecked_ref()) {
        observer.observe(&element);
    }
}
