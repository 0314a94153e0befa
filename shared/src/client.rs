//! Queries as values that can be awaited: `k8kat.deps().ns(["default"]).all().await?`.
//!
//! Building a chain sends nothing; each finisher plans the query and reads every page of what
//! the plan needs. The transport is whatever implements [`Transport`].

use std::fmt;
use std::future::{Future, IntoFuture};
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod learning;

use futures_util::{Stream, StreamExt};

use crate::api::status::Refusal;
use crate::api::time::parse_http_date;
use crate::engine::{Head, Request, RequestId};
use crate::plan::{Known, Plan, ScanSpec};
use crate::query::{Problem, Query};
use crate::store::Entry;
use crate::value::Object;
use crate::watch::{Requests, Scan, Standing, Trouble};

/// Carries requests to an API server.
pub trait Transport {
    /// The body of an answer, in pieces of any size; an error is the cause in words.
    type Body: Stream<Item = Result<Vec<u8>, String>> + Unpin;

    /// Sends a request; the answer's head as soon as it is there, its body as it comes.
    fn send(&self, request: &Request) -> impl Future<Output = Result<(Head, Self::Body), String>>;

    /// Waits, because the API server asked for it.
    fn wait(&self, ms: u64) -> impl Future<Output = ()>;
}

/// How often a request is sent again that the API server refused for a time.
const MOST_TRIES: u32 = 10;

/// A cluster to query.
#[derive(Clone, Debug)]
pub struct K8Kat<T> {
    transport: T,
    /// What its copies know, too.
    known: Arc<Mutex<Known>>,
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A clause makes no sense; in a program that is a mistake, so nothing is sent.
    Query(Vec<Problem>),
    /// The API server refuses or fails.
    Refused(Refusal),
    /// Nothing answers, or something in between does.
    Unreachable(String),
    /// [`Chain::one`] found none, or more than one.
    NotOne(usize),
    /// The query asks for ages, and no answer said what time it is.
    NoDate,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(problems) => {
                let messages: Vec<_> = problems
                    .iter()
                    .map(|problem| problem.message.as_str())
                    .collect();
                write!(f, "the query makes no sense: {}", messages.join("; "))
            }
            Self::Refused(refusal) => write!(
                f,
                "the API server answered {}: {}",
                refusal.code, refusal.message
            ),
            Self::Unreachable(error) => write!(f, "the API server cannot be reached: {error}"),
            Self::NoDate => f.write_str(
                "ages cannot be told: the answers of the API server have no Date header",
            ),
            Self::NotOne(count) => write!(f, "expected one object, found {count}"),
        }
    }
}

impl std::error::Error for Error {}

impl<T: Transport> K8Kat<T> {
    /// A cluster behind a transport.
    pub fn new(transport: T) -> Self {
        Self {
            transport,
            known: Arc::default(),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Objects of a kind, by any of its names. One that is not known by heart is learned from
    /// the cluster before the first answer.
    pub fn kind(&self, kind: &str) -> Chain<'_, T> {
        self.query(Query::of(kind))
    }

    /// The answer to a query's text.
    ///
    /// # Errors
    /// When any part of the text cannot be read.
    pub fn text(&self, text: &str) -> Result<Chain<'_, T>, Error> {
        let parsed = Query::parse(text);
        if parsed.problems.is_empty() {
            Ok(self.query(parsed.query))
        } else {
            Err(Error::Query(parsed.problems))
        }
    }

    /// The answer to a query.
    pub const fn query(&self, query: Query) -> Chain<'_, T> {
        Chain {
            cluster: self,
            query,
        }
    }

    /// Deployments.
    pub fn deps(&self) -> Chain<'_, T> {
        self.kind("deployments")
    }

    /// Pods.
    pub fn pods(&self) -> Chain<'_, T> {
        self.kind("pods")
    }

    /// Services.
    pub fn svcs(&self) -> Chain<'_, T> {
        self.kind("services")
    }

    /// Nodes.
    pub fn nodes(&self) -> Chain<'_, T> {
        self.kind("nodes")
    }

    /// Namespaces.
    pub fn namespaces(&self) -> Chain<'_, T> {
        self.kind("namespaces")
    }

    /// Events.
    pub fn events(&self) -> Chain<'_, T> {
        self.kind("events")
    }

    /// Replica sets.
    pub fn replica_sets(&self) -> Chain<'_, T> {
        self.kind("replicasets")
    }
}

/// A query and the cluster that it will be asked of. Every verb of [`Query`] that narrows or
/// orders is a verb of the chain.
#[must_use = "a chain sends nothing until it is awaited"]
#[derive(Debug)]
pub struct Chain<'a, T> {
    cluster: &'a K8Kat<T>,
    query: Query,
}

impl<T> Clone for Chain<'_, T> {
    fn clone(&self) -> Self {
        Self {
            cluster: self.cluster,
            query: self.query.clone(),
        }
    }
}

impl<T> Deref for Chain<'_, T> {
    type Target = Query;

    fn deref(&self) -> &Query {
        &self.query
    }
}

/// Verbs of the query, on the chain.
macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident($($generic:ident)*; $($argument:ident: $type:ty),*);)*) => {
        impl<'a, T> Chain<'a, T> {
            $($(#[$doc])* pub fn $verb<$($generic: Into<String>),*>(self, $($argument: $type),*) -> Self {
                Self { cluster: self.cluster, query: self.query.$verb($($argument),*) }
            })*
        }
    };
}

verbs! {
    /// In one of these namespaces.
    ns(V; namespaces: impl IntoIterator<Item = V>);
    /// In none of these namespaces.
    not_ns(V; namespaces: impl IntoIterator<Item = V>);
    /// Called one of these.
    names(V; names: impl IntoIterator<Item = V>);
    /// Called none of these.
    not_names(V; names: impl IntoIterator<Item = V>);
    /// The name contains this.
    like(V; part: V);
    /// Carries every key, with one of the values given for it.
    lbs_inc_each(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Carries some key, with one of the values given for it.
    lbs_inc_any(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Carries no key with one of the values given for it.
    lbs_exc_any(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Does not carry every key with one of the values given for it.
    lbs_exc_each(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// A field is one of these; `*` stands for anything.
    feature_in(V; field: &str, values: impl IntoIterator<Item = V>);
    /// Somebody should look at it.
    broken(;);
    /// All is well.
    running(;);
    /// Smallest first; earlier calls weigh more.
    order(; field: &str);
    /// Largest first; earlier calls weigh more.
    order_desc(; field: &str);
    /// At most so many.
    limit(; rows: usize);
}

impl<T: Transport> Chain<'_, T> {
    /// The plan, without sending anything; its `Display` explains it.
    ///
    /// # Errors
    /// When a clause makes no sense for the kind, or when the kind is known only to the cluster
    /// and nothing was asked of it yet.
    pub fn explain(&self) -> Result<Plan, Error> {
        match Plan::of(&self.query, &self.cluster.known()) {
            (Some(plan), problems) if problems.is_empty() => Ok(plan),
            (_, problems) => Err(Error::Query(problems)),
        }
    }

    /// Every object that matches, in order.
    ///
    /// # Errors
    /// See [`Error`]. There is no partial answer: when a page cannot be read, the whole fails.
    pub async fn all(&self) -> Result<Vec<Object>, Error> {
        self.cluster.learn(&self.query).await?;
        let plan = self.explain()?;
        let mut read = Read::default();
        let mut parts = Vec::new();
        for part in plan.every_part() {
            let mut scans = Vec::new();
            for spec in &part.scans {
                scans.push(read.whole(&self.cluster.transport, spec).await?);
            }
            parts.push(scans);
        }
        let has_read = plan.scans().next().is_some();
        let now = match read.server_time {
            None if has_read && plan.depends_on_time() => return Err(Error::NoDate),
            now => now.unwrap_or_default(),
        };
        let entries = |part: usize| -> Vec<Entry<'_>> {
            let scans = parts.get(part).into_iter().flatten();
            scans
                .flat_map(|scan: &Scan| scan.store.entries())
                .map(|(_, entry)| entry)
                .collect()
        };
        let context = plan.context(now, &entries);
        let mut rows = plan.select(&context, &entries);
        rows.truncate(plan.limit.unwrap_or(usize::MAX));
        Ok(rows
            .into_iter()
            .filter_map(|row| row.entry.to_object())
            .collect())
    }

    /// The first object in order, if any matches.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn first(&self) -> Result<Option<Object>, Error> {
        Ok(self.all().await?.into_iter().next())
    }

    /// The only object that matches.
    ///
    /// # Errors
    /// As [`Chain::all`], and when there is none or more than one.
    pub async fn one(&self) -> Result<Object, Error> {
        let mut all = self.all().await?;
        match all.pop() {
            Some(object) if all.is_empty() => Ok(object),
            found => Err(Error::NotOne(all.len() + usize::from(found.is_some()))),
        }
    }

    /// How many objects match.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn count(&self) -> Result<usize, Error> {
        Ok(self.all().await?.len())
    }
}

impl<'a, T: Transport> IntoFuture for Chain<'a, T> {
    type Output = Result<Vec<Object>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.all().await })
    }
}

/// Reads scans once, one request after the other.
#[derive(Default)]
struct Read {
    server_time: Option<i64>,
    wanted: Wanted,
    /// How long was waited so far, which is all the time that scans need to know of here.
    waited_ms: u64,
}

/// The request that a scan wants next.
#[derive(Default)]
struct Wanted {
    last: u64,
    request: Option<Request>,
}

impl Requests for Wanted {
    fn send(&mut self, request: Request) -> RequestId {
        self.last += 1;
        self.request = Some(request);
        RequestId(self.last)
    }

    fn cancel(&mut self, _: RequestId) {
        self.request = None;
    }
}

impl Read {
    async fn whole(&mut self, transport: &impl Transport, spec: &ScanSpec) -> Result<Scan, Error> {
        let mut scan = Scan::new(spec.clone(), false);
        let mut tries = 0;
        scan.start(&mut self.wanted, self.waited_ms);
        while let Some(request) = self.wanted.request.take() {
            let is_for_a_time = self.send(transport, &request, &mut scan).await?;
            tries = if is_for_a_time { tries + 1 } else { 0 };
            // As the server's own clients do; what fails otherwise fails at once.
            if let Some(wait_ms) = scan.next_try(self.waited_ms)
                && is_for_a_time
                && tries <= MOST_TRIES
            {
                transport.wait(wait_ms).await;
                self.waited_ms += wait_ms;
                scan.start(&mut self.wanted, self.waited_ms);
            }
        }
        match scan.standing(self.waited_ms) {
            Standing::Live => Ok(scan),
            Standing::Stale(trouble) | Standing::Absent(trouble) => Err(error(trouble)),
            Standing::CatchingUp(..) | Standing::Silent => {
                Err(Error::Unreachable("the list never ended".to_owned()))
            }
        }
    }
}

impl Read {
    /// Sends a request and reads its answer into the scan that wants it. True if the server
    /// refuses it only for a time.
    async fn send(
        &mut self,
        transport: &impl Transport,
        request: &Request,
        scan: &mut Scan,
    ) -> Result<bool, Error> {
        let now = self.waited_ms;
        let (head, mut body) = transport.send(request).await.map_err(Error::Unreachable)?;
        let date = head.date.as_deref().and_then(parse_http_date);
        self.server_time = date.or(self.server_time);
        let is_for_a_time = head.status == 429 || head.retry_after_ms().is_some();
        scan.head(head, now);
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(Error::Unreachable)?;
            scan.chunk(&chunk, &mut self.wanted, now);
        }
        scan.end(&mut self.wanted, now);
        Ok(is_for_a_time)
    }
}

fn error(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Refused(refusal) | Trouble::Busy(refusal) | Trouble::Unauthorized(refusal) => {
            Error::Refused(refusal)
        }
        Trouble::Unreachable(error) | Trouble::Foreign(error) | Trouble::NoCredentials(error) => {
            Error::Unreachable(error)
        }
    }
}

#[cfg(test)]
mod tests;
