//! What the page and its worker say to each other, as bytes that are handed over.
//!
//! Most of it is the engine's own [`Intent`] and [`Update`]; the rest is what surrounds an
//! engine: where the API is, which cluster, the credential, and whether the worker is alive.

use k8kat::engine::message::{Intent, Update};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// A message as it is posted. Both sides are the same module, so the format needs no names.
pub(crate) fn encode(message: &impl Serialize) -> JsValue {
    let bytes = postcard::to_allocvec(message).unwrap_or_default();
    js_sys::Uint8Array::from(bytes.as_slice()).into()
}

/// A message as it arrives; nothing else is ever posted.
pub(crate) fn decode<T: DeserializeOwned>(data: &JsValue) -> Option<T> {
    let bytes = js_sys::Uint8Array::new(data).to_vec();
    postcard::from_bytes(&bytes).ok()
}

/// From the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ToWorker {
    /// The first message: find the clusters and open one.
    Start(Start),
    /// For the engine.
    Intent(Intent),
    /// Another cluster.
    Choose(String),
    /// A new credential; what waited for it goes on.
    SignIn(String),
    /// Are you there?
    Ping(u32),
}

/// Where to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Start {
    /// Absolute address of the API, without a slash at its end.
    pub(crate) api: String,
    /// The cluster of the URL or of `config.json`; else the kubeconfig's current one.
    pub(crate) cluster: Option<String>,
    /// The credential for whatever guards the API.
    pub(crate) token: Option<String>,
    /// The namespaces of which something could be read on earlier visits, as they are stored.
    pub(crate) read_namespaces: String,
    /// Megabytes of objects to keep whole, unless the engine's own measure shall do.
    pub(crate) store_budget_mb: Option<u32>,
}

/// From the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum ToPage {
    /// Listening; send `Start`.
    Ready,
    /// The clusters that the API offers.
    Clusters(Vec<ClusterEntry>),
    /// An engine for this cluster stands ready and knows nothing yet: open the view.
    Opened(String),
    /// From the engine of this cluster (empty while none is open).
    Update {
        /// The cluster's slug.
        cluster: String,
        /// What changed.
        update: Box<Update>,
    },
    /// The list of clusters needs a credential, or another one; says why.
    SignIn(String),
    /// Answer to `Ping`.
    Pong(u32),
    /// The last words; a sentence or two when the driver passes them on.
    Died(String),
}

/// A cluster that the API offers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClusterEntry {
    /// Its name in URLs.
    pub(crate) slug: String,
    /// The context's name.
    pub(crate) context: String,
    /// Address of its API server.
    pub(crate) server: Option<String>,
    /// The context's namespace.
    pub(crate) namespace: Option<String>,
    /// The kubeconfig's user.
    pub(crate) user: Option<String>,
    /// The kubeconfig's current context.
    pub(crate) current: bool,
    /// Its certificate is not checked.
    pub(crate) insecure: bool,
    /// Why it cannot be used.
    pub(crate) error: Option<String>,
}

impl ClusterEntry {
    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        if self.context.is_empty() {
            &self.slug
        } else {
            &self.context
        }
    }
}
