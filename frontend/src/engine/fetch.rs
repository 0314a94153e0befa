//! A request by fetch, its body in pieces as they come.

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, abortable};
use k8kat::engine::{Head, Request, RequestId};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder};
use wasm_bindgen_futures::spawn_local;

use super::transport::{Event, Sink, Way};

/// Sends it. Aborting the handle drops the body, which aborts the fetch.
pub(crate) fn start(way: &Way, id: RequestId, request: &Request) -> AbortHandle {
    let builder = build(way, request);
    let sink = Sink::clone(&way.sink);
    let (task, handle) = abortable(async move {
        let last = match follow(builder, id, &sink).await {
            Ok(()) => Event::End,
            Err(error) => Event::Failed(words(&error)),
        };
        sink(id, last);
    });
    spawn_local(async move {
        // An aborted request has nothing more to say.
        let _ = task.await;
    });
    handle
}

fn build(way: &Way, request: &Request) -> RequestBuilder {
    let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET);
    let mut builder = Client::new()
        .request(method, format!("{}{}", way.base, request.path))
        .header("Accept", request.accept);
    if let Some(token) = &way.token {
        builder = builder.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some((content_type, body)) = &request.body {
        builder = builder
            .header(CONTENT_TYPE, *content_type)
            .body(body.clone());
    }
    builder
}

async fn follow(builder: RequestBuilder, id: RequestId, sink: &Sink) -> reqwest::Result<()> {
    let response = builder.send().await?;
    sink(
        id,
        Event::Head(head(response.status().as_u16(), response.headers())),
    );
    let mut body = response.bytes_stream();
    while let Some(bytes) = body.next().await {
        sink(id, Event::Chunk(bytes?.to_vec()));
    }
    Ok(())
}

fn head(status: u16, headers: &HeaderMap) -> Head {
    let text = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    Head {
        status,
        content_type: text(CONTENT_TYPE.as_str()),
        date: text(DATE.as_str()),
        retry_after: text(RETRY_AFTER.as_str()),
        fault: text("kapi-fault"),
    }
}

/// What the browser itself said, without the trail of calls that it adds.
pub(crate) fn words(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let said = browser_words(&cause.to_string());
    if error.is_request() {
        return format!("kapi could not be reached ({said})");
    }
    said
}

/// `JsValue(TypeError: Failed to fetch\nTypeError: Failed to fetch\n  at …)`
fn browser_words(error: &str) -> String {
    let error = error.strip_prefix("JsValue(").unwrap_or(error);
    let line = error.lines().next().unwrap_or_default();
    line.trim_end_matches(')').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trail_of_calls_is_left_out() {
        for (error, words) in [
            (
                "JsValue(TypeError: Failed to fetch\nTypeError: x\n at f (http://h))",
                "TypeError: Failed to fetch",
            ),
            (
                "JsValue(TypeError: network error)",
                "TypeError: network error",
            ),
            ("relative URL without a base", "relative URL without a base"),
        ] {
            assert_eq!(browser_words(error), words);
        }
    }
}
