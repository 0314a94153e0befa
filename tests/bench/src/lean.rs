//! The least that a table of pods needs, as a client would write it with serde.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct List {
    items: Vec<Pod>,
}

impl List {
    pub(crate) const fn len(&self) -> usize {
        self.items.len()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "what is read is kept, not looked at")]
struct Pod {
    metadata: Metadata,
    spec: Spec,
    #[serde(default)]
    status: Status,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "what is read is kept, not looked at")]
struct Metadata {
    name: String,
    namespace: String,
    uid: String,
    creation_timestamp: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "what is read is kept, not looked at")]
struct Spec {
    #[serde(default)]
    node_name: String,
    containers: Vec<Container>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "what is read is kept, not looked at")]
struct Container {
    name: String,
    image: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "what is read is kept, not looked at")]
struct Status {
    #[serde(default)]
    phase: String,
    #[serde(default)]
    reason: String,
    #[serde(default, rename = "podIP")]
    pod_ip: String,
    #[serde(default)]
    container_statuses: Vec<ContainerStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code, reason = "what is read is kept, not looked at")]
struct ContainerStatus {
    ready: bool,
    restart_count: i32,
}
