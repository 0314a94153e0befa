//! The size of an element, as it changes.

use leptos::html::{self, ElementType};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};

/// Width and height of what the reference names, without borders; 0 before it is there.
pub(crate) fn size(of: NodeRef<html::Div>) -> RwSignal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    let observer = StoredValue::new_local(None);
    Effect::new(move |_| {
        if let Some(element) = of.get() {
            observer.set_value(Some(Observed::new(&element, move |now| {
                if size.get_untracked() != now {
                    size.set(now);
                }
            })));
        }
    });
    on_cleanup(move || observer.set_value(None));
    size
}

struct Observed {
    observer: ResizeObserver,
    _callback: Closure<dyn Fn()>,
}

impl Observed {
    fn new(
        element: &<html::Div as ElementType>::Output,
        call: impl Fn((f64, f64)) + 'static,
    ) -> Self {
        let watched: Element = element.clone().into();
        let target = watched.clone();
        let callback = Closure::<dyn Fn()>::new(move || {
            call((
                f64::from(watched.client_width()),
                f64::from(watched.client_height()),
            ));
        });
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref())
            .expect("a constructor that takes any function");
        observer.observe(&target);
        Self {
            observer,
            _callback: callback,
        }
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
