//! Backups: a kind that somebody added to the API, with an operator that no longer works on one of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{DAY, HOUR, World};
use crate::clock::rfc3339;
use crate::custom;
use crate::registry::Writer;
use crate::resource::Resource;
use crate::status::Status;

const GROUP: &str = "storage.example.com";

/// Namespace, name, what is saved, when, how many are kept, and what is wrong.
const BACKUPS: [(&str, &str, &str, &str, u32, &str); 4] = [
    ("data", "warehouse", "warehouse-0", "0 2 * * *", 14, ""),
    ("search", "index", "index", "30 3 * * 0", 4, ""),
    ("shop", "orders", "postgres/orders", "*/30 * * * *", 48, ""),
    (
        "shop",
        "payments",
        "postgres/payments",
        "*/30 * * * *",
        48,
        "BucketNotFound",
    ),
];

impl World<'_> {
    /// Stored as they are: nothing else in the world looks at them.
    pub(super) fn backups(&mut self) -> Result<(), Status> {
        let store = &self.registry.store;
        let Some(backups) = custom::find(store, GROUP, "v1", "backups") else {
            return Err(Status::internal("backups are not defined"));
        };
        for (age, backup) in (20..).zip(BACKUPS) {
            self.stored(backups, backup.0, age * DAY - 7 * HOUR, self.backup(backup))?;
        }
        Ok(())
    }

    fn stored(
        &self,
        resource: &Resource,
        namespace: &str,
        age_secs: u64,
        mut value: Value,
    ) -> Result<(), Status> {
        let created = rfc3339(self.now - Duration::from_secs(age_secs));
        let metadata = &mut value["metadata"];
        metadata["uid"] = self.registry.uid().into();
        metadata["creationTimestamp"] = created.into();
        metadata["generation"] = 1.into();
        let writer = Writer::component("kubectl-client-side-apply");
        self.registry
            .insert(resource, namespace, value, &writer)
            .map(drop)
    }

    fn backup(
        &self,
        (namespace, name, source, schedule, keep, trouble): (&str, &str, &str, &str, u32, &str),
    ) -> Value {
        let (ready, reason) = match trouble {
            "" => ("True", "Scheduled"),
            trouble => ("False", trouble),
        };
        let condition = json!({ "type": "Ready", "status": ready, "reason": reason,
            "lastTransitionTime": rfc3339(self.now - Duration::from_secs(9 * HOUR)) });
        json!({
            "metadata": { "name": name, "namespace": namespace, "labels": { "app": name } },
            "spec": { "source": source, "schedule": schedule, "keep": keep },
            "status": { "kept": keep.min(31), "conditions": [condition] },
        })
    }
}

pub(super) fn definition() -> Value {
    let column = |name: &str, kind: &str, path: &str| json!({ "name": name, "type": kind, "jsonPath": path });
    let names = json!({ "plural": "backups", "singular": "backup", "kind": "Backup", "listKind": "BackupList",
        "shortNames": ["bk"] });
    let ready = ".status.conditions[?(@.type==\"Ready\")].status";
    let columns = [
        column("Source", "string", ".spec.source"),
        column("Schedule", "string", ".spec.schedule"),
        column("Kept", "integer", ".status.kept"),
        column("Ready", "string", ready),
        column("Age", "date", ".metadata.creationTimestamp"),
    ];
    let schema = json!({ "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } });
    json!({
        "metadata": { "name": format!("backups.{GROUP}") },
        "spec": {
            "group": GROUP, "scope": "Namespaced", "names": names, "conversion": { "strategy": "None" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": schema,
                "subresources": { "status": {} }, "additionalPrinterColumns": columns }],
        },
    })
}
