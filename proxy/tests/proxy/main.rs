//! The proxy from outside: raw requests in, and out come the answer and exactly what the API server saw.

// A test may panic; clippy knows only functions marked as tests for such.
#![allow(clippy::unwrap_used)]

mod admission;
mod answers;
mod credentials;
mod framing;
mod page;
mod streams;
mod websockets;
mod world;
