//! Queries as values that can be awaited: `k8kat.deps().ns(["default"]).all().await?`.
//!
//! Building a chain sends nothing; each finisher plans the query and reads every page of what
//! the plan needs. The transport is whatever implements [`Transport`].

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod analysis;
mod chain;
mod learning;
mod live;
mod moment;
mod read;
mod record;
mod stream;

pub use analysis::{Analysis, Explanation, Sent};
pub use chain::Chain;
use futures_util::Stream;
pub use live::{Live, News};
pub use record::{Record, WithRelated};

use crate::api::status::Refusal;
use crate::engine::{Head, Now, Request};
use crate::plan::Known;
use crate::query::{Problem, Query};

/// Carries requests to an API server.
pub trait Transport {
    /// The body of an answer, in pieces of any size; an error is the cause in words.
    type Body: Stream<Item = Result<Vec<u8>, String>> + Unpin;

    /// Sends a request; the answer's head as soon as it is there, its body as it comes.
    fn send(&self, request: &Request) -> impl Future<Output = Result<(Head, Self::Body), String>>;

    /// Waits, because the API server asked for it.
    fn wait(&self, ms: u64) -> impl Future<Output = ()>;
}

/// Knows what time it is, which is what following a cluster takes besides sending requests.
pub trait Clock {
    /// The time.
    fn now(&self) -> Now;
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
    /// Not everything that was asked for may be read; why.
    Partial(String),
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
            Self::Partial(reason) => f.write_str(reason),
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

    /// Namespaces to read when the cluster as a whole may not be listed; see [`Chain::visible`].
    #[must_use]
    pub fn knowing_namespaces<V: Into<String>>(
        self,
        namespaces: impl IntoIterator<Item = V>,
    ) -> Self {
        self.known().namespaces = namespaces.into_iter().map(Into::into).collect();
        self
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

#[cfg(test)]
mod tests;
