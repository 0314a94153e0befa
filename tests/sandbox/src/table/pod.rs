//! A pod's row, above all its STATUS: what stands in the way of running comes before the phase.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::{age, items, name, text_or};
use crate::human_duration::since;

pub(super) fn cells(pod: &Value, now: SystemTime) -> Vec<Value> {
    let summary = Summary::of(pod);
    let (spec, status) = (&pod["spec"], &pod["status"]);
    vec![
        name(pod),
        format!("{}/{}", summary.ready, summary.total).into(),
        summary.reason.into(),
        match summary.last_restart {
            Some(last) if summary.restarts > 0 => {
                format!("{} ({} ago)", summary.restarts, since(Some(&last), now)).into()
            }
            _ => summary.restarts.to_string().into(),
        },
        age(pod, now),
        text_or(&status["podIPs"][0]["ip"], "<none>").into(),
        text_or(&spec["nodeName"], "<none>").into(),
        text_or(&status["nominatedNodeName"], "<none>").into(),
        readiness_gates(pod).into(),
    ]
}

pub(super) fn conditions(pod: &Value) -> Option<Value> {
    let (reason, message) = match pod["status"]["phase"].as_str()? {
        "Succeeded" => ("Succeeded", "The pod has completed successfully."),
        "Failed" => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!([{ "type": "Completed", "status": "True", "reason": reason, "message": message }]))
}

#[derive(Default)]
struct Summary {
    reason: String,
    ready: usize,
    total: usize,
    restarts: i64,
    last_restart: Option<String>,
}

impl Summary {
    fn of(pod: &Value) -> Self {
        let (spec, status) = (&pod["spec"], &pod["status"]);
        let phase = status["phase"].as_str().unwrap_or_default();
        let sidecars = items(&spec["initContainers"])
            .iter()
            .filter(|container| is_sidecar(container))
            .count();
        let mut summary = Self {
            reason: text_or(&status["reason"], phase),
            total: items(&spec["containers"]).len() + sidecars,
            ..Self::default()
        };
        if items(&status["conditions"]).iter().any(|condition| {
            condition["type"] == "PodScheduled" && condition["reason"] == "SchedulingGated"
        }) {
            summary.reason = "SchedulingGated".to_owned();
        }
        let sidecar_restarts = summary.visit_init_containers(pod);
        if sidecar_restarts.finished || condition_is_true(status, "Initialized") {
            summary.restarts = sidecar_restarts.restarts;
            summary.last_restart = sidecar_restarts.last_restart;
            summary.visit_containers(status);
        }
        if !pod["metadata"]["deletionTimestamp"].is_null() {
            if status["reason"] == "NodeLost" {
                summary.reason = "Unknown".to_owned();
            } else if !matches!(phase, "Succeeded" | "Failed") {
                summary.reason = "Terminating".to_owned();
            }
        }
        summary
    }

    fn count_restarts(&mut self, container: &Value) {
        self.restarts += container["restartCount"].as_i64().unwrap_or(0);
        // RFC 3339 in UTC sorts as text.
        if let Some(finished) = container["lastState"]["terminated"]["finishedAt"].as_str()
            && self
                .last_restart
                .as_deref()
                .is_none_or(|last| last < finished)
        {
            self.last_restart = Some(finished.to_owned());
        }
    }

    fn visit_init_containers(&mut self, pod: &Value) -> SidecarRestarts {
        let specs = items(&pod["spec"]["initContainers"]);
        let mut sidecars = Self::default();
        for (index, container) in items(&pod["status"]["initContainerStatuses"])
            .iter()
            .enumerate()
        {
            let sidecar = specs
                .iter()
                .any(|spec| spec["name"] == container["name"] && is_sidecar(spec));
            self.count_restarts(container);
            if sidecar {
                sidecars.count_restarts(container);
            }
            let (terminated, waiting) = (
                &container["state"]["terminated"],
                &container["state"]["waiting"],
            );
            if !terminated.is_null() && terminated["exitCode"] == 0 {
                continue;
            }
            if sidecar && container["started"] == true {
                self.ready += usize::from(container["ready"] == true);
                continue;
            }
            self.reason = if !terminated.is_null() {
                format!("Init:{}", termination(terminated))
            } else {
                match waiting["reason"].as_str() {
                    Some(reason) if !reason.is_empty() && reason != "PodInitializing" => {
                        format!("Init:{reason}")
                    }
                    _ => format!("Init:{index}/{}", specs.len()),
                }
            };
            return SidecarRestarts {
                finished: false,
                restarts: sidecars.restarts,
                last_restart: sidecars.last_restart,
            };
        }
        SidecarRestarts {
            finished: true,
            restarts: sidecars.restarts,
            last_restart: sidecars.last_restart,
        }
    }

    fn visit_containers(&mut self, status: &Value) {
        let (mut running, mut error) = (false, None);
        for container in items(&status["containerStatuses"]).iter().rev() {
            self.count_restarts(container);
            let state = &container["state"];
            let waiting = state["waiting"]["reason"].as_str().unwrap_or_default();
            if !waiting.is_empty() {
                self.reason = waiting.to_owned();
            } else if !state["terminated"].is_null() {
                self.reason = termination(&state["terminated"]);
                if state["terminated"]["exitCode"] != 0 {
                    error = Some(self.reason.clone());
                }
            } else if container["ready"] == true && !state["running"].is_null() {
                running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" {
            if running && condition_is_true(status, "Ready") {
                self.reason = "Running".to_owned();
            } else if let Some(error) = error {
                self.reason = error;
            } else if running {
                self.reason = "NotReady".to_owned();
            }
        }
    }
}

struct SidecarRestarts {
    /// Whether all init containers are done.
    finished: bool,
    restarts: i64,
    last_restart: Option<String>,
}

fn is_sidecar(container: &Value) -> bool {
    container["restartPolicy"] == "Always"
}

fn condition_is_true(status: &Value, kind: &str) -> bool {
    items(&status["conditions"])
        .iter()
        .any(|condition| condition["type"] == kind && condition["status"] == "True")
}

fn termination(terminated: &Value) -> String {
    match (terminated["reason"].as_str(), terminated["signal"].as_i64()) {
        (Some(reason), _) if !reason.is_empty() => reason.to_owned(),
        (_, Some(signal)) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", terminated["exitCode"].as_i64().unwrap_or(0)),
    }
}

fn readiness_gates(pod: &Value) -> String {
    let gates = items(&pod["spec"]["readinessGates"]);
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let open = gates.iter().filter(|gate| {
        gate["conditionType"]
            .as_str()
            .is_some_and(|kind| condition_is_true(&pod["status"], kind))
    });
    format!("{}/{}", open.count(), gates.len())
}
