//! WATCH: the changes after a revision, one by one, over chunked HTTP or a WebSocket.
//!
//! A watcher holds no queue. It remembers how far it has read and reads on in the store's history when the revision
//! moves; one that is slower than the history is long gets a 410, as from a real server.

pub(crate) mod web_socket;

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::api_server::{ApiServer, chance};
use crate::body::{Response, answer, fallible};
use crate::custom;
use crate::faults::{self, Faults, WatchFault};
use crate::list_options::{ListOptions, Revision, Selectors};
use crate::protobuf;
use crate::resource::Resource;
use crate::status::Status;
use crate::store::{Change, ChangeKind, Compacted, KeyRange};
use crate::view::{Encoding, View};

/// A real server sends bookmarks about once a minute; here clients shall meet them often.
const BOOKMARK_INTERVAL: Duration = Duration::from_secs(5);

/// How long before its end a watch gets its last bookmark.
const LAST_BOOKMARK: Duration = Duration::from_secs(2);

/// A running watch.
pub(crate) struct Watch {
    server: Arc<ApiServer>,
    resource: &'static Resource,
    prefix: String,
    selectors: Selectors,
    view: View,
    encoding: Encoding,
    /// All changes up to here have been told.
    cursor: u64,
    ready: VecDeque<Vec<u8>>,
    revisions: tokio::sync::watch::Receiver<u64>,
    bookmarks: bool,
    next_bookmark: Instant,
    end: Instant,
    first: bool,
    over: bool,
    /// It broke off, in place of a good end.
    broken: bool,
    silent: bool,
    faults: Option<tokio::sync::watch::Receiver<WatchFault>>,
}

impl Watch {
    pub(crate) fn start(
        server: Arc<ApiServer>,
        resource: &'static Resource,
        namespace: Option<&str>,
        options: ListOptions,
        (view, encoding): (View, Encoding),
    ) -> Self {
        let current = server.store.revision();
        let (cursor, synthetic) = match options.revision {
            Revision::NotOlderThan(asked) | Revision::Exactly(asked) => {
                (asked, options.send_initial_events == Some(true))
            }
            Revision::MostRecent | Revision::Any => {
                (current, options.send_initial_events != Some(false))
            }
        };
        // A real server ends a watch that names no time after half an hour to an hour. One that names the end of time
        // gets some hundred years, which an `Instant` can still count.
        let timeout_secs = options
            .timeout_secs
            .unwrap_or_else(|| 1800 + chance() % 1800);
        let timeout = Duration::from_secs(timeout_secs.min(u64::from(u32::MAX)));
        let now = Instant::now();
        let mut watch = Self {
            revisions: server.store.subscribe(),
            faults: server.faults.as_ref().map(Faults::of_watch),
            server,
            resource,
            prefix: KeyRange::namespace(resource, namespace).prefix,
            selectors: options.selectors,
            view,
            encoding,
            cursor,
            ready: VecDeque::new(),
            bookmarks: options.allow_watch_bookmarks,
            // One more comes shortly before the end, so that whoever goes on from there has little to catch up with.
            next_bookmark: now + first_bookmark(timeout),
            end: now + timeout,
            first: true,
            over: false,
            broken: false,
            silent: false,
        };
        if synthetic && watch.cursor > current {
            // Initial events as of the future cannot be had; the changes after it can be waited for.
            let status = Status::too_large_resource_version(watch.cursor, current);
            watch.push("ERROR", &status.to_json());
            watch.over = true;
        } else if synthetic {
            watch.tell_initial_state();
        }
        watch
    }

    fn push(&mut self, kind: &str, object: &[u8]) {
        let in_protobuf = match self.encoding {
            Encoding::Json => None,
            Encoding::Protobuf => protobuf::enveloped(object),
        };
        self.ready.push_back(match in_protobuf {
            Some(object) => protobuf::event(kind, &object),
            None => event(kind, object),
        });
    }

    /// Whether its events are text.
    pub(crate) fn is_json(&self) -> bool {
        self.encoding == Encoding::Json
    }

    /// What stands around an event in a stream of bytes: nothing before JSON but a line's end after it, its length
    /// before protobuf.
    fn framed(&self, mut event: Vec<u8>) -> Vec<u8> {
        if self.is_json() {
            event.push(b'\n');
            return event;
        }
        let length = u32::try_from(event.len()).unwrap_or(u32::MAX);
        [&length.to_be_bytes()[..], &event].concat()
    }

    /// The next event, without what stands around it in a stream. None: the watch is over.
    pub(crate) async fn next(&mut self) -> Option<Vec<u8>> {
        loop {
            self.meet_fault();
            if self.silent {
                std::future::pending::<()>().await;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            // Marked before reading, so that no revision is missed between reading and waiting.
            self.revisions.borrow_and_update();
            self.read_changes();
            if !self.ready.is_empty() || self.over {
                continue;
            }
            let wake = if self.bookmarks {
                self.end.min(self.next_bookmark)
            } else {
                self.end
            };
            tokio::select! {
                changed = self.revisions.changed() => self.over = changed.is_err(),
                () = sleep_until(wake) => self.wake_by_time(),
                // It is met at the start of the next round.
                () = a_fault(&mut self.faults) => {}
            }
        }
    }

    /// Whether it ended by breaking off.
    pub(crate) const fn is_broken(&self) -> bool {
        self.broken
    }

    fn meet_fault(&mut self) {
        let Some(faults) = &mut self.faults else {
            return;
        };
        if !faults.has_changed().unwrap_or(false) {
            return;
        }
        let fault = *faults.borrow_and_update();
        match fault {
            WatchFault::None => return,
            WatchFault::Silence => {
                self.silent = true;
                return;
            }
            WatchFault::Drop => self.broken = true,
            WatchFault::Cut => {
                self.broken = true;
                self.ready.push_back(br#"{"type":"BOOKMARK","obj"#.to_vec());
            }
            WatchFault::End => {}
            WatchFault::Expire => {
                let status =
                    Status::expired("The resourceVersion for the provided watch is too old.");
                self.push("ERROR", &status.to_json());
            }
        }
        self.over = true;
    }

    fn wake_by_time(&mut self) {
        let now = Instant::now();
        if now >= self.end {
            self.over = true;
        } else if now >= self.next_bookmark {
            self.next_bookmark = now + BOOKMARK_INTERVAL;
            // A watch from the future knows of nothing yet.
            if self.cursor <= self.server.store.revision() {
                self.tell_bookmark(false);
            }
        }
    }

    /// All objects as they are, as if just added.
    fn tell_initial_state(&mut self) {
        let range = KeyRange {
            prefix: self.prefix.clone(),
            start: None,
        };
        let page = self
            .server
            .store
            .page(self.resource, &range, None, None, |object| {
                self.selectors.matches(object)
            });
        let Ok(page) = page else { return };
        for object in &page.objects {
            self.tell("ADDED", object);
        }
        self.cursor = page.revision;
        // Whoever names no revision is answered as if it had asked for initial events.
        if self.bookmarks {
            self.tell_bookmark(true);
        }
    }

    fn read_changes(&mut self) {
        match self.server.store.changes(self.resource, self.cursor) {
            Ok((revision, changes)) => {
                for change in changes {
                    self.tell_change(&change);
                }
                self.cursor = self.cursor.max(revision);
                self.over |= self.is_redefined();
            }
            Err(Compacted { oldest }) => {
                let status = Status::expired(format!(
                    "too old resource version: {} ({oldest})",
                    self.cursor
                ));
                self.push("ERROR", &status.to_json());
                self.over = true;
            }
        }
    }

    /// Whether what defines the resource is another by now, or none: whoever watches it has to begin again.
    fn is_redefined(&self) -> bool {
        let resource = self.resource;
        let find = || {
            let store = &self.server.store;
            custom::find(store, resource.group, resource.version, resource.plural)
        };
        resource.definition.is_some() && !find().is_some_and(|now| std::ptr::eq(now, resource))
    }

    /// An object that begins to match is new to this watcher, and one that no longer matches is gone.
    fn tell_change(&mut self, change: &Change) {
        if !change.object.key.starts_with(&self.prefix) {
            return;
        }
        let matched = change
            .before
            .as_ref()
            .is_some_and(|before| self.selectors.matches(before));
        let matches = change.kind != ChangeKind::Deleted && self.selectors.matches(&change.object);
        match (matched, matches) {
            (false, false) => {}
            (false, true) => self.tell("ADDED", &change.object),
            (true, true) => self.tell("MODIFIED", &change.object),
            (true, false) => match (&change.before, change.kind) {
                // The server shows the last state that matched, at the revision at which it ceased to.
                (Some(before), ChangeKind::Modified) => {
                    let last = before.at_revision(self.resource, change.revision);
                    self.tell("DELETED", &last);
                }
                _ => self.tell("DELETED", &change.object),
            },
        }
    }

    fn tell(&mut self, kind: &str, object: &crate::object::Object) {
        let shown = self
            .view
            .watched(self.resource, object, self.server.clock.now(), self.first);
        self.first = false;
        self.push(kind, &shown);
    }

    fn tell_bookmark(&mut self, initial_events_end: bool) {
        let bookmark = self.view.bookmark(
            self.resource,
            self.cursor,
            initial_events_end,
            self.server.clock.now(),
        );
        self.push("BOOKMARK", &bookmark);
    }
}

fn first_bookmark(timeout: Duration) -> Duration {
    match timeout.checked_sub(LAST_BOOKMARK) {
        Some(before_the_end) if !before_the_end.is_zero() => before_the_end.min(BOOKMARK_INTERVAL),
        _ => BOOKMARK_INTERVAL,
    }
}

fn event(kind: &str, object: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(object.len() + 32);
    line.extend_from_slice(format!(r#"{{"type":"{kind}","object":"#).as_bytes());
    line.extend_from_slice(object);
    line.push(b'}');
    line
}

/// Serves a watch as lines of a chunked body, until it is over or the client has gone.
pub(crate) fn over_http(mut watch: Watch) -> Response {
    let media_type = match watch.encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => protobuf::WATCH_MEDIA_TYPE,
    };
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(16);
    tokio::spawn(async move {
        loop {
            let line = tokio::select! {
                line = watch.next() => line,
                () = sender.closed() => None,
            };
            let Some(line) = line else {
                if watch.is_broken() {
                    // Nobody is there to be told of it any more, or else it is told.
                    let _ = sender.send(Err(faults::broken())).await;
                }
                return;
            };
            if sender.send(Ok(watch.framed(line).into())).await.is_err() {
                return;
            }
        }
    });
    let lines = stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    });
    answer(StatusCode::OK, media_type, fallible(lines))
}

/// Waits until a fault is asked for, which may be never.
async fn a_fault(faults: &mut Option<tokio::sync::watch::Receiver<WatchFault>>) {
    // Looking at it here would hide it from `meet_fault`.
    let seen = match faults {
        Some(faults) => faults.clone().changed().await.is_ok(),
        None => false,
    };
    if !seen {
        std::future::pending::<()>().await;
    }
}
