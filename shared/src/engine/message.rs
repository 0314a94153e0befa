//! What the page and the engine say to each other.
//!
//! These types are the page's whole knowledge of the engine, and hold nothing of a cluster but
//! what is on the screen: the rows of one window, counts, one detail. They are small, and cross
//! the worker's boundary as bytes. No field here is a Kubernetes object, and no word here is
//! decided by the page: texts, order, marks and tones all come from the engine.

use serde::{Deserialize, Serialize};

pub use crate::query::{Problem, Span};
pub use crate::resource::Mark;

/// What the page asks of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Intent {
    /// Show the answer to a query. While `committed` is false the person is still typing: a scan
    /// that is live and covers the query answers at once, otherwise the last good answer stays
    /// and the query is sent after a short rest. Enter, a link or the URL commit at once.
    Query {
        /// The text as typed; bad parts are left out and reported, never refused.
        text: String,
        /// Enter, a link, the URL: send it now.
        committed: bool,
    },
    /// The rows that the page can show: `first..first + count` of the answer.
    Window {
        /// Index of the first row wanted.
        first: usize,
        /// How many rows, a little more than fit the screen.
        count: usize,
    },
    /// Open the detail of an object, named as in the URL: `plural.group/namespace/name`, with
    /// `-` for the namespace of a cluster-scoped object (`pods/shop/web-1`,
    /// `deployments.apps/shop/web`, `nodes/-/n1`).
    Open {
        /// The object's path.
        path: String,
    },
    /// Close the detail.
    Close,
    /// Keep the text of the opened object up to date, or stop (it can be large).
    Yaml {
        /// Whether the page shows it.
        shown: bool,
    },
    /// Count the kinds in the sidebar again (on focus, and at the start).
    Count,
    /// Try again now whatever failed or waits.
    Retry,
    /// Candidates at a place in the query.
    Complete {
        /// The text as it stands in the bar.
        text: String,
        /// The caret, in bytes of `text`.
        cursor: usize,
    },
    /// The page has drawn the update with this serial; the next may come.
    Drawn {
        /// [`Update::serial`] of the update drawn.
        serial: u64,
    },
}

/// What changed for the page. A part that is `None` is unchanged. At most one update is
/// undrawn at a time; what happens meanwhile is folded into the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// Answer with [`Intent::Drawn`].
    pub serial: u64,
    /// The query as understood, with its problems.
    pub query: Option<QueryEcho>,
    /// Title, columns and totals of the answer.
    pub view: Option<View>,
    /// The rows of the window.
    pub rows: Option<Rows>,
    /// The opened object; `Some(Detail::default())` with an empty path when it was closed.
    pub detail: Option<Detail>,
    /// The opened object as YAML.
    pub yaml: Option<String>,
    /// The kinds of the sidebar.
    pub kinds: Option<Vec<KindCount>>,
    /// Whether what is shown is true now.
    pub freshness: Option<Freshness>,
    /// The cluster's own facts.
    pub cluster: Option<Cluster>,
    /// Answer to [`Intent::Complete`].
    pub completion: Option<Completion>,
    /// The credential was refused by what guards the API: ask for another; nothing is sent
    /// until [`Intent::Retry`]. `Some(None)` when that is over.
    pub sign_in: Option<Option<String>>,
    /// The namespaces of which something could be read so far, to be remembered for who may not list
    /// the cluster as a whole.
    pub read_namespaces: Option<Vec<String>>,
}

/// The query as the engine understood it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryEcho {
    /// The text this speaks of.
    pub text: String,
    /// The canonical form of its valid part: what the URL holds.
    pub canonical: String,
    /// What was left out and why.
    pub problems: Vec<Problem>,
    /// Whether the rows shown answer this text (false while the person types and the last good
    /// answer stands).
    pub answered: bool,
    /// The plan, as text: requests, what was pushed, what is done locally and why.
    pub plan: String,
}

/// Head and foot of the answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// `Pods`
    pub title: String,
    /// `in shop, oldest first`: what holds for every row and is therefore not a column.
    pub note: String,
    /// The plural of the kind shown, as in [`KindCount::plural`].
    pub plural: String,
    /// The columns of [`Row::cells`], in order.
    pub columns: Vec<Column>,
    /// Rows of the answer.
    pub matched: usize,
    /// What they are: `pods`, `objects` of several kinds, `groups`.
    pub noun: String,
    /// Objects looked at.
    pub considered: usize,
    /// Microseconds that the answer took to compute (not to fetch); whoever drives the engine
    /// measures them.
    pub took_us: u32,
    /// Rows by state, for the foot and the strip of marks.
    pub totals: Vec<Total>,
    /// Sums for the foot's right side, such as `17 restarts`.
    pub sums: Vec<String>,
    /// One mark per row when the rows are few enough to draw them (60), else empty.
    pub marks: Vec<Mark>,
    /// Why there are no rows, or why there are not all of them.
    pub blank: Option<Blank>,
}

/// A column's head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The field's name in queries (`sort:restarts`).
    pub name: String,
    /// The head's text.
    pub title: String,
    /// Figures stand right.
    pub right: bool,
    /// What does not fit is cut at its front.
    pub tail: bool,
    /// Usual width in characters, a hint.
    pub width: u16,
    /// 0: always shown; higher folds away sooner as the page narrows.
    pub priority: u8,
    /// How the rows are sorted by it now.
    pub sort: Option<SortOrder>,
    /// The query text that sorts by this column (the next of ascending, descending).
    pub sort_query: String,
}

/// Direction of a sorted column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A count of rows in one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Their mark.
    pub mark: Mark,
    /// The state's word.
    pub word: String,
    /// How many.
    pub count: usize,
    /// The query that shows only these, when there is one.
    pub query: Option<String>,
}

/// The rows of the window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Index of the first row, from 0.
    pub first: usize,
    /// Rows of the whole answer (as [`View::matched`]).
    pub total: usize,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Stays the same as long as the object lives.
    pub uid: String,
    /// For [`Intent::Open`] and the URL; empty for a group, which leads to its objects instead.
    pub path: String,
    /// The state in one word, for the row's accessible description.
    pub word: String,
    /// The state's mark.
    pub mark: Mark,
    /// One per column.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Pieces of text that read as one; usually one piece.
    pub spans: Vec<TextSpan>,
    /// A mark before the text.
    pub mark: Option<Mark>,
    /// What a click on it opens: an object's path or a query.
    pub link: Option<Link>,
}

/// A piece of text with one tone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextSpan {
    /// The text.
    pub text: String,
    /// How it is drawn.
    pub tone: Tone,
}

/// Where a piece of text leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// The detail of an object ([`Intent::Open`]).
    Object(String),
    /// Another query.
    Query(String),
}

/// Ink of a piece of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Usual ink of a cell.
    #[default]
    Plain,
    /// A name: the strongest ink.
    Strong,
    /// Zero, hashes, what may be overlooked.
    Quiet,
    /// Not ready, stale.
    Warn,
    /// Failed.
    Bad,
    /// On its way.
    Wait,
    /// Going away.
    Gone,
    /// Ended well.
    Done,
    /// Not known.
    Unknown,
}

/// A view without rows says what is known, since when, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blank {
    /// Which of the states it is (chooses the picture).
    pub state: BlankState,
    /// One line.
    pub title: String,
    /// A sentence or two.
    pub text: String,
    /// The literal message of whoever said so, if any.
    pub evidence: Option<String>,
    /// Buttons: text and what they lead to.
    pub offers: Vec<(String, Offer)>,
}

/// Why a view has no rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlankState {
    /// There are objects, none matches.
    NoMatch,
    /// There are no objects at all.
    Empty,
    /// The first answer is on its way.
    Loading,
    /// The API server forbids it.
    Forbidden,
    /// Nothing answers.
    Unreachable,
    /// The query names nothing that can be shown.
    Problem,
}

/// What a button of a blank view does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offer {
    /// Runs a query.
    Query(String),
    /// [`Intent::Retry`].
    Retry,
}

/// One kind in the sidebar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindCount {
    /// The query that lists it (`pods`).
    pub plural: String,
    /// `Pods`
    pub title: String,
    /// `Workloads`, `Network`, `Cluster`: a heading of the sidebar, kinds of one come together.
    pub category: String,
    /// Whether its heading is folded at first, if this holds for all kinds below it: there may be
    /// many that nobody looks at.
    pub folded: bool,
    /// How many there are, when known.
    pub count: Option<u64>,
    /// How many are failed, when watched.
    pub failed: Option<u64>,
    /// Watched now, so the count is true now; else `age` says of when it is.
    pub live: bool,
    /// `2m` since counted; empty when live.
    pub age: String,
    /// Why it could not be counted (`forbidden`), in a few words.
    pub problem: Option<String>,
}

/// Whether what is shown is true now. The badge's text is `word` then `detail`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// The worst that holds.
    pub state: FreshnessState,
    /// `Live`, `Catching up`, `Partial`, `Stale`, `Offline`.
    pub word: String,
    /// `0.4 s`, `8,120 of 10,000`, `for 40 s, trying again`, `last seen 12:38:02`.
    pub detail: String,
    /// A sentence for the tooltip and the banner below the table: what happened, since when,
    /// what is tried next, what to do. Empty when live.
    pub reason: String,
}

/// States of the badge, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FreshnessState {
    /// Watched, and the watch is known to be alive.
    Live,
    /// The first list, or a list after a gap, is on its way.
    #[default]
    CatchingUp,
    /// Some of what was asked for cannot be read.
    Partial,
    /// The connection dropped; the rows are of a moment ago.
    Stale,
    /// Nothing answers.
    Offline,
}

/// Facts for the banner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// `v1.36.3`; empty when not known.
    pub version: String,
    /// The user as the API server sees it; empty when not known.
    pub user: String,
    /// The user's groups, without the `system:` ones.
    pub groups: Vec<String>,
    /// Number of nodes, when it may be known.
    pub nodes: Option<u64>,
}

/// The opened object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// As in [`Intent::Open`].
    pub path: String,
    /// `Pod`
    pub kind: String,
    /// The name, in pieces (owner, hash, own part).
    pub name: Cell,
    /// Namespace, if the kind has one.
    pub namespace: Option<String>,
    /// The state: mark and words.
    pub status: Cell,
    /// The query of this object alone.
    pub query: String,
    /// Labelled facts: `Node`, `Image`, `Age` …
    pub facts: Vec<Fact>,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Its annotations, values shortened.
    pub annotations: Vec<Label>,
    /// Its conditions.
    pub conditions: Vec<Condition>,
    /// Small tables: containers, ports …
    pub tables: Vec<DetailTable>,
    /// Objects it belongs with.
    pub related: Vec<Related>,
    /// Its events, newest first.
    pub events: Vec<EventLine>,
    /// Why there is nothing, or nothing new, to show.
    pub state: DetailState,
}

/// Whether the opened object is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DetailState {
    /// On its way.
    #[default]
    Loading,
    /// There, and followed.
    Shown,
    /// Deleted while open; what is shown is its last state. The text says when.
    Gone(String),
    /// Never was there, or may not be read; a sentence.
    Missing(String),
}

/// A labelled fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// `Node`
    pub label: String,
    /// Its value.
    pub value: Cell,
}

/// A label or an annotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// The query that lists what else carries it, for labels.
    pub query: Option<String>,
}

/// A condition of the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// `Ready`
    pub name: String,
    /// Whether this is as it should be (`MemoryPressure=False` is).
    pub mark: Mark,
    /// `True`, `False` or `Unknown`.
    pub status: String,
    /// Reason and message.
    pub text: String,
    /// Since when.
    pub age: String,
}

/// A small table in the detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailTable {
    /// `Containers`
    pub title: String,
    /// Heads.
    pub columns: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<Cell>>,
}

/// Objects related in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// `Owner`, `Pods`, `Services` …
    pub title: String,
    /// The query that lists them all, when one does.
    pub query: Option<String>,
    /// How many there are (the items may be fewer).
    pub total: usize,
    /// The first few.
    pub items: Vec<RelatedItem>,
    /// Why they cannot be shown.
    pub problem: Option<String>,
}

/// A related object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedItem {
    /// `Deployment`
    pub kind: String,
    /// Its name.
    pub name: String,
    /// For [`Intent::Open`].
    pub path: String,
    /// Its state.
    pub mark: Mark,
    /// `3/4`, `2 restarts` …
    pub note: String,
}

/// One event of the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLine {
    /// `20s`
    pub age: String,
    /// Good or bad news.
    pub mark: Mark,
    /// `BackOff`
    pub reason: String,
    /// The message.
    pub message: String,
    /// `kubelet`
    pub source: String,
    /// How often.
    pub count: u64,
}

/// Candidates at the caret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The text it speaks of.
    pub text: String,
    /// `Value of status that starts with C`
    pub title: String,
    /// The bytes a candidate replaces.
    pub span: Span,
    /// Best first.
    pub candidates: Vec<Candidate>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// What is put in place of the span.
    pub insert: String,
    /// How much of its start was typed, in bytes.
    pub typed: usize,
    /// `starts, dies, waits`
    pub meaning: String,
    /// How many rows have it, when known.
    pub count: Option<u64>,
    /// A mark, where the value is a state.
    pub mark: Option<Mark>,
}

impl Row {
    /// Where it leads: to its object's detail, or to the objects of a group.
    #[must_use]
    pub fn leads(&self) -> Option<Link> {
        if self.path.is_empty() {
            self.cells.iter().find_map(|cell| cell.link.clone())
        } else {
            Some(Link::Object(self.path.clone()))
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

impl Cell {
    /// One piece of text in one tone.
    pub fn toned(text: impl Into<String>, tone: Tone) -> Self {
        Self {
            spans: vec![TextSpan {
                text: text.into(),
                tone,
            }],
            ..Self::default()
        }
    }

    /// The text without its tones.
    #[must_use]
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}
