//! The `kapi` command: arguments, logging and signals; everything else is the library's.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use kapi::{Args, Server, StartError};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    match start(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "kapi: {error}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: Args) -> Result<(), StartError> {
    let filter = EnvFilter::try_new(&args.log).map_err(|error| {
        StartError(format!(
            "--log {:?} is not a log filter: {error}; try --log debug",
            args.log
        ))
    })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Whoever read our log may be gone; that must not end the request that is logged.
        .log_internal_errors(false)
        .init();
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| StartError(format!("cannot start the async runtime: {error}")))?;
    let result = runtime.block_on(serve(&args));
    // A credential plugin may still be running on a blocking thread; do not wait for it.
    runtime.shutdown_background();
    result
}

async fn serve(args: &Args) -> Result<(), StartError> {
    let interrupted = interruption()?;
    let server = Server::bind(args).await?;
    // The only line on stdout, so that scripts can read the address; the token must not reach the log.
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "{}", server.launch_url());
    let _ = stdout.flush();
    server.run(interrupted).await;
    Ok(())
}

/// Resolves at the first SIGINT or SIGTERM.
fn interruption() -> Result<impl Future<Output = ()>, StartError> {
    use tokio::signal::unix::{SignalKind, signal};
    let cannot = |error| StartError(format!("cannot listen for signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
