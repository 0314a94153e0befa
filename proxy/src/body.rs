//! Bodies: streams of frames, never collected. The cap here bounds what a client may send, not what is held.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// The same limit as the API server's own.
pub(crate) const LARGEST_UPLOAD: u64 = 3 * 1024 * 1024;

/// How long an upload may stand still.
const UPLOAD_STALL: Duration = Duration::from_secs(30);

pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

pub(crate) fn empty() -> Body {
    full(Bytes::new())
}

/// Why an upload was cut; found again in the error chain of the failed request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UploadError {
    TooLarge,
    Stalled,
}

impl std::fmt::Display for UploadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the request body is larger than 3 MiB",
            Self::Stalled => "the request body made no progress for 30 seconds",
        })
    }
}

impl std::error::Error for UploadError {}

/// A request body that ends in an [`UploadError`] when it grows too large or stands still.
pub(crate) struct Upload<B> {
    inner: B,
    left: u64,
    stalled: Pin<Box<Sleep>>,
}

impl<B> Upload<B> {
    pub(crate) fn new(inner: B) -> Self {
        Self {
            inner,
            left: LARGEST_UPLOAD,
            stalled: Box::pin(tokio::time::sleep(UPLOAD_STALL)),
        }
    }
}

impl<B> HttpBody for Upload<B>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if polled.is_pending() {
            ready!(self.stalled.as_mut().poll(cx));
            return Poll::Ready(Some(Err(UploadError::Stalled.into())));
        }
        self.stalled.as_mut().reset(Instant::now() + UPLOAD_STALL);
        polled.map(|frame| {
            Some(frame?.map_err(Into::into).and_then(|frame| {
                let length = frame.data_ref().map_or(0, |data| data.remaining() as u64);
                self.left = self.left.checked_sub(length).ok_or(UploadError::TooLarge)?;
                Ok(frame)
            }))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
