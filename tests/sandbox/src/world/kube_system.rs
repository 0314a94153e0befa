//! The cluster's own parts that run as deployments.

use serde_json::json;

use super::World;
use super::backups;
use super::template::{config_map, deployment};
use crate::resource::{CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, SERVICES};
use crate::status::Status;

impl World<'_> {
    pub(super) fn kube_system(&self) -> Result<(), Status> {
        let namespace = "kube-system";
        let mut dns = deployment("coredns", "registry.k8s.io/coredns/coredns:v1.14.6", 2);
        dns["metadata"]["labels"] =
            json!({ "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" });
        dns["spec"]["selector"] = json!({ "matchLabels": { "k8s-app": "kube-dns" } });
        dns["spec"]["template"]["metadata"]["labels"] = json!({ "k8s-app": "kube-dns" });
        dns["spec"]["template"]["spec"]["priorityClassName"] = "system-cluster-critical".into();
        let ports = json!([
            { "name": "dns", "containerPort": 53, "protocol": "UDP" },
            { "name": "dns-tcp", "containerPort": 53, "protocol": "TCP" },
        ]);
        dns["spec"]["template"]["spec"]["containers"][0]["ports"] = ports;
        self.create(&DEPLOYMENTS, namespace, dns)?;
        let service = json!({
            "metadata": { "name": "kube-dns", "labels": { "k8s-app": "kube-dns" } },
            "spec": {
                "clusterIP": "10.96.0.10",
                "selector": { "k8s-app": "kube-dns" },
                "ports": [
                    { "name": "dns", "port": 53, "protocol": "UDP", "targetPort": "dns" },
                    { "name": "dns-tcp", "port": 53, "protocol": "TCP", "targetPort": "dns-tcp" },
                ],
            },
        });
        self.create(&SERVICES, namespace, service)?;
        let corefile = ".:53 {\n    errors\n    health\n    kubernetes cluster.local\n    forward . /etc/resolv.conf\n    cache 30\n}\n";
        self.create(
            &CONFIG_MAPS,
            namespace,
            config_map("coredns", json!({ "Corefile": corefile })),
        )?;
        let metrics = deployment(
            "metrics-server",
            "registry.k8s.io/metrics-server/metrics-server:v0.9.0",
            1,
        );
        self.create(&DEPLOYMENTS, namespace, metrics)?;
        let api = json!({
            "metadata": { "name": "kubernetes", "labels": { "component": "apiserver", "provider": "kubernetes" } },
            "spec": { "clusterIP": "10.96.0.1", "ports": [{ "name": "https", "port": 443, "targetPort": 6443 }] },
        });
        self.create(&SERVICES, "default", api)?;
        self.create(&CUSTOM_RESOURCE_DEFINITIONS, "", backups::definition())
            .map(drop)
    }
}
