//! The listener, its connections, and how they end.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::args::Args;
use crate::audit::{Audited, Line};
use crate::body::Body;
use crate::fault::Fault;
use crate::forward::forward;
use crate::request::{Exchange, Route, Stop, response};
use crate::site::Site;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// How long running answers may go on after the stop.
const STOP_GRACE: Duration = Duration::from_secs(1);

/// Far above what a browser opens, far below what a machine can hold.
const MOST_CONNECTIONS: usize = 2048;

/// Why the proxy cannot start, for the person who started it.
#[derive(Debug)]
pub struct StartError(pub String);

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartError {}

/// A proxy that listens and does not serve yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    site: Arc<Site>,
    stop: watch::Sender<bool>,
}

impl Server {
    pub async fn bind(args: &Args) -> Result<Self, StartError> {
        if !args.bind.is_loopback() {
            return Err(StartError(format!(
                "--bind {} would offer your clusters to the network without encryption; use a loopback address, and for \
                 access from elsewhere forward the port, for example with ssh -L",
                args.bind
            )));
        }
        let (stop, stopping) = watch::channel(false);
        let mut site = Site::open(args, stopping)?;
        let (listener, address) = listen(args.bind, args.port).await?;
        site.listens_on(address);
        let site = Arc::new(site);
        tracing::info!(%address, default = site.clusters.current().default_slug(), "listening");
        Ok(Self {
            listener,
            address,
            site,
            stop,
        })
    }

    /// The address of the page with the launch token in it. Only for the person who started the proxy.
    pub fn launch_url(&self) -> String {
        format!(
            "http://{}/#token={}",
            self.address,
            self.site.token.reveal()
        )
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` resolves, then ends every connection.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        tokio::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                Some(_) = connections.join_next() => continue,
                accepted = accept(&self.listener, &places) => accepted,
            };
            let (stream, peer, place) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Too many open files, usually; it passes.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let site = self.site.clone();
            connections.spawn(async move {
                connection(stream, peer, site).await;
                drop(place);
            });
        }
        drop(self.listener);
        tracing::info!("stopping");
        self.stop.send_replace(true);
        let all_ended = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(STOP_GRACE, all_ended).await;
    }
}

async fn listen(bind: IpAddr, port: u16) -> Result<(TcpListener, SocketAddr), StartError> {
    let listening = async {
        let listener = TcpListener::bind((bind, port)).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    listening.await.map_err(|error: std::io::Error| {
        let advice = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program listens there, perhaps another kapi: stop it, or choose another port with --port, 0 for any",
            std::io::ErrorKind::PermissionDenied => "choose a port above 1023 with --port",
            _ => "choose another with --bind and --port",
        };
        StartError(format!("cannot listen on port {port} of {bind}: {error}; {advice}"))
    })
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(
    TcpStream,
    SocketAddr,
    Option<tokio::sync::OwnedSemaphorePermit>,
)> {
    let place = places.clone().acquire_owned().await.ok();
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

async fn connection(stream: TcpStream, peer: SocketAddr, site: Arc<Site>) {
    let _ = stream.set_nodelay(true);
    let stopped = site.stopped();
    let service = service_fn(move |request| {
        let site = site.clone();
        async move { Ok::<_, std::convert::Infallible>(answer(request, peer, site).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        // A little above our own limits, so that it is our answer that explains them; not more, because an answer
        // whose reader stands still may fill it too.
        .max_buf_size(80 * 1024)
        .max_headers(128)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stopped => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "the connection ended");
    }
}

/// Every request passes here.
async fn answer(request: Request<Incoming>, peer: SocketAddr, site: Arc<Site>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut exchange = Exchange::new(parts, peer);
    let mut line = exchange.is_api().then(|| Line::new(&exchange));
    let admitted = exchange.admit(&site);
    let is_page = admitted.is_ok() && !exchange.is_api();
    let mut response = match (admitted, &exchange.route) {
        (Err(stop), _) => {
            let response = match stop {
                Stop::Fault(fault) => fault.into_response(),
                Stop::Permission => response::permission(),
            };
            audited(response, line.take())
        }
        (Ok(()), Route::App) => site.app.answer(&exchange.parts),
        (Ok(()), Route::Config) => site.config(),
        (Ok(()), Route::Clusters) => audited(site.list().await, line.take()),
        (Ok(()), Route::Cluster { .. }) => match line.take() {
            Some(line) => forward(&mut exchange, body, &site, line).await,
            None => Fault::bad_request("this is no path of a cluster").into_response(),
        },
    };
    if !is_page {
        response::finish(&mut response, exchange.foreign_origin);
    }
    response
}

fn audited(response: Response<Body>, line: Option<Line>) -> Response<Body> {
    let Some(mut line) = line else {
        return response;
    };
    line.answered(response.status());
    response.map(|body| Audited::new(body, line).boxed_unsync())
}
