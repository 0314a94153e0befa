//! The time the cluster lives in: the wall clock, or one that only moves when a test says so.
//!
//! Objects, events and logs are dated by it. The `Date` header is not: it is always the wall clock.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// Where the cluster's time comes from.
#[derive(Clone, Copy, Debug, Default)]
pub enum Clock {
    /// The real time; controllers work by themselves.
    #[default]
    Wall,
    /// Starts here and moves only by `Sandbox::step`: the same steps give the same cluster.
    Stepped(SystemTime),
}

/// The clock of a running cluster. While its world is built it stands in the past, whatever it will be later.
#[derive(Debug)]
pub(crate) struct RunningClock {
    /// None: the wall clock.
    stands_at: Mutex<Option<SystemTime>>,
}

impl RunningClock {
    pub(crate) fn standing_at(time: SystemTime) -> Self {
        Self {
            stands_at: Mutex::new(Some(time)),
        }
    }

    fn time(&self) -> MutexGuard<'_, Option<SystemTime>> {
        self.stands_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> SystemTime {
        self.time().unwrap_or_else(SystemTime::now)
    }

    pub(crate) fn set(&self, time: SystemTime) {
        *self.time() = Some(time);
    }

    pub(crate) fn follow_the_wall(&self) {
        *self.time() = None;
    }
}

impl Clock {
    /// The time at which the world shall be complete.
    pub(crate) fn start(self) -> SystemTime {
        match self {
            // Timestamps are written in whole seconds, and so the world begins at one.
            Self::Wall => {
                SystemTime::UNIX_EPOCH + Duration::from_secs(unix_secs(SystemTime::now()))
            }
            Self::Stepped(start) => start,
        }
    }
}

/// As `metav1.Time` is written: UTC, whole seconds.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    // The format has four digits for the year.
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let time = time
        .min(SystemTime::UNIX_EPOCH + LAST)
        .max(SystemTime::UNIX_EPOCH);
    humantime::format_rfc3339_seconds(time).to_string()
}

pub(crate) fn parse_rfc3339(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}

fn unix_secs(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
