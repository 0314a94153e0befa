//! The browser's `fetch`, from the page as from the worker: what a request needs, and words for
//! what went wrong. A whole HTTP client would be a twentieth of the page, and end in `fetch`, too.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, Response};

use crate::scope;

/// A request as `fetch` takes it.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: Option<&'a [u8]>,
    /// What stops it.
    pub(crate) signal: Option<&'a AbortSignal>,
}

/// Sends it; the response's body may still be on its way.
pub(crate) async fn send(request: Request<'_>) -> Result<Response, String> {
    let promise = scope::fetch(request.url, &init(&request).map_err(|error| words(&error))?);
    let response = JsFuture::from(promise).await;
    let response =
        response.map_err(|error| format!("kapi could not be reached ({})", words(&error)))?;
    Ok(response.unchecked_into())
}

fn init(request: &Request<'_>) -> Result<RequestInit, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers {
        headers.set(name, value)?;
    }
    if let Some(token) = request.token {
        headers.set("authorization", &format!("Bearer {token}"))?;
    }
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers);
    init.set_signal(request.signal);
    if let Some(body) = request.body {
        init.set_body(&Uint8Array::from(body));
    }
    Ok(init)
}

/// Status and text of what an address answers.
pub(crate) async fn text(url: &str, token: Option<&str>) -> Result<(u16, String), String> {
    let request = Request {
        method: "GET",
        url,
        token,
        headers: &[],
        body: None,
        signal: None,
    };
    let response = send(request).await?;
    let text = response.text().map(JsFuture::from);
    let text = text.map_err(|error| words(&error))?.await;
    let text = text.map_err(|error| words(&error))?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

/// A response's body, in pieces as they come.
pub(crate) struct Body(Option<ReadableStreamDefaultReader>);

impl Body {
    pub(crate) fn of(response: &Response) -> Self {
        let body = response.body();
        Self(body.map(|body| body.get_reader().unchecked_into()))
    }

    /// None at the end.
    pub(crate) async fn next(&self) -> Option<Result<Vec<u8>, String>> {
        let read = JsFuture::from(self.0.as_ref()?.read()).await;
        match read.and_then(|read| Reflect::get(&read, &"value".into())) {
            Ok(value) if value.is_undefined() => None,
            Ok(value) => Some(Ok(Uint8Array::new(&value).to_vec())),
            Err(error) => Some(Err(words(&error))),
        }
    }
}

/// What the browser itself said: `TypeError: Failed to fetch`.
fn words(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => error
            .as_string()
            .unwrap_or_else(|| "no reason given".to_owned()),
    }
}
