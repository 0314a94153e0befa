//! Tells a dead worker from a sleeping one.
//!
//! A laptop that sleeps, or a tab in the background, stops the page as well as the worker, so
//! only time in which the page itself ran counts: a tick that comes late, or to a hidden page,
//! starts the count anew.

/// What to do at a tick.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Ask it.
    Ping(u32),
    /// It was asked and may still answer.
    Wait,
    /// It was asked twice and is silent.
    Dead,
}

/// Counts unanswered pings.
#[derive(Debug, Default)]
pub(crate) struct Watchdog {
    number: u32,
    unanswered: u32,
    last_tick_ms: f64,
}

impl Watchdog {
    /// To be called every `every_ms` or so.
    pub(crate) fn tick(&mut self, now_ms: f64, hidden: bool, every_ms: f64) -> Verdict {
        let late = now_ms - self.last_tick_ms > 2.0 * every_ms;
        self.last_tick_ms = now_ms;
        if late || hidden {
            self.unanswered = 0;
        }
        if hidden {
            return Verdict::Wait;
        }
        if self.unanswered >= 2 {
            return Verdict::Dead;
        }
        self.unanswered += 1;
        self.number = self.number.wrapping_add(1);
        Verdict::Ping(self.number)
    }

    /// It answered. Any answer will do: a late one proves life, too.
    pub(crate) fn pong(&mut self, _number: u32) {
        self.unanswered = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each step: seconds passed, hidden, answered after it.
    fn run(steps: &[(f64, bool, bool)]) -> bool {
        let mut watchdog = Watchdog::default();
        let mut now = 1e12;
        for &(seconds, hidden, answered) in steps {
            now += seconds * 1e3;
            match watchdog.tick(now, hidden, 5e3) {
                Verdict::Ping(number) if answered => watchdog.pong(number),
                Verdict::Dead => return true,
                Verdict::Ping(_) | Verdict::Wait => {}
            }
        }
        false
    }

    #[test]
    fn two_silent_pings_in_a_row_are_death() {
        assert!(run(&[
            (5., false, true),
            (5., false, false),
            (5., false, false),
            (5., false, false)
        ]));
        assert!(!run(&[
            (5., false, false),
            (5., false, true),
            (5., false, false),
            (5., false, true)
        ]));
    }

    #[test]
    fn sleep_and_background_are_not() {
        assert!(!run(&[
            (5., false, false),
            (5., false, false),
            (3600., false, false),
            (5., false, true)
        ]));
        assert!(!run(&[
            (5., false, false),
            (5., false, false),
            (5., true, false),
            (5., false, true)
        ]));
    }
}
