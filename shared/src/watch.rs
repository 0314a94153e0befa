//! One scan kept true: a list in pages, then a watch from its resourceVersion, resumed as often
//! as it ends, listed again when the past it continues from is gone. Rows stay while that
//! happens; what a list no longer shows goes when that list is complete.

mod answers;

use crate::api::status::Refusal;
use crate::engine::{Head, Request, RequestId};
use crate::plan::{FIRST_PAGE, NEXT_PAGE, ScanSpec};
use crate::store::{Slots, Store};
use crate::value::stream::{EventReader, ListReader};

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

fn get(path: String, accept: &'static str, streams: bool) -> Request {
    Request {
        streams,
        ..Request::get(path, accept)
    }
}
