//! Events: what components say about objects. The same thing said again only counts, and after an hour it is gone.

use std::collections::{BTreeSet, HashMap};
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
    /// The same by the time it was last said, oldest first.
    ages: BTreeSet<(SystemTime, Said)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
            ages: BTreeSet::new(),
        }
    }

    pub(super) fn record(&mut self, resource: &Resource, object: &Value, event: Event) {
        let now = self.registry.clock.now();
        let said = Said {
            uid: super::text(&object["metadata"]["uid"]).to_owned(),
            reason: event.reason,
            message: event.message.clone(),
        };
        // Somebody may have deleted the event since; then it is written anew.
        let key = self
            .say_again(&said, event.component, now)
            .or_else(|| self.write(resource, object, event, now));
        if let Some(key) = key {
            self.remember(said, key, now);
        }
    }

    fn say_again(&self, said: &Said, component: &str, now: SystemTime) -> Option<String> {
        let (key, _) = self.said.get(said)?;
        let again = self
            .registry
            .modify(&EVENTS, key, Part::Main, component, |value| {
                value["count"] = super::number(&value["count"]).saturating_add(1).into();
                value["lastTimestamp"] = rfc3339(now).into();
            })?;
        Some(again.key.to_string())
    }

    fn remember(&mut self, said: Said, key: String, now: SystemTime) {
        if let Some((_, last)) = self.said.insert(said.clone(), (key, now)) {
            self.ages.remove(&(last, said.clone()));
        }
        self.ages.insert((now, said));
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
        while let Some((last, said)) = self.ages.pop_first() {
            if last + TIME_TO_LIVE > now {
                self.ages.insert((last, said));
                return;
            }
            let Some((key, _)) = self.said.remove(&said) else {
                continue;
            };
            // Somebody may have deleted it before.
            let _ = self.registry.delete(
                &EVENTS,
                &key,
                &DeleteOptions::default(),
                &Writer::component("kube-apiserver"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::RunningClock;
    use crate::resource::{NAMESPACES, PODS};
    use crate::store::{KeyRange, Store};

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    fn minutes(minutes: u64) -> SystemTime {
        START + Duration::from_secs(minutes * 60)
    }

    fn recorder() -> EventRecorder {
        let clock = Arc::new(RunningClock::standing_at(START));
        let registry = Arc::new(Registry::new(Arc::new(Store::new(100)), clock, 1));
        let namespace = json!({ "metadata": { "name": "default" } });
        registry
            .create(&NAMESPACES, "", namespace, &Writer::component("test"))
            .expect("a namespace");
        EventRecorder::new(registry)
    }

    fn say(recorder: &mut EventRecorder, message: &str, at: SystemTime) {
        recorder.registry.clock.set(at);
        let pod = json!({ "metadata": { "name": "web", "namespace": "default", "uid": "1" } });
        let event = Event::normal("test", "Tested", message.to_owned());
        recorder.record(&PODS, &pod, event);
    }

    fn said(recorder: &EventRecorder) -> Vec<String> {
        let events = recorder.registry.store.all(&EVENTS, &KeyRange::default());
        let mut messages: Vec<String> = events
            .iter()
            .map(|event| super::super::text(&event.value()["message"]).to_owned())
            .collect();
        messages.sort_unstable();
        messages
    }

    #[test]
    fn each_event_lives_for_an_hour_after_it_was_last_said() {
        let mut recorder = recorder();
        for message in ["a", "b", "c", "d"] {
            say(&mut recorder, message, minutes(0));
        }
        for message in ["a", "b"] {
            say(&mut recorder, message, minutes(30));
        }
        recorder.expire(minutes(61));
        assert_eq!(said(&recorder), ["a", "b"]);
        recorder.expire(minutes(91));
        assert_eq!(said(&recorder), Vec::<String>::new());
    }

    #[test]
    fn what_somebody_deleted_is_written_anew_and_expires_once() {
        let mut recorder = recorder();
        say(&mut recorder, "a", minutes(0));
        let events = recorder.registry.store.all(&EVENTS, &KeyRange::default());
        for event in events {
            recorder
                .registry
                .delete(
                    &EVENTS,
                    &event.key,
                    &DeleteOptions::default(),
                    &Writer::component("test"),
                )
                .expect("a deletion");
        }
        say(&mut recorder, "a", minutes(30));
        recorder.expire(minutes(61));
        assert_eq!(said(&recorder), ["a"]);
        recorder.expire(minutes(90));
        assert_eq!(said(&recorder), Vec::<String>::new());
    }
}
