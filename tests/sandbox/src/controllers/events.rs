//! Events: what components say about objects. The same thing said again only counts, and after an hour it is gone.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::registry::{DeleteOptions, Part, Registry, Writer};
use crate::resource::{EVENTS, Resource};

const TIME_TO_LIVE: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub(super) struct EventRecorder {
    registry: Arc<Registry>,
    /// What was said to the event's key and the time it was last said.
    said: HashMap<Said, (String, SystemTime)>,
    /// In order of the time they were looked at last.
    ages: VecDeque<Said>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Said {
    uid: String,
    reason: &'static str,
    message: String,
}

/// One thing to say.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) component: &'static str,
    pub(super) reason: &'static str,
    pub(super) message: String,
    pub(super) warning: bool,
    /// The container it is about.
    pub(super) container: Option<String>,
}

impl Event {
    pub(super) fn normal(component: &'static str, reason: &'static str, message: String) -> Self {
        Self {
            component,
            reason,
            message,
            warning: false,
            container: None,
        }
    }

    pub(super) fn warning(component: &'static str, reason: &'static str, message: String) -> Self {
        Self {
            warning: true,
            ..Self::normal(component, reason, message)
        }
    }

    pub(super) fn about(self, container: &str) -> Self {
        Self {
            container: Some(container.to_owned()),
            ..self
        }
    }
}

impl EventRecorder {
    pub(super) fn new(registry: Arc<Registry>) -> Self {
        Self {
            registry,
            said: HashMap::new(),
            ages: VecDeque::new(),
        }
    }

    pub(super) fn record(&mut self, resource: &Resource, object: &Value, event: Event) {
        let now = self.registry.clock.now();
        let said = Said {
            uid: super::text(&object["metadata"]["uid"]).to_owned(),
            reason: event.reason,
            message: event.message.clone(),
        };
        if let Some((key, last)) = self.said.get_mut(&said) {
            *last = now;
            let again = self
                .registry
                .modify(&EVENTS, key, Part::Main, event.component, |value| {
                    value["count"] = (super::number(&value["count"]) + 1).into();
                    value["lastTimestamp"] = rfc3339(now).into();
                });
            if again.is_some() {
                return;
            }
        }
        if let Some(key) = self.write(resource, object, event, now) {
            self.said.insert(said.clone(), (key, now));
            self.ages.push_back(said);
        }
    }

    fn write(
        &self,
        resource: &Resource,
        object: &Value,
        event: Event,
        now: SystemTime,
    ) -> Option<String> {
        let metadata = &object["metadata"];
        let namespace = metadata["namespace"].as_str().unwrap_or("default");
        let name = format!("{}.{}", super::text(&metadata["name"]), self.registry.hex());
        let mut involved = json!({
            "apiVersion": resource.api_version(),
            "kind": resource.kind,
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "resourceVersion": metadata["resourceVersion"],
            "uid": metadata["uid"],
        });
        if let Some(container) = &event.container {
            let list = if super::items(&object["spec"]["initContainers"])
                .iter()
                .any(|one| one["name"] == container.as_str())
            {
                "initContainers"
            } else {
                "containers"
            };
            involved["fieldPath"] = format!("spec.{list}{{{container}}}").into();
        }
        let mut source = json!({ "component": event.component });
        if event.component == "kubelet" {
            source["host"] = object["spec"]["nodeName"].clone();
        }
        let host = source["host"].as_str().unwrap_or_default().to_owned();
        let value = json!({
            "metadata": { "name": name },
            "involvedObject": involved,
            "reason": event.reason,
            "message": event.message,
            "type": if event.warning { "Warning" } else { "Normal" },
            "source": source,
            "count": 1,
            "firstTimestamp": rfc3339(now),
            "lastTimestamp": rfc3339(now),
            "eventTime": null,
            "reportingComponent": event.component,
            "reportingInstance": host,
        });
        let written = self
            .registry
            .create(
                &EVENTS,
                namespace,
                value,
                &Writer::component(event.component),
            )
            .ok()?;
        Some(written.key.to_string())
    }

    /// Deletes what was last said too long ago.
    pub(super) fn expire(&mut self, now: SystemTime) {
        while let Some(said) = self.ages.front() {
            let Some((key, last)) = self.said.get(said) else {
                self.ages.pop_front();
                continue;
            };
            let old = |since: SystemTime| since + TIME_TO_LIVE <= now;
            if !old(*last) {
                // The front may have been said again and so be younger than those behind it.
                let renewed = self
                    .ages
                    .get(1)
                    .and_then(|next| self.said.get(next))
                    .is_some_and(|(_, next)| old(*next));
                if !renewed {
                    return;
                }
                if let Some(said) = self.ages.pop_front() {
                    self.ages.push_back(said);
                }
                continue;
            }
            // Somebody may have deleted it before.
            let _ = self.registry.delete(
                &EVENTS,
                key,
                &DeleteOptions::default(),
                &Writer::component("kube-apiserver"),
            );
            if let Some(said) = self.ages.pop_front() {
                self.said.remove(&said);
            }
        }
    }
}
