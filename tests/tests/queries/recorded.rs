//! A transport that remembers what it was asked for.

use std::sync::{Arc, Mutex, PoisonError};

use k8kat::client::Transport;
use k8kat::engine::{Head, Request};
use k8kat::http::Http;

#[derive(Clone)]
pub(crate) struct Recorded {
    http: Http,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Recorded {
    pub(crate) fn new(http: Http) -> Self {
        Self {
            http,
            asked: Arc::default(),
        }
    }

    /// The requests so far: `GET /api/v1/pods?limit=500`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Versions differ from run to run.
fn without_version(path: &str) -> String {
    let Some((before, after)) = path.split_once("resourceVersion=") else {
        return path.to_owned();
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}resourceVersion=…{rest}")
}

impl Transport for Recorded {
    type Body = <Http as Transport>::Body;

    async fn send(&self, request: &Request) -> Result<(Head, Self::Body), String> {
        let line = format!("{} {}", request.method, without_version(&request.path));
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
        self.http.send(request).await
    }

    async fn wait(&self, ms: u64) {
        self.http.wait(ms).await;
    }
}
