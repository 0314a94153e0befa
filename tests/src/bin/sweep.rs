//! Deletes the namespaces that a run of tests has left on a cluster, however it ended: `sweep RUN`.
//!
//! The cluster is that of `KAPI_TEST_CONTEXT` and `KAPI_TEST_KUBECONFIG`; the run is what `KAPI_TEST_RUN` was.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use kapi_tests::{RUN_LABEL, System};
use serde_json::Value;

/// How long a namespace may take to be emptied.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    let Some(run) = std::env::args().nth(1) else {
        eprintln!("sweep: which run? usage: sweep RUN");
        return ExitCode::FAILURE;
    };
    let mut clean = true;
    for system in System::all()
        .await
        .iter()
        .filter(|system| system.sandbox.is_none())
    {
        if let Err(problem) = sweep(system, &run).await {
            eprintln!("sweep: {problem}");
            clean = false;
        }
    }
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// The error is a sentence for whoever runs the tests.
async fn sweep(system: &System, run: &str) -> Result<(), String> {
    for name in namespaces(system, run).await? {
        system.delete_namespace(&name).await;
        eprintln!("sweep: deleted the namespace {name}");
    }
    let started = Instant::now();
    loop {
        let left = namespaces(system, run).await?;
        if left.is_empty() {
            return Ok(());
        }
        if started.elapsed() > PATIENCE {
            return Err(format!(
                "still there after {PATIENCE:?}, see to them: {}",
                left.join(", ")
            ));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn namespaces(system: &System, run: &str) -> Result<Vec<String>, String> {
    let path = format!("/api/v1/namespaces?labelSelector={RUN_LABEL}%3D{run}");
    let (status, list) = system.send("GET", &path, None).await;
    if status != 200 {
        return Err(format!(
            "the namespaces of run {run} cannot be listed: HTTP {status}: {list}"
        ));
    }
    let items = list["items"].as_array().into_iter().flatten();
    let names = items.filter_map(|item: &Value| item["metadata"]["name"].as_str());
    Ok(names.map(str::to_owned).collect())
}
