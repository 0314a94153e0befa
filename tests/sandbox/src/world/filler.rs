//! Filler: as many more pods as wanted, in namespaces of their own. They are not grown, which would take minutes, but
//! copied from one deployment that was: the shop's front end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::nodes::node;
use super::{DAY, HOUR, World};
use crate::clock::rfc3339;
use crate::controllers::template_hash;
use crate::object::Object;
use crate::registry::Registry;
use crate::resource::{DEPLOYMENTS, PODS, REPLICA_SETS, Resource};
use crate::status::Status;
use crate::store::{Decision, KeyRange};

const PODS_PER_DEPLOYMENT: usize = 25;
const PODS_PER_NAMESPACE: usize = 500;
const PODS_PER_NODE: usize = 100;
const PREFIX: &str = "team-";

const APPS: [&str; 10] = [
    "accounts", "billing", "chat", "export", "gateway", "images", "ledger", "mail", "orders",
    "profile",
];

impl World<'_> {
    pub(super) fn filler(&mut self, pods: usize) -> Result<(), Status> {
        if pods == 0 {
            return Ok(());
        }
        for number in 0..pods.div_ceil(PODS_PER_NODE) {
            let place = u32::try_from(number).unwrap_or(0) + 100;
            self.node(node(
                &format!("filler-{number:04}"),
                place,
                "8",
                ["a", "b", "c"][number % 3],
            ))?;
        }
        for number in 0..pods.div_ceil(PODS_PER_NAMESPACE) {
            self.namespace(&format!("{PREFIX}{number:03}"))?;
        }
        self.ago(0);
        let Some(pattern) = Pattern::of("shop/web", self) else {
            return Ok(());
        };
        for first in (0..pods).step_by(PODS_PER_DEPLOYMENT) {
            self.copy(&pattern, first, (pods - first).min(PODS_PER_DEPLOYMENT));
        }
        for resource in [&DEPLOYMENTS, &REPLICA_SETS, &PODS] {
            self.controllers.adopt(
                resource,
                &KeyRange {
                    prefix: PREFIX.to_owned(),
                    start: None,
                },
            );
        }
        Ok(())
    }

    /// One deployment with its pods.
    fn copy(&self, pattern: &Pattern, first: usize, pods: usize) {
        let number = first / PODS_PER_DEPLOYMENT;
        let copy = Copy {
            registry: self.registry,
            namespace: format!("{PREFIX}{:03}", first / PODS_PER_NAMESPACE),
            app: format!(
                "{}-{}",
                APPS[number % APPS.len()],
                number % (PODS_PER_NAMESPACE / PODS_PER_DEPLOYMENT)
            ),
            created: rfc3339(
                self.now - Duration::from_secs(HOUR + (number as u64 * 7919) % (4 * DAY)),
            ),
        };
        let deployment = copy.top(&pattern.deployment, &copy.app, pods);
        let hash = template_hash(&deployment);
        let set_name = format!("{}-{hash}", copy.app);
        let set = copy.below(&pattern.replica_set, &set_name, &hash, &deployment);
        let pod = copy.below(&pattern.pod, &set_name, &hash, &set);
        copy.store(&DEPLOYMENTS, deployment);
        copy.store(&REPLICA_SETS, copy.scaled(set, pods));
        for number in first..first + pods {
            copy.store(&PODS, copy.pod(&pod, &set_name, number));
        }
    }
}

/// What copies are made from.
struct Pattern {
    deployment: Value,
    replica_set: Value,
    pod: Value,
}

impl Pattern {
    fn of(key: &str, world: &World<'_>) -> Option<Self> {
        let store = &world.registry.store;
        let deployment = store.get(&DEPLOYMENTS, key)?.value();
        let below = KeyRange {
            prefix: format!("{key}-"),
            start: None,
        };
        let mut sets = store
            .all(&REPLICA_SETS, &below)
            .into_iter()
            .map(|set| set.value());
        let replica_set = sets.rfind(|set| set["spec"]["replicas"] != 0)?;
        let owned = |pod: &Arc<Object>| {
            pod.value()["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]
        };
        let pod = store.all(&PODS, &below).into_iter().find(owned)?.value();
        Some(Self {
            deployment,
            replica_set,
            pod,
        })
    }
}

/// One copied deployment.
struct Copy<'a> {
    registry: &'a Registry,
    namespace: String,
    app: String,
    created: String,
}

impl Copy<'_> {
    fn identified(&self, pattern: &Value, name: &str) -> Value {
        let mut value = pattern.clone();
        let metadata = &mut value["metadata"];
        metadata["name"] = name.into();
        metadata["namespace"] = self.namespace.as_str().into();
        metadata["uid"] = self.registry.uid().into();
        metadata["creationTimestamp"] = self.created.as_str().into();
        value
    }

    fn relabel(&self, labels: &mut Value, hash: Option<&str>) {
        for label in ["app", "app.kubernetes.io/name"] {
            if labels[label].is_string() {
                labels[label] = self.app.as_str().into();
            }
        }
        if let Some(hash) = hash {
            labels["pod-template-hash"] = hash.into();
        }
    }

    fn relabel_spec(&self, spec: &mut Value, hash: Option<&str>) {
        self.relabel(&mut spec["selector"]["matchLabels"], hash);
        self.relabel(&mut spec["template"]["metadata"]["labels"], hash);
        let image = format!("registry.example.com/filler/{}:1.0.0", self.app);
        spec["template"]["spec"]["containers"][0]["image"] = image.into();
        spec["template"]["spec"]["containers"][0]["name"] = self.app.as_str().into();
    }

    fn top(&self, pattern: &Value, name: &str, replicas: usize) -> Value {
        let mut value = self.identified(pattern, name);
        self.relabel(&mut value["metadata"]["labels"], None);
        self.relabel_spec(&mut value["spec"], None);
        self.scaled(value, replicas)
    }

    fn scaled(&self, mut value: Value, replicas: usize) -> Value {
        value["spec"]["replicas"] = replicas.into();
        for count in [
            "replicas",
            "readyReplicas",
            "availableReplicas",
            "updatedReplicas",
            "fullyLabeledReplicas",
        ] {
            if value["status"][count].is_number() {
                value["status"][count] = replicas.into();
            }
        }
        value
    }

    /// A replica set, or the pattern of its pods.
    fn below(&self, pattern: &Value, name: &str, hash: &str, owner: &Value) -> Value {
        let mut value = self.identified(pattern, name);
        self.relabel(&mut value["metadata"]["labels"], Some(hash));
        let reference = &mut value["metadata"]["ownerReferences"][0];
        reference["name"] = owner["metadata"]["name"].clone();
        reference["uid"] = owner["metadata"]["uid"].clone();
        if value["spec"]["template"].is_object() {
            self.relabel_spec(&mut value["spec"], Some(hash));
        } else {
            let image = format!("registry.example.com/filler/{}:1.0.0", self.app);
            for container in ["/spec/containers/0", "/status/containerStatuses/0"] {
                if let Some(container) = value.pointer_mut(container) {
                    container["name"] = self.app.as_str().into();
                    container["image"] = image.as_str().into();
                }
            }
            value["status"]["containerStatuses"][0]["state"]["running"]["startedAt"] =
                self.created.as_str().into();
            value["status"]["startTime"] = self.created.as_str().into();
            value["metadata"]["generateName"] = format!("{name}-").into();
        }
        value
    }

    fn pod(&self, pattern: &Value, set: &str, number: usize) -> Value {
        let mut pod = self.identified(pattern, &format!("{set}-{}", self.registry.name_suffix()));
        let address = format!(
            "10.{}.{}.{}",
            128 + number / 62_500,
            number / 250 % 250,
            number % 250 + 2
        );
        pod["spec"]["nodeName"] = format!("filler-{:04}", number / PODS_PER_NODE).into();
        pod["status"]["podIPs"] = json!([{ "ip": address }]);
        pod["status"]["podIP"] = address.into();
        let id = format!("containerd://{:032x}{number:032x}", number * 7919);
        pod["status"]["containerStatuses"][0]["containerID"] = id.into();
        pod
    }

    fn store(&self, resource: &Resource, value: Value) {
        let key = resource.key(
            &self.namespace,
            value["metadata"]["name"].as_str().unwrap_or_default(),
        );
        // Names are random; of two that are the same one stays.
        let stored = self.registry.store.change(resource, &key, |_| {
            Ok::<_, std::convert::Infallible>(Decision::Put(value))
        });
        debug_assert!(stored.is_ok());
    }
}
