//! The scheduler: gives each pod the emptiest node that it fits on, by CPU requests, taints and node selectors.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::events::Event;
use super::index::{Node, requested_millis};
use super::{Controllers, items, text};
use crate::clock::rfc3339;
use crate::registry::Part;
use crate::resource::PODS;

const COMPONENT: &str = "default-scheduler";

impl Controllers {
    pub(super) fn schedule(&mut self, key: &str, pod: &Value, now: SystemTime) {
        match self.choose_node(pod) {
            Ok(node) => self.bind(key, pod, &node, now),
            Err(message) => self.refuse(key, pod, message, now),
        }
    }

    /// The error is the scheduler's message.
    fn choose_node(&self, pod: &Value) -> Result<String, String> {
        let millis = requested_millis(pod);
        let mut best: Option<(u64, &String)> = None;
        let mut refusals: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, node) in &self.index.nodes {
            let used = self.index.used(name);
            match refusal(node, used, pod, millis) {
                Some(reason) => *refusals.entry(reason).or_default() += 1,
                None => {
                    let free = node.cpu_millis.saturating_sub(used.0);
                    if best.is_none_or(|(most, _)| free > most) {
                        best = Some((free, name));
                    }
                }
            }
        }
        best.map(|(_, name)| name.clone())
            .ok_or_else(|| message(self.index.nodes.len(), &refusals))
    }

    fn bind(&mut self, key: &str, pod: &Value, node: &str, now: SystemTime) {
        self.registry
            .modify(&PODS, key, Part::Main, "kube-scheduler", |pod| {
                pod["spec"]["nodeName"] = node.into()
            });
        let bound = self.registry.modify(&PODS, key, Part::Status, "kube-scheduler", |pod| {
            let scheduled = json!({
                "type": "PodScheduled", "status": "True", "lastProbeTime": null, "lastTransitionTime": rfc3339(now),
            });
            pod["status"]["conditions"] = json!([scheduled]);
        });
        // Room is taken from now on, and not only from when the change comes back.
        if let Some(bound) = bound {
            self.observe();
            let place = format!("Successfully assigned {key} to {node}");
            self.events.record(
                &PODS,
                &bound.value(),
                Event::normal(COMPONENT, "Scheduled", place),
            );
        } else {
            self.events.record(
                &PODS,
                pod,
                Event::normal(
                    COMPONENT,
                    "Scheduled",
                    format!("Successfully assigned {key} to {node}"),
                ),
            );
        }
    }

    fn refuse(&mut self, key: &str, pod: &Value, message: String, now: SystemTime) {
        self.unschedulable.insert(key.to_owned());
        let known = items(&pod["status"]["conditions"])
            .iter()
            .any(|one| one["message"] == message.as_str());
        if known {
            return;
        }
        self.registry.modify(&PODS, key, Part::Status, "kube-scheduler", |pod| {
            pod["status"]["conditions"] = json!([{
                "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
                "lastProbeTime": null, "lastTransitionTime": rfc3339(now),
            }]);
        });
        self.events.record(
            &PODS,
            pod,
            Event::warning(COMPONENT, "FailedScheduling", message),
        );
    }
}

fn refusal(node: &Node, used: (u64, u64), pod: &Value, millis: u64) -> Option<&'static str> {
    let tolerations = items(&pod["spec"]["tolerations"]);
    let tolerated = |taint: &String| {
        tolerations
            .iter()
            .any(|toleration| match toleration["key"].as_str() {
                Some(key) => key == taint && toleration["effect"] != "NoExecute",
                None => toleration["operator"] == "Exists",
            })
    };
    let wanted = pod["spec"]["nodeSelector"]
        .as_object()
        .into_iter()
        .flatten();
    match () {
        () if node.unschedulable => Some("node(s) were unschedulable"),
        () if !node.taints.iter().all(tolerated) || !node.ready => {
            Some("node(s) had untolerated taint(s)")
        }
        () if !wanted
            .clone()
            .all(|(key, value)| node.labels.get(key).map(String::as_str) == value.as_str()) =>
        {
            Some("node(s) didn't match Pod's node affinity/selector")
        }
        () if used.1 >= node.pods => Some("Too many pods"),
        () if used.0.saturating_add(millis) > node.cpu_millis => Some("Insufficient cpu"),
        () => None,
    }
}

/// As the real scheduler puts it, the counts in front and sorted as texts.
fn message(nodes: usize, refusals: &BTreeMap<&str, usize>) -> String {
    let mut reasons: Vec<String> = refusals
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    reasons.sort_unstable();
    let full = |reason: &&str| matches!(*reason, "Insufficient cpu" | "Too many pods");
    let count = |wanted: bool| -> usize {
        refusals
            .iter()
            .filter(|(reason, _)| full(reason) == wanted)
            .map(|(_, count)| count)
            .sum()
    };
    let mut preemption = Vec::new();
    if count(false) > 0 {
        preemption.push(format!(
            "{} Preemption is not helpful for scheduling",
            count(false)
        ));
    }
    if count(true) > 0 {
        preemption.push(format!(
            "{} No preemption victims found for incoming pod",
            count(true)
        ));
    }
    preemption.sort_unstable();
    if nodes == 0 {
        return "no nodes available to schedule pods".to_owned();
    }
    format!(
        "0/{nodes} nodes are available: {}. preemption: 0/{nodes} nodes are available: {}.",
        reasons.join(", "),
        preemption.join(", ")
    )
}

/// Whether a pod still waits for a node.
pub(super) fn waits(pod: &Value) -> bool {
    text(&pod["spec"]["nodeName"]).is_empty()
        && pod["spec"]["schedulerName"] == "default-scheduler"
        && items(&pod["spec"]["schedulingGates"]).is_empty()
}
