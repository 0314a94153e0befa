//! Data: a training that no node has room for, a finished job, a crashing exporter, and a pod that will not end.

use serde_json::json;

use super::template::{container, deployment, service, with_cpu, with_fault};
use super::{DAY, HOUR, MINUTE, World};
use crate::resource::{DEPLOYMENTS, PODS, SERVICES};
use crate::status::Status;

const NAMESPACE: &str = "data";

impl World<'_> {
    pub(super) fn data(&mut self) -> Result<(), Status> {
        self.ago(9 * DAY);
        self.namespace(NAMESPACE)?;
        self.create(
            &DEPLOYMENTS,
            NAMESPACE,
            deployment("ingest", "registry.example.com/data/ingest:0.31.4", 2),
        )?;
        self.create(&SERVICES, NAMESPACE, service("ingest", "ingest"))?;
        let mut stream = with_fault(
            deployment("stream", "registry.example.com/data/stream:2.2.0", 1),
            "slow-stop",
        );
        stream["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = (4 * HOUR).into();
        self.create(&DEPLOYMENTS, NAMESPACE, stream).map(drop)
    }

    pub(super) fn data_of_today(&mut self) -> Result<(), Status> {
        self.ago(22 * MINUTE);
        self.create(&PODS, NAMESPACE, report())?;
        self.ago(20 * MINUTE);
        let exporter = deployment("exporter", "registry.example.com/data/exporter:1.0.9", 1);
        self.create(&DEPLOYMENTS, NAMESPACE, with_fault(exporter, "exit"))?;
        let training = deployment("training", "registry.example.com/data/training:2026.11", 1);
        self.create(&DEPLOYMENTS, NAMESPACE, with_cpu(training, "16"))?;
        self.ago(18 * MINUTE);
        self.delete_pod("data/stream-")
    }
}

/// A pod as a job would have made it.
fn report() -> serde_json::Value {
    let mut report = container("report", "registry.example.com/data/report:1.4.0");
    report["env"] = json!([{ "name": "SANDBOX_FAULT", "value": "complete" }]);
    json!({
        "metadata": {
            "generateName": "nightly-report-",
            "labels": { "app": "nightly-report", "batch.kubernetes.io/job-name": "nightly-report" },
        },
        "spec": { "restartPolicy": "Never", "containers": [report] },
    })
}
