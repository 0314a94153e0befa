//! What all requests share: who we are, whom we trust, and what we serve. Nothing in it is about one request.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderValue, Response};
use serde_json::json;
use tokio::sync::watch;

use crate::app::{self, App};
use crate::args::{Args, Mode};
use crate::body::{self, Body};
use crate::clusters::Clusters;
use crate::serve::StartError;
use crate::token::LaunchToken;

pub(crate) struct Site {
    /// For the page: megabytes of objects that it may keep whole.
    store_budget_mb: u32,
    mode: Mode,
    hosts: Vec<String>,
    allowed_origins: Vec<String>,
    pub(crate) token: LaunchToken,
    pub(crate) clusters: Clusters,
    pub(crate) app: App,
    stopping: watch::Receiver<bool>,
}

impl Site {
    /// What `args` ask for. The hosts are known only once the listener has its port; see [`Site::listens_on`].
    pub(crate) fn open(args: &Args, stopping: watch::Receiver<bool>) -> Result<Self, StartError> {
        Ok(Self {
            mode: args.mode,
            hosts: Vec::new(),
            allowed_origins: args
                .allow_origin
                .iter()
                .map(|url| origin(url))
                .collect::<Result<_, _>>()?,
            app: App::open(args.app.as_deref())?,
            store_budget_mb: args.store_budget,
            clusters: Clusters::open(args.kubeconfig.as_deref(), args.context.clone())?,
            token: LaunchToken::generate()
                .map_err(|error| StartError(format!("no random numbers for the token: {error}")))?,
            stopping,
        })
    }

    pub(crate) fn listens_on(&mut self, address: SocketAddr) {
        self.hosts = hosts(address);
    }

    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    pub(crate) fn is_own_host(&self, host: &[u8]) -> bool {
        self.hosts.iter().any(|own| own.as_bytes() == host)
    }

    /// Our own page is the one of exactly the host that was asked: 127.0.0.1 and localhost are two origins.
    pub(crate) fn is_own_origin(&self, origin: &[u8], parts: &Parts) -> bool {
        let host = parts.headers.get(HOST).map(HeaderValue::as_bytes);
        origin
            .strip_prefix(b"http://")
            .is_some_and(|origin| Some(origin) == host)
    }

    pub(crate) fn allows_origin(&self, origin: &[u8]) -> bool {
        self.allowed_origins
            .iter()
            .any(|allowed| allowed.as_bytes() == origin)
    }

    /// Resolves when the proxy stops.
    pub(crate) fn stopped(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let mut stopping = self.stopping.clone();
        Box::pin(async move {
            let _ = stopping.wait_for(|stopping| *stopping).await;
        })
    }

    /// The page's settings: nothing secret, so without token.
    pub(crate) fn config(&self) -> Response<Body> {
        let mode = match self.mode {
            Mode::Local => "local",
        };
        let config = json!({
            "mode": mode,
            "api": "",
            "cluster": self.clusters.current().default_slug(),
            "storeBudgetMb": self.store_budget_mb,
            "version": env!("CARGO_PKG_VERSION"),
        });
        app::json(config.to_string())
    }

    pub(crate) async fn list(&self) -> Response<Body> {
        let entries = self.clusters.current().entries().await;
        let mut response = Response::new(body::full(json!({ "clusters": entries }).to_string()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

/// Every `Host` that a browser sends when it means us.
fn hosts(address: SocketAddr) -> Vec<String> {
    let mut names = vec![
        "127.0.0.1".to_owned(),
        "localhost".to_owned(),
        "[::1]".to_owned(),
    ];
    let bound = match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    if !names.contains(&bound) {
        names.push(bound);
    }
    match address.port() {
        // A browser leaves out the usual port.
        80 => names,
        port => names.iter().map(|name| format!("{name}:{port}")).collect(),
    }
}

/// An origin as a browser sends it.
fn origin(url: &str) -> Result<String, StartError> {
    let wrong = || {
        StartError(format!(
            "--allow-origin {url:?} is not an origin; give scheme, host and port alone, for example http://localhost:8080"
        ))
    };
    let origin = url.strip_suffix('/').unwrap_or(url).to_ascii_lowercase();
    let uri: http::Uri = origin.parse().map_err(|_| wrong())?;
    let usual_port = match uri.scheme_str() {
        Some("http") => ":80",
        Some("https") => ":443",
        _ => return Err(wrong()),
    };
    let is_exact = uri.authority().is_some_and(|authority| {
        !authority.as_str().contains('@') && origin.ends_with(&format!("://{authority}"))
    });
    let origin = origin
        .strip_suffix(usual_port)
        .unwrap_or(&origin)
        .to_owned();
    is_exact.then_some(origin).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn origins() {
        let urls = [
            "http://localhost:8080",
            "https://Kapi.Test/",
            "http://kapi.test:80",
            "https://kapi.test:80",
            "http://[::1]:1",
            "http://kapi.test/path",
            "http://kapi.test?x",
            "http://user@kapi.test",
            "kapi.test",
            "file:///x",
            "null",
            "*",
        ];
        let lines =
            urls.map(|url| format!("{url} -> {}\n", origin(url).as_deref().unwrap_or("refused")));
        expect![[r#"
            http://localhost:8080 -> http://localhost:8080
            https://Kapi.Test/ -> https://kapi.test
            http://kapi.test:80 -> http://kapi.test
            https://kapi.test:80 -> https://kapi.test:80
            http://[::1]:1 -> http://[::1]:1
            http://kapi.test/path -> refused
            http://kapi.test?x -> refused
            http://user@kapi.test -> refused
            kapi.test -> refused
            file:///x -> refused
            null -> refused
            * -> refused
        "#]]
        .assert_eq(&lines.concat());
    }
}
