//! The nodes: a control plane, four workers, and one more that is cordoned.

use serde_json::{Value, json};

use super::World;
use crate::clock::rfc3339;
use crate::resource::NODES;
use crate::status::Status;

impl World<'_> {
    pub(super) fn nodes(&self) -> Result<(), Status> {
        let mut plane = node("control-1", 10, "2", "a");
        plane["metadata"]["labels"]["node-role.kubernetes.io/control-plane"] = "".into();
        plane["spec"]["taints"] =
            json!([{ "key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule" }]);
        self.node(plane)?;
        for (number, zone) in [(1, "a"), (2, "b"), (3, "c"), (4, "a")] {
            self.node(node(&format!("worker-{number}"), 10 + number, "4", zone))?;
        }
        let mut cordoned = node("worker-5", 15, "4", "b");
        cordoned["spec"]["unschedulable"] = true.into();
        let since = rfc3339(self.now - std::time::Duration::from_secs(2 * super::HOUR));
        cordoned["spec"]["taints"] = json!([{ "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": since }]);
        self.node(cordoned)
    }

    pub(super) fn node(&self, mut value: Value) -> Result<(), Status> {
        let now = rfc3339(self.registry.clock.now());
        let condition = |kind: &str, is: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": is, "reason": reason, "message": message,
                "lastHeartbeatTime": rfc3339(self.now), "lastTransitionTime": now,
            })
        };
        value["status"]["conditions"] = json!([
            condition(
                "MemoryPressure",
                "False",
                "KubeletHasSufficientMemory",
                "kubelet has sufficient memory available"
            ),
            condition(
                "DiskPressure",
                "False",
                "KubeletHasNoDiskPressure",
                "kubelet has no disk pressure"
            ),
            condition(
                "PIDPressure",
                "False",
                "KubeletHasSufficientPID",
                "kubelet has sufficient PID available"
            ),
            condition(
                "Ready",
                "True",
                "KubeletReady",
                "kubelet is posting ready status"
            ),
        ]);
        self.create(&NODES, "", value).map(drop)
    }
}

pub(super) fn node(name: &str, number: u32, cpu: &str, zone: &str) -> Value {
    let address = format!("10.0.{}.{}", number / 250, number % 250);
    json!({
        "metadata": {
            "name": name,
            "labels": {
                "beta.kubernetes.io/arch": "amd64",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": "standard",
                "topology.kubernetes.io/region": "north",
                "topology.kubernetes.io/zone": format!("north-{zone}"),
            },
            "annotations": { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
        },
        "spec": { "podCIDR": format!("10.244.{number}.0/24"), "podCIDRs": [format!("10.244.{number}.0/24")] },
        "status": {
            "addresses": [{ "type": "InternalIP", "address": address }, { "type": "Hostname", "address": name }],
            "capacity": { "cpu": cpu, "ephemeral-storage": "98831908Ki", "memory": "16393244Ki", "pods": "110" },
            "allocatable": { "cpu": cpu, "ephemeral-storage": "91083486262", "memory": "16290844Ki", "pods": "110" },
            "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
            "images": [{ "names": ["registry.k8s.io/pause:3.10"], "sizeBytes": 320368 }],
            "nodeInfo": {
                "architecture": "amd64",
                "bootID": format!("b0071d00-0000-4000-8000-{number:012x}"),
                "containerRuntimeVersion": "containerd://2.2.2",
                "kernelVersion": "6.12.30-sandbox",
                "kubeProxyVersion": "",
                "kubeletVersion": "v1.36.3",
                "machineID": format!("{number:032x}"),
                "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 13 (trixie)",
                "systemUUID": format!("5e57e300-0000-4000-8000-{number:012x}"),
            },
        },
    })
}
