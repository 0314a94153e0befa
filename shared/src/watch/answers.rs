//! What a scan makes of what it hears: heads, chunks, ends and failures of its requests.

use super::{
    AGAIN_MS, EXPIRY_MS, FIRST_ROWS_MS, Listing, Next, REFUSED_MS, Requests, STEADY_MS, Scan,
    Standing, State, Trouble, Watching,
};
use crate::api::status::Refusal;
use crate::engine::Head;
use crate::plan::Content;
use crate::value::Encoding;
use crate::value::stream::{Broken, Event, EventReader, ListReader};

impl Scan {
    /// The running request is answered.
    pub fn head(&mut self, head: Head, now: u64) {
        let behind = self.standing(now) != Standing::Live;
        match &mut self.state {
            State::Listing(listing) => {
                listing.reader = ListReader::new(head.content_type.as_deref());
                (listing.head, listing.heard) = (head, now);
            }
            State::Watching(watching) => {
                if head.has_objects() {
                    self.contact = Some(now);
                    self.trouble = None;
                }
                watching.reader = EventReader::new(head.content_type.as_deref());
                (watching.since, watching.behind) = (now, behind);
                watching.head = Some(head);
            }
            _ => {}
        }
    }

    /// A piece of the running request's body.
    pub fn chunk(&mut self, bytes: &[u8], out: &mut impl Requests, now: u64) {
        match &mut self.state {
            State::Listing(listing) if listing.head.has_objects() => {
                self.contact = Some(now);
                self.trouble = None;
                let store = &mut self.store;
                listing.heard = now;
                let seen = &mut listing.seen;
                let spec = &self.spec;
                let is_bare = spec.content == Content::Cells;
                let name = is_bare.then(|| spec.kind.name_cell());
                listing.reader.push(bytes, |item| {
                    let slot = match name {
                        Some(name) => {
                            let row = item.read().identified(name, spec.namespace.as_deref());
                            store.put(Encoding::Row.read(&row))
                        }
                        None => store.receive(item),
                    };
                    if let Some(slot) = slot {
                        seen.insert(slot);
                    }
                });
            }
            State::Listing(listing) => keep(&mut listing.body, bytes),
            State::Watching(watching) if watching.is_open() => {
                let mut reader = std::mem::take(&mut watching.reader);
                reader.push(bytes, |event| self.event(&event, out, now));
                // By an error among its events it is over, and the reader with it.
                let State::Watching(watching) = &mut self.state else {
                    return;
                };
                if let Err(broken @ Broken::Malformed(_)) = reader.finish() {
                    self.cancel(out);
                    return self.failed(&broken.to_string(), now);
                }
                watching.reader = reader;
            }
            State::Watching(watching) => keep(&mut watching.body, bytes),
            _ => {}
        }
    }

    /// One event of the watch; false when the watch is over by it.
    fn event(&mut self, event: &Event<'_>, out: &mut impl Requests, now: u64) -> bool {
        let object = event.object;
        if event.definitions.is_present() {
            self.note_definitions(event.definitions.to_json());
        }
        match &*event.kind {
            "ADDED" | "MODIFIED" => {
                self.store.put(object);
            }
            "DELETED" => self.store.remove(object),
            "BOOKMARK" => {}
            "ERROR" => {
                self.cancel(out);
                let status = object.whole();
                let refusal = Refusal::of(500, status)
                    .unwrap_or_else(|| Refusal::foreign(500, status.to_json().as_bytes()));
                self.refused(refusal, None, Next::Watch, out, now);
                return false;
            }
            _ => return true,
        }
        self.contact = Some(now);
        self.went_well();
        let version = object.metadata.get("resourceVersion").text_or_empty();
        if !version.is_empty() {
            self.version = version.into_owned();
        }
        true
    }

    /// The running request's body ended.
    pub fn end(&mut self, out: &mut impl Requests, now: u64) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Listing(listing) if listing.head.has_objects() => {
                self.page_ended(*listing, out, now)
            }
            State::Listing(listing) => {
                let Listing {
                    head,
                    body,
                    token,
                    seen,
                    ..
                } = *listing;
                self.answered(&head, &body, Next::after(token, seen), out, now);
            }
            State::Watching(watching) => match &watching.head {
                Some(head) if head.has_objects() => self.watch_ended(&watching, out, now),
                Some(head) => self.answered(head, &watching.body, Next::Watch, out, now),
                None => {
                    let trouble = Trouble::Unreachable("closed before it was answered".to_owned());
                    self.wait(trouble, None, Next::Watch, now);
                }
            },
            other => self.state = other,
        }
    }

    fn page_ended(&mut self, listing: Listing, out: &mut impl Requests, now: u64) {
        let head = match listing.reader.finish() {
            Ok(head) => head,
            Err(broken @ Broken::Malformed(_)) => {
                return self.wait(Trouble::Foreign(broken.to_string()), None, Next::List, now);
            }
            Err(broken @ Broken::Incomplete) => {
                self.state = State::Listing(Box::new(listing));
                return self.failed(&broken.to_string(), now);
            }
        };
        if self.spec.content == Content::Cells && !self.spec.kind.is_printed_as(&head.definitions) {
            // Cells whose meaning is not known are as good as none.
            let refusal = Refusal {
                code: 406,
                reason: "NotAcceptable".to_owned(),
                message: format!(
                    "the API server does not print {} as expected",
                    self.spec.kind.name()
                ),
            };
            return self.wait(Trouble::Refused(refusal), None, Next::List, now);
        }
        let (version, mut token) = (head.version, head.token);
        // A server may give less than it is asked for, and more behind it.
        let is_enough = |most: usize| listing.seen.len() >= most;
        if self.at_most.is_some_and(is_enough) {
            token.clear();
        }
        self.remaining = head.remaining;
        self.note_definitions(head.definitions);
        // What is not watched may come from somewhere that counts no versions.
        if version.is_empty() && self.watches() {
            let page = "JSON that is no list".to_owned();
            return self.wait(Trouble::Foreign(page), None, Next::List, now);
        }
        if !token.is_empty() && self.follow && listing.token.is_empty() && !self.listed {
            let next = Next::Page(token, listing.seen);
            let until = now + FIRST_ROWS_MS;
            self.state = State::Waiting { until, next };
            return;
        }
        if !token.is_empty() {
            return self.page(out, token, listing.seen, now);
        }
        let seen = listing.seen;
        self.store.retain(|slot| seen.contains(slot));
        // Only now: a watch must not go on from a list that was not read to its end.
        self.version = version;
        (self.listed, self.relisted, self.at_once) = (true, true, false);
        self.expired = self.expired.map(|_| now);
        if !self.follow {
            self.state = State::Done;
        } else if self.watches() {
            self.watch(out, now);
        } else {
            self.went_well();
            let (until, next) = (now + AGAIN_MS, Next::List);
            self.state = State::Waiting { until, next };
        }
    }

    /// A watch ends every half hour or so; that is nothing to wait for. One that ends as soon as
    /// it began is.
    fn watch_ended(&mut self, watching: &Watching, out: &mut impl Requests, now: u64) {
        if watching.reader.finish().is_err() {
            let trouble = Trouble::Unreachable("the watch was cut off".to_owned());
            self.wait(trouble, None, Next::Watch, now);
        } else if now.saturating_sub(watching.since) < 1000 {
            let trouble = Trouble::Unreachable("the watch ends as soon as it begins".to_owned());
            self.wait(trouble, None, Next::Watch, now);
        } else {
            // Ending it was a word, too.
            self.contact = Some(now);
            self.watch(out, now);
        }
    }

    /// An answer that is not what was asked for; `next`: what is to be tried again.
    fn answered(
        &mut self,
        head: &Head,
        body: &[u8],
        next: Next,
        out: &mut impl Requests,
        now: u64,
    ) {
        let after = head.retry_after_ms();
        if head.status == 200 {
            let message = Refusal::foreign(200, body).message;
            return self.wait(Trouble::Foreign(message), after, next, now);
        }
        let refusal = Refusal::read(head.status, body);
        let proxy_failed = matches!(
            head.fault.as_deref(),
            Some("unreachable" | "tls" | "redirect")
        );
        if proxy_failed {
            // It was away, so it may come back with another past: see `failed`.
            let next = if self.was_away() { Next::List } else { next };
            self.wait(Trouble::Unreachable(refusal.message), after, next, now);
        } else if head.fault.as_deref() == Some("credentials") {
            self.wait(Trouble::NoCredentials(refusal.message), after, next, now);
        } else if refusal.is_from_api_server() || head.status == 401 {
            self.refused(refusal, after, next, out, now);
        } else {
            let message = format!("{} {}", refusal.code, refusal.message);
            self.wait(Trouble::Foreign(message), after, next, now);
        }
    }

    /// The API server's own refusal.
    fn refused(
        &mut self,
        refusal: Refusal,
        after: Option<u64>,
        next: Next,
        out: &mut impl Requests,
        now: u64,
    ) {
        if refusal.code == 410 && matches!(next, Next::Page(..)) {
            // As the server's own clients do: one request has no pages that could expire.
            self.at_once = true;
        }
        match refusal.code {
            // A list of another moment would not go with those that were read already.
            400 | 410 | 504 if self.exactly.is_some() => {
                self.wait(Trouble::Busy(refusal), after, Next::List, now);
            }
            // The past that a watch or a next page continues from is gone.
            410 if self.expired.is_none_or(|expired| now > expired + EXPIRY_MS) => {
                self.expired = Some(now);
                self.list(out, now);
            }
            410 => self.wait(Trouble::Busy(refusal), after, Next::List, now),
            401 => self.wait(Trouble::Unauthorized(refusal), None, next, now),
            400 | 403 | 404 | 405 | 406 | 422 => {
                self.wait(Trouble::Refused(refusal), Some(REFUSED_MS), Next::List, now)
            }
            // A server that is not as far as we are is another one, or one with another past.
            504 => self.wait(Trouble::Busy(refusal), after, Next::List, now),
            _ => self.wait(Trouble::Busy(refusal), after, next, now),
        }
    }

    /// The running request could not be sent, or broke off.
    pub fn failed(&mut self, error: &str, now: u64) {
        // A server that was away may come back with another past, which a resumed watch would
        // not notice; a connection that merely broke may be resumed.
        let next = match std::mem::replace(&mut self.state, State::Idle) {
            State::Watching(watching) => {
                let open_ms = now.saturating_sub(watching.since);
                let opened = watching.head.is_some();
                if opened && open_ms >= STEADY_MS {
                    self.went_well();
                }
                if !opened && self.was_away() {
                    Next::List
                } else {
                    Next::Watch
                }
            }
            State::Listing(listing) if !self.was_away() => Next::after(listing.token, listing.seen),
            _ => Next::List,
        };
        self.wait(Trouble::Unreachable(error.to_owned()), None, next, now);
    }
}

/// Bodies that are kept are error messages; what is longer is none.
fn keep(body: &mut Vec<u8>, bytes: &[u8]) {
    const LONGEST: usize = 64 * 1024;
    let room = LONGEST.saturating_sub(body.len());
    body.extend_from_slice(&bytes[..bytes.len().min(room)]);
}
