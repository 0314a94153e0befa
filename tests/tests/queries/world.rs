//! The world of a file: namespaces and objects, each a line. What a line does not say is as little as the
//! API takes, and such that no controller touches it.

use std::time::{Duration, Instant};

use kapi_tests::{System, pod};
use serde_json::{Map, Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct World<'a> {
    system: &'a System,
    /// What the file is called.
    name: String,
    /// Namespaces: as the file has them, and as they are.
    namespaces: Vec<(String, String)>,
}

impl<'a> World<'a> {
    pub(crate) fn new(system: &'a System, name: &str) -> Self {
        Self {
            system,
            name: name.to_owned(),
            namespaces: Vec::new(),
        }
    }

    /// `namespace n1`, or `pod n1/web {labels: {app: web}}`.
    pub(crate) async fn create(&mut self, line: &str) {
        let (kind, rest) = line
            .split_once(' ')
            .unwrap_or_else(|| panic!("no line of a world: {line}"));
        if kind == "namespace" {
            let real = self
                .system
                .namespace(&format!("queries-{}-{rest}", self.name))
                .await;
            settle(self.system, &real).await;
            self.namespaces.push((rest.to_owned(), real));
            return;
        }
        let (place, said) = rest.split_once(' ').unwrap_or((rest, "{}"));
        let said: Value = serde_saphyr::from_str(&self.fill(said))
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        let (namespace, name) = place
            .split_once('/')
            .unwrap_or_else(|| panic!("no namespace in {line}"));
        let namespace = self.fill(&format!("${namespace}"));
        let (path, mut object) = usual(kind, &namespace, name, &said["labels"]);
        let mut said = said.as_object().cloned().unwrap_or_default();
        said.remove("labels");
        let status = said.remove("status");
        merge(&mut object, Value::Object(said));
        let (code, answer) = self.system.send("POST", &path, Some(object)).await;
        assert_eq!(code, 201, "{line}: {answer}");
        if let Some(status) = status {
            let path = format!("{path}/{name}/status");
            let (code, answer) = self
                .system
                .send("PATCH", &path, Some(json!({"status": status})))
                .await;
            assert_eq!(code, 200, "{line}: {answer}");
        }
    }

    /// `$n1` is a namespace of the file.
    pub(crate) fn fill(&self, text: &str) -> String {
        let namespaces = self.namespaces.iter();
        namespaces.fold(text.to_owned(), |text, (name, real)| {
            text.replace(&format!("${name}"), real)
        })
    }

    pub(crate) fn hide(&self, text: &str) -> String {
        let namespaces = self.namespaces.iter();
        namespaces.fold(text.to_owned(), |text, (name, real)| {
            text.replace(real, &format!("${name}"))
        })
    }

    pub(crate) async fn delete(&self) {
        for (_, namespace) in &self.namespaces {
            self.system.delete_namespace(namespace).await;
        }
    }
}

/// Waits for what controllers put into a namespace, without which there are no pods.
async fn settle(system: &System, namespace: &str) {
    for made in ["configmaps/kube-root-ca.crt", "serviceaccounts/default"] {
        let path = format!("/api/v1/namespaces/{namespace}/{made}");
        let end = Instant::now() + PATIENCE;
        while system.send("GET", &path, None).await.0 != 200 {
            assert!(
                Instant::now() < end,
                "{path} is not there after {PATIENCE:?}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Where an object of a kind is created, and the least that is taken.
fn usual(kind: &str, namespace: &str, name: &str, labels: &Value) -> (String, Value) {
    let empty = json!({});
    let labels = labels.as_object().map_or(&empty, |_| labels);
    let own = json!({"app": name});
    let selector = if *labels == empty { &own } else { labels };
    let metadata = json!({"name": name, "namespace": namespace, "labels": labels});
    let mut object = json!({"metadata": metadata});
    let (group, plural) = match kind {
        "pod" => {
            object = pod(namespace, name, labels);
            ("api/v1", "pods")
        }
        "deploy" => {
            object["spec"] = json!({
                "replicas": 0, "selector": {"matchLabels": selector},
                "template": {"metadata": {"labels": selector},
                    "spec": {"containers": [{"name": "c", "image": "example.com/none:1"}]}},
            });
            ("apis/apps/v1", "deployments")
        }
        "svc" => {
            object["spec"] = json!({"selector": selector, "ports": [{"port": 80}]});
            ("api/v1", "services")
        }
        "cm" => ("api/v1", "configmaps"),
        "secret" => ("api/v1", "secrets"),
        "event" => {
            object["involvedObject"] = json!({"namespace": namespace});
            ("api/v1", "events")
        }
        other => panic!("no world has a {other}"),
    };
    (format!("/{group}/namespaces/{namespace}/{plural}"), object)
}

/// What is said stands, what is not said stays.
fn merge(object: &mut Value, said: Value) {
    match (object, said) {
        (Value::Object(object), Value::Object(said)) => {
            for (name, value) in said {
                merge(
                    object.entry(name).or_insert(Value::Object(Map::new())),
                    value,
                );
            }
        }
        (object, said) => *object = said,
    }
}
