//! Search: a rollout whose image does not exist, and an indexer that never becomes ready.

use serde_json::json;

use super::template::{deployment, service, with_fault};
use super::{DAY, MINUTE, World};
use crate::resource::{DEPLOYMENTS, SERVICES};
use crate::status::Status;

const NAMESPACE: &str = "search";

impl World<'_> {
    pub(super) fn search(&mut self) -> Result<(), Status> {
        self.ago(12 * DAY);
        self.namespace(NAMESPACE)?;
        self.create(
            &DEPLOYMENTS,
            NAMESPACE,
            deployment("query", "registry.example.com/search/query:1.7.3", 3),
        )?;
        self.create(
            &DEPLOYMENTS,
            NAMESPACE,
            deployment("suggest", "registry.example.com/search/suggest:1.2.0", 2),
        )?;
        for name in ["query", "suggest", "indexer"] {
            self.create(&SERVICES, NAMESPACE, service(name, name))?;
        }
        Ok(())
    }

    pub(super) fn search_of_today(&mut self) -> Result<(), Status> {
        self.ago(24 * MINUTE);
        let indexer = deployment("indexer", "registry.example.com/search/indexer:4.0.0", 1);
        self.create(&DEPLOYMENTS, NAMESPACE, with_fault(indexer, "unready"))?;
        self.ago(23 * MINUTE);
        self.change(&DEPLOYMENTS, "search/suggest", |suggest| {
            let container = &mut suggest["spec"]["template"]["spec"]["containers"][0];
            container["image"] = "registry.example.com/search/suggest:1.3.0-does-not-exist".into();
            if let Some(variables) = container["env"].as_array_mut() {
                variables.push(json!({ "name": "SANDBOX_FAULT", "value": "pull" }));
            }
        });
        Ok(())
    }
}
