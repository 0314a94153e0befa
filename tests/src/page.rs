//! A page without a browser: an engine, its requests over HTTP, and what it has been told.

mod sockets;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use k8kat::client::Transport;
use k8kat::engine::message::{Cell, Detail, Freshness, Intent, QueryEcho, Rows, Update, View};
use k8kat::engine::{Effect, Engine, Input, Now, RequestId, Settings};
use k8kat::http::Http;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

pub use sockets::Sockets;

/// How long a condition may take to come true.
const PATIENCE: Duration = Duration::from_secs(30);

/// How its requests travel.
#[derive(Clone)]
struct Way {
    http: Http,
    /// For watches, if there are any.
    sockets: Option<Sockets>,
}

/// An engine with its surroundings.
pub struct Page {
    engine: Engine,
    way: Way,
    started: Instant,
    /// How much faster its clocks run than real ones.
    speed: u32,
    /// How long the machine slept.
    slept: Duration,
    /// When it was opened, since 1970.
    opened_at: Duration,
    inputs: mpsc::UnboundedReceiver<Input>,
    outside: mpsc::UnboundedSender<Input>,
    running: HashMap<RequestId, AbortHandle>,
    /// The update that was drawn, of which the engine has yet to hear.
    drawn: Option<u64>,
    heard: VecDeque<String>,
    /// The query as understood.
    pub query: QueryEcho,
    /// Head and foot.
    pub view: View,
    /// The rows.
    pub rows: Rows,
    /// The opened object.
    pub detail: Detail,
    /// The badge.
    pub freshness: Freshness,
}

impl Page {
    /// A page that shows up to a thousand rows.
    #[must_use]
    pub fn open(http: Http) -> Self {
        Self::open_fast(http, 1)
    }

    /// One whose clocks run faster: what it waits for in minutes comes in seconds.
    #[must_use]
    pub fn open_fast(http: Http, speed: u32) -> Self {
        let (outside, inputs) = mpsc::unbounded_channel();
        let mut page = Self {
            engine: Engine::new(Settings::default()),
            way: Way {
                http,
                sockets: None,
            },
            started: Instant::now(),
            speed,
            slept: Duration::ZERO,
            inputs,
            outside,
            opened_at: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
            drawn: None,
            heard: VecDeque::new(),
            running: HashMap::new(),
            query: QueryEcho::default(),
            view: View::default(),
            rows: Rows::default(),
            detail: Detail::default(),
            freshness: Freshness::default(),
        };
        page.intent(Intent::Window {
            first: 0,
            count: 1000,
        });
        page
    }

    /// The same, whose watches are WebSockets, as a browser's are.
    #[must_use]
    pub fn watching_by(mut self, sockets: Sockets) -> Self {
        self.way.sockets = Some(sockets);
        self
    }

    /// Does what a person would.
    pub fn intent(&mut self, intent: Intent) {
        self.input(Input::Intent(intent));
    }

    /// Asks a query as Enter does.
    pub fn ask(&mut self, text: &str) {
        self.intent(Intent::Query {
            text: text.to_owned(),
            committed: true,
        });
    }

    fn now(&self) -> Now {
        let elapsed = self.started.elapsed() * self.speed;
        let wall = self.opened_at + elapsed + self.slept;
        Now {
            monotonic_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// The machine sleeps, and wakes. Its monotonic clock stands still meanwhile.
    pub fn sleep(&mut self, time: Duration) {
        self.slept += time;
        self.input(Input::Tick);
    }

    /// Takes whatever has happened until now.
    pub fn catch_up(&mut self) {
        self.finish_drawing();
        while let Ok(input) = self.inputs.try_recv() {
            self.input(input);
        }
        self.input(Input::Tick);
    }

    /// What it asked and heard lately, for whoever reads why a test failed.
    #[must_use]
    pub fn heard(&self) -> String {
        let lines = self.heard.iter().map(String::as_str);
        lines.collect::<Vec<_>>().join("\n")
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        const KEPT: usize = 80;
        if self.heard.len() == KEPT {
            self.heard.pop_front();
        }
        let at = self.started.elapsed();
        self.heard.push_back(format!("{at:?} {}", what()));
    }

    fn note_input(&mut self, input: &Input) {
        match input {
            Input::Intent(Intent::Drawn { .. }) | Input::Tick => {}
            Input::Chunk { id, bytes } => {
                let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
                self.note(|| format!("< {id:?} {} bytes: {start}", bytes.len()));
            }
            Input::Head { id, head } => self.note(|| format!("< {id:?} {}", head.status)),
            other => self.note(|| format!("< {other:?}")),
        }
    }

    fn input(&mut self, input: Input) {
        self.note_input(&input);
        for effect in self.engine.handle(input, self.now()) {
            match effect {
                Effect::Send { id, request } => {
                    self.note(|| format!("> {id:?} {}", request.path));
                    let (way, out) = (self.way.clone(), self.outside.clone());
                    let task = tokio::spawn(async move { way.follow(id, request, out).await });
                    self.running.insert(id, task.abort_handle());
                }
                Effect::Cancel { id } => {
                    self.note(|| format!("> {id:?} cancelled"));
                    if let Some(task) = self.running.remove(&id) {
                        task.abort();
                    }
                }
                Effect::Update(update) => self.draw(*update),
            }
        }
    }

    fn draw(&mut self, update: Update) {
        let serial = update.serial;
        self.query = update
            .query
            .unwrap_or_else(|| std::mem::take(&mut self.query));
        self.view = update
            .view
            .unwrap_or_else(|| std::mem::take(&mut self.view));
        self.rows = update
            .rows
            .unwrap_or_else(|| std::mem::take(&mut self.rows));
        self.detail = update
            .detail
            .unwrap_or_else(|| std::mem::take(&mut self.detail));
        self.freshness = update
            .freshness
            .unwrap_or_else(|| std::mem::take(&mut self.freshness));
        self.drawn = Some(serial);
    }

    /// What was told is on the screen a moment after.
    fn finish_drawing(&mut self) {
        if let Some(serial) = self.drawn.take() {
            self.intent(Intent::Drawn { serial });
        }
    }

    /// Lives until a condition holds.
    ///
    /// # Panics
    /// When it does not within half a minute; the message shows the page.
    pub async fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            self.live(what, end).await;
        }
    }

    /// Lives until it has as many rows as somebody else counts, who is asked anew every time:
    /// what is counted may come and go meanwhile.
    ///
    /// # Panics
    /// As [`Self::until`].
    pub async fn until_total(&mut self, what: &str, mut count: impl AsyncFnMut() -> usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let counted = count().await;
            self.catch_up();
            if self.rows.total == counted {
                return;
            }
            self.live(&format!("{what}, counted {counted}"), end).await;
        }
    }

    /// Lives for so long.
    pub async fn pass(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.next(left).await;
        }
    }

    /// Takes what happens next, or lets a little time pass.
    async fn live(&mut self, what: &str, end: Instant) {
        assert!(
            Instant::now() < end,
            "{what}: not within {PATIENCE:?}; the page shows {} {} {:?}\n{} rows: {}\n{:?}",
            self.freshness.word,
            self.freshness.detail,
            self.freshness.reason,
            self.rows.total,
            self.names().join(" "),
            self.view.blank
        );
        self.next(Duration::from_secs(1)).await;
    }

    async fn next(&mut self, longest: Duration) {
        self.finish_drawing();
        let now = self.now().monotonic_ms;
        let wait = self.engine.deadline().map_or(longest, |deadline| {
            let wait = Duration::from_millis(deadline.saturating_sub(now));
            (wait / self.speed).min(longest)
        });
        match tokio::time::timeout(wait, self.inputs.recv()).await {
            Ok(Some(input)) => self.input(input),
            _ => self.input(Input::Tick),
        }
    }

    /// The paths of the rows, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.rows.rows.iter().map(|row| row.path.clone()).collect()
    }

    /// The rows as text: cells between bars.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        let cells = |cells: &[Cell]| cells.iter().map(Cell::text).collect::<Vec<_>>().join(" | ");
        self.rows.rows.iter().map(|row| cells(&row.cells)).collect()
    }

    /// Whether the badge says that this is true now.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.freshness.word == "Live"
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        for task in self.running.values() {
            task.abort();
        }
    }
}

impl Way {
    async fn follow(
        self,
        id: RequestId,
        request: k8kat::engine::Request,
        out: mpsc::UnboundedSender<Input>,
    ) {
        if let Some(sockets) = self.sockets.filter(|_| request.streams)
            && let Some(socket) = sockets.open(&request).await
        {
            return sockets::follow(socket, id, &out).await;
        }
        // One that did not open is asked for again: the status says why.
        let last = match self.http.send(&request).await {
            Err(error) => Input::Failed { id, error },
            Ok((head, mut body)) => {
                let _ = out.send(Input::Head { id, head });
                loop {
                    match body.next().await {
                        Some(Ok(bytes)) => {
                            let _ = out.send(Input::Chunk { id, bytes });
                        }
                        Some(Err(error)) => break Input::Failed { id, error },
                        None => break Input::End { id },
                    }
                }
            }
        };
        let _ = out.send(last);
    }
}
