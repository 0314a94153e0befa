//! Namespaces: what a new one gets, and how one is emptied before it goes.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Controllers, Work};
use crate::registry::{DeleteOptions, Writer};
use crate::resource::{CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS, served};
use crate::store::{Decision, KeyRange};

const MANAGER: &str = "kube-controller-manager";

impl Controllers {
    pub(super) fn sync_namespace(&mut self, name: &str, _now: SystemTime) {
        let Some(namespace) = self.value(&NAMESPACES, name) else {
            return;
        };
        if namespace["metadata"]["deletionTimestamp"].is_null() {
            self.furnish(name);
        } else if self.empty(name) == 0 {
            // Its finalizer is the namespace's own; nobody else waits for it.
            let gone = self
                .store
                .change(&NAMESPACES, name, |_| Ok::<_, Infallible>(Decision::Remove));
            debug_assert!(gone.is_ok());
        } else {
            self.after(Duration::from_secs(1), Work::Namespace(name.to_owned()));
        }
    }

    fn furnish(&self, namespace: &str) {
        let create = |resource, value: Value| {
            // It is there already, or the namespace is not any more.
            let _ = self
                .registry
                .create(resource, namespace, value, &Writer::component(MANAGER));
        };
        if self
            .store
            .get(&SERVICE_ACCOUNTS, &format!("{namespace}/default"))
            .is_none()
        {
            create(
                &SERVICE_ACCOUNTS,
                json!({ "metadata": { "name": "default" } }),
            );
        }
        if self
            .store
            .get(&CONFIG_MAPS, &format!("{namespace}/kube-root-ca.crt"))
            .is_none()
        {
            let certificate = "-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIsandbox\n-----END CERTIFICATE-----\n";
            create(
                &CONFIG_MAPS,
                json!({ "metadata": { "name": "kube-root-ca.crt" }, "data": { "ca.crt": certificate } }),
            );
        }
    }

    /// Deletes what is in a namespace; answers how much is still there.
    fn empty(&self, namespace: &str) -> usize {
        let mut left = 0;
        for resource in served(&self.store)
            .into_iter()
            .filter(|resource| resource.namespaced)
        {
            let range = KeyRange::namespace(resource, Some(namespace));
            for object in self.store.all(resource, &range) {
                // What resists shows in the count.
                let _ = self.registry.delete(
                    resource,
                    &object.key,
                    &DeleteOptions::default(),
                    &Writer::component(MANAGER),
                );
            }
            left += self.store.all(resource, &range).len();
        }
        left
    }
}
