//! What controllers ask often, kept up to date with every change: who owns what, how full nodes are, which services
//! may select a pod.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::label_selector::LabelSelector;
use crate::object::Object;
use crate::resource::{NODES, PODS, Resource, SERVICES};

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Owner's uid to what it owns: place of the resource, key.
    owned: HashMap<String, BTreeSet<(usize, String)>>,
    /// Millicores and pods by node.
    used: HashMap<String, (u64, u64)>,
    pub(super) nodes: BTreeMap<String, Node>,
    services: HashMap<String, BTreeMap<String, LabelSelector>>,
}

/// What the scheduler needs to know of a node.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) cpu_millis: u64,
    pub(super) pods: u64,
    pub(super) unschedulable: bool,
    pub(super) ready: bool,
    pub(super) taints: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
}

/// An owner, as an object names it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Owner {
    pub(super) uid: String,
    pub(super) kind: String,
    pub(super) name: String,
}

pub(super) fn owners(object: &Object) -> Vec<Owner> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Owned {
        metadata: Metadata,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Metadata {
        owner_references: Vec<Owner>,
    }
    serde_json::from_slice::<Owned>(&object.json)
        .unwrap_or_default()
        .metadata
        .owner_references
}

impl Index {
    pub(super) fn add(&mut self, resource: &Resource, object: &Object) {
        for owner in owners(object) {
            self.owned
                .entry(owner.uid)
                .or_default()
                .insert((resource.index, object.key.to_string()));
        }
        if resource.index == PODS.index {
            if let Some((node, millis)) = load(object) {
                let used = self.used.entry(node).or_default();
                *used = (used.0.saturating_add(millis), used.1 + 1);
            }
        } else if resource.index == NODES.index {
            self.nodes
                .insert(object.key.to_string(), Node::of(&object.value()));
        } else if resource.index == SERVICES.index {
            let value = object.value();
            let pairs = value["spec"]["selector"].as_object().into_iter().flatten();
            let pairs = pairs.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
            let selector = LabelSelector::equals(pairs);
            let services = self
                .services
                .entry(object.namespace().to_owned())
                .or_default();
            services.insert(object.key.to_string(), selector);
        }
    }

    pub(super) fn remove(&mut self, resource: &Resource, object: &Object) {
        for owner in owners(object) {
            if let Some(owned) = self.owned.get_mut(&owner.uid) {
                owned.remove(&(resource.index, object.key.to_string()));
                if owned.is_empty() {
                    self.owned.remove(&owner.uid);
                }
            }
        }
        if resource.index == PODS.index {
            if let Some((node, millis)) = load(object) {
                let used = self.used.entry(node).or_default();
                *used = (used.0.saturating_sub(millis), used.1.saturating_sub(1));
            }
        } else if resource.index == NODES.index {
            self.nodes.remove(&*object.key);
        } else if resource.index == SERVICES.index
            && let Some(services) = self.services.get_mut(object.namespace())
        {
            services.remove(&*object.key);
        }
    }

    pub(super) fn forget(&mut self, resource: &Resource) {
        for owned in self.owned.values_mut() {
            owned.retain(|(place, _)| *place != resource.index);
        }
        match resource.index {
            index if index == PODS.index => self.used.clear(),
            index if index == NODES.index => self.nodes.clear(),
            index if index == SERVICES.index => self.services.clear(),
            _ => {}
        }
    }

    /// Keys of what an object owns of one resource.
    pub(super) fn owned(&self, uid: &str, resource: &Resource) -> Vec<String> {
        let owned = self.owned.get(uid).into_iter().flatten();
        owned
            .filter(|(place, _)| *place == resource.index)
            .map(|(_, key)| key.clone())
            .collect()
    }

    pub(super) fn take_owned(&mut self, uid: &str) -> BTreeSet<(usize, String)> {
        self.owned.remove(uid).unwrap_or_default()
    }

    /// Millicores and pods already on a node.
    pub(super) fn used(&self, node: &str) -> (u64, u64) {
        self.used.get(node).copied().unwrap_or_default()
    }

    /// Keys of the services that select a pod.
    pub(super) fn services_of(&self, pod: &Object) -> Vec<String> {
        let services = self.services.get(pod.namespace()).into_iter().flatten();
        let selecting =
            services.filter(|(_, selector)| !selector.is_empty() && selector.matches(pod.labels()));
        selecting.map(|(key, _)| key.clone()).collect()
    }
}

/// Node and millicores of a pod that takes room.
fn load(pod: &Object) -> Option<(String, u64)> {
    const PHASE: usize = 5;
    const NODE: usize = 0;
    let node = pod.field(NODE);
    if node.is_empty() || matches!(pod.field(PHASE), "Succeeded" | "Failed") {
        return None;
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Pod {
        spec: Spec,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Spec {
        containers: Vec<Container>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Container {
        resources: Resources,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Resources {
        requests: Requests,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Requests {
        cpu: Option<String>,
    }
    let parsed: Pod = serde_json::from_slice(&pod.json).unwrap_or_default();
    let requests = parsed
        .spec
        .containers
        .iter()
        .filter_map(|container| container.resources.requests.cpu.as_deref());
    Some((node.to_owned(), total(requests.map(millicores))))
}

/// The millicores a pod asks for.
pub(super) fn requested_millis(pod: &Value) -> u64 {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    total(
        containers
            .filter_map(|container| container["resources"]["requests"]["cpu"].as_str())
            .map(millicores),
    )
}

/// A sum that stays at the most there can be, since anybody may ask for that.
fn total(millis: impl Iterator<Item = u64>) -> u64 {
    millis.fold(0, u64::saturating_add)
}

/// `500m` is 500, `2` is 2000, `0.5` is 500.
fn millicores(quantity: &str) -> u64 {
    match quantity.strip_suffix('m') {
        Some(millis) => millis.parse().unwrap_or(0),
        None => {
            let (whole, part) = quantity.split_once('.').unwrap_or((quantity, ""));
            let part: String = part.chars().chain("000".chars()).take(3).collect();
            let millis = whole.parse::<u64>().unwrap_or(0).saturating_mul(1000);
            millis.saturating_add(part.parse::<u64>().unwrap_or(0))
        }
    }
}

impl Node {
    fn of(node: &Value) -> Self {
        let allocatable = &node["status"]["allocatable"];
        let taints = node["spec"]["taints"].as_array().into_iter().flatten();
        let scheduling = taints.filter(|taint| taint["effect"] != "PreferNoSchedule");
        let labels = node["metadata"]["labels"].as_object().into_iter().flatten();
        Self {
            cpu_millis: millicores(allocatable["cpu"].as_str().unwrap_or("0")),
            pods: allocatable["pods"]
                .as_str()
                .and_then(|pods| pods.parse().ok())
                .unwrap_or(110),
            unschedulable: node["spec"]["unschedulable"] == true,
            ready: super::has_condition(node, "Ready"),
            taints: scheduling
                .filter_map(|taint| taint["key"].as_str().map(str::to_owned))
                .collect(),
            labels: labels
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities() {
        assert_eq!(
            [
                millicores("250m"),
                millicores("2"),
                millicores("0.5"),
                millicores("1.25")
            ],
            [250, 2000, 500, 1250]
        );
    }
}
