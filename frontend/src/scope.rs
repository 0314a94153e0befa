//! Time, timers and `fetch` of the global scope, be it the page's or a worker's.

use k8kat::engine::Now;
use wasm_bindgen::prelude::*;

enum Scope {
    Page(web_sys::Window),
    Worker(web_sys::WorkerGlobalScope),
}

impl Scope {
    fn current() -> Self {
        match web_sys::window() {
            Some(window) => Self::Page(window),
            None => Self::Worker(js_sys::global().unchecked_into()),
        }
    }
}

/// Microseconds since the scope began, as finely as the browser tells.
pub(crate) fn microseconds() -> u64 {
    let performance = match Scope::current() {
        Scope::Page(window) => window.performance(),
        Scope::Worker(worker) => worker.performance(),
    };
    (performance.map_or(0.0, |performance| performance.now()) * 1000.0) as u64
}

/// The time, as the engine wants it.
pub(crate) fn now() -> Now {
    Now {
        monotonic_ms: microseconds() / 1000,
        wall_ms: js_sys::Date::now() as i64,
    }
}

/// The scope's own `fetch`.
pub(crate) fn fetch(url: &str, init: &web_sys::RequestInit) -> js_sys::Promise {
    match Scope::current() {
        Scope::Page(window) => window.fetch_with_str_and_init(url, init),
        Scope::Worker(worker) => worker.fetch_with_str_and_init(url, init),
    }
}

/// A timer; dropping it stops it.
pub(crate) struct Timer {
    handle: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    pub(crate) fn after(wait_ms: f64, call: impl FnOnce() + 'static) -> Self {
        let mut call = Some(call);
        // The closure is freed with the timer, which its own call may drop: so the call is
        // made from a task of its own.
        let callback = Closure::<dyn FnMut()>::new(move || {
            if let Some(call) = call.take() {
                wasm_bindgen_futures::spawn_local(async move { call() });
            }
        });
        let function = callback.as_ref().unchecked_ref();
        let wait_ms = wait_ms.ceil() as i32;
        let handle = match Scope::current() {
            Scope::Page(window) => {
                window.set_timeout_with_callback_and_timeout_and_arguments_0(function, wait_ms)
            }
            Scope::Worker(worker) => {
                worker.set_timeout_with_callback_and_timeout_and_arguments_0(function, wait_ms)
            }
        };
        Self {
            handle: handle.unwrap_or_default(),
            _callback: callback,
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        match Scope::current() {
            Scope::Page(window) => window.clear_timeout_with_handle(self.handle),
            Scope::Worker(worker) => worker.clear_timeout_with_handle(self.handle),
        }
    }
}
