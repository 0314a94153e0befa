//! The engine's surface: all that can happen, and all that it can want. Both are closed, so a run
//! can be logged and replayed.

use super::message::{Intent, Update};
use crate::value::stream::is_readable;

/// The time, as whoever drives the engine knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Milliseconds since any fixed moment; never jumps. Waiting is measured by it.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970 by the local clock, which may be wrong; used only until the
    /// first `Date` header of the server, and to notice that the machine slept.
    pub wall_ms: i64,
}

/// Names a request for as long as it runs. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// All that can happen.
#[derive(Clone, Debug)]
pub enum Input {
    /// The person did something.
    Intent(Intent),
    /// A request is answered.
    Head {
        /// Which.
        id: RequestId,
        /// How.
        head: Head,
    },
    /// A piece of a body, of any size, cut anywhere. A WebSocket message is one chunk: a text with
    /// a newline added, bytes behind their length in four bytes, as the same watch over HTTP.
    Chunk {
        /// Of which request.
        id: RequestId,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The body ended as it should (a WebSocket: closed with code 1000 or 1001).
    End {
        /// Of which request.
        id: RequestId,
    },
    /// The request could not be sent, or its body broke off.
    Failed {
        /// Which.
        id: RequestId,
        /// The cause in words.
        error: String,
    },
    /// Time has passed: [`super::Engine::deadline`] has come.
    Tick,
}

/// Status and the headers that matter. A WebSocket that opens is a head with status 200 and
/// nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Date`.
    pub date: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// `kapi-fault`: set when the answer is the proxy's own and not the API server's.
    pub fault: Option<String>,
}

impl Head {
    /// Whether what follows is what was asked for: objects, in one of the encodings that are read.
    #[must_use]
    pub fn has_objects(&self) -> bool {
        let content_type = self.content_type.as_deref();
        self.status == 200 && content_type.is_none_or(is_readable)
    }

    /// `Retry-After` in seconds, as milliseconds.
    #[must_use]
    pub fn retry_after_ms(&self) -> Option<u64> {
        let seconds: u64 = self.retry_after.as_ref()?.trim().parse().ok()?;
        Some(seconds.min(300) * 1000)
    }
}

/// All that the engine can want.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send a request; answer with `Head`, `Chunk`s and `End`, or `Failed`.
    Send {
        /// Its name.
        id: RequestId,
        /// What to send.
        request: Request,
    },
    /// Stop a request; nothing more of it is wanted.
    Cancel {
        /// Its name.
        id: RequestId,
    },
    /// Tell the page.
    Update(Box<Update>),
}

/// A request to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// Path and query as the API server knows them: `/api/v1/pods?limit=500`.
    pub path: String,
    /// `Accept`.
    pub accept: &'static str,
    /// `Content-Type` and body.
    pub body: Option<(&'static str, Vec<u8>)>,
    /// A watch: goes on until it is cancelled. A browser sends it as a WebSocket.
    pub streams: bool,
}

impl Request {
    /// Reads what is there.
    #[must_use]
    pub const fn get(path: String, accept: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            accept,
            body: None,
            streams: false,
        }
    }
}
