//! The transport over HTTP by reqwest: natively a connection pool, in a browser `fetch`.

use std::pin::Pin;

use futures_util::{Stream, TryStreamExt};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method};

use crate::client::{Clock, Transport};
use crate::engine::{Head, Now, Request};

/// An API server, or a proxy to one, at a base address.
#[derive(Clone, Debug)]
pub struct Http {
    client: Client,
    base: String,
    token: Option<String>,
}

/// A body as it comes. In a browser nothing is ever sent to another thread.
#[cfg(not(target_arch = "wasm32"))]
type Boxed = dyn Stream<Item = Result<Vec<u8>, String>> + Send;
#[cfg(target_arch = "wasm32")]
type Boxed = dyn Stream<Item = Result<Vec<u8>, String>>;

impl Http {
    /// An API server at `base` (`https://host:6443`, `http://127.0.0.1:7171/clusters/demo`), with
    /// reqwest's defaults. For certificates of one's own see [`Http::with_client`].
    pub fn new(base: impl Into<String>) -> Self {
        Self::with_client(base, Client::new())
    }

    /// An API server at `base`, by a client that knows its certificates, time limits and so on.
    pub fn with_client(base: impl Into<String>, client: Client) -> Self {
        let base: String = base.into();
        Self {
            client,
            base: base.trim_end_matches('/').to_owned(),
            token: None,
        }
    }

    /// The token to send as `Authorization: Bearer`.
    #[must_use]
    pub fn bearer(self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self
        }
    }
}

impl Transport for Http {
    type Body = Pin<Box<Boxed>>;

    async fn send(&self, request: &Request) -> Result<(Head, Self::Body), String> {
        let method =
            Method::from_bytes(request.method.as_bytes()).map_err(|error| words(&error))?;
        let mut builder = self
            .client
            .request(method, format!("{}{}", self.base, request.path))
            .header("accept", request.accept);
        if let Some(token) = &self.token {
            builder = builder.bearer_auth(token);
        }
        if let Some((content_type, body)) = &request.body {
            builder = builder
                .header("content-type", *content_type)
                .body(body.clone());
        }
        let response = builder.send().await.map_err(|error| words(&error))?;
        let head = head(response.status().as_u16(), response.headers());
        let body = response
            .bytes_stream()
            .map_ok(|bytes| bytes.to_vec())
            .map_err(|error| words(&error));
        Ok((head, Box::pin(body)))
    }

    async fn wait(&self, ms: u64) {
        pause(ms).await;
    }
}

impl Clock for Http {
    fn now(&self) -> Now {
        now()
    }
}

/// The clocks of the machine: here is where the outside world begins.
#[cfg(not(target_arch = "wasm32"))]
#[allow(clippy::disallowed_methods)]
fn now() -> Now {
    use std::sync::LazyLock;
    use std::time::{Instant, SystemTime, UNIX_EPOCH};

    static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);
    let wall = SystemTime::now().duration_since(UNIX_EPOCH);
    Now {
        monotonic_ms: u64::try_from(STARTED.elapsed().as_millis()).unwrap_or(u64::MAX),
        wall_ms: wall.map_or(0, |wall| {
            i64::try_from(wall.as_millis()).unwrap_or(i64::MAX)
        }),
    }
}

/// By `performance.now()`, which pages and workers have alike. Where there is none, by the date.
#[cfg(target_arch = "wasm32")]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn now() -> Now {
    use wasm_bindgen::{JsCast, JsValue};

    let date = js_sys::Date::now();
    let member = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &JsValue::from_str(name));
    let performance = member(&js_sys::global(), "performance");
    let elapsed = performance.and_then(|performance| {
        let now: js_sys::Function = member(&performance, "now")?.dyn_into()?;
        now.call0(&performance)
    });
    let elapsed = elapsed.ok().and_then(|elapsed| elapsed.as_f64());
    Now {
        monotonic_ms: elapsed.unwrap_or(date) as u64,
        wall_ms: date as i64,
    }
}

#[cfg(not(target_arch = "wasm32"))]
async fn pause(ms: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(ms)).await;
}

/// By `setTimeout`, which pages and workers have alike. Where there is none, not at all.
#[cfg(target_arch = "wasm32")]
async fn pause(ms: u64) {
    use wasm_bindgen::{JsCast, JsValue};

    let set_timeout = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("setTimeout"))
        .and_then(JsCast::dyn_into::<js_sys::Function>);
    let Ok(set_timeout) = set_timeout else { return };
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // It takes a function and a number, and so it gets them.
        let _ = set_timeout.call2(&JsValue::NULL, &resolve, &JsValue::from_f64(ms as f64));
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}

fn head(status: u16, headers: &HeaderMap) -> Head {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    Head {
        status,
        content_type: text(CONTENT_TYPE.as_str()),
        date: text(DATE.as_str()),
        retry_after: text(RETRY_AFTER.as_str()),
        fault: text("kapi-fault"),
    }
}

/// An error with what caused it, without the address, which stands beside it anyway.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
