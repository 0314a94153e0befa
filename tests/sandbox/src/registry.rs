//! The rules of writing: what the server fills in, refuses, keeps and counts when an object is created, changed or
//! deleted. Clients and the sandbox's own controllers write through it alike.

mod defaults;
mod delete;
mod managed_fields;
mod shape;
mod validation;

pub(crate) use delete::{DeleteOptions, Deleted};
pub(crate) use shape::kind_of;

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::clock::{RunningClock, rfc3339};
use crate::object::Object;
use crate::resource::{DEPLOYMENTS, NAMESPACES, Resource, Subresource};
use crate::status::Status;
use crate::store::{Decision, Store};

/// Writes into a store. Its random names come from a seed.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<RunningClock>,
    random: Mutex<ChaCha8Rng>,
}

/// Who writes, and whether it shall last.
#[derive(Clone, Debug)]
pub(crate) struct Writer {
    /// The name in `managedFields`.
    pub(crate) manager: String,
    pub(crate) dry_run: bool,
}

impl Writer {
    /// One of the sandbox's own components.
    pub(crate) fn component(manager: &str) -> Self {
        Self {
            manager: manager.to_owned(),
            dry_run: false,
        }
    }
}

/// Which part of an object a write is about; the other part stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Main,
    Status,
}

impl Registry {
    pub(crate) fn new(store: Arc<Store>, clock: Arc<RunningClock>, seed: u64) -> Self {
        Self {
            store,
            clock,
            random: Mutex::new(ChaCha8Rng::seed_from_u64(seed)),
        }
    }

    fn random<T>(&self, draw: impl FnOnce(&mut ChaCha8Rng) -> T) -> T {
        draw(&mut self.random.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Five letters and digits, as the server appends to `generateName`.
    pub(crate) fn name_suffix(&self) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        self.random(|random| {
            (0..5)
                .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
                .collect()
        })
    }

    pub(crate) fn uid(&self) -> String {
        uid_of(self.random(Rng::random))
    }

    /// Sixteen hexadecimal digits.
    pub(crate) fn hex(&self) -> String {
        format!("{:016x}", self.random(Rng::random::<u64>))
    }

    pub(crate) fn number(&self, range: std::ops::Range<u32>) -> u32 {
        self.random(|random| random.random_range(range))
    }

    /// Creates an object; the server's part of its metadata is filled in.
    pub(crate) fn create(
        &self,
        resource: &Resource,
        namespace: &str,
        mut value: Value,
        writer: &Writer,
    ) -> Result<Arc<Object>, Status> {
        check_shape(resource, &value)?;
        self.complete_metadata(resource, namespace, &mut value);
        let name = value["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        // Clients write "" where they mean nothing.
        if !matches!(
            value["metadata"]["resourceVersion"].as_str(),
            None | Some("")
        ) {
            return Err(Status::unknown(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        if resource.namespaced {
            self.check_namespace(resource, namespace, &name)?;
        }
        defaults::apply(self, resource, &mut value);
        validation::check(resource, &value)?;
        self.insert(resource, namespace, value, writer)
    }

    fn complete_metadata(&self, resource: &Resource, namespace: &str, value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            object.remove("kind");
            object.remove("apiVersion");
        }
        if !value["metadata"].is_object() {
            value["metadata"] = json!({});
        }
        let metadata = &mut value["metadata"];
        if metadata["name"].as_str().unwrap_or_default().is_empty()
            && let Some(prefix) = metadata["generateName"]
                .as_str()
                .filter(|prefix| !prefix.is_empty())
        {
            metadata["name"] = format!("{prefix}{}", self.name_suffix()).into();
        }
        if resource.namespaced {
            metadata["namespace"] = namespace.into();
        }
        metadata["uid"] = self.uid().into();
        metadata["creationTimestamp"] = rfc3339(self.clock.now()).into();
        if resource.counts_generation {
            metadata["generation"] = 1.into();
        }
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.remove("deletionTimestamp");
            metadata.remove("deletionGracePeriodSeconds");
            metadata.remove("managedFields");
            if !resource.counts_generation {
                metadata.remove("generation");
            }
            metadata.retain(|_, value| !is_empty(value));
        }
    }

    fn check_namespace(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
    ) -> Result<(), Status> {
        let Some(found) = self.store.get(&NAMESPACES, namespace) else {
            return Err(Status::not_found(&NAMESPACES, namespace));
        };
        if found.field(0) == "Terminating" {
            let because = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            return Err(Status::forbidden(resource, name, &because));
        }
        Ok(())
    }

    /// Stores a complete object as it is, apart from managed fields: what `create` ends with, and how worlds begin.
    pub(crate) fn insert(
        &self,
        resource: &Resource,
        namespace: &str,
        mut value: Value,
        writer: &Writer,
    ) -> Result<Arc<Object>, Status> {
        let name = value["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let time = rfc3339(self.clock.now());
        managed_fields::record(&mut value, resource, &writer.manager, Part::Main, &time);
        if writer.dry_run {
            if self
                .store
                .get(resource, &resource.key(namespace, &name))
                .is_some()
            {
                return Err(Status::already_exists(resource, &name));
            }
            return Ok(Arc::new(Object::new(
                resource,
                self.store.revision(),
                &value,
            )));
        }
        let stored =
            self.store.change(
                resource,
                &resource.key(namespace, &name),
                |existing| match existing {
                    Some(_) => Err(Status::already_exists(resource, &name)),
                    None => Ok(Decision::Put(value)),
                },
            )?;
        stored.ok_or_else(|| Status::internal("the object vanished while it was created"))
    }

    /// Changes one part of an object by a function of what it is now.
    pub(crate) fn update(
        &self,
        resource: &Resource,
        key: &str,
        part: Part,
        writer: &Writer,
        change: impl FnOnce(&Value) -> Result<Value, Status>,
    ) -> Result<Arc<Object>, Status> {
        let name = key.rsplit('/').next().unwrap_or_default();
        let time = rfc3339(self.clock.now());
        // What is answered, if it is not what is then stored.
        let mut answer = None;
        let stored = self.store.change(resource, key, |existing| {
            let existing = existing.ok_or_else(|| Status::not_found(resource, name))?;
            let old = existing.value();
            let new = change(&old)?;
            // A whole object was checked where it came in; what a patch makes of an object shows only here.
            shape::check(resource, &new)
                .map_err(|fault| Status::undecodable_patch(&new, &fault))?;
            check_preconditions(resource, key, &old, &new)?;
            let mut new = merge_parts(resource, part, &old, new);
            if same_but_managed_fields(&old, &new) {
                return Ok(Decision::Keep);
            }
            if part == Part::Main {
                validation::check_update(resource, &old, &new)?;
                if counts_as_generation(resource, &old, &new) {
                    new["metadata"]["generation"] = next_generation(&old).into();
                }
            }
            managed_fields::record(&mut new, resource, &writer.manager, part, &time);
            if writer.dry_run {
                answer = Some(Arc::new(Object::new(resource, existing.revision, &new)));
                return Ok(Decision::Keep);
            }
            if delete::last_finalizer_is_gone(&old, &new) {
                answer = Some(Arc::new(Object::new(resource, existing.revision, &new)));
                return Ok(Decision::Remove);
            }
            Ok(Decision::Put(new))
        })?;
        answer
            .or(stored)
            .ok_or_else(|| Status::not_found(resource, name))
    }

    /// Changes one part of an object in place; for the sandbox's own controllers, which never conflict.
    pub(crate) fn modify(
        &self,
        resource: &Resource,
        key: &str,
        part: Part,
        manager: &str,
        change: impl FnOnce(&mut Value),
    ) -> Option<Arc<Object>> {
        let changed = self.update(resource, key, part, &Writer::component(manager), |old| {
            let mut new = old.clone();
            change(&mut new);
            Ok(new)
        });
        changed.ok()
    }
}

/// 400 for an object in a body that is not of the shape of its kind.
pub(crate) fn check_shape(resource: &Resource, value: &Value) -> Result<(), Status> {
    shape::check(resource, value)
        .map_err(|fault| Status::undecodable(resource.kind, resource.version, &fault))
}

/// The same for the scale of an object.
pub(crate) fn check_scale_shape(value: &Value, patched: bool) -> Result<(), Status> {
    shape::check_scale(value).map_err(|fault| {
        if patched {
            Status::undecodable_patch(value, &fault)
        } else {
            Status::undecodable("Scale", "v1", &fault)
        }
    })
}

/// Random bits as a UUID of version 4.
pub(crate) fn uid_of(bits: u128) -> String {
    let hex = format!("{bits:032x}");
    let variant = ["8", "9", "a", "b"][usize::try_from(bits >> 62 & 3).unwrap_or(0)];
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}

/// Of deployments, annotations count, too; but not the one that their controller writes, beside the status.
fn counts_as_generation(resource: &Resource, old: &Value, new: &Value) -> bool {
    const REVISION: &str = "deployment.kubernetes.io/revision";
    let annotations = |value: &Value| {
        let all = value["metadata"]["annotations"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        all.into_iter()
            .filter(|(name, _)| name != REVISION)
            .collect::<Vec<_>>()
    };
    let annotated = resource.index == DEPLOYMENTS.index && annotations(old) != annotations(new);
    resource.counts_generation && (annotated || old["spec"] != new["spec"])
}

fn next_generation(old: &Value) -> i64 {
    let generation = old["metadata"]["generation"].as_i64().unwrap_or(0);
    generation.saturating_add(1)
}

fn check_preconditions(
    resource: &Resource,
    key: &str,
    old: &Value,
    new: &Value,
) -> Result<(), Status> {
    let name = key.rsplit('/').next().unwrap_or_default();
    let (old, new) = (&old["metadata"], &new["metadata"]);
    let given = |value: &Value| {
        value
            .as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    if let Some(uid) = given(&new["uid"])
        && old["uid"] != uid.as_str()
    {
        let is = old["uid"].as_str().unwrap_or_default();
        let path = format!("/registry/{}/{key}", resource.plural);
        let because = format!(
            "StorageError: invalid object, Code: 4, Key: {path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition \
             failed: UID in precondition: {uid}, UID in object meta: {is}"
        );
        return Err(Status::conflict(resource, name, &because));
    }
    match given(&new["resourceVersion"]) {
        Some(version) if old["resourceVersion"] != version.as_str() => {
            Err(Status::modified(resource, name))
        }
        _ => Ok(()),
    }
}

/// The new object, with what its writer may not change taken from the old one.
fn merge_parts(resource: &Resource, part: Part, old: &Value, new: Value) -> Value {
    const SERVER_OWNED: [&str; 9] = [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generation",
        "resourceVersion",
        "generateName",
    ];
    if part == Part::Status {
        let mut merged = old.clone();
        merged["status"] = new["status"].clone();
        return merged;
    }
    let mut merged = new;
    if let Some(object) = merged.as_object_mut() {
        object.remove("kind");
        object.remove("apiVersion");
    }
    if !merged["metadata"].is_object() {
        merged["metadata"] = json!({});
    }
    for member in SERVER_OWNED {
        copy_member(&old["metadata"], &mut merged["metadata"], member);
    }
    copy_member(&old["metadata"], &mut merged["metadata"], "managedFields");
    if let Some(metadata) = merged["metadata"].as_object_mut() {
        metadata.retain(|_, value| !is_empty(value));
    }
    if resource.has(Subresource::Status) {
        copy_member(old, &mut merged, "status");
    }
    merged
}

/// What the server would not write: in metadata nothing is there without a value.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn copy_member(from: &Value, to: &mut Value, member: &str) {
    let Some(to) = to.as_object_mut() else { return };
    match from.get(member) {
        Some(value) => to.insert(member.to_owned(), value.clone()),
        None => to.remove(member),
    };
}

fn same_but_managed_fields(old: &Value, new: &Value) -> bool {
    // Both carry the old managed fields here: `merge_parts` saw to that.
    old == new
}
