//! Pods: containers that run together on a node.
//!
//! READY, STATUS and RESTARTS follow the API server's own printer
//! (kubernetes `pkg/printers/internalversion/printers.go`, `printPod`).

mod requests;

use std::borrow::Cow;

use super::{
    Column, Datum, FactTable, FactValue, Facts, Health, Kind, Lead, Mark, Printed, Relation,
    ValueType, conditions, container_field,
};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, Section, Value, key};
use requests::requested;

/// Pods.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "pods",
        kind: "Pod",
        namespaced: true,
    },
    singular: "pod",
    short_names: &["po"],
    title: "Pods",
    category: "Workloads",
    listed: Content::Whole,
    columns: &[
        Column::NAMESPACE,
        Column::NAME,
        Column::printed("ready", "Ready", ValueType::Ratio, |printed| {
            Datum::Ratio(printed.ready.0, printed.ready.1)
        })
        .printed_since(36)
        .wide(6),
        Column::printed("status", "Status", ValueType::Text, |printed| {
            Datum::text(&*printed.status)
        })
        .printed_since(36)
        .wide(20)
        .else_print(""),
        Column::printed("restarts", "Restarts", ValueType::Number, |printed| {
            Datum::Count(printed.restarts.0, printed.restarts.1)
        })
        .else_print("0")
        .summed("restarts")
        .wide(15),
        Column::AGE,
        Column::text("ip", "IP", |object| Datum::text(Pod(*object).ip()))
            .selectable("status.podIP")
            .unique()
            .wide(13)
            .folding(3),
        Column::member("node", "Node", Section::Spec, "nodeName")
            .or(&["on"])
            .selectable("spec.nodeName")
            .summed("nodes")
            .leading(|_, node| match node {
                Datum::Text(node) => Some(Lead::to_node(node)),
                _ => None,
            })
            .wide(16)
            .folding(1),
        Column::member(
            "nominated",
            "Nominated node",
            Section::Status,
            "nominatedNodeName",
        )
        .selectable("status.nominatedNodeName")
        .folding(Column::HIDDEN),
        Column::ratio("gates", "Readiness gates", |object| {
            Pod(*object).readiness_gates()
        })
        .folding(Column::HIDDEN),
        Column::text("image", "Image", |object| {
            Datum::text(container_field(
                object.spec.read(key!("containers")),
                key!("image"),
            ))
        })
        .images()
        .or(&["images"])
        .summed("images")
        .wide(26)
        .folding(4),
        Column::member("phase", "Phase", Section::Status, "phase")
            .selectable("status.phase")
            .folding(Column::HIDDEN),
        Column::text("containers", "Containers", |object| {
            Datum::text(container_field(
                object.spec.read(key!("containers")),
                key!("name"),
            ))
        })
        .listed()
        .or(&["container"])
        .folding(Column::HIDDEN),
        Column::member(
            "account",
            "Service account",
            Section::Spec,
            "serviceAccountName",
        )
        .or(&["sa"])
        .selectable("spec.serviceAccountName")
        .folding(Column::HIDDEN),
        Column::quantity("cpu", "CPU", |object| {
            Datum::quantity(requested(*object, "cpu"))
        })
        .folding(Column::HIDDEN),
        Column::quantity("memory", "Memory", |object| {
            Datum::quantity(requested(*object, "memory"))
        })
        .or(&["mem"])
        .folding(Column::HIDDEN),
    ],
    cells: 9,
    order: &[],
    print: |object| Pod(object).print(),
    facts,
    relations: &[Relation::Owners, Relation::SelectedBy("services")],
    learned: None,
};

/// A pod.
#[derive(Clone, Copy)]
struct Pod<'a>(ObjectRef<'a>);

/// Restarts counted so far, and the end of the last run that a restart followed.
#[derive(Clone, Copy, Default)]
struct Restarts {
    count: i64,
    last: Option<i64>,
}

impl Restarts {
    fn add(&mut self, count: Value<'_>, last_state: Value<'_>) {
        let count = count.integer().unwrap_or_default();
        self.count = self.count.saturating_add(count);
        let terminated = last_state.read(key!("terminated"));
        if terminated.is_present() {
            let finished = terminated.read(key!("finishedAt")).time();
            self.last = self.last.max(finished);
        }
    }
}

/// `Signal:9`, `ExitCode:1` or the reason of a container that ended.
fn ended(terminated: Value<'_>) -> Cow<'_, str> {
    let reason = terminated.read(key!("reason")).text_or_empty();
    if !reason.is_empty() {
        return reason;
    }
    Cow::Owned(match terminated.read(key!("signal")).integer() {
        Some(signal) if signal != 0 => format!("Signal:{signal}"),
        _ => format!(
            "ExitCode:{}",
            terminated
                .read(key!("exitCode"))
                .integer()
                .unwrap_or_default()
        ),
    })
}

fn is_true(condition: Value<'_>) -> bool {
    condition.read(key!("status")).is("True")
}

/// Whether an init container is a sidecar, by what it says of itself.
fn restarts_always(container: Value<'_>) -> bool {
    container.read(key!("restartPolicy")).is("Always")
}

impl<'a> Pod<'a> {
    fn phase(self) -> Cow<'a, str> {
        self.0.status.read(key!("phase")).text_or_empty()
    }

    fn ip(self) -> Cow<'a, str> {
        let first = self.0.status.read(key!("podIPs")).items().next();
        first
            .and_then(|ip| ip.read(key!("ip")).text())
            .unwrap_or_default()
    }

    fn readiness_gates(self) -> Datum<'a> {
        let gates = self.0.spec.read(key!("readinessGates"));
        if !gates.is_present() {
            return Datum::Absent;
        }
        let gates: Vec<_> = gates
            .items()
            .map(|gate| gate.read(key!("conditionType")).text_or_empty())
            .collect();
        if gates.is_empty() {
            return Datum::Absent;
        }
        let is_met = |gate: &Cow<'_, str>| {
            let [condition] = conditions(self.0, [gate]);
            is_true(condition)
        };
        let met = gates.iter().filter(|gate| is_met(gate)).count();
        Datum::Ratio(
            i64::try_from(met).unwrap_or(i64::MAX),
            i64::try_from(gates.len()).unwrap_or(i64::MAX),
        )
    }

    fn is_sidecar(self, name: &str) -> bool {
        let mut containers = self.0.spec.read(key!("initContainers")).items();
        containers
            .any(|container| container.read(key!("name")).is(name) && restarts_always(container))
    }

    /// What the API server prints of it, and whether it is well.
    fn print(self) -> Printed<'a> {
        let conditions = conditions(self.0, ["PodScheduled", "Initialized", "Ready"]);
        let [scheduled, initialized, ready] = conditions;
        let ready = is_true(ready);
        let phase = self.phase();
        let mut printed = self.cells(&phase, scheduled, initialized, ready);
        printed.health = if self.0.is_terminating() {
            self.terminate(&phase, &mut printed.status);
            Health::fine(Mark::Terminating, "Terminating")
        } else {
            health(&phase, &printed.status, scheduled, ready)
        };
        printed
    }

    /// What it says when it is asked to go.
    fn terminate(self, phase: &str, status: &mut Cow<'a, str>) {
        if self.0.status.read(key!("reason")).is("NodeLost") {
            *status = Cow::Borrowed("Unknown");
        } else if !matches!(phase, "Succeeded" | "Failed") {
            *status = Cow::Borrowed("Terminating");
        }
    }

    fn cells(
        self,
        phase: &Cow<'a, str>,
        scheduled: Value<'_>,
        initialized: Value<'_>,
        ready: bool,
    ) -> Printed<'a> {
        let Self(object) = self;
        let mut status = object.status.read(key!("reason")).text_or_empty();
        if status.is_empty() {
            status.clone_from(phase);
        }
        if scheduled.read(key!("reason")).is("SchedulingGated") {
            status = Cow::Borrowed("SchedulingGated");
        }
        let init = object.spec.read(key!("initContainers")).items();
        let sidecars = init.filter(|container| restarts_always(*container)).count();
        let total = object.spec.read(key!("containers")).items().count() + sidecars;
        let mut printed = Printed {
            status,
            ready: (0, i64::try_from(total).unwrap_or(i64::MAX)),
            ..Printed::from(Health::broken(Mark::Unknown, "Unknown"))
        };
        let (initializing, sidecars) = self.print_init(&mut printed);
        if !initializing || is_true(initialized) {
            self.print_containers(&mut printed, sidecars, ready);
        }
        printed
    }

    /// Walks the init containers: whether one of them is not done yet, and the restarts of the
    /// sidecars on the way.
    fn print_init(self, printed: &mut Printed<'_>) -> (bool, Restarts) {
        let (mut restarts, mut sidecars) = (Restarts::default(), Restarts::default());
        let mut initializing = false;
        for (index, container) in self
            .0
            .status
            .read(key!("initContainerStatuses"))
            .items()
            .enumerate()
        {
            let [count, last_state, state, name] = container.read_each([
                key!("restartCount"),
                key!("lastState"),
                key!("state"),
                key!("name"),
            ]);
            restarts.add(count, last_state);
            let is_sidecar = self.is_sidecar(&name.text_or_empty());
            if is_sidecar {
                sidecars.add(count, last_state);
            }
            let terminated = state.read(key!("terminated"));
            if terminated.is_present()
                && terminated
                    .read(key!("exitCode"))
                    .integer()
                    .unwrap_or_default()
                    == 0
            {
                continue;
            }
            let started = container.read(key!("started")).boolean() == Some(true);
            if started && is_sidecar {
                printed.ready.0 += i64::from(container.read(key!("ready")).boolean() == Some(true));
                continue;
            }
            let waiting = state
                .read(key!("waiting"))
                .read(key!("reason"))
                .text_or_empty();
            printed.status = Cow::Owned(if terminated.is_present() {
                format!("Init:{}", ended(terminated))
            } else if !waiting.is_empty() && waiting != "PodInitializing" {
                format!("Init:{waiting}")
            } else {
                let count = self.0.spec.read(key!("initContainers")).items().count();
                format!("Init:{index}/{count}")
            });
            initializing = true;
            break;
        }
        printed.restarts = (restarts.count, restarts.last);
        (initializing, sidecars)
    }

    /// Walks the containers, of which the first with a reason wins. Restarts of init containers
    /// count no longer, those of the sidecars visited (`restarts`) still do.
    fn print_containers(self, printed: &mut Printed<'a>, mut restarts: Restarts, ready: bool) {
        let (mut running, mut reason, mut failed) = (false, None, None);
        for container in self.0.status.read(key!("containerStatuses")).items() {
            let [count, last_state, state, is_ready] = container.read_each([
                key!("restartCount"),
                key!("lastState"),
                key!("state"),
                key!("ready"),
            ]);
            restarts.add(count, last_state);
            let [waiting, terminated, is_running] =
                state.read_each([key!("waiting"), key!("terminated"), key!("running")]);
            let waiting = waiting.read(key!("reason")).text_or_empty();
            if !waiting.is_empty() {
                reason.get_or_insert(waiting);
            } else if terminated.is_present() {
                let ended = ended(terminated);
                if terminated
                    .read(key!("exitCode"))
                    .integer()
                    .unwrap_or_default()
                    != 0
                {
                    failed.get_or_insert_with(|| ended.clone());
                }
                reason.get_or_insert(ended);
            } else if is_ready.boolean() == Some(true) && is_running.is_present() {
                running = true;
                printed.ready.0 += 1;
            }
        }
        printed.restarts = (restarts.count, restarts.last);
        if let Some(reason) = reason {
            printed.status = reason;
        }
        if printed.status == "Completed" {
            match failed {
                _ if running && ready => printed.status = Cow::Borrowed("Running"),
                // One that ended well does not hide another that failed.
                Some(failed) => printed.status = failed,
                None if running => printed.status = Cow::Borrowed("NotReady"),
                None => {}
            }
        }
    }
}

fn health(phase: &str, status: &str, scheduled: Value<'_>, ready: bool) -> Health {
    let failed = || Health {
        mark: Mark::Failed,
        word: Cow::Owned(status.to_owned()),
        broken: true,
    };
    let is_plain = || {
        let number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
        matches!(status, "ContainerCreating" | "PodInitializing" | "Pending")
            || status.strip_prefix("Init:").is_some_and(number)
    };
    match phase {
        "Succeeded" => Health::fine(Mark::Completed, "Completed"),
        "Failed" => failed(),
        "Pending" if scheduled.read(key!("status")).is("False") => {
            Health::broken(Mark::Pending, "Pending")
        }
        "Running" if matches!(status, "Running" | "NotReady" | "Completed") => {
            if ready {
                Health::fine(Mark::Running, "Running")
            } else {
                Health::broken(Mark::NotReady, "Not ready")
            }
        }
        "Pending" | "Running" if is_plain() => Health::fine(Mark::Pending, "Pending"),
        "Pending" | "Running" => failed(),
        _ => Health::broken(Mark::Unknown, "Unknown"),
    }
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let pod = Pod(object);
    let mut lines = Vec::new();
    let node = object.spec.get("nodeName").text_or_empty();
    lines.push((
        "Node",
        if node.is_empty() {
            FactValue::Text("not placed yet".to_owned())
        } else {
            FactValue::Object(Lead::to_node(&node))
        },
    ));
    let mut add = |label: &'static str, text: Cow<'_, str>| {
        if !text.is_empty() {
            lines.push((label, FactValue::Text(text.into_owned())));
        }
    };
    add("Pod IP", pod.ip());
    add("Phase", pod.phase());
    add("Reason", object.status.get("reason").text_or_empty());
    add("Message", object.status.get("message").text_or_empty());
    add(
        "Service account",
        object.spec.get("serviceAccountName").text_or_empty(),
    );
    add(
        "Restart policy",
        object.spec.get("restartPolicy").text_or_empty(),
    );
    add("QoS class", object.status.get("qosClass").text_or_empty());
    add(
        "Priority class",
        object.spec.get("priorityClassName").text_or_empty(),
    );
    Facts {
        lines,
        tables: vec![containers(object)],
    }
}

fn containers(object: ObjectRef<'_>) -> FactTable {
    let mut rows = Vec::new();
    for (field, statuses, note) in [
        ("containers", "containerStatuses", ""),
        ("initContainers", "initContainerStatuses", " (init)"),
        (
            "ephemeralContainers",
            "ephemeralContainerStatuses",
            " (debug)",
        ),
    ] {
        for container in object.spec.get(field).items() {
            let name = container.get("name").text_or_empty();
            let status = object
                .status
                .get(statuses)
                .items()
                .find(|status| status.get("name").text_or_empty() == name)
                .unwrap_or(Value::ABSENT);
            let (mark, word) = container_state(status);
            rows.push(vec![
                FactValue::Text(format!("{name}{note}")),
                FactValue::State(mark, word),
                FactValue::Text(
                    status
                        .get("restartCount")
                        .integer()
                        .unwrap_or_default()
                        .to_string(),
                ),
                FactValue::Text(container.get("image").text_or_empty().into_owned()),
            ]);
        }
    }
    FactTable {
        title: "Containers",
        columns: &["Name", "State", "Restarts", "Image"],
        rows,
    }
}

fn container_state(status: Value<'_>) -> (Mark, String) {
    let state = status.get("state");
    let waiting = state.get("waiting");
    let terminated = state.get("terminated");
    if state.get("running").is_present() {
        return if status.get("ready").boolean() == Some(true) {
            (Mark::Running, "Running".to_owned())
        } else {
            (Mark::NotReady, "Running, not ready".to_owned())
        };
    }
    if terminated.is_present() {
        let code = terminated.get("exitCode").integer().unwrap_or_default();
        return if code == 0 {
            (Mark::Completed, "Completed".to_owned())
        } else {
            (Mark::Failed, format!("{}, exit {code}", ended(terminated)))
        };
    }
    let reason = waiting.get("reason").text_or_empty();
    match &*reason {
        "" => (Mark::Pending, "Waiting".to_owned()),
        "ContainerCreating" | "PodInitializing" => (Mark::Pending, reason.into_owned()),
        _ => (Mark::Failed, reason.into_owned()),
    }
}

#[cfg(test)]
mod tests;
