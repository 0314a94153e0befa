//! How long ago, as kubectl shows it: two or three figures, in the fitting units.

use std::time::SystemTime;

use crate::clock::parse_rfc3339;

/// The age of a timestamp field; `<unknown>` if there is none.
pub(crate) fn since(timestamp: Option<&str>, now: SystemTime) -> String {
    let Some(then) = timestamp.and_then(parse_rfc3339) else {
        return "<unknown>".to_owned();
    };
    match now.duration_since(then) {
        Ok(age) => human_duration(i64::try_from(age.as_secs()).unwrap_or(i64::MAX)),
        Err(ahead) => {
            human_duration(-i64::try_from(ahead.duration().as_secs()).unwrap_or(i64::MAX))
        }
    }
}

pub(crate) fn human_duration(secs: i64) -> String {
    let (minutes, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
    let two = |first: i64, unit: char, second: i64, smaller: char| match second {
        0 => format!("{first}{unit}"),
        _ => format!("{first}{unit}{second}{smaller}"),
    };
    match () {
        () if secs < -1 => "<invalid>".to_owned(),
        () if secs < 0 => "0s".to_owned(),
        () if secs < 120 => format!("{secs}s"),
        () if minutes < 10 => two(minutes, 'm', secs % 60, 's'),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 192 => two(days, 'd', hours % 24, 'h'),
        () if days < 365 * 2 => format!("{days}d"),
        () if days < 365 * 8 => two(days / 365, 'y', days % 365, 'd'),
        () => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(secs: i64, expected: Expect) {
        expected.assert_eq(&human_duration(secs));
    }

    #[test]
    fn figures() {
        check(-5, expect!["<invalid>"]);
        check(119, expect!["119s"]);
        check(120, expect!["2m"]);
        check(599, expect!["9m59s"]);
        check(600, expect!["10m"]);
        check(3 * 3600, expect!["3h"]);
        check(3 * 3600 + 60, expect!["3h1m"]);
        check(47 * 3600, expect!["47h"]);
        check(49 * 3600, expect!["2d1h"]);
        check(9 * 86_400, expect!["9d"]);
        check(3 * 365 * 86_400 + 86_400, expect!["3y1d"]);
    }
}
