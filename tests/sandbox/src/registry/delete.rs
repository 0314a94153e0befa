//! Deleting: at once, or announced by a deletion timestamp while something still has to happen.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Registry, Writer};
use crate::clock::rfc3339;
use crate::custom;
use crate::object::Object;
use crate::resource::{CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, PODS, Resource};
use crate::status::Status;
use crate::store::{Decision, KeyRange};

/// No pod takes longer to end: some 68 years. Beyond that its time could not be written.
const MOST_GRACE_SECS: u64 = i32::MAX as u64;

/// The parts of `DeleteOptions` that the sandbox heeds.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeleteOptions {
    pub(crate) grace_period_secs: Option<u64>,
    pub(crate) uid: Option<String>,
    pub(crate) resource_version: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Deleted {
    /// Announced; the object is still there.
    Announced(Arc<Object>),
    Gone(Arc<Object>),
}

impl Registry {
    pub(crate) fn delete(
        &self,
        resource: &Resource,
        key: &str,
        options: &DeleteOptions,
        writer: &Writer,
    ) -> Result<Deleted, Status> {
        let name = key.rsplit('/').next().unwrap_or_default();
        let mut announced = false;
        let mut dry = None;
        let object = self.store.change(resource, key, |existing| {
            let existing = existing.ok_or_else(|| Status::not_found(resource, name))?;
            let mut value = existing.value();
            options.check_preconditions(resource, name, &value)?;
            let announcement = self.announcement(resource, &value, options);
            announced = announcement.is_some();
            if writer.dry_run {
                dry = Some(existing.clone());
                return Ok(Decision::Keep);
            }
            let Some(grace) = announcement else {
                return Ok(Decision::Remove);
            };
            if already_announced(&value, grace) {
                return Ok(Decision::Keep);
            }
            let metadata = &mut value["metadata"];
            metadata["deletionTimestamp"] =
                rfc3339(self.clock.now() + Duration::from_secs(grace)).into();
            metadata["deletionGracePeriodSeconds"] = grace.into();
            if let Some(generation) = metadata["generation"].as_i64() {
                metadata["generation"] = generation.saturating_add(1).into();
            }
            if resource.index == NAMESPACES.index {
                value["status"] = json!({ "phase": "Terminating" });
            }
            Ok(Decision::Put(value))
        })?;
        let object = dry
            .or(object)
            .ok_or_else(|| Status::not_found(resource, name))?;
        if !announced && !writer.dry_run && resource.index == CUSTOM_RESOURCE_DEFINITIONS.index {
            self.delete_defined(&object, writer);
        }
        Ok(if announced {
            Deleted::Announced(object)
        } else {
            Deleted::Gone(object)
        })
    }

    /// With a definition go the objects of what it defined.
    fn delete_defined(&self, definition: &Object, writer: &Writer) {
        let Some(resource) = custom::of(&self.store, &definition.value()).next() else {
            return;
        };
        for object in self.store.all(resource, &KeyRange::default()) {
            // What resists would be seen again if the same were defined once more.
            let _ = self.delete(resource, &object.key, &DeleteOptions::default(), writer);
        }
    }

    /// The grace with which the deletion is only announced; None if the object can go at once.
    fn announcement(
        &self,
        resource: &Resource,
        value: &Value,
        options: &DeleteOptions,
    ) -> Option<u64> {
        let mut grace = None;
        if has_finalizers(value) || resource.index == NAMESPACES.index {
            grace = Some(0);
        }
        if resource.index == PODS.index {
            let specified = value["spec"]["terminationGracePeriodSeconds"]
                .as_u64()
                .unwrap_or(30);
            let asked = options.grace_period_secs.unwrap_or(specified);
            let ended = matches!(
                value["status"]["phase"].as_str(),
                Some("Succeeded" | "Failed")
            );
            let bound = value["spec"]["nodeName"]
                .as_str()
                .is_some_and(|node| !node.is_empty());
            if bound && !ended && asked > 0 {
                grace = Some(asked.min(MOST_GRACE_SECS));
            }
        }
        grace
    }
}

impl DeleteOptions {
    fn check_preconditions(
        &self,
        resource: &Resource,
        name: &str,
        value: &Value,
    ) -> Result<(), Status> {
        let checks = [
            (
                "UID",
                &self.uid,
                &value["metadata"]["uid"],
                "deleted and then recreated",
            ),
            (
                "ResourceVersion",
                &self.resource_version,
                &value["metadata"]["resourceVersion"],
                "modified",
            ),
        ];
        for (what, wanted, is, happened) in checks {
            let is = is.as_str().unwrap_or_default();
            if let Some(wanted) = wanted
                && wanted != is
            {
                let because = format!(
                    "the {what} in the precondition ({wanted}) does not match the {what} in record ({is}). The object \
                     might have been {happened}"
                );
                return Err(Status::precondition(resource, name, &because));
            }
        }
        Ok(())
    }
}

/// A second deletion only counts if it shortens the grace.
fn already_announced(value: &Value, grace: u64) -> bool {
    let metadata = &value["metadata"];
    !metadata["deletionTimestamp"].is_null()
        && metadata["deletionGracePeriodSeconds"]
            .as_u64()
            .is_none_or(|before| before <= grace)
}

fn has_finalizers(value: &Value) -> bool {
    value["metadata"]["finalizers"]
        .as_array()
        .is_some_and(|finalizers| !finalizers.is_empty())
}

/// An announced deletion that only waited for finalizers happens when the last one is taken away.
pub(super) fn last_finalizer_is_gone(old: &Value, new: &Value) -> bool {
    !old["metadata"]["deletionTimestamp"].is_null() && has_finalizers(old) && !has_finalizers(new)
}
