//! A running sandbox: its options, its server, its world, and its end.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

use crate::api_server::ApiServer;
use crate::clock::{Clock, RunningClock};
use crate::controllers::Controllers;
use crate::faults::Faults;
use crate::kubeconfig::kubeconfig;
use crate::registry::Registry;
use crate::store::Store;
use crate::user::Authentication;
use crate::world;

/// How to start a sandbox. The default is the demo cluster, alive, on any free port.
#[derive(Clone, Debug)]
pub struct Options {
    /// The TCP port on loopback; 0 takes any free one.
    pub port: u16,
    /// How many pods there shall be. Up to what the demo has, the demo alone; beyond, filler namespaces.
    pub pods: usize,
    /// The same seed gives the same names, uids and happenings.
    pub seed: u64,
    /// Whether something happens by itself. If not, controllers only react to writes.
    pub lively: bool,
    /// Whether a request without a token is nobody's, who may see next to nothing. Otherwise it is the administrator's.
    /// One with a wrong token is always refused.
    pub require_token: bool,
    /// How many changes of each resource can be watched or listed after the fact.
    pub history: usize,
    /// The time the cluster lives in.
    pub clock: Clock,
    /// Whether faults may be asked for at `/sandbox/faults`.
    pub faults: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            pods: 0,
            seed: 1,
            lively: true,
            require_token: true,
            history: 8192,
            clock: Clock::Wall,
            faults: false,
        }
    }
}

/// The token of the user `admin`.
pub const TOKEN: &str = "sandbox-admin-token";

/// A running server. Dropping it ends it, with all its connections.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    api_server: Arc<ApiServer>,
    controllers: Arc<Mutex<Controllers>>,
    tasks: Vec<AbortHandle>,
}

impl Sandbox {
    /// Builds the world and serves it. Must be called on a Tokio runtime.
    pub async fn start(options: Options) -> io::Result<Self> {
        let now = options.clock.start();
        let clock = Arc::new(RunningClock::standing_at(now));
        let store = Arc::new(Store::new(options.history));
        let registry = Arc::new(Registry::new(store.clone(), clock.clone(), options.seed));
        let mut controllers = Controllers::new(registry.clone());
        world::build(&mut controllers, &registry, now, options.pods).map_err(io::Error::other)?;
        store.compact();
        if options.lively {
            controllers.enliven(options.seed);
        } else {
            controllers.freeze();
        }
        if matches!(options.clock, Clock::Wall) {
            clock.follow_the_wall();
        }
        let authentication = Authentication {
            required: options.require_token,
        };
        let api_server = Arc::new(ApiServer {
            store,
            registry,
            clock,
            authentication,
            faults: options.faults.then(Faults::default),
            ended: watch::Sender::new(false),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let controllers = Arc::new(Mutex::new(controllers));
        let mut tasks = vec![tokio::spawn(serve(listener, api_server.clone())).abort_handle()];
        if matches!(options.clock, Clock::Wall) {
            tasks.push(
                tokio::spawn(run_in_real_time(controllers.clone(), api_server.clone()))
                    .abort_handle(),
            );
        }
        Ok(Self {
            address,
            api_server,
            controllers,
            tasks,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig with the context `sandbox`, and those of the four users.
    pub fn kubeconfig(&self) -> String {
        kubeconfig(&self.url())
    }

    /// The newest revision of the store.
    pub fn revision(&self) -> u64 {
        self.api_server.store.revision()
    }

    /// Lets time pass on a stepped clock, in whole seconds, with a round of all controllers after each.
    pub fn step(&self, by: Duration) {
        for _ in 0..by.as_secs() {
            let clock = &self.api_server.clock;
            clock.set(clock.now() + Duration::from_secs(1));
            self.settle();
        }
    }

    /// Lets the controllers react to what was written, without time passing.
    pub fn settle(&self) {
        self.controllers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .run();
    }

    /// Forgets the history: older revisions, page tokens and watches get a 410.
    pub fn compact(&self) {
        self.api_server.store.compact();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.api_server.ended.send_replace(true);
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Accepts connections. They live in this task's set, so that aborting it ends them too.
async fn serve(listener: TcpListener, api_server: Arc<ApiServer>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                // Events are small and shall not wait for each other. Without it they do, and nothing else is lost.
                let _ = stream.set_nodelay(true);
                let api_server = api_server.clone();
                let service = service_fn(move |request| {
                    let api_server = api_server.clone();
                    async move { Ok::<_, Infallible>(api_server.answer(request).await) }
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades();
                connections.spawn(async move {
                    // A client that goes away in the middle is no news.
                    let _ = connection.await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// A round a few times a second, and soon after every write.
async fn run_in_real_time(controllers: Arc<Mutex<Controllers>>, api_server: Arc<ApiServer>) {
    const ROUND: Duration = Duration::from_millis(250);
    const AFTER_WRITE: Duration = Duration::from_millis(20);
    let mut revisions = api_server.store.subscribe();
    loop {
        // A round may be long, and tasks that it wakes on its own thread would wait for its end.
        let round = controllers.clone();
        let round = tokio::task::spawn_blocking(move || {
            round.lock().unwrap_or_else(PoisonError::into_inner).run();
        });
        if round.await.is_err() {
            return;
        }
        revisions.borrow_and_update();
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            changed = revisions.changed() => {
                if changed.is_err() {
                    return;
                }
                tokio::time::sleep(AFTER_WRITE).await;
            }
        }
    }
}
