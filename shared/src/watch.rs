//! One scan kept true: a list in pages, then a watch from its resourceVersion, resumed as often
//! as it ends, listed again when the past it continues from is gone. Rows stay while that
//! happens; what a list no longer shows goes when that list is complete.

use crate::api::status::Refusal;
use crate::engine::{Head, Request, RequestId};
use crate::plan::{FIRST_PAGE, NEXT_PAGE, ScanSpec};
use crate::store::{Slots, Store};
use crate::value::stream::{Broken, Event, EventReader, ListReader};

/// How long the rest waits after the first page: a browser that reads, parses and draws at once
/// draws last, and the first rows are what people wait for.
const FIRST_ROWS_MS: u64 = 120;
/// The API server sends a bookmark about once a minute. A watch that is silent for longer may
/// be dead without anybody having said so.
const SILENCE_MS: u64 = 100_000;
/// Silence after which the rows are no longer called live.
const DOUBT_MS: u64 = 75_000;
/// A watch that is being opened again within this time of the last word leaves no gap that a
/// person could notice.
const GRACE_MS: u64 = 1500;
/// What happened while no watch was open is told as soon as one is open again; until then, what
/// is known is of before.
const CATCH_UP_MS: u64 = 250;
/// A watch that is not answered by then is opened anew.
const OPENING_MS: u64 = 20_000;
/// A past that is gone again within this time is waited for.
const EXPIRY_MS: u64 = 5000;
/// A watch that was open for so long went well, even when nothing happened.
const STEADY_MS: u64 = 10_000;
/// A list of which nothing arrives for so long is given up.
const HANGING_MS: u64 = 60_000;
/// What the server tells no changes of is listed again after so long.
const AGAIN_MS: u64 = 15_000;
/// How long to wait after a refusal that time alone seldom changes.
const REFUSED_MS: u64 = 60_000;

/// Sends requests and names them.
pub trait Requests {
    /// Sends a request.
    fn send(&mut self, request: Request) -> RequestId;
    /// Stops one.
    fn cancel(&mut self, id: RequestId);
}

/// One list and watch.
#[derive(Debug)]
pub struct Scan {
    /// What is scanned.
    pub spec: ScanSpec,
    /// The objects.
    pub store: Store,
    follow: bool,
    state: State,
    /// Continue from here.
    version: String,
    /// Whether a list was complete once.
    listed: bool,
    /// Objects that the list has yet to give, if the server says.
    remaining: Option<u64>,
    /// The columns of the server's table, when they are others than the kind's.
    definitions: Option<String>,
    /// When the server last said anything about it.
    contact: Option<u64>,
    attempt: u32,
    /// When its past was gone last.
    expired: Option<u64>,
    /// Whether lists come at once, because pages expired faster than they were read.
    at_once: bool,
    /// The version that a list is to be of, exactly, so that several lists are of one moment.
    exactly: Option<String>,
    /// No more objects than this are wanted.
    at_most: Option<usize>,
    /// Whether it was listed since a watch last gave anything: once per outage is enough.
    relisted: bool,
    /// Why it did not go on, until it does.
    trouble: Option<Trouble>,
}

#[derive(Debug)]
enum State {
    Idle,
    Listing(Box<Listing>),
    Watching(Box<Watching>),
    /// Waits before it goes on.
    Waiting {
        until: u64,
        next: Next,
    },
    /// Listed once and done.
    Done,
}

/// What a scan does next.
#[derive(Debug)]
enum Next {
    /// A list from its beginning.
    List,
    /// The page of a list that a token continues, after what was seen.
    Page(String, Slots),
    /// A watch from where the last one ended.
    Watch,
}

#[derive(Debug)]
struct Listing {
    id: RequestId,
    /// The token of this page; the first has none.
    token: String,
    head: Head,
    reader: ListReader,
    /// The body, when it is not a list.
    body: Vec<u8>,
    /// What this list has shown so far; the rest goes at its end.
    seen: Slots,
    /// When anything of it arrived last.
    heard: u64,
}

#[derive(Debug)]
struct Watching {
    id: RequestId,
    head: Option<Head>,
    reader: EventReader,
    body: Vec<u8>,
    /// Since when it is being opened, or open.
    since: u64,
    /// Whether it was opened after a time of which nothing is known.
    behind: bool,
}

/// Why a scan does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The API server refuses (403, 404 …).
    Refused(Refusal),
    /// It is overloaded, or failed for a moment.
    Busy(Refusal),
    /// The credential is not accepted.
    Unauthorized(Refusal),
    /// Nothing answers.
    Unreachable(String),
    /// Something answers that is no API server: the title of its page.
    Foreign(String),
    /// The proxy has no credential to send: what it says of that.
    NoCredentials(String),
}

/// How a scan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its rows are true now (as far as the last word from the server goes).
    Live,
    /// A list is on its way: objects read, and how many there will be.
    CatchingUp(usize, Option<u64>),
    /// Its rows are of a moment ago: the connection dropped.
    Stale(Trouble),
    /// Its rows are of a moment ago: the watch is silent.
    Silent,
    /// There never was an answer.
    Absent(Trouble),
}

impl Scan {
    /// A scan that has not begun. `follow`: watch after the list.
    #[must_use]
    pub fn new(spec: ScanSpec, follow: bool) -> Self {
        Self {
            store: Store::new(spec.kind),
            spec,
            follow,
            state: State::Idle,
            version: String::new(),
            listed: false,
            remaining: None,
            definitions: None,
            contact: None,
            attempt: 0,
            expired: None,
            at_once: false,
            exactly: None,
            at_most: None,
            relisted: false,
            trouble: None,
        }
    }

    /// The list, as of a version, or none: it is refused where that is gone, or not there yet.
    #[must_use]
    pub fn exactly(self, version: Option<String>) -> Self {
        Self {
            exactly: version,
            ..self
        }
    }

    /// Whether its list is to be of a given version.
    #[must_use]
    pub const fn is_of_a_moment(&self) -> bool {
        self.exactly.is_some()
    }

    /// The first so many objects of the list, in the order of the server.
    #[must_use]
    pub const fn at_most(mut self, objects: Option<usize>) -> Self {
        self.at_most = objects;
        self
    }

    /// Whether its list has every object of its kind that the server has.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let ScanSpec {
            namespace,
            labels,
            fields,
            ..
        } = &self.spec;
        let is_narrow = namespace.is_some() || !labels.is_empty() || !fields.is_empty();
        self.listed && self.at_most.is_none() && !is_narrow
    }

    /// The version of its list.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether a list was complete once, so that its rows are all there are.
    #[must_use]
    pub const fn is_listed(&self) -> bool {
        self.listed
    }

    /// When (monotonic) the server last said anything about it.
    #[must_use]
    pub const fn contact(&self) -> Option<u64> {
        self.contact
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self, now: u64) -> Standing {
        let quiet = now.saturating_sub(self.contact.unwrap_or_default());
        match (&self.trouble, &self.state) {
            (Some(trouble), _) if self.listed => Standing::Stale(trouble.clone()),
            (Some(trouble), _) => Standing::Absent(trouble.clone()),
            (None, State::Watching(watching)) if !watching.is_open() && quiet > GRACE_MS => {
                Standing::Silent
            }
            (None, State::Watching(watching)) if watching.behind => self.catching_up(),
            (None, State::Watching(_)) if quiet > DOUBT_MS => Standing::Silent,
            (None, State::Watching(_) | State::Done) => Standing::Live,
            // A list that comes again and again is as good as a watch.
            (None, State::Listing(_) | State::Waiting { .. }) if self.listed && !self.watches() => {
                Standing::Live
            }
            (None, State::Idle | State::Listing(_) | State::Waiting { .. }) => self.catching_up(),
        }
    }

    /// Whether it is told of changes.
    fn watches(&self) -> bool {
        self.spec.kind.is_watchable()
    }

    fn note_definitions(&mut self, definitions: String) {
        if self.spec.kind.is_outdated(&definitions) {
            self.definitions = Some(definitions);
        }
    }

    /// The columns of the server's table, once for each time that they became others than those
    /// that the kind is known by.
    pub const fn take_definitions(&mut self) -> Option<String> {
        self.definitions.take()
    }

    fn catching_up(&self) -> Standing {
        let total = self
            .remaining
            .filter(|_| !self.listed)
            .map(|remaining| self.store.len() as u64 + remaining);
        Standing::CatchingUp(self.store.len(), total)
    }

    /// Whether it is being told what it missed.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        matches!(&self.state, State::Watching(watching) if watching.behind)
    }

    /// The refusal that keeps it from ever having been read, if that is so.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match &self.trouble {
            Some(Trouble::Refused(refusal)) if !self.listed => Some(refusal),
            _ => None,
        }
    }

    /// Whether the API server refuses it now, whatever it was read before.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Refused(_)))
    }

    /// Begins, or goes on now with whatever waits.
    pub fn start(&mut self, out: &mut impl Requests, now: u64) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => self.list(out, now),
            State::Waiting { next, .. } => match next {
                Next::List => self.list(out, now),
                Next::Page(token, seen) => self.page(out, token, seen, now),
                Next::Watch => self.watch(out, now),
            },
            other => self.state = other,
        }
    }

    /// Tries at once what waits, and opens anew what may be dead.
    pub fn retry(&mut self, out: &mut impl Requests, now: u64) {
        if self.standing(now) == Standing::Silent {
            self.reopen(out, now);
        } else {
            self.start(out, now);
        }
    }

    /// Stops whatever runs; its rows stay.
    pub fn stop(&mut self, out: &mut impl Requests, trouble: Trouble) {
        self.cancel(out);
        if !matches!(self.state, State::Done) {
            let listing = matches!(
                self.state,
                State::Idle
                    | State::Listing(_)
                    | State::Waiting {
                        next: Next::List | Next::Page(..),
                        ..
                    }
            );
            let next = if listing || !self.listed || self.version.is_empty() {
                Next::List
            } else {
                Next::Watch
            };
            let until = u64::MAX;
            self.state = State::Waiting { until, next };
            self.trouble = Some(trouble);
        }
    }

    /// Drops the connection and opens it again: the machine slept, say.
    pub fn reopen(&mut self, out: &mut impl Requests, now: u64) {
        if matches!(self.state, State::Watching(_)) {
            self.cancel(out);
            self.watch(out, now);
        }
    }

    /// Cancels the request that runs, if one does.
    pub fn cancel(&mut self, out: &mut impl Requests) {
        if let Some(id) = self.request() {
            out.cancel(id);
        }
    }

    /// The request that runs.
    #[must_use]
    pub fn request(&self) -> Option<RequestId> {
        match &self.state {
            State::Listing(listing) => Some(listing.id),
            State::Watching(watching) => Some(watching.id),
            _ => None,
        }
    }

    fn list(&mut self, out: &mut impl Requests, now: u64) {
        self.page(out, String::new(), Slots::default(), now);
    }

    fn page(&mut self, out: &mut impl Requests, token: String, seen: Slots, now: u64) {
        let page = match (self.at_once, token.is_empty()) {
            (true, _) => None,
            (false, true) => Some(FIRST_PAGE),
            (false, false) => Some(NEXT_PAGE),
        };
        let most = self.at_most.map(|objects| objects as u64).or(page);
        let limit = most.map_or_else(String::new, |objects| objects.to_string());
        let version = self.exactly.as_deref().filter(|_| token.is_empty());
        let path = self.spec.path(&[
            ("limit", &limit),
            ("continue", &token),
            ("resourceVersion", version.unwrap_or_default()),
            ("resourceVersionMatch", version.map_or("", |_| "Exact")),
        ]);
        self.state = State::Listing(Box::new(Listing {
            id: out.send(get(path, self.spec.accept(true), false)),
            token,
            head: Head::default(),
            reader: ListReader::default(),
            body: Vec::new(),
            seen,
            heard: now,
        }));
    }

    fn watch(&mut self, out: &mut impl Requests, now: u64) {
        let path = self.spec.path(&[
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", &self.version),
        ]);
        self.state = State::Watching(Box::new(Watching {
            id: out.send(get(path, self.spec.accept(false), true)),
            head: None,
            reader: EventReader::default(),
            body: Vec::new(),
            since: now,
            behind: false,
        }));
    }

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
                listing.reader.push(bytes, |item| {
                    if let Some(slot) = store.put(item) {
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

    /// A watch gives what it should.
    const fn went_well(&mut self) {
        (self.attempt, self.relisted) = (0, false);
    }

    /// Whether more than the connection broke, and nothing was listed since.
    const fn was_away(&self) -> bool {
        self.attempt > 0 && !self.relisted
    }

    fn wait(&mut self, trouble: Trouble, after: Option<u64>, next: Next, now: u64) {
        let backoff = (500u64 << self.attempt.min(6)).min(20_000);
        self.attempt += 1;
        self.state = State::Waiting {
            until: now + after.map_or(backoff, |after| after.max(backoff)),
            next,
        };
        self.trouble = Some(trouble);
    }

    /// How often it has been tried in vain.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempt
    }

    /// How long until it is tried again by itself; nothing while it is being tried, or when it
    /// waits for somebody.
    #[must_use]
    pub fn next_try(&self, now: u64) -> Option<u64> {
        match self.state {
            State::Waiting { until, .. } if until != u64::MAX => Some(until.saturating_sub(now)),
            _ => None,
        }
    }

    /// When it wants a tick.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        match &self.state {
            State::Waiting { until, .. } => Some(*until).filter(|until| *until != u64::MAX),
            State::Listing(listing) => Some(listing.heard + HANGING_MS),
            State::Watching(watching) if watching.head.is_none() => {
                Some(watching.since + OPENING_MS)
            }
            State::Watching(watching) if watching.behind => Some(watching.since + CATCH_UP_MS),
            State::Watching(watching) => {
                Some(self.contact.unwrap_or(0).max(watching.since) + SILENCE_MS)
            }
            _ => None,
        }
    }

    /// Goes on when its time has come.
    pub fn tick(&mut self, out: &mut impl Requests, now: u64) {
        if self.deadline().is_none_or(|deadline| deadline > now) {
            return;
        }
        match &mut self.state {
            State::Watching(watching) if watching.head.is_none() => {
                self.cancel(out);
                self.failed("no answer", now);
            }
            State::Watching(watching) if watching.behind => watching.behind = false,
            State::Watching(_) => self.reopen(out, now),
            State::Listing(_) => {
                self.cancel(out);
                self.failed("nothing arrived for a minute", now);
            }
            _ => self.start(out, now),
        }
    }
}

impl Next {
    /// The page that a token continues; without one, the whole list.
    fn after(token: String, seen: Slots) -> Self {
        if token.is_empty() {
            Self::List
        } else {
            Self::Page(token, seen)
        }
    }
}

impl Watching {
    /// Whether it was answered as a watch is.
    fn is_open(&self) -> bool {
        self.head.as_ref().is_some_and(Head::has_objects)
    }
}

/// Bodies that are kept are error messages; what is longer is none.
fn keep(body: &mut Vec<u8>, bytes: &[u8]) {
    const LONGEST: usize = 64 * 1024;
    let room = LONGEST.saturating_sub(body.len());
    body.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn get(path: String, accept: &'static str, streams: bool) -> Request {
    Request {
        streams,
        ..Request::get(path, accept)
    }
}
