//! The kubelet of all nodes: makes bound pods run, restarts what fails, and ends what was deleted.
//!
//! What a container does is its spec's to say, by the environment variable `SANDBOX_FAULT`: see [`fault::Fault`].

mod container;
mod fault;
mod image;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::events::Event;
use super::{Controllers, Work, items, scheduler, text};
use crate::clock::{parse_rfc3339, rfc3339};
use crate::registry::{DeleteOptions, Part, Registry, Writer};
use crate::resource::{NODES, PODS};
use fault::Fault;

/// What kubelets remember beside the objects.
#[derive(Debug, Default)]
pub(super) struct Kubelet {
    /// How often an image was tried and when to try again, by pod uid and container.
    pulls: HashMap<(String, String), (u32, SystemTime)>,
    /// When to probe a container that is not ready, by pod uid and container.
    probes: HashMap<(String, String), SystemTime>,
    stopping: HashSet<String>,
    addresses: u32,
}

/// One look at a pod.
struct PodRun<'a> {
    pod: &'a Value,
    now: SystemTime,
    registry: &'a Registry,
    kubelet: &'a mut Kubelet,
    status: Value,
    events: Vec<Event>,
    next: Option<SystemTime>,
}

impl Controllers {
    pub(super) fn sync_pod(&mut self, key: &str, now: SystemTime) {
        let Some(pod) = self.value(&PODS, key) else {
            return;
        };
        let ended = matches!(text(&pod["status"]["phase"]), "Succeeded" | "Failed");
        if !pod["metadata"]["deletionTimestamp"].is_null() {
            self.stop_pod(key, &pod, now);
        } else if scheduler::waits(&pod) {
            self.schedule(key, &pod, now);
        } else if !ended && !text(&pod["spec"]["nodeName"]).is_empty() {
            self.run_pod(key, &pod, now);
        }
    }

    fn run_pod(&mut self, key: &str, pod: &Value, now: SystemTime) {
        // A node that is not there has no kubelet: such a pod stays as whoever wrote it.
        let Some(node) = self.value(&NODES, text(&pod["spec"]["nodeName"])) else {
            return;
        };
        let host = node["status"]["addresses"][0]["address"].clone();
        let mut run = PodRun {
            pod,
            now,
            registry: &self.registry,
            kubelet: &mut self.kubelet,
            status: pod["status"].clone(),
            events: Vec::new(),
            next: None,
        };
        run.advance(&host);
        let PodRun {
            status,
            events,
            next,
            ..
        } = run;
        if status != pod["status"] {
            self.registry
                .modify(&PODS, key, Part::Status, "kubelet", |pod| {
                    pod["status"] = status
                });
        }
        for event in events {
            self.events.record(&PODS, pod, event);
        }
        if let Some(next) = next {
            self.later(
                next.max(now + Duration::from_millis(1)),
                Work::Pod(key.to_owned()),
            );
        }
    }

    /// Containers end soon, or at the end of the grace if they do not listen.
    fn stop_pod(&mut self, key: &str, pod: &Value, now: SystemTime) {
        const USUAL: u64 = 2;
        let metadata = &pod["metadata"];
        let grace = metadata["deletionGracePeriodSeconds"].as_u64().unwrap_or(0);
        let Some(deadline) = parse_rfc3339(text(&metadata["deletionTimestamp"])) else {
            return;
        };
        let containers = items(&pod["spec"]["containers"]);
        let deaf = containers
            .iter()
            .any(|container| Fault::of(container) == Some(Fault::SlowStop));
        let early = if deaf { 0 } else { grace.saturating_sub(USUAL) };
        let end = deadline
            .checked_sub(Duration::from_secs(early))
            .unwrap_or(deadline);
        if self
            .kubelet
            .stopping
            .insert(text(&metadata["uid"]).to_owned())
        {
            for container in containers {
                let name = text(&container["name"]);
                let event =
                    Event::normal("kubelet", "Killing", format!("Stopping container {name}"))
                        .about(name);
                self.events.record(&PODS, pod, event);
            }
        }
        if now < end {
            self.later(end, Work::Pod(key.to_owned()));
            return;
        }
        if items(&metadata["finalizers"]).is_empty() {
            self.kubelet.stopping.remove(text(&metadata["uid"]));
            self.kubelet.forget(text(&metadata["uid"]));
            let now = DeleteOptions {
                grace_period_secs: Some(0),
                ..DeleteOptions::default()
            };
            // Gone already is as good.
            let _ = self
                .registry
                .delete(&PODS, key, &now, &Writer::component("kubelet"));
        }
    }

    /// Ends a running container as its own failure would.
    pub(super) fn crash(&self, key: &str, now: SystemTime) {
        self.registry
            .modify(&PODS, key, Part::Status, "kubelet", |pod| {
                let Some(status) = pod
                    .pointer_mut("/status/containerStatuses/0")
                    .filter(|status| status.is_object())
                else {
                    return;
                };
                let started = status["state"]["running"]["startedAt"].clone();
                if started.is_string() {
                    container::terminate(status, started, now, 1, "Error");
                }
            });
    }
}

impl Kubelet {
    fn forget(&mut self, uid: &str) {
        self.pulls.retain(|(pod, _), _| pod != uid);
        self.probes.retain(|(pod, _), _| pod != uid);
    }

    fn new_address(&mut self) -> String {
        self.addresses = self.addresses.wrapping_add(1);
        // Node and host part as on a cluster with a /24 per node, without asking which node it is.
        let number = self.addresses.wrapping_mul(37).wrapping_add(5);
        format!("10.244.{}.{}", number / 250 % 250, number % 250 + 2)
    }
}

impl PodRun<'_> {
    fn uid(&self) -> String {
        text(&self.pod["metadata"]["uid"]).to_owned()
    }

    /// Looks again at `due`, or earlier.
    fn again_at(&mut self, due: SystemTime) {
        self.next = Some(self.next.map_or(due, |next| next.min(due)));
    }

    fn advance(&mut self, host: &Value) {
        if self.status["containerStatuses"].is_null() {
            self.begin(host);
            return;
        }
        self.complete_statuses();
        let mut initialized = true;
        for place in 0..items(&self.pod["spec"]["initContainers"]).len() {
            let sidecar = self.pod["spec"]["initContainers"][place]["restartPolicy"] == "Always";
            self.step_container("initContainers", "initContainerStatuses", place);
            let status = &self.status["initContainerStatuses"][place];
            let done = status["state"]["terminated"]["exitCode"] == 0
                || (sidecar && status["started"] == true);
            if !done {
                initialized = false;
                break;
            }
        }
        if initialized {
            for place in 0..items(&self.pod["spec"]["containers"]).len() {
                self.step_container("containers", "containerStatuses", place);
            }
        }
        self.set_phase();
        self.set_conditions(initialized);
    }

    /// Anybody may write a status. Containers find theirs in it by name; one that is missing starts as if new.
    fn complete_statuses(&mut self) {
        for (list, statuses) in [
            ("initContainers", "initContainerStatuses"),
            ("containers", "containerStatuses"),
        ] {
            let containers = items(&self.pod["spec"][list]);
            if containers.is_empty() && self.status[statuses].is_null() {
                continue;
            }
            let known = items(&self.status[statuses]);
            let complete: Vec<Value> = containers
                .iter()
                .map(|container| {
                    let own = known
                        .iter()
                        .find(|status| status["name"] == container["name"]);
                    own.cloned()
                        .unwrap_or_else(|| container::waiting(container, "ContainerCreating"))
                })
                .collect();
            self.status[statuses] = complete.into();
        }
    }

    fn begin(&mut self, host: &Value) {
        let spec = &self.pod["spec"];
        let waits_for_init = !items(&spec["initContainers"]).is_empty();
        let reason = if waits_for_init {
            "PodInitializing"
        } else {
            "ContainerCreating"
        };
        self.status["startTime"] = rfc3339(self.now).into();
        if host.is_string() {
            self.status["hostIP"] = host.clone();
            self.status["hostIPs"] = json!([{ "ip": host }]);
        }
        let waiting = |container: &Value| container::waiting(container, reason);
        if waits_for_init {
            let mut statuses: Vec<Value> =
                items(&spec["initContainers"]).iter().map(waiting).collect();
            if let Some(first) = statuses.first_mut() {
                first["state"]["waiting"]["reason"] = "PodInitializing".into();
            }
            self.status["initContainerStatuses"] = statuses.into();
        }
        self.status["containerStatuses"] = items(&spec["containers"]).iter().map(waiting).collect();
        self.set_conditions(!waits_for_init);
        self.again_at(self.now + Duration::from_secs(1));
    }

    fn set_phase(&mut self) {
        let statuses = items(&self.status["containerStatuses"]);
        let ended = statuses
            .iter()
            .all(|status| !status["state"]["terminated"].is_null());
        let failed = statuses
            .iter()
            .any(|status| status["state"]["terminated"]["exitCode"] != 0);
        let started = statuses.iter().any(|status| {
            !status["state"]["running"].is_null()
                || !status["lastState"]["terminated"].is_null()
                || !status["state"]["terminated"].is_null()
        });
        let restarts = match text(&self.pod["spec"]["restartPolicy"]) {
            "Never" => false,
            "OnFailure" => failed,
            _ => true,
        };
        let phase = match () {
            () if ended && !restarts => {
                if failed {
                    "Failed"
                } else {
                    "Succeeded"
                }
            }
            () if started => "Running",
            () => "Pending",
        };
        self.status["phase"] = phase.into();
    }

    fn set_conditions(&mut self, initialized: bool) {
        let statuses = items(&self.status["containerStatuses"]);
        let ready = !statuses.is_empty() && statuses.iter().all(|status| status["ready"] == true);
        let unready: Vec<&str> = statuses
            .iter()
            .filter(|status| status["ready"] != true)
            .map(|status| text(&status["name"]))
            .collect();
        let completed = self.status["phase"] == "Succeeded";
        let why_not = if completed {
            ("PodCompleted", String::new())
        } else {
            (
                "ContainersNotReady",
                format!("containers with unready status: [{}]", unready.join(" ")),
            )
        };
        let init_names: Vec<&str> = items(&self.status["initContainerStatuses"])
            .iter()
            .filter(|status| status["ready"] != true)
            .map(|status| text(&status["name"]))
            .collect();
        let why_init = (
            "ContainersNotInitialized",
            format!(
                "containers with incomplete status: [{}]",
                init_names.join(" ")
            ),
        );
        let sandboxed = self.status["podIP"].is_string();
        let conditions = [
            ("PodReadyToStartContainers", sandboxed, ("", String::new())),
            (
                "Initialized",
                initialized,
                if completed { why_not.clone() } else { why_init },
            ),
            ("Ready", ready, why_not.clone()),
            ("ContainersReady", ready, why_not),
            ("PodScheduled", true, ("", String::new())),
        ];
        let old = self.status["conditions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        self.status["conditions"] = conditions
            .into_iter()
            .map(|(kind, is, (reason, message))| {
                let mut condition = json!({
                    "type": kind,
                    "status": if is { "True" } else { "False" },
                    "lastProbeTime": null,
                    "lastTransitionTime": rfc3339(self.now),
                    "observedGeneration": self.pod["metadata"]["generation"],
                });
                if !is && !reason.is_empty() {
                    condition["reason"] = reason.into();
                    if !message.is_empty() {
                        condition["message"] = message.into();
                    }
                }
                if let Some(old) = old
                    .iter()
                    .find(|old| old["type"] == kind && old["status"] == condition["status"])
                {
                    condition["lastTransitionTime"] = old["lastTransitionTime"].clone();
                }
                condition
            })
            .collect();
    }
}
