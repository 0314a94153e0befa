//! Whole-system tests: the engine, through the proxy, against an API server.
//!
//! Every test runs against the sandbox, and against a real API server as well when
//! `KAPI_TEST_KUBECONFIG` names a kubeconfig (its current context is used; what a test creates
//! lies in a namespace of its own, which it deletes). With `KAPI_TEST_CONTEXT` as well or instead,
//! that context is used, and the sandbox is not. The proxy is the real one, in this process.

mod page;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use k8kat::client::K8Kat;
use k8kat::http::Http;
use kapi::{Args, Server};
use kapi_sandbox::{Options, Sandbox};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

pub use page::{Page, Sockets};

/// A proxy in front of an API server.
pub struct System {
    /// What it is, for messages.
    pub name: &'static str,
    base: String,
    token: String,
    outside: reqwest::Client,
    /// The kubeconfig that leads to its API server, where that is not the usual one.
    pub kubeconfig: Option<PathBuf>,
    /// The sandbox behind it, if it is that.
    pub sandbox: Option<Sandbox>,
    /// Dropping it stops the proxy.
    _stop: tokio::sync::oneshot::Sender<()>,
    _files: tempfile::TempDir,
}

impl System {
    /// The systems to test on: the sandbox, and the real API server if there is one.
    pub async fn all() -> Vec<Self> {
        let quiet = Options {
            lively: false,
            ..Options::default()
        };
        let mut systems = Vec::new();
        if context().is_none() {
            systems.push(Self::sandbox(quiet).await);
        }
        systems.extend(Self::real().await);
        systems
    }

    /// The real API server, if there is one.
    pub async fn real() -> Option<Self> {
        let kubeconfig = std::env::var_os("KAPI_TEST_KUBECONFIG").map(PathBuf::from);
        let context = context();
        if context.is_none() && kubeconfig.is_none() {
            eprintln!("skipped: the real API server (KAPI_TEST_KUBECONFIG is not set)");
            return None;
        }
        let files = tempfile::tempdir().expect("a temporary folder");
        Some(Self::start("real API server", kubeconfig, context, files).await)
    }

    /// A proxy in front of a sandbox.
    pub async fn sandbox(options: Options) -> Self {
        let sandbox = Sandbox::start(options).await.expect("the sandbox starts");
        let files = tempfile::tempdir().expect("a temporary folder");
        let kubeconfig = files.path().join("kubeconfig");
        std::fs::write(&kubeconfig, sandbox.kubeconfig()).expect("the kubeconfig is written");
        let system = Self::start("sandbox", Some(kubeconfig), None, files).await;
        Self {
            sandbox: Some(sandbox),
            ..system
        }
    }

    async fn start(
        name: &'static str,
        kubeconfig: Option<PathBuf>,
        context: Option<String>,
        files: tempfile::TempDir,
    ) -> Self {
        let mut args = Args::parse_from(["kapi", "--port", "0"]);
        args.kubeconfig.clone_from(&kubeconfig);
        args.context = context;
        let server = Server::bind(&args).await;
        let server = server.unwrap_or_else(|error| panic!("the proxy does not start: {error}"));
        let url = server.launch_url();
        let (origin, token) = url
            .split_once("/#token=")
            .expect("the printed address has a token");
        let (base, token) = (origin.to_owned(), token.to_owned());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        tokio::spawn(server.run(async {
            let _ = stopped.await;
        }));
        let slug = default_cluster(&base).await;
        Self {
            name,
            base: format!("{base}/clusters/{slug}"),
            token,
            outside: reqwest::Client::new(),
            kubeconfig,
            sandbox: None,
            _stop: stop,
            _files: files,
        }
    }

    /// The transport to its API server.
    #[must_use]
    pub fn http(&self) -> Http {
        Http::new(self.base.clone()).bearer(self.token.clone())
    }

    /// WebSockets to its API server.
    #[must_use]
    pub fn sockets(&self) -> Sockets {
        Sockets::new(self.base.clone(), self.token.clone())
    }

    /// Queries on it.
    #[must_use]
    pub fn k8kat(&self) -> K8Kat<Http> {
        K8Kat::new(self.http())
    }

    /// A request to its API server, from outside.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        self.send_for("application/json", method, path, body).await
    }

    /// The same, for an answer of a media type.
    pub async fn send_for(
        &self,
        accept: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let answer = self.try_to_send(accept, method, path, body).await;
        answer.expect("it answers, and the answer is whole")
    }

    /// The same, of which the connection may break.
    ///
    /// # Errors
    /// The cause in words; whether the request was carried out is not known then.
    pub async fn try_to_send(
        &self,
        accept: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<(u16, Value), String> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let content_type = if method == "PATCH" {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let mut request = self
            .outside
            .request(method, format!("{}{path}", self.base))
            .header("accept", accept)
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request
                .header("content-type", content_type)
                .body(body.to_string());
        }
        let response = request.send().await.map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| error.to_string())?;
        Ok((
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        ))
    }

    /// What its API server answers in an encoding of the caller's choice.
    pub async fn get(&self, path: &str, accept: &str) -> (u16, Vec<u8>) {
        let response = reqwest::Client::new()
            .get(format!("{}{path}", self.base))
            .bearer_auth(&self.token)
            .header("accept", accept)
            .send()
            .await
            .expect("the proxy answers");
        let status = response.status().as_u16();
        (status, response.bytes().await.expect("a body").into())
    }

    /// The time by the clock of its API server, in milliseconds since 1970; up to a second early.
    pub async fn server_time(&self) -> i64 {
        let request = self.outside.get(format!("{}/version", self.base));
        let answer = request.bearer_auth(&self.token).send().await;
        let answer = answer.expect("the proxy answers");
        let date = answer
            .headers()
            .get("date")
            .and_then(|date| date.to_str().ok());
        date.and_then(k8kat::api::time::parse_http_date)
            .expect("answers are dated")
    }

    /// A namespace of a test's own, empty.
    pub async fn namespace(&self, name: &str) -> String {
        let run = run();
        let name = format!("kapi-test-{name}-{run}");
        let metadata = serde_json::json!({"name": name, "labels": {RUN_LABEL: run}});
        let body =
            serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        let (status, answer) = self.send("POST", "/api/v1/namespaces", Some(body)).await;
        assert_eq!(status, 201, "{answer}");
        name
    }

    /// Deletes a test's namespace.
    pub async fn delete_namespace(&self, name: &str) {
        self.send("DELETE", &format!("/api/v1/namespaces/{name}"), None)
            .await;
    }
}

/// kubectl: what `KUBECTL` names, or the one that `tests/cluster` builds. That there is none is said.
#[must_use]
pub fn kubectl() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("KUBECTL") {
        return Some(path.into());
    }
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cluster/bin/kubectl");
    if built.exists() {
        return Some(built);
    }
    eprintln!(
        "skipped: there is no kubectl (`tests/cluster/cluster build` makes one, $KUBECTL names another)"
    );
    None
}

/// Chance by a seed, which is printed: `KAPI_TEST_SEED`, or the time.
#[must_use]
pub fn chance() -> ChaCha8Rng {
    let seed = match std::env::var("KAPI_TEST_SEED") {
        Ok(seed) => seed.parse().expect("KAPI_TEST_SEED is a number"),
        Err(_) => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs()),
    };
    eprintln!("KAPI_TEST_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

/// The context of a cluster of somebody's own, on which alone the tests shall run.
fn context() -> Option<String> {
    std::env::var("KAPI_TEST_CONTEXT").ok()
}

/// Carried by each namespace that a test creates, so that what a test leaves can be found; see `bin/sweep.rs`.
pub const RUN_LABEL: &str = "kapi.dev/test-run";

/// Tells the namespaces of one run from those of others: what `KAPI_TEST_RUN` says, else the process.
fn run() -> String {
    std::env::var("KAPI_TEST_RUN").unwrap_or_else(|_| std::process::id().to_string())
}

async fn default_cluster(base: &str) -> String {
    let config = reqwest::get(format!("{base}/config.json"))
        .await
        .expect("the proxy answers");
    let config: Value =
        serde_json::from_str(&config.text().await.expect("a body")).expect("config.json is JSON");
    config["cluster"]
        .as_str()
        .expect("a default cluster")
        .to_owned()
}

/// A pod that no kubelet will ever touch: bound to a node that does not exist.
#[must_use]
pub fn pod(namespace: &str, name: &str, labels: &Value) -> Value {
    serde_json::json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"nodeName": "nobody", "containers": [{"name": "c", "image": "example.com/none:1"}],
                 "tolerations": [{"operator": "Exists"}]},
    })
}

/// The names of the texts in a folder, in order: what a test that runs each of them must know.
#[must_use]
pub fn texts(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder of texts");
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        let file = entry.ok()?.file_name();
        Some(file.to_str()?.strip_suffix(".txt")?.to_owned())
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort_unstable();
    names
}
