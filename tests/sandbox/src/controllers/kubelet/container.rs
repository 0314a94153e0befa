//! One container's way from waiting to running, to its end, and round again.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::fault::Fault;
use super::{PodRun, text};
use crate::clock::{parse_rfc3339, rfc3339};
use crate::controllers::events::Event;

const MOST_BACK_OFF_SECS: u64 = 300;

/// The status of a container that has not been started.
pub(super) fn waiting(container: &Value, reason: &str) -> Value {
    json!({
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "lastState": {},
        "ready": false,
        "restartCount": 0,
        "started": false,
        "state": { "waiting": { "reason": reason } },
    })
}

/// Ends a run.
pub(super) fn terminate(
    status: &mut Value,
    started: Value,
    now: SystemTime,
    code: i64,
    reason: &str,
) {
    status["state"] = json!({ "terminated": {
        "containerID": status["containerID"],
        "exitCode": code,
        "finishedAt": rfc3339(now),
        "reason": reason,
        "startedAt": started,
    } });
    status["ready"] = (code == 0).into();
    status["started"] = false.into();
}

impl PodRun<'_> {
    pub(super) fn step_container(&mut self, list: &str, statuses: &str, place: usize) {
        let pod = self.pod;
        let spec = &pod["spec"][list][place];
        let mut status = self.status[statuses][place].clone();
        let init = list == "initContainers" && spec["restartPolicy"] != "Always";
        if !status["state"]["running"].is_null() {
            self.continue_run(spec, &mut status, init);
        } else if !status["state"]["terminated"].is_null() {
            self.after_run(spec, &mut status, init);
        } else {
            self.try_to_start(spec, &mut status);
        }
        self.status[statuses][place] = status;
    }

    fn try_to_start(&mut self, spec: &Value, status: &mut Value) {
        let (name, image) = (text(&spec["name"]), text(&spec["image"]));
        if text(&status["state"]["waiting"]["reason"]) == "CrashLoopBackOff" {
            let due = back_off_end(status);
            if self.now < due {
                self.again_at(due);
                return;
            }
            status["restartCount"] = restarts_once_more(status).into();
        }
        if self.status["podIP"].is_null() {
            let address = self.kubelet.new_address();
            self.status["podIPs"] = json!([{ "ip": address }]);
            self.status["podIP"] = address.into();
        }
        if Fault::of(spec) == Some(Fault::Pull) {
            let state = self.fail_to_pull(name, image, &status["state"]["waiting"]);
            status["state"] = json!({ "waiting": state });
            return;
        }
        self.start(spec, status);
    }

    fn start(&mut self, spec: &Value, status: &mut Value) {
        let (name, image) = (text(&spec["name"]), text(&spec["image"]));
        let pulled = format!("Container image \"{image}\" already present on machine");
        self.say(Event::normal("kubelet", "Pulled", pulled).about(name));
        self.say(
            Event::normal("kubelet", "Created", format!("Container created: {name}")).about(name),
        );
        self.say(
            Event::normal("kubelet", "Started", format!("Container started: {name}")).about(name),
        );
        let digest: String = (0..4).map(|_| self.registry.hex()).collect();
        status["containerID"] = format!("containerd://{digest}").into();
        status["imageID"] = format!(
            "{}@sha256:{}",
            image.split(':').next().unwrap_or(image),
            sha_like(image)
        )
        .into();
        status["state"] = json!({ "running": { "startedAt": rfc3339(self.now) } });
        status["started"] = true.into();
        self.again_at(self.now + Duration::from_secs(1));
    }

    fn continue_run(&mut self, spec: &Value, status: &mut Value, init: bool) {
        let started = status["state"]["running"]["startedAt"].clone();
        let began = parse_rfc3339(text(&started)).unwrap_or(self.now);
        let fault = Fault::of(spec);
        let end = match fault.and_then(Fault::end) {
            None if init => Some((Duration::from_secs(2), 0, "Completed")),
            end => end,
        };
        if let Some((life, code, reason)) = end {
            if self.now >= began + life {
                terminate(status, started, self.now, code, reason);
                self.after_run(spec, status, init);
                return;
            }
            self.again_at(began + life);
        }
        if fault == Some(Fault::Unready) {
            self.probe(spec, began);
        } else if status["ready"] != true && !init {
            let due = began + Duration::from_secs(1);
            if self.now >= due {
                status["ready"] = true.into();
            } else {
                self.again_at(due);
            }
        }
    }

    fn probe(&mut self, spec: &Value, began: SystemTime) {
        const PERIOD: Duration = Duration::from_secs(10);
        let name = text(&spec["name"]);
        let memory = (self.uid(), name.to_owned());
        let due = self
            .kubelet
            .probes
            .get(&memory)
            .copied()
            .unwrap_or(began + PERIOD);
        if self.now < due {
            self.again_at(due);
            return;
        }
        let message = "Readiness probe failed: HTTP probe failed with statuscode: 503".to_owned();
        self.say(Event::warning("kubelet", "Unhealthy", message).about(name));
        self.kubelet.probes.insert(memory, self.now + PERIOD);
        self.again_at(self.now + PERIOD);
    }

    /// Whether an ended container stays so, or waits to be started again.
    fn after_run(&mut self, spec: &Value, status: &mut Value, init: bool) {
        let succeeded = status["state"]["terminated"]["exitCode"] == 0;
        let restarts = match text(&self.pod["spec"]["restartPolicy"]) {
            _ if init => !succeeded,
            "Never" => false,
            "OnFailure" => !succeeded,
            _ => true,
        };
        if !restarts {
            return;
        }
        status["lastState"] = status["state"].clone();
        status["ready"] = false.into();
        if ran_long(status) {
            status["restartCount"] = restarts_once_more(status).into();
            self.start(spec, status);
            return;
        }
        let (name, metadata) = (text(&spec["name"]), &self.pod["metadata"]);
        let pod = format!(
            "{}_{}({})",
            text(&metadata["name"]),
            text(&metadata["namespace"]),
            text(&metadata["uid"])
        );
        let wait = go_duration(back_off_secs(status));
        status["state"] = json!({ "waiting": {
            "reason": "CrashLoopBackOff",
            "message": format!("back-off {wait} restarting failed container={name} pod={pod}"),
        } });
        let again = format!("Back-off restarting failed container {name} in pod {pod}");
        self.say(Event::warning("kubelet", "BackOff", again).about(name));
        self.again_at(back_off_end(status));
    }
}

fn restarts_once_more(status: &Value) -> i64 {
    let restarts = status["restartCount"].as_i64().unwrap_or(0);
    restarts.saturating_add(1).min(i64::from(i32::MAX))
}

/// Doubles with every restart.
fn back_off_secs(status: &Value) -> u64 {
    let restarts = if ran_long(status) {
        0
    } else {
        status["restartCount"].as_u64().unwrap_or(0)
    };
    10_u64
        .saturating_mul(1 << restarts.min(6))
        .min(MOST_BACK_OFF_SECS)
}

/// Whether the last run took more than the ten minutes that forgive all failures before.
fn ran_long(status: &Value) -> bool {
    let last = &status["lastState"]["terminated"];
    let start = parse_rfc3339(text(&last["startedAt"]));
    let end = parse_rfc3339(text(&last["finishedAt"]));
    let run = start
        .zip(end)
        .and_then(|(start, end)| end.duration_since(start).ok());
    run.is_some_and(|run| run > Duration::from_secs(600))
}

fn back_off_end(status: &Value) -> SystemTime {
    let finished = parse_rfc3339(text(&status["lastState"]["terminated"]["finishedAt"]));
    finished.unwrap_or(SystemTime::UNIX_EPOCH) + Duration::from_secs(back_off_secs(status))
}

/// `40s`, `2m40s`, `5m0s`.
fn go_duration(secs: u64) -> String {
    if secs < 60 {
        format!("{secs}s")
    } else {
        format!("{}m{}s", secs / 60, secs % 60)
    }
}

/// Sixty-four hexadecimal digits that always belong to this image.
fn sha_like(image: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let part = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (image, salt).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    };
    (0..4).map(part).collect()
}
