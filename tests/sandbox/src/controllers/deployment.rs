//! Deployments: one replica set per template, and the slow exchange of the old ones for the new one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::events::Event;
use super::{Controllers, Work, controlled_by, items, number, text};
use crate::clock::{parse_rfc3339, rfc3339};
use crate::registry::{DeleteOptions, Part, Writer};
use crate::resource::{DEPLOYMENTS, REPLICA_SETS};

const MANAGER: &str = "kube-controller-manager";
const COMPONENT: &str = "deployment-controller";
const REVISION: &str = "deployment.kubernetes.io/revision";

impl Controllers {
    pub(super) fn sync_deployment(&mut self, key: &str, now: SystemTime) {
        let Some(deployment) = self.value(&DEPLOYMENTS, key) else {
            return;
        };
        if !deployment["metadata"]["deletionTimestamp"].is_null() {
            return;
        }
        let mut sets: Vec<Value> = self
            .index
            .owned(text(&deployment["metadata"]["uid"]), &REPLICA_SETS)
            .iter()
            .filter_map(|key| self.value(&REPLICA_SETS, key))
            .filter(|set| set["metadata"]["deletionTimestamp"].is_null())
            .collect();
        sets.sort_by_key(revision);
        let new_name = format!(
            "{}-{}",
            text(&deployment["metadata"]["name"]),
            template_hash(&deployment)
        );
        let paused = deployment["spec"]["paused"] == true;
        if !paused
            && !sets
                .iter()
                .any(|set| set["metadata"]["name"] == new_name.as_str())
        {
            self.create_replica_set(&deployment, key, &new_name, &sets);
            // The new set comes back as a change.
            return;
        }
        let place = sets
            .iter()
            .position(|set| set["metadata"]["name"] == new_name.as_str());
        let new = place.map(|place| sets.remove(place));
        if let Some(new) = &new {
            self.take_over_revision(&deployment, key, new, &sets);
            if !paused {
                self.roll(&deployment, new, &sets);
            }
        }
        self.report(&deployment, key, new.as_ref(), &sets, now);
        self.forget_old_sets(&deployment, &sets);
    }

    fn create_replica_set(&self, deployment: &Value, key: &str, name: &str, old: &[Value]) {
        let namespace = text(&deployment["metadata"]["namespace"]);
        let hash = name.rsplit('-').next().unwrap_or_default();
        let mut template = deployment["spec"]["template"].clone();
        template["metadata"]["labels"]["pod-template-hash"] = hash.into();
        let mut selector = deployment["spec"]["selector"].clone();
        selector["matchLabels"]["pod-template-hash"] = hash.into();
        let number = old
            .iter()
            .map(revision)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
        let desired = super::number(&deployment["spec"]["replicas"]);
        let set = json!({
            "metadata": {
                "name": name,
                "labels": template["metadata"]["labels"],
                "annotations": {
                    REVISION: number.to_string(),
                    "deployment.kubernetes.io/desired-replicas": desired.to_string(),
                    "deployment.kubernetes.io/max-replicas": (desired + surge(deployment)).to_string(),
                },
                "ownerReferences": [controlled_by(&DEPLOYMENTS, deployment)],
            },
            "spec": { "replicas": 0, "selector": selector, "template": template },
        });
        // Refused only while the namespace ends.
        let _ = self
            .registry
            .create(&REPLICA_SETS, namespace, set, &Writer::component(MANAGER));
        self.set_revision(key, number);
    }

    /// A set of an earlier template that is wanted again becomes the newest revision.
    fn take_over_revision(&self, deployment: &Value, key: &str, new: &Value, old: &[Value]) {
        let newest = old.iter().map(revision).max().unwrap_or(0);
        let mut number = revision(new);
        if number <= newest {
            number = newest.saturating_add(1);
            let set_key = format!(
                "{}/{}",
                text(&deployment["metadata"]["namespace"]),
                text(&new["metadata"]["name"])
            );
            self.registry
                .modify(&REPLICA_SETS, &set_key, Part::Main, MANAGER, |set| {
                    set["metadata"]["annotations"][REVISION] = number.to_string().into();
                });
        }
        self.set_revision(key, number);
    }

    fn set_revision(&self, key: &str, number: i64) {
        self.registry
            .modify(&DEPLOYMENTS, key, Part::Main, MANAGER, |deployment| {
                deployment["metadata"]["annotations"][REVISION] = number.to_string().into();
            });
    }

    /// Moves replicas from old sets to the new one, as far as surge and unavailability allow.
    fn roll(&mut self, deployment: &Value, new: &Value, old: &[Value]) {
        let desired = number(&deployment["spec"]["replicas"]);
        let replicas = |set: &Value| number(&set["spec"]["replicas"]);
        let old_total: i64 = old.iter().map(replicas).sum();
        let recreate = deployment["spec"]["strategy"]["type"] == "Recreate";
        let room = if recreate {
            if old
                .iter()
                .all(|set| number(&set["status"]["replicas"]) == 0)
            {
                desired
            } else {
                0
            }
        } else {
            desired + surge(deployment) - old_total
        };
        let wanted = if replicas(new) > desired {
            desired
        } else {
            room.min(desired).max(replicas(new))
        };
        self.scale(deployment, new, wanted);
        let unavailable = (replicas(new) - number(&new["status"]["availableReplicas"])).max(0);
        let lowest = if recreate {
            0
        } else {
            desired - unavailable_allowed(deployment)
        };
        let mut removable = if recreate {
            old_total
        } else {
            old_total + replicas(new) - lowest - unavailable
        };
        // Old pods that do not serve anyway go first and cost nothing.
        for set in old {
            let idle = (replicas(set) - number(&set["status"]["availableReplicas"])).max(0);
            let less = replicas(set)
                .min(removable.max(0))
                .max(idle.min(replicas(set)));
            if less > 0 {
                removable -= less;
                self.scale(deployment, set, replicas(set) - less);
            }
        }
    }

    fn scale(&mut self, deployment: &Value, set: &Value, wanted: i64) {
        let before = number(&set["spec"]["replicas"]);
        if before == wanted {
            return;
        }
        let (namespace, name) = (
            text(&set["metadata"]["namespace"]),
            text(&set["metadata"]["name"]),
        );
        self.registry.modify(
            &REPLICA_SETS,
            &format!("{namespace}/{name}"),
            Part::Main,
            MANAGER,
            |set| {
                set["spec"]["replicas"] = wanted.into();
            },
        );
        let direction = if wanted > before { "up" } else { "down" };
        let message = format!("Scaled {direction} replica set {name} from {before} to {wanted}");
        self.events.record(
            &DEPLOYMENTS,
            deployment,
            Event::normal(COMPONENT, "ScalingReplicaSet", message),
        );
    }

    fn report(
        &mut self,
        deployment: &Value,
        key: &str,
        new: Option<&Value>,
        old: &[Value],
        now: SystemTime,
    ) {
        let count = |member: &str| -> i64 {
            new.into_iter()
                .chain(old)
                .map(|set| number(&set["status"][member]))
                .sum()
        };
        let desired = number(&deployment["spec"]["replicas"]);
        let updated = new.map_or(0, |new| number(&new["status"]["replicas"]));
        let available = count("availableReplicas");
        let mut status = json!({
            "observedGeneration": deployment["metadata"]["generation"],
            "conditions": deployment["status"]["conditions"].as_array().cloned().unwrap_or_default(),
        });
        let total = count("replicas");
        for (member, value) in [
            ("replicas", total),
            ("updatedReplicas", updated),
            ("readyReplicas", count("readyReplicas")),
            ("availableReplicas", available),
            ("unavailableReplicas", (desired - available).max(0)),
        ] {
            if value > 0 {
                status[member] = value.into();
            }
        }
        let enough = available >= desired - unavailable_allowed(deployment);
        let complete = updated == desired && total == desired && available == desired;
        set_condition(&mut status, available_condition(enough), now);
        let name = new.map_or("", |new| text(&new["metadata"]["name"]));
        let moved = ["replicas", "updatedReplicas", "readyReplicas"]
            .iter()
            .any(|member| status[member] != deployment["status"][member]);
        let progress = progress_condition(deployment, name, complete, moved, now);
        if progress[2] == "ReplicaSetUpdated" {
            self.after(
                deadline(deployment) + Duration::from_secs(1),
                Work::Deployment(key.to_owned()),
            );
        }
        set_condition(&mut status, progress, now);
        if moved && !complete {
            touch_condition(&mut status, "Progressing", now);
        }
        self.registry
            .modify(&DEPLOYMENTS, key, Part::Status, MANAGER, |deployment| {
                deployment["status"] = status
            });
    }

    fn forget_old_sets(&self, deployment: &Value, old: &[Value]) {
        let limit =
            usize::try_from(number(&deployment["spec"]["revisionHistoryLimit"])).unwrap_or(0);
        let idle: Vec<&Value> = old
            .iter()
            .filter(|set| {
                number(&set["spec"]["replicas"]) == 0 && number(&set["status"]["replicas"]) == 0
            })
            .collect();
        for set in idle.iter().take(idle.len().saturating_sub(limit)) {
            let key = format!(
                "{}/{}",
                text(&set["metadata"]["namespace"]),
                text(&set["metadata"]["name"])
            );
            // Gone already is as good.
            let _ = self.registry.delete(
                &REPLICA_SETS,
                &key,
                &DeleteOptions::default(),
                &Writer::component(MANAGER),
            );
        }
    }
}

/// Type, status, reason, message.
type Condition = [String; 4];

fn available_condition(enough: bool) -> Condition {
    let parts = if enough {
        [
            "Available",
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
        ]
    } else {
        [
            "Available",
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        ]
    };
    parts.map(str::to_owned)
}

fn progress_condition(
    deployment: &Value,
    set: &str,
    complete: bool,
    moved: bool,
    now: SystemTime,
) -> Condition {
    let before = items(&deployment["status"]["conditions"])
        .iter()
        .find(|one| one["type"] == "Progressing");
    let last = before.and_then(|one| parse_rfc3339(text(&one["lastUpdateTime"])));
    let same_set = before.is_some_and(|one| text(&one["message"]).contains(set));
    let was = |reason: &str| same_set && before.is_some_and(|one| one["reason"] == reason);
    let late = last.is_some_and(|last| last + deadline(deployment) < now);
    let overdue = !moved && (late || was("ProgressDeadlineExceeded"));
    let (status, reason, says) = match () {
        () if complete || was("NewReplicaSetAvailable") => (
            "True",
            "NewReplicaSetAvailable",
            "has successfully progressed.",
        ),
        () if overdue => (
            "False",
            "ProgressDeadlineExceeded",
            "has timed out progressing.",
        ),
        () => ("True", "ReplicaSetUpdated", "is progressing."),
    };
    [
        "Progressing".to_owned(),
        status.to_owned(),
        reason.to_owned(),
        format!("ReplicaSet \"{set}\" {says}"),
    ]
}

/// Changes a condition; its times only where something changed.
fn set_condition(status: &mut Value, [kind, is, reason, message]: Condition, now: SystemTime) {
    let Some(conditions) = status["conditions"].as_array_mut() else {
        return;
    };
    let mut condition = json!({
        "type": kind, "status": is, "reason": reason, "message": message,
        "lastUpdateTime": rfc3339(now), "lastTransitionTime": rfc3339(now),
    });
    match conditions
        .iter_mut()
        .find(|one| one["type"] == condition["type"])
    {
        Some(old)
            if old["status"] == condition["status"]
                && old["reason"] == condition["reason"]
                && old["message"] == condition["message"] => {}
        Some(old) => {
            if old["status"] == condition["status"] {
                condition["lastTransitionTime"] = old["lastTransitionTime"].clone();
            }
            *old = condition;
        }
        None => conditions.push(condition),
    }
}

fn touch_condition(status: &mut Value, kind: &str, now: SystemTime) {
    let conditions = status["conditions"].as_array_mut().into_iter().flatten();
    for condition in conditions.filter(|one| one["type"] == kind) {
        condition["lastUpdateTime"] = rfc3339(now).into();
    }
}

fn deadline(deployment: &Value) -> Duration {
    // Longer than any clock of the sandbox runs.
    const MOST_SECS: u64 = i32::MAX as u64;
    let secs = deployment["spec"]["progressDeadlineSeconds"].as_u64();
    Duration::from_secs(secs.unwrap_or(600).min(MOST_SECS))
}

fn revision(set: &Value) -> i64 {
    text(&set["metadata"]["annotations"][REVISION])
        .parse()
        .unwrap_or(0)
}

fn surge(deployment: &Value) -> i64 {
    share(
        &deployment["spec"]["strategy"]["rollingUpdate"]["maxSurge"],
        deployment,
        true,
    )
}

fn unavailable_allowed(deployment: &Value) -> i64 {
    let allowed = share(
        &deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"],
        deployment,
        false,
    );
    // With neither surge nor unavailability nothing could move; the server resolves it so.
    if allowed == 0 && surge(deployment) == 0 {
        1
    } else {
        allowed
    }
}

/// A number, or a percentage of the replicas.
fn share(value: &Value, deployment: &Value, up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number;
    }
    let percent: i64 = text(value).trim_end_matches('%').parse().unwrap_or(0);
    let hundredfold = percent.saturating_mul(number(&deployment["spec"]["replicas"]));
    if up {
        hundredfold.saturating_add(99) / 100
    } else {
        hundredfold / 100
    }
}

/// Ten letters that stand for the template, as `pod-template-hash` has them.
pub(crate) fn template_hash(deployment: &Value) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut hasher = DefaultHasher::new();
    without_nulls(&deployment["spec"]["template"])
        .to_string()
        .hash(&mut hasher);
    let hash = (hasher.finish() % 10_000_000_000).to_string();
    let spread = |digit: char, place: usize| {
        let number = usize::try_from(digit.to_digit(10).unwrap_or(0)).unwrap_or(0);
        char::from(LETTERS[(number * 7 + place * 5) % LETTERS.len()])
    };
    hash.chars()
        .enumerate()
        .map(|(place, digit)| spread(digit, place))
        .collect()
}

/// Clients write `null` where they mean nothing, and a template read back must be the same template.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !value.is_null());
            members
                .map(|(member, value)| (member.clone(), without_nulls(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}
