//! The garbage collector: what a deleted object owned is deleted too. There is no foreground or orphan mode.

use super::Controllers;
use crate::object::Object;
use crate::registry::{DeleteOptions, Writer};
use crate::resource::{ENDPOINTS, RESOURCES, Resource, SERVICES};

impl Controllers {
    pub(super) fn collect_garbage(&mut self, resource: &Resource, deleted: &Object) {
        let value = deleted.value();
        let writer = Writer::component("kube-controller-manager");
        for (place, key) in self
            .index
            .take_owned(super::text(&value["metadata"]["uid"]))
        {
            // One that is gone already needs no deleting.
            let _ =
                self.registry
                    .delete(RESOURCES[place], &key, &DeleteOptions::default(), &writer);
        }
        if resource.index == SERVICES.index {
            // Endpoints have no owner; they go with the service of their name.
            let _ =
                self.registry
                    .delete(&ENDPOINTS, &deleted.key, &DeleteOptions::default(), &writer);
        }
    }
}
