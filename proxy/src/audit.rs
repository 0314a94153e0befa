//! One log line per API request, written when its answer has ended: what was asked, and how it went.
//!
//! Never the query, which carries commands of an exec, and never headers or bodies.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, StatusCode};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use crate::body::{Body, BoxError};
use crate::fault::{Fault, Kind};
use crate::request::{Exchange, Route};

/// The line of one request; written when dropped.
pub(crate) struct Line {
    method: Method,
    cluster: String,
    path: String,
    peer: std::net::IpAddr,
    /// Nothing when whoever asked left before there was an answer.
    status: Option<StatusCode>,
    bytes: u64,
    started: Instant,
}

/// An id of ours for the API server's audit log, in place of what the client says.
pub(crate) fn new_id() -> Result<String, Fault> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|_| {
        Fault::new(Kind::BadRequest, "no random numbers to be had")
            .with_status(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

impl Line {
    pub(crate) fn new(exchange: &Exchange) -> Self {
        let (cluster, path) = match &exchange.route {
            Route::Cluster { slug, target } => (slug.clone(), target.path().to_owned()),
            _ => (String::new(), exchange.parts.uri.path().to_owned()),
        };
        Self {
            method: exchange.parts.method.clone(),
            cluster,
            path,
            peer: exchange.peer.ip(),
            status: None,
            bytes: 0,
            started: Instant::now(),
        }
    }

    pub(crate) fn answered(&mut self, status: StatusCode) {
        self.status = Some(status);
    }

    pub(crate) fn count(&mut self, bytes: u64) {
        self.bytes += bytes;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Reads are many and change nothing; a shell is opened by a GET too.
        let is_session = ["/exec", "/attach", "/portforward"]
            .iter()
            .any(|end| self.path.ends_with(end));
        let is_quiet = self.method.is_safe()
            && !is_session
            && !self.status.is_some_and(|status| status.is_server_error());
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    peer = %self.peer,
                    method = %self.method,
                    cluster = ?self.cluster,
                    path = ?self.path,
                    status = self.status.map(|status| status.as_u16()),
                    bytes = self.bytes,
                    millis = self.started.elapsed().as_millis() as u64,
                    "request"
                )
            };
        }
        if is_quiet {
            line!(debug);
        } else {
            line!(info);
        }
    }
}

/// An answer's body that counts what passes and carries the line to its end.
pub(crate) struct Audited {
    body: Body,
    line: Line,
}

impl Audited {
    pub(crate) fn new(body: Body, line: Line) -> Self {
        Self { body, line }
    }
}

impl HttpBody for Audited {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let length = frame.data_ref().map_or(0, Bytes::len);
            self.line.count(length as u64);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
