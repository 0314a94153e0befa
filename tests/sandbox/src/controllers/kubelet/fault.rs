//! What goes wrong with a container, as its environment variable `SANDBOX_FAULT` says. Anybody can set it.

use std::time::Duration;

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// `oom`: killed for its memory after half a minute.
    OutOfMemory,
    /// `exit`: fails after a few seconds.
    Exit,
    /// `complete`: ends well after a while.
    Complete,
    /// `pull`: its image cannot be pulled.
    Pull,
    /// `unready`: runs, but its readiness probe fails.
    Unready,
    /// `slow-stop`: does not listen when asked to stop.
    SlowStop,
}

impl Fault {
    pub(super) fn of(container: &Value) -> Option<Self> {
        let variables = super::items(&container["env"]);
        let fault = variables
            .iter()
            .find(|variable| variable["name"] == "SANDBOX_FAULT")?;
        Some(match super::text(&fault["value"]) {
            "oom" => Self::OutOfMemory,
            "exit" => Self::Exit,
            "complete" => Self::Complete,
            "pull" => Self::Pull,
            "unready" => Self::Unready,
            "slow-stop" => Self::SlowStop,
            _ => return None,
        })
    }

    /// How long it runs, and with which code and reason it ends.
    pub(super) fn end(self) -> Option<(Duration, i64, &'static str)> {
        match self {
            Self::OutOfMemory => Some((Duration::from_secs(27), 137, "OOMKilled")),
            Self::Exit => Some((Duration::from_secs(6), 1, "Error")),
            Self::Complete => Some((Duration::from_secs(40), 0, "Completed")),
            Self::Pull | Self::Unready | Self::SlowStop => None,
        }
    }
}
