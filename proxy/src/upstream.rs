//! The way to one API server: kube's layers for address, credentials and TLS over a plain hyper client.
//!
//! `kube::Client` is not used: it collects request bodies and retries. HTTP/1.1 only, because upgrades need it and
//! hundreds of watches would fill one HTTP/2 connection. The kubeconfig alone decides where requests go.

mod credentials;
mod failure;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode, Uri};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kube::client::ConfigExt as _;
use kube::client::middleware::AuthLayer;
use kube::config::{
    AuthInfo, Config, ExecConfig, KubeConfigOptions, Kubeconfig, KubeconfigError, LoadDataError,
};
use tower::util::{BoxCloneSyncService, ServiceExt as _};
use tower::{Layer as _, Service};

use crate::body::{Body, BoxError};
use crate::fault::{Fault, Kind};

/// Covers name lookup, TCP and TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may be dead before it is given up: the network may drop us without a word, as when the
/// machine slept.
const LOST_AFTER: Duration = Duration::from_secs(30);

/// Below the idle limit of any API server or load balancer, so that a kept connection is rarely a dead one: a
/// request lost that way is not sent again.
const IDLE_TIMEOUT: Duration = Duration::from_secs(45);

/// How old credentials must be for a 401 to be blamed on their age.
const STALE_AFTER: Duration = Duration::from_secs(10);

/// What one answer may hold in memory while its reader stands still.
const LARGEST_BUFFER: usize = 32 * 1024;

type Stack = BoxCloneSyncService<Request<Body>, Response<Incoming>, BoxError>;

pub(crate) struct Upstream {
    stack: Stack,
    server: Uri,
    context: String,
    /// The credential plugin, to name it when a refresh fails.
    plugin: Option<ExecConfig>,
    /// Whether loading the credentials again can give others than these.
    is_renewable: bool,
    made: Instant,
    accepted: AtomicBool,
}

/// Builds the way to the API server of `context`. Runs its credential plugin if it has one, but dials nothing.
pub(crate) async fn connect(
    kubeconfig: &Arc<Kubeconfig>,
    context: &str,
) -> Result<Upstream, Fault> {
    let config = config(kubeconfig, context).await?;
    let proxy = proxy(kubeconfig, context, &config)?;
    let server = config.cluster_url.clone();
    let plugin = config.auth_info.exec.clone();
    let is_renewable = credentials::are_renewable(&config.auth_info);
    if config.accept_invalid_certs {
        tracing::warn!(
            context,
            "insecure-skip-tls-verify is set: anyone can pose as this API server"
        );
    }
    let stack =
        credentials::with_plugin(config, context, move |config| stack(config, proxy)).await?;
    Ok(Upstream {
        stack,
        server,
        context: context.to_owned(),
        plugin,
        is_renewable,
        made: Instant::now(),
        accepted: AtomicBool::new(false),
    })
}

/// Why `context` cannot be used, as far as can be told without running a plugin or dialling.
pub(crate) async fn check(kubeconfig: &Arc<Kubeconfig>, context: &str) -> Result<(), Fault> {
    let config = config(kubeconfig, context).await?;
    credentials::check(&config, context)
}

/// Host and, if given, port of a server address; nothing else of it belongs in a list.
pub(crate) fn host_of(server: &str) -> Option<String> {
    let uri: Uri = server.parse().ok()?;
    let host = uri.host()?;
    Some(
        uri.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

impl Upstream {
    /// Whether a 401 may come from credentials that were good once. Fresh ones that never were would not become so
    /// by loading them again with every request.
    pub(crate) fn may_be_stale(&self) -> bool {
        let is_old = self.made.elapsed() >= STALE_AFTER;
        self.is_renewable && (is_old || self.accepted.load(Ordering::Relaxed))
    }

    /// The scheme and authority, as an `Origin` that the API server accepts.
    pub(crate) fn origin(&self) -> String {
        let scheme = self.server.scheme_str().unwrap_or("https");
        let host = self.server.host().unwrap_or_default();
        self.server.port().map_or_else(
            || format!("{scheme}://{host}"),
            |port| format!("{scheme}://{host}:{port}"),
        )
    }

    /// Sends one request, once. An answer of any kind is `Ok`.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Fault> {
        // Boxed, because the compiler cannot follow the error type's lifetime through the future itself.
        let sending: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(self.stack.clone().oneshot(request));
        let answer = sending.await.map_err(|error: BoxError| {
            failure::explain(&*error, &self.server, &self.context, self.plugin.as_ref())
        })?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            self.accepted.store(true, Ordering::Relaxed);
        }
        Ok(answer)
    }
}

/// kube's reading of the context, with what would make its layers panic or hang refused.
async fn config(kubeconfig: &Arc<Kubeconfig>, context: &str) -> Result<Config, Fault> {
    let options = KubeConfigOptions {
        context: Some(context.to_owned()),
        ..Default::default()
    };
    let mut config = Config::from_custom_kubeconfig(Kubeconfig::clone(kubeconfig), &options)
        .await
        .map_err(|error| unusable(context, &in_kubeconfig_words(&error)))?;
    let scheme = config.cluster_url.scheme_str();
    if !matches!(scheme, Some("https" | "http"))
        || config.cluster_url.host().is_none_or(str::is_empty)
    {
        let server = config.cluster_url.to_string();
        return Err(unusable(
            context,
            &format!("its server {server:?} is not an https:// or http:// address"),
        ));
    }
    // Such a number is otherwise read as no port at all, which leads to another server.
    let authority = config
        .cluster_url
        .authority()
        .map_or("", |authority| authority.as_str());
    let after_host = authority
        .rsplit_once(']')
        .map_or(authority, |(_, rest)| rest);
    if after_host.contains(':') && config.cluster_url.port_u16().is_none() {
        return Err(unusable(
            context,
            &format!("the port of its server {authority:?} is not a port"),
        ));
    }
    if scheme == Some("http") && !is_this_machine(&config.cluster_url) {
        // As kubectl does: what is sent in the clear to another machine, anybody between can read.
        tracing::warn!(
            context,
            "its server is plain http, so no credentials are sent there"
        );
        config.auth_info = AuthInfo::default();
    }
    credentials::prepare(&mut config, context)?;
    Ok(config)
}

fn is_this_machine(server: &Uri) -> bool {
    matches!(server.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

fn unusable(context: &str, reason: &str) -> Fault {
    let advice = "correct it in the kubeconfig and try again";
    Fault::new(
        Kind::Credentials,
        format!("cannot use context {context:?}: {reason}; {advice}"),
    )
}

fn in_kubeconfig_words(error: &KubeconfigError) -> String {
    match error {
        KubeconfigError::LoadClusterOfContext(cluster) => {
            format!("its cluster {cluster:?} is not in the kubeconfig")
        }
        KubeconfigError::LoadCertificateAuthority(LoadDataError::ReadFile(error, file)) => {
            format!(
                "its certificate-authority {} cannot be read: {error}",
                file.display()
            )
        }
        KubeconfigError::MissingClusterUrl => "its cluster has no server".to_owned(),
        error => failure::in_words(error),
    }
}

/// The HTTP or SOCKS proxy on the way: the kubeconfig's `proxy-url`, else what the environment says for this server.
fn proxy(kubeconfig: &Kubeconfig, name: &str, config: &Config) -> Result<Option<Intercept>, Fault> {
    let context = kubeconfig.contexts.iter().find(|named| named.name == name);
    let context = context.and_then(|named| named.context.as_ref());
    let cluster = context.and_then(|context| {
        let mut clusters = kubeconfig.clusters.iter();
        clusters
            .find(|named| named.name == context.cluster)?
            .cluster
            .as_ref()
    });
    let url = cluster.and_then(|cluster| cluster.proxy_url.as_deref());
    if let Some(url) = url.filter(|url| !url.is_empty()) {
        let intercept = Matcher::builder()
            .all(url)
            .build()
            .intercept(&config.cluster_url);
        // Without it the request would go straight to the server, which is not what was asked for.
        let known = |found: &Intercept| {
            matches!(
                found.uri().scheme_str(),
                Some("http" | "socks5" | "socks5h")
            )
        };
        return intercept.filter(known).map(Some).ok_or_else(|| {
            unusable(
                name,
                &format!("its proxy-url {url:?} is neither http:// nor socks5://"),
            )
        });
    }
    // As Go does: the environment's proxy is never asked for this machine itself.
    if is_this_machine(&config.cluster_url) {
        return Ok(None);
    }
    Ok(Matcher::from_env().intercept(&config.cluster_url))
}

fn stack(mut config: Config, proxy: Option<Intercept>) -> kube::Result<Stack> {
    let authorization = config.auth_layer()?;
    if authorization.is_some() {
        // kube would run the plugin again to ask it for a certificate; it has answered with a token.
        config.auth_info.exec = None;
    }
    let config = &config;
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(LOST_AFTER));
    tcp.set_keepalive_interval(Some(Duration::from_secs(10)));
    tcp.set_keepalive_retries(Some(3));
    #[cfg(target_os = "linux")]
    tcp.set_tcp_user_timeout(Some(LOST_AFTER));
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let Some(proxy) = proxy else {
        return layered(
            config,
            authorization,
            config.rustls_https_connector_with_connector(tcp)?,
        );
    };
    let address = proxy.uri().clone();
    match address.scheme_str() {
        Some("socks5" | "socks5h") => {
            let mut socks = SocksV5::new(address, tcp);
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            layered(
                config,
                authorization,
                config.rustls_https_connector_with_connector(socks)?,
            )
        }
        Some("http") => {
            let mut tunnel = Tunnel::new(address, tcp);
            if let Some(authorization) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(authorization.clone());
            }
            layered(
                config,
                authorization,
                config.rustls_https_connector_with_connector(tunnel)?,
            )
        }
        _ => Err(kube::Error::ProxyProtocolUnsupported {
            proxy_url: Box::new(address),
        }),
    }
}

/// Address outermost, identity innermost: what the request brought along was removed before, so kube's headers are
/// the only ones of their kind.
fn layered<C>(
    config: &Config,
    authorization: Option<AuthLayer>,
    connector: C,
) -> kube::Result<Stack>
where
    C: Service<Uri, Error = BoxError> + Clone + Send + Sync + 'static,
    C::Future: Send + 'static,
    C::Response: hyper::rt::Read
        + hyper::rt::Write
        + hyper_util::client::legacy::connect::Connection
        + Unpin
        + Send
        + 'static,
{
    let connector = connector.map_future(deadline);
    let client = client(connector).map_err(BoxError::from);
    let client = config.extra_headers_layer()?.layer(client);
    let base = config.base_uri_layer();
    Ok(match authorization {
        Some(authorization) => BoxCloneSyncService::new(base.layer(authorization.layer(client))),
        None => BoxCloneSyncService::new(base.layer(client)),
    })
}

fn client<C: Connect + Clone + Send + Sync + 'static>(connector: C) -> Client<C, Body> {
    Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http1_max_buf_size(LARGEST_BUFFER)
        .build(connector)
}

/// The connector's own deadline covers TCP alone; a peer that accepts and then says nothing must not hold a request.
fn deadline<T, F>(connecting: F) -> Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>
where
    F: Future<Output = Result<T, BoxError>> + Send + 'static,
{
    Box::pin(async move {
        match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        }
    })
}
