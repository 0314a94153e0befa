//! Mosaic, the page: it draws what the engine says and tells the engine what the person does.
//!
//! One WASM module is instantiated twice, as the page and as its worker; [`start`] tells them
//! apart. The page knows nothing of the cluster but what [`k8kat::engine::message`] brings: it
//! builds no API path, reads no object and matches on no kind.
//!
//! Directions: `app → page → table, panel, query_bar → widget`, and `page, panel → live →
//! driver`. `engine` is the worker's side and is reached through messages only.

#![allow(
    unreachable_pub,
    reason = "the component macro makes the type of its properties public"
)]

mod app;
mod driver;
mod engine;
mod fetch;
mod live;
mod message;
mod navigation;
mod page;
mod panel;
mod query_bar;
mod route;
mod scope;
mod state;
mod storage;
mod table;
mod theme;
mod widget;

/// Starts the page where there is a window, and the engine where there is none.
pub fn start() {
    if web_sys::window().is_some() {
        app::start();
    } else {
        engine::run_in_worker();
    }
}
