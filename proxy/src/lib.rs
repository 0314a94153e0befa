//! Kapi: a thin authenticated proxy to Kubernetes API servers that also serves the page.
//!
//! A request passes the phases listed in [`request`], in that order, and is then forwarded to the API server of
//! one context of the kubeconfig, with the credentials of that context. What holds at every moment:
//!
//! - Nothing reaches an API server unless Host, Origin and launch token were right.
//! - No credential of an API server reaches the browser, and the launch token reaches no API server.
//! - No body is buffered, parsed or logged; the proxy holds no cluster data.
//! - A connection is turned into raw bytes only after the API server answered 101.
//! - Where a request goes is decided by the kubeconfig alone, never by the request.

mod app;
mod args;
mod audit;
mod body;
mod clusters;
mod fault;
mod forward;
mod request;
mod serve;
mod site;
mod token;
mod upstream;
mod websocket;

pub use args::{Args, Mode};
pub use serve::{Server, StartError};
