//! A request by fetch, its body in pieces as they come.

use k8kat::engine::{Head, Request, RequestId};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, AbortSignal, Headers};

use super::transport::{Event, Way};
use crate::fetch::{self, Body};

/// A request under way; dropping it stops it.
pub(crate) struct Fetch(Option<AbortController>);

impl Drop for Fetch {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// Sends it.
pub(crate) fn start(way: &Way, id: RequestId, request: Request) -> Fetch {
    // A constructor without arguments is never refused.
    let controller = AbortController::new().ok();
    let signal = controller.as_ref().map(AbortController::signal);
    let way = way.clone();
    spawn_local(async move {
        let last = match follow(&way, id, &request, signal.as_ref()).await {
            Ok(()) => Event::End,
            Err(error) => Event::Failed(error),
        };
        // What was stopped fails, too, but then nobody wants to know.
        if !signal.is_some_and(|signal| signal.aborted()) {
            (way.sink)(id, last);
        }
    });
    Fetch(controller)
}

async fn follow(
    way: &Way,
    id: RequestId,
    request: &Request,
    signal: Option<&AbortSignal>,
) -> Result<(), String> {
    let body = request.body.as_ref();
    let headers = [
        Some(("accept", request.accept)),
        body.map(|(content_type, _)| ("content-type", *content_type)),
    ];
    let headers: Vec<_> = headers.into_iter().flatten().collect();
    let response = fetch::send(fetch::Request {
        method: request.method,
        url: &format!("{}{}", way.base, request.path),
        token: way.token.as_deref(),
        headers: &headers,
        body: body.map(|(_, bytes)| bytes.as_slice()),
        signal,
    })
    .await?;
    let aborted = || signal.is_some_and(AbortSignal::aborted);
    if aborted() {
        return Ok(());
    }
    (way.sink)(
        id,
        Event::Head(head(response.status(), &response.headers())),
    );
    let body = Body::of(&response);
    while let Some(bytes) = body.next().await {
        if aborted() {
            return Ok(());
        }
        (way.sink)(id, Event::Chunk(bytes?));
    }
    Ok(())
}

fn head(status: u16, headers: &Headers) -> Head {
    // A name that is well formed is never refused.
    let text = |name: &str| headers.get(name).ok().flatten();
    Head {
        status,
        content_type: text("content-type"),
        date: text("date"),
        retry_after: text("retry-after"),
        fault: text("kapi-fault"),
    }
}
