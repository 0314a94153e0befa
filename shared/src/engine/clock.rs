//! The server's time, by which ages are told: its last `Date`, carried on by the monotonic
//! clock, so that a local clock that is wrong does not lie.

use super::Now;

/// The clocks.
#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Now,
    started: bool,
    /// How long the machine slept so far, as far as the monotonic clock did not notice.
    slept_ms: u64,
    /// Server time minus monotonic time.
    offset: Option<i64>,
}

/// When the two local clocks drift apart by more than this, the machine slept.
const SLEPT_MS: i64 = 10_000;

impl Clock {
    /// Time has passed; true when the machine slept meanwhile.
    pub(super) fn advance(&mut self, now: Now) -> bool {
        let before = std::mem::replace(&mut self.now, now);
        if !std::mem::replace(&mut self.started, true) {
            return false;
        }
        let monotonic = milliseconds(now.monotonic_ms.saturating_sub(before.monotonic_ms));
        let wall = now.wall_ms.saturating_sub(before.wall_ms);
        // A wall clock that ran ahead of the monotonic one: either it was set, or the monotonic
        // clock stood still during sleep. A long step of both is a frozen page.
        let unnoticed = wall.saturating_sub(monotonic);
        let slept = unnoticed > SLEPT_MS;
        if slept {
            self.slept_ms += u64::try_from(unnoticed).unwrap_or_default();
        }
        slept
    }

    /// The server says what time it is. Its `Date` has whole seconds, so it was between this and
    /// a second later when it was written; the estimate moves only when it leaves that range.
    pub(super) fn synchronise(&mut self, date_ms: i64) {
        let monotonic = milliseconds(self.monotonic());
        let (earliest, latest) = (date_ms - monotonic, date_ms + 999 - monotonic);
        self.offset = Some(match self.offset {
            Some(offset) => offset.clamp(earliest, latest),
            None => earliest + 500,
        });
    }

    /// Milliseconds by the clock that never goes back, and that knows of sleep.
    pub(super) const fn monotonic(&self) -> u64 {
        self.now.monotonic_ms.saturating_add(self.slept_ms)
    }

    /// A moment of [`Self::monotonic`] by the clock of whoever drives the engine.
    pub(super) const fn outside(&self, monotonic: u64) -> u64 {
        monotonic.saturating_sub(self.slept_ms)
    }

    /// The server's time, in milliseconds since 1970.
    pub(super) fn server(&self) -> i64 {
        self.offset.map_or(self.now.wall_ms, |offset| {
            milliseconds(self.monotonic()) + offset
        })
    }

    /// The server's time at an earlier moment of the monotonic clock.
    pub(super) fn server_at(&self, monotonic: u64) -> i64 {
        self.server() - milliseconds(self.monotonic().saturating_sub(monotonic))
    }
}

fn milliseconds(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(monotonic_ms: u64, wall_ms: i64) -> Now {
        Now {
            monotonic_ms,
            wall_ms,
        }
    }

    #[test]
    fn a_wrong_local_clock_does_not_matter() {
        let mut clock = Clock::default();
        clock.advance(at(5_000, 99_999_999));
        assert_eq!(clock.server(), 99_999_999);
        clock.synchronise(1_000_000);
        assert_eq!(clock.server(), 1_000_500);
        clock.advance(at(6_000, 99_999_999));
        assert_eq!(clock.server(), 1_001_500);
        // Within the second that the header can mean, nothing moves.
        clock.synchronise(1_001_000);
        assert_eq!(clock.server(), 1_001_500);
        clock.synchronise(1_003_000);
        assert_eq!(clock.server(), 1_003_000);
        assert_eq!(clock.server_at(5_000), 1_002_000);
    }

    #[test]
    fn notices_sleep() {
        let mut clock = Clock::default();
        assert!(!clock.advance(at(1_000, 50_000)));
        assert!(!clock.advance(at(60_000, 109_000)));
        clock.synchronise(1_000_000);
        assert!(clock.advance(at(60_100, 500_000)));
        // The hour of sleep has passed on every clock that is asked.
        assert_eq!(clock.server(), 1_391_500);
        assert_eq!(clock.outside(clock.monotonic()), 60_100);
        assert_eq!(clock.server_at(60_000), 1_000_500);
    }
}
