//! Faults on demand: what networks, busy servers and restarts do to requests, when a test wants it.
//!
//! Only reads suffer. What a test writes arrives, so that it knows what is true. Nothing is done that the protocol
//! rules out: events are neither lost, doubled nor exchanged within a watch; a watch only ends or falls silent.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::watch;

use crate::body::{self, Body, Response};
use crate::request_info::Query;
use crate::status::Status;

/// Where faults are asked for.
pub(crate) const PATH: &str = "/sandbox/faults";

/// What shall go wrong.
#[derive(Debug)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
    watches: watch::Sender<WatchFault>,
}

/// What happens to reads that are yet to come.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    /// To which of them.
    #[serde(default)]
    of: Reads,
    /// Only to those whose path contains this.
    #[serde(default)]
    path: String,
    /// To how many; without it, to all until the rules are replaced.
    times: Option<u32>,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Reads {
    #[default]
    All,
    /// Lists from their beginning.
    Lists,
    /// Lists that a token continues.
    Pages,
    Watches,
}

/// What happens to a read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) enum Fault {
    /// It is refused.
    #[serde(rename_all = "camelCase")]
    Status { code: u16, retry_after: Option<u32> },
    /// It is answered later.
    Delay { ms: u64 },
    /// Its body breaks off after so many bytes, or at its end.
    Cut { after: usize },
    /// Its body comes in pieces of so many bytes, with a pause after each.
    Slow { bytes: usize, ms: u64 },
}

/// What happens to all watches that are open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum WatchFault {
    /// Nothing. Only the state before any.
    #[default]
    #[serde(skip)]
    None,
    /// The connection breaks.
    Drop,
    /// The connection breaks in the middle of an event.
    Cut,
    /// It ends in good order, as it does every half hour.
    End,
    /// It ends with the error event of code 410.
    Expire,
    /// Nothing is heard of it any more, and nobody says so.
    Silence,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenWatches {
    watches: WatchFault,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            rules: Mutex::default(),
            watches: watch::Sender::new(WatchFault::None),
        }
    }
}

impl Faults {
    /// What befalls a watch that is opened now.
    pub(crate) fn of_watch(&self) -> watch::Receiver<WatchFault> {
        self.watches.subscribe()
    }

    /// `GET` shows the rules that are left, `PUT` replaces them, `POST` does something to the open watches.
    pub(crate) async fn control(&self, request: Request<Incoming>) -> Response {
        let method = request.method().clone();
        let body = Limited::new(request.into_body(), 1 << 20).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes);
        let answered = match (method, body) {
            (Method::GET, _) => Ok(()),
            (Method::PUT, Ok(body)) => self.replace(&body),
            (Method::POST, Ok(body)) => self.befall_open_watches(&body),
            (_, Err(error)) => Err(Status::bad_request(format!(
                "the body could not be read: {error}"
            ))),
            _ => Err(Status::method_not_allowed()),
        };
        match answered {
            Ok(()) => body::json_value(StatusCode::OK, &json!(&*self.rules())),
            Err(status) => body::failure(&status),
        }
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, rules: &[u8]) -> Result<(), Status> {
        *self.rules() = serde_json::from_slice(rules).map_err(|error| no_fault(&error))?;
        Ok(())
    }

    fn befall_open_watches(&self, fault: &[u8]) -> Result<(), Status> {
        let fault: OpenWatches = serde_json::from_slice(fault).map_err(|error| no_fault(&error))?;
        self.watches.send_replace(fault.watches);
        Ok(())
    }

    /// What happens to a request, if anything does.
    pub(crate) fn due<B>(&self, request: &Request<B>) -> Option<Fault> {
        if request.method() != Method::GET {
            return None;
        }
        let mut rules = self.rules();
        let at = rules.iter().position(|rule| rule.is_for(request))?;
        let fault = rules[at].fault.clone();
        match &mut rules[at].times {
            Some(times) if *times > 1 => *times -= 1,
            Some(_) => {
                rules.remove(at);
            }
            None => {}
        }
        Some(fault)
    }
}

fn no_fault(error: &serde_json::Error) -> Status {
    Status::bad_request(format!("no faults that the sandbox knows: {error}"))
}

impl Rule {
    fn is_for<B>(&self, request: &Request<B>) -> bool {
        let query = Query::parse(request.uri().query());
        let reads = match self.of {
            Reads::All => true,
            Reads::Watches => query.flag("watch"),
            Reads::Pages => !query.flag("watch") && !query.value("continue").is_empty(),
            Reads::Lists => !query.flag("watch") && query.value("continue").is_empty(),
        };
        reads && self.times != Some(0) && request.uri().path().contains(&self.path)
    }
}

impl Fault {
    /// The answer, as it arrives.
    pub(crate) async fn befall(self, answer: impl Future<Output = Response>) -> Response {
        match self {
            Self::Status { code, retry_after } => refusal(code, retry_after),
            Self::Delay { ms } => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                answer.await
            }
            Self::Cut { after } => answer.await.map(|body| cut(body, after)),
            Self::Slow { bytes, ms } => {
                let pause = Duration::from_millis(ms);
                answer.await.map(|body| slowed(body, bytes.max(1), pause))
            }
        }
    }
}

fn refusal(code: u16, retry_after: Option<u32>) -> Response {
    let (reason, message) = match code {
        401 => ("Unauthorized", "Unauthorized"),
        410 => ("Expired", "too old resource version: 1 (2)"),
        429 => (
            "TooManyRequests",
            "Too many requests, please try again later.",
        ),
        500 => ("InternalError", "Internal error occurred: a fault"),
        503 => ("ServiceUnavailable", "the server is currently unavailable"),
        504 => (
            "Timeout",
            "Timeout: Too large resource version: 2, current: 1",
        ),
        _ => ("", "a fault"),
    };
    let mut status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    });
    if let Some(seconds) = retry_after {
        status["details"] = json!({ "retryAfterSeconds": seconds });
    }
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = body::json_value(code, &status);
    if let Some(seconds) = retry_after {
        let value = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn cut(body: Body, after: usize) -> Body {
    let pieces = stream::unfold(Some((body, after)), |rest| async move {
        let (mut body, left) = rest?;
        match data(&mut body).await {
            Some(Ok(bytes)) if bytes.len() < left => {
                let left = left - bytes.len();
                Some((Ok(bytes), Some((body, left))))
            }
            Some(Ok(bytes)) if left > 0 => Some((Ok(bytes.slice(..left)), Some((body, 0)))),
            _ => Some((Err(broken()), None)),
        }
    });
    body::fallible(pieces)
}

fn slowed(body: Body, size: usize, pause: Duration) -> Body {
    let pieces = stream::unfold(
        (body, Bytes::new()),
        move |(mut body, mut held)| async move {
            if held.is_empty() {
                match data(&mut body).await? {
                    Ok(bytes) => held = bytes,
                    Err(error) => return Some((Err(error), (body, held))),
                }
            } else {
                tokio::time::sleep(pause).await;
            }
            let piece = held.split_to(size.min(held.len()));
            Some((Ok(piece), (body, held)))
        },
    );
    body::fallible(pieces)
}

/// The next piece of a body that has no trailers.
async fn data(body: &mut Body) -> Option<io::Result<Bytes>> {
    let frame = body.frame().await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

/// As it ends for whoever serves it: the connection is broken off without the end of its body.
pub(crate) fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a fault was asked for")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(uri: &str) -> Request<()> {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().expect("a URI");
        request
    }

    #[test]
    fn a_rule_is_for_some_reads_and_for_so_many() {
        let faults = Faults::default();
        let rules = br#"[{"of":"pages","times":2,"fault":{"status":{"code":410}}},
            {"path":"/nodes","fault":{"delay":{"ms":1}}}]"#;
        assert!(faults.replace(rules).is_ok());
        let due = |uri: &str| faults.due(&get(uri));
        assert_eq!(due("/api/v1/pods?limit=5"), None);
        assert_eq!(due("/api/v1/nodes?watch=1"), Some(Fault::Delay { ms: 1 }));
        let expired = Fault::Status {
            code: 410,
            retry_after: None,
        };
        assert_eq!(due("/api/v1/pods?continue=x"), Some(expired.clone()));
        assert_eq!(due("/api/v1/nodes?continue=x"), Some(expired));
        assert_eq!(due("/api/v1/pods?continue=x"), None);
        assert_eq!(
            json!(&*faults.rules()),
            json!([{"of": "all", "path": "/nodes", "times": null, "fault": {"delay": {"ms": 1}}}])
        );
    }

    #[test]
    fn what_is_no_fault_is_refused() {
        let faults = Faults::default();
        for odd in [
            "",
            "{}",
            r#"[{"fault":{"explode":{}}}]"#,
            r#"[{"of":"writes","fault":{"cut":{"after":1}}}]"#,
        ] {
            assert!(faults.replace(odd.as_bytes()).is_err(), "{odd}");
        }
        assert!(
            faults
                .befall_open_watches(br#"{"watches":"none"}"#)
                .is_err()
        );
        assert!(
            faults
                .befall_open_watches(br#"{"watches":"silence"}"#)
                .is_ok()
        );
    }

    async fn text(body: Body) -> (String, bool) {
        let mut body = body;
        let mut text = String::new();
        while let Some(piece) = data(&mut body).await {
            let Ok(piece) = piece else {
                return (text, false);
            };
            text.push_str(&String::from_utf8_lossy(&piece));
            text.push('|');
        }
        (text, true)
    }

    #[tokio::test]
    async fn bodies_are_cut_and_slowed() {
        let whole = || body::streamed(stream::iter(["abc", "def"].map(Bytes::from)));
        let no_pause = Duration::ZERO;
        assert_eq!(text(cut(whole(), 0)).await, (String::new(), false));
        assert_eq!(text(cut(whole(), 4)).await, ("abc|d|".to_owned(), false));
        assert_eq!(text(cut(whole(), 9)).await, ("abc|def|".to_owned(), false));
        let slow = slowed(whole(), 2, no_pause);
        assert_eq!(text(slow).await, ("ab|c|de|f|".to_owned(), true));
    }
}
