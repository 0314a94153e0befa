//! What happens by itself in the demo: every second or two somebody scales, rolls out, or a pod fails.
//!
//! Only in the demo's namespaces and among its deployments, so it costs the same however large the cluster is.

use std::time::{Duration, SystemTime};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::{Controllers, has_condition, items, number, text};
use crate::clock::rfc3339;
use crate::registry::{DeleteOptions, Part, Writer};
use crate::resource::{DEPLOYMENTS, NODES, PODS};
use crate::store::KeyRange;
use crate::world::LIVELY_DEPLOYMENTS;

#[derive(Debug)]
pub(super) struct Happenings {
    random: ChaCha8Rng,
    next: Option<SystemTime>,
}

impl Happenings {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed ^ 0x1ee1),
            next: None,
        }
    }

    pub(super) fn happen(&mut self, controllers: &Controllers, now: SystemTime) {
        let due = *self.next.get_or_insert(now + Duration::from_secs(1));
        if now < due {
            return;
        }
        self.next = Some(now + Duration::from_millis(self.random.random_range(900..2100)));
        let key = LIVELY_DEPLOYMENTS[self.random.random_range(0..LIVELY_DEPLOYMENTS.len())];
        match self.random.random_range(0..100) {
            0..30 => self.scale(controllers, key),
            30..45 => roll_out(controllers, key),
            45..60 => self.with_a_pod(controllers, key, |controllers, pod| {
                // Another controller may have been quicker.
                let _ = controllers.registry.delete(
                    &PODS,
                    pod,
                    &DeleteOptions::default(),
                    &Writer::component("kubectl-delete"),
                );
            }),
            60..80 => self.with_a_pod(controllers, key, |controllers, pod| {
                controllers.crash(pod, now)
            }),
            _ => heartbeat(controllers, &mut self.random, now),
        }
    }

    fn scale(&mut self, controllers: &Controllers, key: &str) {
        let up = self.random.random_bool(0.5);
        controllers.registry.modify(
            &DEPLOYMENTS,
            key,
            Part::Main,
            "horizontal-pod-autoscaler",
            |deployment| {
                let replicas = number(&deployment["spec"]["replicas"]);
                let wanted = if up { replicas + 1 } else { replicas - 1 };
                deployment["spec"]["replicas"] = wanted.clamp(2, 6).into();
            },
        );
    }

    fn with_a_pod(
        &mut self,
        controllers: &Controllers,
        key: &str,
        what: impl FnOnce(&Controllers, &str),
    ) {
        let range = KeyRange {
            prefix: format!("{key}-"),
            start: None,
        };
        let pods = controllers.store.all(&PODS, &range);
        let running: Vec<_> = pods
            .iter()
            .filter(|pod| pod.field(5) == "Running")
            .collect();
        if !running.is_empty() {
            what(
                controllers,
                &running[self.random.random_range(0..running.len())].key,
            );
        }
    }
}

/// The next patch version, unless the last rollout still goes on.
fn roll_out(controllers: &Controllers, key: &str) {
    let Some(deployment) = controllers.value(&DEPLOYMENTS, key) else {
        return;
    };
    let status = &deployment["status"];
    if number(&status["updatedReplicas"]) != number(&deployment["spec"]["replicas"])
        || !has_condition(&deployment, "Available")
    {
        return;
    }
    let image = text(&deployment["spec"]["template"]["spec"]["containers"][0]["image"]).to_owned();
    controllers
        .registry
        .modify(&DEPLOYMENTS, key, Part::Main, "kubectl-set", |deployment| {
            deployment["spec"]["template"]["spec"]["containers"][0]["image"] =
                next_version(&image).into();
        });
}

fn next_version(image: &str) -> String {
    match image
        .rsplit_once('.')
        .and_then(|(front, patch)| Some((front, patch.parse::<u32>().ok()?)))
    {
        Some((front, patch)) => format!("{front}.{}", patch + 1),
        None => format!("{image}.1"),
    }
}

fn heartbeat(controllers: &Controllers, random: &mut ChaCha8Rng, now: SystemTime) {
    let nodes: Vec<&String> = controllers.index.nodes.keys().take(8).collect();
    let Some(node) = nodes.get(random.random_range(0..nodes.len().max(1))) else {
        return;
    };
    controllers
        .registry
        .modify(&NODES, node, Part::Status, "kubelet", |node: &mut Value| {
            let count = items(&node["status"]["conditions"]).len();
            for place in 0..count {
                node["status"]["conditions"][place]["lastHeartbeatTime"] = json!(rfc3339(now));
            }
        });
}
