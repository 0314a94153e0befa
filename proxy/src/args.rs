//! The command line. Its help is the reference of all settings.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Serves the Kapi page and carries its requests to your Kubernetes clusters.
///
/// Prints one line on stdout: the address to open, with the token of this launch. The log goes to stderr.
#[derive(Clone, Debug, Parser)]
#[command(name = "kapi", version)]
pub struct Args {
    /// Whose credentials reach the clusters.
    #[arg(long, value_enum, default_value_t = Mode::Local)]
    pub mode: Mode,

    /// Kubeconfig to read [default: the files of $KUBECONFIG merged, else ~/.kube/config].
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// Context to show first [default: the current-context of the kubeconfig].
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,

    /// Port to listen on; 0 takes any free one.
    #[arg(long, value_name = "N", default_value_t = 7171)]
    pub port: u16,

    /// Loopback address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1")]
    pub bind: IpAddr,

    /// Origin of a page served elsewhere that may call the API, for example http://localhost:8080; repeatable
    /// [default: none].
    #[arg(long, value_name = "URL")]
    pub allow_origin: Vec<String>,

    /// Serve the page from this directory instead of the built-in one, uncompressed, for development
    /// [default: built-in].
    #[arg(long, value_name = "DIR")]
    pub app: Option<PathBuf>,

    /// Megabytes of objects that a page keeps whole in memory; of what exceeds them it keeps the metadata and what its
    /// tables show.
    #[arg(long, value_name = "MB", default_value_t = 1024)]
    pub store_budget: u32,

    /// What to log to stderr: error, warn, info, debug, trace, or a filter such as kapi=debug.
    #[arg(long, value_name = "FILTER", default_value = "warn,kapi=info")]
    pub log: String,
}

/// Whose credentials reach the clusters. Always chosen, never inferred from what happens to be there.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Mode {
    /// On your own machine: the kubeconfig's users, behind a token made at each launch.
    Local,
}
