//! Bodies of answers: whole ones, and streams.

use std::io;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::{HeaderValue, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;

use crate::protobuf;
use crate::status::Status;

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Response = http::Response<Body>;

pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

pub(crate) fn streamed(chunks: impl Stream<Item = Bytes> + Send + 'static) -> Body {
    fallible(chunks.map(Ok))
}

/// A body that may break off: at an error the connection ends without the end of the body.
pub(crate) fn fallible(chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    let frames = chunks.then(|chunk| async {
        if chunk.is_err() {
            // What came before is sent while this waits; an error at once would take it along.
            tokio::task::yield_now().await;
        }
        chunk.map(Frame::data)
    });
    StreamBody::new(frames).boxed_unsync()
}

/// Small chunks joined to some of a size worth sending.
pub(crate) fn chunked(chunks: impl Iterator<Item = Bytes> + Send + 'static) -> Body {
    const FRAME: usize = 64 * 1024;
    let mut chunks = chunks;
    let frames = std::iter::from_fn(move || {
        let mut frame = Vec::with_capacity(FRAME);
        while frame.len() < FRAME {
            let Some(chunk) = chunks.next() else { break };
            frame.extend_from_slice(&chunk);
        }
        (!frame.is_empty()).then(|| Bytes::from(frame))
    });
    streamed(stream::iter(frames))
}

pub(crate) fn answer(code: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

pub(crate) fn json(code: StatusCode, bytes: impl Into<Bytes>) -> Response {
    answer(code, "application/json", full(bytes))
}

pub(crate) fn json_value(code: StatusCode, value: &Value) -> Response {
    json(
        code,
        serde_json::to_vec(value).expect("a JSON value can be written"),
    )
}

pub(crate) fn text(code: StatusCode, text: impl Into<Bytes>) -> Response {
    answer(code, "text/plain; charset=utf-8", full(text))
}

/// An answer in JSON as protobuf, if it is an object of a type that has one.
pub(crate) async fn as_protobuf(answer: Response) -> Response {
    let is_json = |value: &HeaderValue| value.as_bytes() == b"application/json";
    if !answer
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(is_json)
    {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let json = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let json = json.unwrap_or_default();
    match protobuf::enveloped(&json) {
        None => Response::from_parts(parts, full(json)),
        Some(bytes) => {
            let media_type = HeaderValue::from_static(protobuf::MEDIA_TYPE);
            parts.headers.insert(header::CONTENT_TYPE, media_type);
            Response::from_parts(parts, full(bytes))
        }
    }
}

pub(crate) fn failure(status: &Status) -> Response {
    let code = StatusCode::from_u16(status.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(code, status.to_json());
    if let Some(secs) = status.retry_after_secs() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, secs.into());
    }
    response
}
