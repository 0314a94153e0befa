//! Answers that are followed: the engine of the page over a transport, which lists, watches, resumes
//! and lists again as it does there.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::{FutureExt, Stream, StreamExt, stream};

use super::{Chain, Clock, Error, K8Kat, Record, Transport};
use crate::engine::message::{Freshness, FreshnessState, Intent, QueryEcho, Update};
use crate::engine::{Effect, Engine, Input, Request, RequestId, Settings};

/// What an answer has become since it was told of last.
#[derive(Clone, Debug)]
pub struct News<'a, T> {
    /// Objects that match and did not, or that changed, in the order of the answer.
    pub changed: Vec<Record<'a, T>>,
    /// Where those were that no longer match or exist: `pods/shop/web-1`.
    pub gone: Vec<String>,
    /// Whether all that was told by now is the answer, true now; else why not.
    pub freshness: Freshness,
}

impl<'a, T: Transport + Clock> Chain<'a, T> {
    /// The answer as it is, and whatever becomes of it, for as long as it is waited for: what happens
    /// in between comes as one. What the server refuses or nobody answers is tried again, and
    /// [`News::freshness`] says so. Of a query for figures it gives the objects that they are made of.
    ///
    /// # Errors
    /// When the query makes no sense; that is the only item then.
    pub fn live(&self) -> Live<'a, T> {
        let cluster = self.cluster;
        let engine = Engine::new(Settings::default()).knowing(cluster.known().clone());
        Live {
            cluster,
            engine,
            requests: Vec::new(),
            polled: 0,
            tick: None,
            told: BTreeMap::new(),
            revision: 0,
            freshness: Freshness::default(),
            told_freshness: FreshnessState::default(),
            query: QueryEcho::default(),
            state: State::Asked(self.query.to_string()),
        }
    }
}

/// A request that runs, as what it brings.
type Running<'a> = Pin<Box<dyn Stream<Item = Input> + 'a>>;
/// Waiting, until a moment.
type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// An answer that is followed.
#[must_use = "nothing is sent until the first news is waited for"]
pub struct Live<'a, T> {
    cluster: &'a K8Kat<T>,
    engine: Engine,
    requests: Vec<(RequestId, Running<'a>)>,
    /// The request that was heard last: the next one comes first, so that none is left waiting.
    polled: usize,
    tick: Option<(u64, Waiting<'a>)>,
    /// The objects that were told of, by their places, with their versions.
    told: BTreeMap<String, String>,
    revision: u64,
    freshness: Freshness,
    told_freshness: FreshnessState,
    query: QueryEcho,
    state: State,
}

enum State {
    /// Nothing was sent for this query.
    Asked(String),
    Followed,
    /// It makes no sense.
    Over,
}

impl<'a, T: Transport + Clock> Live<'a, T> {
    /// The whole answer as it was told last, in order.
    #[must_use]
    pub fn records(&self) -> Vec<Record<'a, T>> {
        let (_, entries) = self.engine.objects();
        let records = entries
            .into_iter()
            .map(|entry| Record::of(self.cluster, entry));
        records.collect()
    }

    fn handle(&mut self, input: Input) {
        let now = self.cluster.transport.now();
        for effect in self.engine.handle(input, now) {
            match effect {
                Effect::Send { id, request } => self.send(id, request),
                Effect::Cancel { id } => self.requests.retain(|(running, _)| *running != id),
                Effect::Update(update) => self.draw(*update),
            }
        }
    }

    fn draw(&mut self, update: Update) {
        if let Some(freshness) = update.freshness {
            self.freshness = freshness;
        }
        if let Some(query) = update.query {
            self.query = query;
        }
        let serial = update.serial;
        self.handle(Input::Intent(Intent::Drawn { serial }));
    }

    fn send(&mut self, id: RequestId, request: Request) {
        let transport = &self.cluster.transport;
        let answer = async move {
            match transport.send(&request).await {
                Ok((head, body)) => {
                    let chunk = move |chunk: Result<Vec<u8>, String>| match chunk {
                        Ok(bytes) => Input::Chunk { id, bytes },
                        Err(error) => Input::Failed { id, error },
                    };
                    let head = stream::iter([Input::Head { id, head }]);
                    let end = stream::iter([Input::End { id }]);
                    head.chain(body.map(chunk)).chain(end).left_stream()
                }
                Err(error) => stream::iter([Input::Failed { id, error }]).right_stream(),
            }
        };
        self.requests.push((id, Box::pin(answer.flatten_stream())));
    }

    /// What a request brought, if one did; what has ended is let go of.
    fn heard(&mut self, context: &mut Context<'_>) -> Option<Input> {
        let mut left = self.requests.len();
        while left > 0 {
            left -= 1;
            let next = self
                .polled
                .checked_rem(self.requests.len())
                .unwrap_or_default();
            let (_, request) = self.requests.get_mut(next)?;
            match request.poll_next_unpin(context) {
                Poll::Ready(Some(input)) => {
                    self.polled = next + 1;
                    return Some(input);
                }
                Poll::Ready(None) => drop(self.requests.remove(next)),
                Poll::Pending => self.polled = next + 1,
            }
        }
        None
    }

    /// Time has passed, if the engine waits for that.
    fn ticked(&mut self, context: &mut Context<'_>) -> Option<Input> {
        let deadline = self.engine.deadline()?;
        let transport = &self.cluster.transport;
        let (_, waiting) = match self.tick.take().filter(|(until, _)| *until == deadline) {
            Some(tick) => self.tick.insert(tick),
            None => {
                let wait_ms = deadline.saturating_sub(transport.now().monotonic_ms);
                self.tick
                    .insert((deadline, Box::pin(transport.wait(wait_ms))))
            }
        };
        let is_over = waiting.poll_unpin(context).is_ready();
        is_over.then(|| {
            self.tick = None;
            Input::Tick
        })
    }

    /// What there is to tell.
    fn news(&mut self) -> Option<News<'a, T>> {
        let (revision, entries) = self.engine.objects();
        let state = self.freshness.state;
        if revision == self.revision && state == self.told_freshness {
            return None;
        }
        let mut now = BTreeMap::new();
        let mut changed = Vec::new();
        for entry in entries {
            let object = entry.object();
            let place = entry.kind().object_path(entry.namespace(), entry.name());
            let version = object.metadata.get("resourceVersion").text_or_empty();
            if self.told.get(&place).is_none_or(|told| *told != version) {
                changed.push(Record::of(self.cluster, entry));
            }
            now.insert(place, version.into_owned());
        }
        let old = std::mem::take(&mut self.told).into_keys();
        let gone: Vec<String> = old.filter(|place| !now.contains_key(place)).collect();
        let is_news = !changed.is_empty() || !gone.is_empty() || state != self.told_freshness;
        (self.told, self.revision, self.told_freshness) = (now, revision, state);
        is_news.then(|| News {
            changed,
            gone,
            freshness: self.freshness.clone(),
        })
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<News<'a, T>, Error>>> {
        match std::mem::replace(&mut self.state, State::Followed) {
            State::Asked(text) => {
                // Of rows as they are drawn there is no need.
                self.handle(Input::Intent(Intent::Window { first: 0, count: 0 }));
                let committed = true;
                self.handle(Input::Intent(Intent::Query { text, committed }));
            }
            State::Followed => {}
            State::Over => {
                self.state = State::Over;
                return Poll::Ready(None);
            }
        }
        loop {
            if !self.query.problems.is_empty() {
                self.state = State::Over;
                let problems = std::mem::take(&mut self.query.problems);
                return Poll::Ready(Some(Err(Error::Query(problems))));
            }
            if let Some(news) = self.news() {
                return Poll::Ready(Some(Ok(news)));
            }
            match self.heard(context).or_else(|| self.ticked(context)) {
                Some(input) => self.handle(input),
                None => return Poll::Pending,
            }
        }
    }
}

impl<'a, T: Transport + Clock> Stream for Live<'a, T> {
    type Item = Result<News<'a, T>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().next(context)
    }
}
