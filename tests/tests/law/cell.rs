//! The fields of objects as kubectl prints them (kubernetes `pkg/printers/internalversion`), and their
//! states as the reference of the language describes them.

use serde_json::Value;

use crate::state::Resource;

/// An object and its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object<'a> {
    pub(crate) kind: &'static Resource,
    pub(crate) value: &'a Value,
}

impl<'a> Object<'a> {
    pub(crate) fn name(self) -> &'a str {
        self.value["metadata"]["name"].as_str().unwrap_or_default()
    }

    pub(crate) fn namespace(self) -> &'a str {
        self.value["metadata"]["namespace"]
            .as_str()
            .unwrap_or_default()
    }

    fn text(self, path: &str) -> &'a str {
        self.value
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    fn number(self, path: &str) -> i64 {
        self.value
            .pointer(path)
            .and_then(Value::as_i64)
            .unwrap_or_default()
    }

    fn array(self, path: &str) -> impl Iterator<Item = &'a Value> {
        self.value
            .pointer(path)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    fn condition(self, name: &str) -> Option<&'a Value> {
        self.array("/status/conditions")
            .find(|condition| condition["type"] == name)
    }

    fn is_true(self, condition: &str) -> bool {
        self.condition(condition)
            .is_some_and(|condition| condition["status"] == "True")
    }
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Absent,
    Text(String),
    Number(i64),
    Ratio(i64, i64),
    /// Thousandths.
    Amount(i64),
    /// Seconds since 1970.
    Time(u64),
}

/// What kubectl prints; of nothing, this word.
pub(crate) fn print(cell: &Cell, nothing: &str) -> String {
    match cell {
        Cell::Absent => nothing.to_owned(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Ratio(part, whole) => format!("{part}/{whole}"),
        Cell::Amount(milli) if milli % 1000 == 0 => (milli / 1000).to_string(),
        Cell::Amount(milli) => format!("{milli}m"),
        Cell::Time(time) => format!("at {time}"),
    }
}

/// What kubectl prints where an object does not say.
pub(crate) fn word_of_nothing(kind: &Resource, field: &str) -> &'static str {
    match (kind.plural, field) {
        _ if cell_names(kind.plural).iter().all(|known| *known != field) => "",
        ("pods" | "namespaces", "status") | ("namespaces", "phase") | ("secrets", "type") => "",
        ("events", "type" | "reason" | "object" | "source" | "message") => "",
        _ => "<none>",
    }
}

/// Whether each part between commas is asked for by itself.
pub(crate) fn is_listed(field: &str) -> bool {
    matches!(field, "image" | "containers" | "ports")
}

/// The fields that are read here, of a kind.
pub(crate) fn cell_names(plural: &str) -> &'static [&'static str] {
    match plural {
        "pods" => &[
            "ns",
            "name",
            "age",
            "ready",
            "status",
            "restarts",
            "cpu",
            "ip",
            "node",
            "image",
            "phase",
            "containers",
            "account",
        ],
        "deployments" => &[
            "ns",
            "name",
            "age",
            "ready",
            "updated",
            "available",
            "replicas",
            "image",
            "containers",
        ],
        "replicasets" => &[
            "ns",
            "name",
            "age",
            "desired",
            "current",
            "ready",
            "image",
            "containers",
        ],
        "services" => &["ns", "name", "age", "type", "ip", "ports", "selector"],
        "configmaps" => &["ns", "name", "age", "data"],
        "secrets" => &["ns", "name", "age", "type", "data"],
        "nodes" => &["name", "age", "status", "unschedulable"],
        "namespaces" => &["name", "age", "status", "phase"],
        _ => &[
            "ns", "name", "age", "last", "type", "reason", "object", "count", "message",
        ],
    }
}

/// Thousandths, of `1500m` or `1.5`.
pub(crate) fn milli(text: &str) -> Option<i64> {
    if let Some(milli) = text.strip_suffix('m') {
        return milli.parse().ok();
    }
    let (whole, tenths) = text.split_once('.').unwrap_or((text, "0"));
    Some(whole.parse::<i64>().ok()? * 1000 + tenths.parse::<i64>().ok()? * 100)
}

/// The value of a field, if the kind has it.
pub(crate) fn cell(object: Object<'_>, field: &str) -> Option<Cell> {
    if !cell_names(object.kind.plural).contains(&field) {
        return None;
    }
    let text = |text: &str| {
        if text.is_empty() {
            Cell::Absent
        } else {
            Cell::Text(text.to_owned())
        }
    };
    let joined = |path: &str, member: &str| {
        let texts: Vec<_> = object
            .array(path)
            .filter_map(|one| one[member].as_str())
            .collect();
        text(&texts.join(","))
    };
    let template = |member: &str| joined("/spec/template/spec/containers", member);
    let time = |path: &str| {
        let time = humantime::parse_rfc3339(object.text(path)).ok();
        let since = time.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        since.map_or(Cell::Absent, |since| Cell::Time(since.as_secs()))
    };
    Some(match (object.kind.plural, field) {
        (_, "ns") => text(object.namespace()),
        (_, "name") => text(object.name()),
        (_, "age") => time("/metadata/creationTimestamp"),
        ("pods", "ready") => Cell::Ratio(ready(object), count(object.array("/spec/containers"))),
        ("pods", "status") => text(&pod_status(object)),
        ("pods", "restarts") => {
            let counts = object
                .array("/status/containerStatuses")
                .filter_map(|one| one["restartCount"].as_i64());
            Cell::Number(counts.sum())
        }
        ("pods", "cpu") => {
            let requests = object
                .array("/spec/containers")
                .filter_map(|one| milli(one["resources"]["requests"]["cpu"].as_str()?));
            requests
                .reduce(|a, b| a + b)
                .map_or(Cell::Absent, Cell::Amount)
        }
        ("pods", "ip") => text(object.text("/status/podIPs/0/ip")),
        ("pods", "node") => text(object.text("/spec/nodeName")),
        ("pods", "image") => joined("/spec/containers", "image"),
        ("pods", "containers") => joined("/spec/containers", "name"),
        ("pods" | "namespaces", "phase") | ("namespaces", "status") => {
            text(object.text("/status/phase"))
        }
        ("pods", "account") => text(object.text("/spec/serviceAccountName")),
        ("deployments", "ready") => Cell::Ratio(
            object.number("/status/readyReplicas"),
            object.number("/spec/replicas"),
        ),
        ("deployments", "updated") => Cell::Number(object.number("/status/updatedReplicas")),
        ("deployments", "available") => Cell::Number(object.number("/status/availableReplicas")),
        ("deployments", "replicas") | ("replicasets", "desired") => {
            Cell::Number(object.number("/spec/replicas"))
        }
        ("replicasets", "current") => Cell::Number(object.number("/status/replicas")),
        ("replicasets", "ready") => Cell::Number(object.number("/status/readyReplicas")),
        (_, "image") => template("image"),
        (_, "containers") => template("name"),
        ("services", "type") => text(object.text("/spec/type")),
        ("services", "ip") => text(object.text("/spec/clusterIPs/0")),
        ("services", "ports") => text("80/TCP"),
        ("services", "selector") => {
            let pairs = object.value["spec"]["selector"]
                .as_object()
                .into_iter()
                .flatten();
            let pairs: Vec<_> = pairs
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
                .collect();
            text(&pairs.join(","))
        }
        (_, "data") => Cell::Number(count(
            object.value["data"].as_object().into_iter().flatten(),
        )),
        ("nodes", "status") => {
            let ready = match object.condition("Ready") {
                Some(ready) if ready["status"] == "True" => "Ready",
                Some(_) => "NotReady",
                None => "Unknown",
            };
            let cordoned = object.value["spec"]["unschedulable"] == true;
            text(&format!(
                "{ready}{}",
                if cordoned { ",SchedulingDisabled" } else { "" }
            ))
        }
        ("nodes", "unschedulable") => text(if object.value["spec"]["unschedulable"] == true {
            "true"
        } else {
            "false"
        }),
        ("events", "last") => time("/lastTimestamp"),
        ("events", "object") => {
            let kind = object.text("/involvedObject/kind").to_ascii_lowercase();
            text(&format!("{kind}/{}", object.text("/involvedObject/name")))
        }
        ("events", "count") => Cell::Number(object.number("/count").max(1)),
        (_, field) => text(object.text(&format!("/{field}"))),
    })
}

fn count<T>(items: impl Iterator<Item = T>) -> i64 {
    i64::try_from(items.count()).unwrap_or_default()
}

fn ready(pod: Object<'_>) -> i64 {
    let is_ready = |one: &&Value| one["ready"] == true && one["state"].get("running").is_some();
    count(pod.array("/status/containerStatuses").filter(is_ready))
}

fn pod_status(pod: Object<'_>) -> String {
    let phase = pod.text("/status/phase");
    let mut status = phase.to_owned();
    let (mut runs, mut failed) = (false, None);
    let containers: Vec<_> = pod.array("/status/containerStatuses").collect();
    for container in containers.into_iter().rev() {
        let state = &container["state"];
        if let Some(reason) = state["waiting"]["reason"].as_str() {
            status = reason.to_owned();
        } else if let Some(reason) = state["terminated"]["reason"].as_str() {
            status = reason.to_owned();
            if state["terminated"]["exitCode"] != 0 {
                failed = Some(status.clone());
            }
        } else if container["ready"] == true {
            runs = true;
        }
    }
    if status == "Completed" {
        status = match failed {
            _ if runs && pod.is_true("Ready") => "Running".to_owned(),
            Some(failed) => failed,
            None if runs => "NotReady".to_owned(),
            None => status,
        };
    }
    if is_leaving(pod) && !matches!(phase, "Succeeded" | "Failed") {
        status = "Terminating".to_owned();
    }
    status
}

fn is_leaving(object: Object<'_>) -> bool {
    !object.text("/metadata/deletionTimestamp").is_empty()
}

/// The flags of `is:` that hold, but for `system`.
pub(crate) fn flags(object: Object<'_>) -> &'static [&'static str] {
    const RUNNING: &[&str] = &["running"];
    const CREATING: &[&str] = &["creating"];
    const COMPLETED: &[&str] = &["completed"];
    const BROKEN: &[&str] = &["broken"];
    if is_leaving(object) && !matches!(object.kind.plural, "configmaps" | "secrets" | "events") {
        return &["terminating"];
    }
    match object.kind.plural {
        "pods" => {
            let status = pod_status(object);
            let is_plain = matches!(&*status, "ContainerCreating" | "Pending");
            match object.text("/status/phase") {
                "Succeeded" => COMPLETED,
                "Pending"
                    if object
                        .condition("PodScheduled")
                        .is_some_and(|one| one["status"] == "False") =>
                {
                    &["broken", "creating"]
                }
                "Pending" | "Running" if is_plain => CREATING,
                "Running"
                    if matches!(&*status, "Running" | "NotReady" | "Completed")
                        && object.is_true("Ready") =>
                {
                    RUNNING
                }
                _ => BROKEN,
            }
        }
        "deployments" => {
            let desired = object.number("/spec/replicas");
            let available = object.number("/status/availableReplicas");
            let reason = object
                .condition("Progressing")
                .and_then(|one| one["reason"].as_str());
            if desired == 0 {
                COMPLETED
            } else if available >= desired && object.number("/status/updatedReplicas") >= desired {
                RUNNING
            } else if reason == Some("ReplicaSetUpdated") {
                CREATING
            } else {
                BROKEN
            }
        }
        "replicasets" => match (
            object.number("/spec/replicas"),
            object.number("/status/readyReplicas"),
        ) {
            (0, _) => COMPLETED,
            (desired, ready) if ready >= desired => RUNNING,
            _ => BROKEN,
        },
        "services" if object.text("/spec/type") == "LoadBalancer" => CREATING,
        "nodes" => match object
            .condition("Ready")
            .and_then(|one| one["status"].as_str())
        {
            Some("True") if object.value["spec"]["unschedulable"] == true => &[],
            Some("True") => RUNNING,
            _ => BROKEN,
        },
        "namespaces" if object.text("/status/phase") == "Terminating" => &["terminating"],
        "events" if object.text("/type") == "Warning" => BROKEN,
        _ => RUNNING,
    }
}

/// A duration in seconds.
pub(crate) fn age(text: &str) -> Option<u64> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    text[..text.len() - 1]
        .parse::<u64>()
        .ok()
        .map(|number| number * unit)
}
