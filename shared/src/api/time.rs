//! Times as the API writes them, and durations as `kubectl` prints them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `2026-01-31T12:00:00Z` or with a fraction, in milliseconds since 1970.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    milliseconds(humantime::parse_rfc3339(text).ok()?)
}

/// An HTTP `Date`, in milliseconds since 1970.
#[must_use]
pub fn parse_http_date(text: &str) -> Option<i64> {
    milliseconds(httpdate::parse_http_date(text).ok()?)
}

fn milliseconds(time: SystemTime) -> Option<i64> {
    i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_millis()).ok()
}

/// The time of day in UTC, `12:38:02`.
#[must_use]
pub fn clock(ms: i64) -> String {
    let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.get(11..19).unwrap_or_default().to_owned()
}

/// The date and time in UTC, `2026-01-31 12:38:02`.
#[must_use]
pub fn date_and_clock(ms: i64) -> String {
    let time = UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or_default());
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.trim_end_matches('Z').replace('T', " ")
}

/// A duration as `kubectl` prints it (k8s.io/apimachinery `duration.HumanDuration`).
#[must_use]
pub fn human_duration(ms: i64) -> String {
    // Go truncates towards zero when it turns a duration into whole seconds.
    let seconds = ms / 1000;
    if seconds < -1 {
        return "<invalid>".to_owned();
    }
    if seconds < 0 {
        return "0s".to_owned();
    }
    let (minutes, hours, days, years) = (
        seconds / 60,
        seconds / 3600,
        seconds / 86_400,
        seconds / 31_536_000,
    );
    let pair = |large: i64, unit: char, small: i64, smaller: char| {
        if small == 0 {
            format!("{large}{unit}")
        } else {
            format!("{large}{unit}{small}{smaller}")
        }
    };
    match () {
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => pair(minutes, 'm', seconds % 60, 's'),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => pair(hours, 'h', minutes % 60, 'm'),
        () if hours < 48 => format!("{hours}h"),
        () if days < 8 => pair(days, 'd', hours % 24, 'h'),
        () if years < 2 => format!("{days}d"),
        () if years < 8 => pair(years, 'y', days % 365, 'd'),
        () => format!("{years}y"),
    }
}

/// A duration as people write it in queries: `90s`, `10m`, `1h30m`, `2d`, `1w`, `1y`; in
/// milliseconds.
#[must_use]
pub fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..]
            .find(|c: char| c.is_ascii_digit())
            .map_or(rest.len(), |end| digits + end);
        let unit: i64 = match &rest[digits..unit_end] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            "y" => 31_536_000_000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_kubectl_prints_them() {
        let check = |seconds: i64, text: &str| {
            assert_eq!(human_duration(seconds * 1000), text, "{seconds}")
        };
        check(-2, "<invalid>");
        check(-1, "0s");
        check(0, "0s");
        check(119, "119s");
        check(120, "2m");
        check(125, "2m5s");
        check(599, "9m59s");
        check(600, "10m");
        check(3 * 3600 - 1, "179m");
        check(3 * 3600, "3h");
        check(3 * 3600 + 60, "3h1m");
        check(8 * 3600, "8h");
        check(48 * 3600 - 1, "47h");
        check(48 * 3600, "2d");
        check(49 * 3600, "2d1h");
        check(8 * 86_400, "8d");
        check(2 * 31_536_000 - 1, "729d");
        check(2 * 31_536_000, "2y");
        check(2 * 31_536_000 + 86_400, "2y1d");
        check(8 * 31_536_000, "8y");
    }

    #[test]
    fn reads_both_ways_of_writing_a_time() {
        assert_eq!(parse_rfc3339("1970-01-01T00:00:01Z"), Some(1000));
        assert_eq!(parse_rfc3339("1970-01-01T00:00:01.500000Z"), Some(1500));
        assert_eq!(parse_rfc3339("soon"), None);
        assert_eq!(parse_http_date("Thu, 01 Jan 1970 00:00:02 GMT"), Some(2000));
        assert_eq!(clock(45_482_000), "12:38:02");
    }

    #[test]
    fn reads_durations_as_people_write_them() {
        assert_eq!(parse_duration("1h30m"), Some(5_400_000));
        assert_eq!(parse_duration("2d"), Some(172_800_000));
        for bad in [
            "",
            "5",
            "h",
            "1x",
            "99999999999999999999s",
            "9999999999999999y",
        ] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
