//! What a pod asks of its node, as the scheduler adds it up (kubernetes
//! `k8s.io/component-helpers/resource`, `PodRequests`).

use crate::api::quantity::Quantity;
use crate::value::{ObjectRef, Value};

/// How much of a resource the pod asks for; nothing where none of its containers asks for any.
pub(super) fn requested(pod: ObjectRef<'_>, resource: &str) -> Option<Quantity> {
    let whole = request(pod.spec, resource);
    let overhead = quantity(pod.spec.at(&["overhead", resource]));
    sum(
        whole.or_else(|| of_containers(pod.spec, resource)),
        overhead,
    )
}

/// All that run at once. What runs before them and ends leaves its share to them, so the larger counts;
/// what is started then and goes on running is beside both.
fn of_containers(spec: Value<'_>, resource: &str) -> Option<Quantity> {
    let (mut beside, mut before) = (None, None);
    for container in spec.get("initContainers").items() {
        let own = request(container, resource);
        if container.get("restartPolicy").text().as_deref() == Some("Always") {
            beside = sum(beside, own);
            before = before.max(beside);
        } else {
            before = before.max(sum(beside, own));
        }
    }
    let containers = spec.get("containers").items();
    let running = containers.fold(beside, |all, container| {
        sum(all, request(container, resource))
    });
    running.max(before)
}

fn request(of: Value<'_>, resource: &str) -> Option<Quantity> {
    quantity(of.at(&["resources", "requests", resource]))
}

/// Quantities are texts, or numbers where somebody wrote them so.
fn quantity(value: Value<'_>) -> Option<Quantity> {
    Quantity::parse(&value.scalar_text()?)
}

fn sum(one: Option<Quantity>, two: Option<Quantity>) -> Option<Quantity> {
    match (one, two) {
        (Some(one), Some(two)) => one.checked_add(two),
        (one, two) => one.or(two),
    }
}
