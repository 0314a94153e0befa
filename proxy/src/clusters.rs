//! The clusters on offer: one per context of the kubeconfig, connected when first used.
//!
//! A context that cannot be used stays in the list with the reason, and does not stop the others. A changed
//! kubeconfig is read again at the next request; a malformed one leaves the previous list in place.

mod kubeconfig;
mod slug;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kube::config::{Context, Kubeconfig};
use serde::Serialize;

use crate::fault::{Fault, Kind};
use crate::serve::StartError;
use crate::upstream::{self, Upstream};
use kubeconfig::{Source, Stamp};

/// How often the kubeconfig files are looked at, at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How long a failed attempt to load credentials is answered from memory, so that a page with twenty streams does
/// not start a failing plugin twenty times.
const REMEMBER_FAILURE: Duration = Duration::from_secs(5);

pub(crate) struct Clusters {
    source: Source,
    wanted: Option<String>,
    state: Mutex<State>,
}

struct State {
    snapshot: Arc<Snapshot>,
    stamp: Stamp,
    looked: Instant,
}

/// The clusters of one reading of the kubeconfig. Never empty.
pub(crate) struct Snapshot {
    clusters: Vec<Arc<Cluster>>,
    default: usize,
}

pub(crate) struct Cluster {
    pub(crate) slug: String,
    context: String,
    kubeconfig: Arc<Kubeconfig>,
    connection: tokio::sync::Mutex<Connection>,
}

enum Connection {
    None,
    Ready(Arc<Upstream>),
    Failed(Fault, Instant),
}

/// A cluster as the page's list shows it.
#[derive(Serialize)]
pub(crate) struct Entry {
    slug: String,
    context: String,
    server: Option<String>,
    namespace: Option<String>,
    user: Option<String>,
    current: bool,
    insecure: bool,
    error: Option<String>,
}

impl Clusters {
    /// Reads `file`, or else the usual kubeconfig; `wanted` is the context that the user asked for, if any.
    pub(crate) fn open(file: Option<&Path>, wanted: Option<String>) -> Result<Self, StartError> {
        let source = Source::find(file)?;
        let stamp = source.stamp();
        let snapshot = Arc::new(Snapshot::read(&source, wanted.as_deref())?);
        let state = Mutex::new(State {
            snapshot,
            stamp,
            looked: Instant::now(),
        });
        Ok(Self {
            source,
            wanted,
            state,
        })
    }

    /// The clusters as of now. Reads a changed kubeconfig again.
    pub(crate) fn current(&self) -> Arc<Snapshot> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() >= LOOK_EVERY {
            state.looked = Instant::now();
            let stamp = self.source.stamp();
            if stamp != state.stamp {
                state.stamp = stamp;
                match Snapshot::read(&self.source, self.wanted.as_deref()) {
                    Ok(snapshot) => {
                        tracing::info!("the kubeconfig changed and was read again");
                        state.snapshot = Arc::new(snapshot);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the kubeconfig changed but cannot be used; keeping the last")
                    }
                }
            }
        }
        state.snapshot.clone()
    }
}

impl Snapshot {
    fn read(source: &Source, wanted: Option<&str>) -> Result<Self, StartError> {
        let kubeconfig = Arc::new(source.read()?);
        let mut names: Vec<&str> = Vec::new();
        for named in &kubeconfig.contexts {
            if names.contains(&named.name.as_str()) {
                tracing::warn!(
                    "the context {:?} is there twice; the first counts",
                    named.name
                );
            } else {
                names.push(&named.name);
            }
        }
        if names.is_empty() {
            return Err(StartError(format!(
                "{source} has no contexts; add one, for example with `kubectl config set-context`, or choose another \
                 file with --kubeconfig"
            )));
        }
        let default = match wanted {
            Some(wanted) => names
                .iter()
                .position(|name| *name == wanted)
                .ok_or_else(|| {
                    StartError(format!(
                        "--context {wanted:?} is not a context of {source}; there are: {}",
                        names.join(", ")
                    ))
                })?,
            None => {
                let current = kubeconfig.current_context.as_deref();
                names
                    .iter()
                    .position(|name| Some(*name) == current)
                    .unwrap_or(0)
            }
        };
        let clusters = names
            .iter()
            .zip(slug::slugs(&names))
            .map(|(context, slug)| {
                Arc::new(Cluster {
                    slug,
                    context: (*context).to_owned(),
                    kubeconfig: kubeconfig.clone(),
                    connection: tokio::sync::Mutex::new(Connection::None),
                })
            })
            .collect();
        Ok(Self { clusters, default })
    }

    pub(crate) fn default_slug(&self) -> &str {
        &self.clusters[self.default].slug
    }

    pub(crate) fn find(&self, slug: &str) -> Result<Arc<Cluster>, Fault> {
        self.clusters
            .iter()
            .find(|cluster| cluster.slug == slug)
            .cloned()
            .ok_or_else(|| {
                let slugs: Vec<&str> = self
                    .clusters
                    .iter()
                    .map(|cluster| cluster.slug.as_str())
                    .collect();
                Fault::new(
                    Kind::NotFound,
                    format!(
                        "there is no cluster {slug:?} here; there are: {}",
                        slugs.join(", ")
                    ),
                )
            })
    }

    pub(crate) async fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (index, cluster) in self.clusters.iter().enumerate() {
            entries.push(cluster.entry(index == self.default).await);
        }
        entries
    }
}

impl Cluster {
    /// The connection to this cluster's API server, made when there is none. Callers at the same time share one
    /// attempt.
    ///
    /// The attempt goes on when whoever caused it has left: a plugin that asks its user to log in must not ask again
    /// with every request that lost patience.
    pub(crate) async fn upstream(self: &Arc<Self>) -> Result<Arc<Upstream>, Fault> {
        let this = Arc::clone(self);
        let attempt = tokio::spawn(async move { this.connect().await });
        attempt.await.unwrap_or_else(|_| {
            let message = format!("connecting to {} was broken off; try again", self.slug);
            Err(Fault::new(Kind::Credentials, message))
        })
    }

    async fn connect(&self) -> Result<Arc<Upstream>, Fault> {
        let mut connection = self.connection.lock().await;
        match &*connection {
            Connection::Ready(upstream) => return Ok(upstream.clone()),
            Connection::Failed(fault, at) if at.elapsed() < REMEMBER_FAILURE => {
                return Err(fault.clone());
            }
            Connection::None | Connection::Failed(..) => {}
        }
        let made = upstream::connect(&self.kubeconfig, &self.context)
            .await
            .map(Arc::new);
        *connection = match &made {
            Ok(upstream) => Connection::Ready(upstream.clone()),
            Err(fault) => {
                tracing::warn!(cluster = %self.slug, error = ?fault.message, "cannot use this context");
                Connection::Failed(fault.clone(), Instant::now())
            }
        };
        made
    }

    /// After credentials or certificates failed in use: the files they came from may be others by now, so the next
    /// attempt begins anew, but not with every request.
    pub(crate) async fn failed(&self, upstream: &Arc<Upstream>, fault: &Fault) {
        let mut connection = self.connection.lock().await;
        if let Connection::Ready(current) = &*connection
            && Arc::ptr_eq(current, upstream)
            && matches!(fault.kind, Kind::Credentials | Kind::Tls)
        {
            *connection = Connection::Failed(fault.clone(), Instant::now());
        }
    }

    /// After a 401: a connection with credentials loaded anew, if the refused ones may have gone stale. Those who
    /// come later share the one that the first made.
    pub(crate) async fn renewed(
        self: &Arc<Self>,
        refused: &Arc<Upstream>,
    ) -> Option<Arc<Upstream>> {
        {
            let mut connection = self.connection.lock().await;
            if let Connection::Ready(upstream) = &*connection
                && Arc::ptr_eq(upstream, refused)
            {
                if !upstream.may_be_stale() {
                    return None;
                }
                *connection = Connection::None;
            }
        }
        self.upstream().await.ok()
    }

    async fn entry(&self, current: bool) -> Entry {
        let context = self.context();
        let cluster = context.and_then(|context| {
            let named = self
                .kubeconfig
                .clusters
                .iter()
                .find(|named| named.name == context.cluster)?;
            named.cluster.as_ref()
        });
        Entry {
            slug: self.slug.clone(),
            context: self.context.clone(),
            server: cluster.and_then(|cluster| upstream::host_of(cluster.server.as_deref()?)),
            namespace: context.and_then(|context| context.namespace.clone()),
            user: context.and_then(|context| context.user.clone()),
            current,
            insecure: cluster
                .and_then(|cluster| cluster.insecure_skip_tls_verify)
                .unwrap_or(false),
            error: self.problem().await,
        }
    }

    /// Why this context cannot be used, as far as can be said without starting a plugin or dialling.
    async fn problem(&self) -> Option<String> {
        // A connection that is being made right now says nothing yet.
        if let Ok(connection) = self.connection.try_lock() {
            match &*connection {
                Connection::Ready(_) => return None,
                Connection::Failed(fault, at) if at.elapsed() < REMEMBER_FAILURE => {
                    return Some(fault.message.clone());
                }
                Connection::None | Connection::Failed(..) => {}
            }
        }
        upstream::check(&self.kubeconfig, &self.context)
            .await
            .err()
            .map(|fault| fault.message)
    }

    fn context(&self) -> Option<&Context> {
        let named = self
            .kubeconfig
            .contexts
            .iter()
            .find(|named| named.name == self.context)?;
        named.context.as_ref()
    }
}
