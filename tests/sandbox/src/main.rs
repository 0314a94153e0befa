//! The sandbox as a program: starts it, says where, and waits for Ctrl-C.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use kapi_sandbox::{Options, Sandbox};

/// An in-memory Kubernetes API server with a lively demo cluster.
#[derive(Parser)]
struct Arguments {
    /// TCP port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Number of pods in the cluster; filler namespaces make up what the demo lacks (at most 100000).
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pods: u32,
    /// Seed of names, uids and happenings.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write a kubeconfig with the context `sandbox`, and one for each user, to this file. Default: none is written.
    #[arg(long)]
    kubeconfig: Option<PathBuf>,
    /// Let nothing happen by itself: controllers only react to writes. Default: something changes every second or two.
    #[arg(long)]
    quiet_world: bool,
    /// Take requests without a token for anonymous ones, which may next to nothing. Default: they are `admin`'s, since
    /// kubectl sends no token over plain HTTP.
    #[arg(long)]
    require_token: bool,
    /// Let whoever asks at /sandbox/faults make reads fail, as networks and busy servers do. Default: they never fail.
    #[arg(long)]
    faults: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Where nobody reads the errors, the exit code still tells.
            let _ = writeln!(io::stderr(), "kapi-sandbox: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// The error is a sentence for whoever started the program.
async fn run(arguments: Arguments) -> Result<(), String> {
    let options = Options {
        port: arguments.port,
        pods: usize::try_from(arguments.pods).unwrap_or(usize::MAX),
        seed: arguments.seed,
        lively: !arguments.quiet_world,
        require_token: arguments.require_token,
        faults: arguments.faults,
        ..Options::default()
    };
    let sandbox = Sandbox::start(options)
        .await
        .map_err(|error| why_not_started(&error, arguments.port))?;
    if let Some(path) = &arguments.kubeconfig {
        std::fs::write(path, sandbox.kubeconfig()).map_err(|error| {
            format!(
                "the kubeconfig cannot be written to {}: {error}",
                path.display()
            )
        })?;
    }
    writeln!(io::stdout(), "listening on {}", sandbox.url())
        .map_err(|error| format!("the address cannot be printed: {error}"))?;
    tokio::signal::ctrl_c()
        .await
        .map_err(|error| format!("Ctrl-C cannot be waited for: {error}"))
}

fn why_not_started(error: &io::Error, port: u16) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of 127.0.0.1 is in use. End the program that listens there, or choose another port with \
             --port; without it, any free one is taken."
        ),
        io::ErrorKind::PermissionDenied => format!(
            "port {port} of 127.0.0.1 may not be listened on. Choose one above 1023 with --port; without it, any free \
             one is taken."
        ),
        _ => format!("the server cannot be started: {error}"),
    }
}
