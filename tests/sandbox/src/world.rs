//! The demo cluster at its start. It is not drawn but grown: the clock is set back some weeks, things are created in
//! the order of their age, and the controllers do the rest until now. So all of it is as consistent as they are.

mod backups;
mod data;
mod filler;
mod kube_system;
mod nodes;
mod search;
mod shop;
mod template;

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::controllers::Controllers;
use crate::object::Object;
use crate::registry::{DeleteOptions, Part, Registry, Writer};
use crate::resource::{DEPLOYMENTS, NAMESPACES, PODS, Resource};
use crate::status::Status;
use crate::store::KeyRange;

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Deployments to which things happen in a lively world. All of them are healthy.
pub(crate) const LIVELY_DEPLOYMENTS: [&str; 6] = [
    "shop/web",
    "shop/cart",
    "shop/catalog",
    "shop/checkout",
    "search/query",
    "data/ingest",
];

pub(crate) fn build(
    controllers: &mut Controllers,
    registry: &Registry,
    now: SystemTime,
    pods: usize,
) -> Result<(), String> {
    let mut world = World {
        controllers,
        registry,
        now,
    };
    world
        .grow(pods)
        .map_err(|status| status.message().to_owned())
}

/// A cluster being built.
struct World<'a> {
    controllers: &'a mut Controllers,
    registry: &'a Registry,
    now: SystemTime,
}

impl World<'_> {
    fn grow(&mut self, pods: usize) -> Result<(), Status> {
        self.ago(43 * DAY);
        for namespace in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            self.namespace(namespace)?;
        }
        self.nodes()?;
        self.kube_system()?;
        self.shop()?;
        self.search()?;
        self.data()?;
        self.ago(3 * DAY);
        self.namespace("staging")?;
        self.shop_of_today()?;
        self.search_of_today()?;
        self.data_of_today()?;
        self.ago(0);
        let have = self.registry.store.count(&PODS);
        self.filler(pods.saturating_sub(have))?;
        self.backups()?;
        // All of it is as the controllers would leave it. To look at it once more would keep a large world busy for
        // seconds, just when somebody looks at it for the first time.
        self.controllers.skip_to_now();
        Ok(())
    }

    /// Lets the cluster live until this many seconds before now.
    fn ago(&mut self, secs: u64) {
        let until = self.now - Duration::from_secs(secs);
        let clock = &self.registry.clock;
        if until < clock.now() {
            // The beginning: the clock stood at now.
            clock.set(until);
            return;
        }
        self.controllers.run();
        while let Some(due) = self.controllers.next_due().filter(|due| *due <= until) {
            clock.set(due.max(clock.now()));
            self.controllers.run();
        }
        clock.set(until);
        self.controllers.run();
    }

    fn create(
        &self,
        resource: &Resource,
        namespace: &str,
        value: Value,
    ) -> Result<std::sync::Arc<Object>, Status> {
        self.registry.create(
            resource,
            namespace,
            value,
            &Writer::component("kubectl-client-side-apply"),
        )
    }

    fn namespace(&self, name: &str) -> Result<(), Status> {
        self.create(&NAMESPACES, "", json!({ "metadata": { "name": name } }))
            .map(drop)
    }

    fn change(&self, resource: &Resource, key: &str, change: impl FnOnce(&mut Value)) {
        self.registry
            .modify(resource, key, Part::Main, "kubectl-edit", change);
    }

    /// Rolls a deployment out anew.
    fn set_image(&self, key: &str, image: &str) {
        self.change(&DEPLOYMENTS, key, |deployment| {
            deployment["spec"]["template"]["spec"]["containers"][0]["image"] = image.into();
        });
    }

    /// Deletes the first pod whose key begins so.
    fn delete_pod(&self, prefix: &str) -> Result<(), Status> {
        let range = KeyRange {
            prefix: prefix.to_owned(),
            start: None,
        };
        let writer = Writer::component("kubectl-delete");
        match self.registry.store.all(&PODS, &range).first() {
            Some(pod) => self
                .registry
                .delete(&PODS, &pod.key, &DeleteOptions::default(), &writer)
                .map(drop),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::RunningClock;
    use crate::store::Store;
    use std::sync::Arc;

    #[test]
    fn a_new_world_leaves_the_controllers_nothing_to_look_at() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 * DAY);
        let store = Arc::new(Store::new(8192));
        let clock = Arc::new(RunningClock::standing_at(now));
        let registry = Arc::new(Registry::new(store.clone(), clock, 1));
        let mut controllers = Controllers::new(registry.clone());
        build(&mut controllers, &registry, now, 200).expect("a world");
        assert_eq!(controllers.reached(), store.revision());
    }
}
