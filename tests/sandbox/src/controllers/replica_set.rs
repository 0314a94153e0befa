//! Replica sets: as many pods as wanted, made from the template.

use serde_json::{Value, json};

use super::events::Event;
use super::{Controllers, controlled_by, has_condition, number, text};
use crate::registry::{DeleteOptions, Part, Writer};
use crate::resource::{PODS, REPLICA_SETS};

const MANAGER: &str = "kube-controller-manager";
const COMPONENT: &str = "replicaset-controller";

impl Controllers {
    pub(super) fn sync_replica_set(&mut self, key: &str) {
        let Some(set) = self.value(&REPLICA_SETS, key) else {
            return;
        };
        if !set["metadata"]["deletionTimestamp"].is_null() {
            return;
        }
        let pods = self.active_pods(&set);
        let wanted = usize::try_from(number(&set["spec"]["replicas"])).unwrap_or(0);
        if pods.len() < wanted {
            self.create_pods(&set, wanted - pods.len());
        } else if pods.len() > wanted {
            self.delete_pods(&set, pods, wanted);
        }
        let pods = self.active_pods(&set);
        self.report_replicas(key, &set, &pods);
    }

    fn active_pods(&self, set: &Value) -> Vec<Value> {
        let namespace = text(&set["metadata"]["namespace"]);
        // The index learns of pods that this round made only with the next one, so the store is asked.
        let range = crate::store::KeyRange {
            prefix: format!("{namespace}/{}-", text(&set["metadata"]["name"])),
            start: None,
        };
        let pods = self
            .store
            .all(&PODS, &range)
            .into_iter()
            .map(|pod| pod.value());
        pods.filter(|pod| {
            pod["metadata"]["ownerReferences"][0]["uid"] == set["metadata"]["uid"]
                && pod["metadata"]["deletionTimestamp"].is_null()
                && !matches!(text(&pod["status"]["phase"]), "Succeeded" | "Failed")
        })
        .collect()
    }

    fn create_pods(&mut self, set: &Value, missing: usize) {
        // A real controller starts slowly too; the rest follows with the changes these make.
        const AT_ONCE: usize = 100;
        let template = &set["spec"]["template"];
        for _ in 0..missing.min(AT_ONCE) {
            let mut metadata = template["metadata"].clone();
            metadata["generateName"] = format!("{}-", text(&set["metadata"]["name"])).into();
            metadata["ownerReferences"] = json!([controlled_by(&REPLICA_SETS, set)]);
            let pod = json!({ "metadata": metadata, "spec": template["spec"] });
            let namespace = text(&set["metadata"]["namespace"]);
            let event =
                match self
                    .registry
                    .create(&PODS, namespace, pod, &Writer::component(MANAGER))
                {
                    Ok(pod) => Event::normal(
                        COMPONENT,
                        "SuccessfulCreate",
                        format!("Created pod: {}", pod.name()),
                    ),
                    Err(status) => Event::warning(
                        COMPONENT,
                        "FailedCreate",
                        format!("Error creating: {}", status.message()),
                    ),
                };
            let failed = event.warning;
            self.events.record(&REPLICA_SETS, set, event);
            if failed {
                return;
            }
        }
    }

    /// First those without a node, then those not ready, then the youngest.
    fn delete_pods(&mut self, set: &Value, mut pods: Vec<Value>, wanted: usize) {
        pods.sort_by_key(|pod| {
            let bound = pod["spec"]["nodeName"].is_string();
            let age = std::cmp::Reverse(text(&pod["metadata"]["creationTimestamp"]).to_owned());
            (
                bound,
                has_condition(pod, "Ready"),
                age,
                text(&pod["metadata"]["name"]).to_owned(),
            )
        });
        for pod in pods.iter().take(pods.len() - wanted) {
            let (namespace, name) = (
                text(&pod["metadata"]["namespace"]),
                text(&pod["metadata"]["name"]),
            );
            let key = format!("{namespace}/{name}");
            if self
                .registry
                .delete(
                    &PODS,
                    &key,
                    &DeleteOptions::default(),
                    &Writer::component(MANAGER),
                )
                .is_ok()
            {
                let event = Event::normal(
                    COMPONENT,
                    "SuccessfulDelete",
                    format!("Deleted pod: {name}"),
                );
                self.events.record(&REPLICA_SETS, set, event);
            }
        }
    }

    fn report_replicas(&self, key: &str, set: &Value, pods: &[Value]) {
        let ready = pods
            .iter()
            .filter(|pod| has_condition(pod, "Ready"))
            .count();
        let mut status =
            json!({ "replicas": pods.len(), "observedGeneration": set["metadata"]["generation"] });
        for (member, value) in [
            ("fullyLabeledReplicas", pods.len()),
            ("readyReplicas", ready),
            ("availableReplicas", ready),
        ] {
            if value > 0 {
                status[member] = value.into();
            }
        }
        self.registry
            .modify(&REPLICA_SETS, key, Part::Status, MANAGER, |set| {
                set["status"] = status
            });
    }
}
