//! The servers that scripts run on, and their users.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kapi_sandbox::{Options, Sandbox};
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use tokio::runtime::Runtime;
use tokio::sync::OnceCell;

use crate::script::Script;

/// All scripts share a sandbox, as they share the real server. It outlives the runtimes of single tests.
struct Shared {
    require_token: bool,
    sandbox: OnceCell<Sandbox>,
}

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new().expect("a runtime for the sandboxes"));
static STRICT: Shared = Shared::new(true);
static OPEN: Shared = Shared::new(false);

impl Shared {
    const fn new(require_token: bool) -> Self {
        Self {
            require_token,
            sandbox: OnceCell::const_new(),
        }
    }

    async fn get(&self) -> &Sandbox {
        let start = async || {
            let options = Options {
                lively: false,
                require_token: self.require_token,
                ..Options::default()
            };
            let started = RUNTIME
                .spawn(Sandbox::start(options))
                .await
                .expect("the sandbox does not panic");
            started.expect("the sandbox starts")
        };
        self.sandbox.get_or_init(start).await
    }
}

/// An API server, without a proxy before it.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) kubeconfig: PathBuf,
    sandbox: Option<&'static Sandbox>,
    /// Of the kubeconfig and of kubectl's caches.
    pub(crate) files: tempfile::TempDir,
}

impl Server {
    /// The servers that a script runs on. Why it does not run on one is said.
    pub(crate) async fn all(script: &Script) -> Vec<Self> {
        if script.needs_kubectl() && kapi_tests::kubectl().is_none() {
            // Where the real server is that of `tests/cluster`, kubectl is, too, and both are tried.
            return Vec::new();
        }
        let real = Self::real(script);
        let updates = std::env::var_os("UPDATE_EXPECT").is_some();
        assert!(
            real.is_some() || !updates,
            "UPDATE_EXPECT writes what the real API server says; set KAPI_TEST_KUBECONFIG"
        );
        let sandbox = if updates {
            None
        } else {
            Some(Self::sandbox(script).await)
        };
        [sandbox, real].into_iter().flatten().collect()
    }

    async fn sandbox(script: &Script) -> Self {
        // kubectl sends no tokens over plain HTTP.
        let sandbox = if script.needs_kubectl() {
            &OPEN
        } else {
            &STRICT
        };
        let sandbox = sandbox.get().await;
        let files = tempfile::tempdir().expect("a temporary folder");
        let kubeconfig = files.path().join("kubeconfig");
        std::fs::write(&kubeconfig, sandbox.kubeconfig()).expect("the kubeconfig is written");
        Self {
            name: "sandbox",
            kubeconfig,
            sandbox: Some(sandbox),
            files,
        }
    }

    fn real(script: &Script) -> Option<Self> {
        let Some(path) = std::env::var_os("KAPI_TEST_KUBECONFIG") else {
            eprintln!("skipped: the real API server (KAPI_TEST_KUBECONFIG is not set)");
            return None;
        };
        let kubeconfig = PathBuf::from(path);
        if script.forgets() && !is_ours(&kubeconfig) {
            eprintln!(
                "skipped: the real API server (it cannot be made to forget: it is not that of tests/cluster)"
            );
            return None;
        }
        let files = tempfile::tempdir().expect("a temporary folder");
        Some(Self {
            name: "real API server",
            kubeconfig,
            sandbox: None,
            files,
        })
    }

    fn contexts(&self) -> Kubeconfig {
        Kubeconfig::read_from(&self.kubeconfig).expect("a kubeconfig")
    }

    /// A client with the credentials of a user, or with none.
    pub(crate) async fn client(&self, user: &str) -> Client {
        let context = if user == "anonymous" {
            "kapi-admin"
        } else {
            &format!("kapi-{user}")
        };
        let options = KubeConfigOptions {
            context: Some(context.to_owned()),
            ..KubeConfigOptions::default()
        };
        let mut config = Config::from_custom_kubeconfig(self.contexts(), &options)
            .await
            .expect("a configuration");
        if user == "anonymous" {
            config.auth_info = AuthInfo::default();
        }
        // This is for kubectl, which sends no tokens over plain HTTP.
        config.auth_info.impersonate = None;
        config.read_timeout = None;
        // What a server answers is to be seen, not tried again.
        config.default_retry = false;
        Client::try_from(config).expect("a client")
    }

    /// A user's token as WebSockets carry it.
    pub(crate) fn bearer(&self, user: &str) -> Option<String> {
        let contexts = self.contexts();
        let user = contexts
            .auth_infos
            .iter()
            .find(|info| info.name == format!("kapi-{user}"))?;
        let user = serde_json::to_value(user.auth_info.as_ref()?).ok()?;
        Some(URL_SAFE_NO_PAD.encode(user["token"].as_str()?))
    }

    /// The namespace of the developer.
    pub(crate) fn team(&self) -> String {
        let contexts = self.contexts();
        let context = contexts
            .contexts
            .iter()
            .find(|context| context.name == "kapi-developer");
        context
            .and_then(|context| context.context.as_ref()?.namespace.clone())
            .expect("the context kapi-developer has a namespace")
    }

    /// Forgets its past, so that it refuses to continue from there.
    pub(crate) async fn compact(&self) {
        if let Some(sandbox) = &self.sandbox {
            return sandbox.compact();
        }
        for command in ["compact", "restart-apiserver"] {
            let done = tokio::process::Command::new(cluster_folder().join("cluster"))
                .arg(command)
                .output()
                .await
                .expect("the script of the cluster runs");
            assert!(
                done.status.success(),
                "{command}: {}",
                String::from_utf8_lossy(&done.stderr)
            );
        }
    }
}

fn cluster_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster")
}

/// Whether it is the control plane that `tests/cluster` has started.
fn is_ours(kubeconfig: &Path) -> bool {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cluster/kubeconfig");
    ours.canonicalize()
        .ok()
        .is_some_and(|ours| kubeconfig.canonicalize().is_ok_and(|given| given == ours))
}
