//! Protobuf out of JSON, for what plays an API server. Written as the API server writes it:
//! fields by number, what is no pointer in Go even when it is empty, maps by key. Members that the
//! schema does not know are left out, as the API server leaves them out.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;

use super::schema::{Field, Kind, Mode, Type, schema};
use super::wire::{Envelope, put_bytes, put_varint};
use super::{Shape, Value};

/// A member of the wrong sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// `.spec.replicas`
    pub path: String,
    /// `a whole number`
    pub expected: &'static str,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, expected } = self;
        let path = if path.is_empty() { "the object" } else { path };
        write!(f, "writing protobuf: {path} must be {expected}")
    }
}

impl std::error::Error for EncodeError {}

/// A JSON object as the protobuf of a type, without envelope. Whether it is JSON throughout is not
/// looked at: what protobuf carries as JSON is copied.
///
/// # Errors
/// When a member is of the wrong sort.
pub fn encode(json: Value<'_>, kind: Type) -> Result<Vec<u8>, EncodeError> {
    expect(nesting(json.bytes) <= DEEPEST, "less deep")?;
    let mut out = Vec::new();
    message(json, kind.root().message, &mut out)?;
    Ok(out)
}

/// Protobuf in the envelope that says what it is.
#[must_use]
pub fn envelop(raw: &[u8], api_version: &str, kind: &str) -> Vec<u8> {
    let mut types = Vec::new();
    put_bytes(&mut types, 1, api_version.as_bytes());
    put_bytes(&mut types, 2, kind.as_bytes());
    let mut out = Envelope::MAGIC.to_vec();
    put_bytes(&mut out, 1, &types);
    put_bytes(&mut out, 2, raw);
    // How it is encoded, and as what: neither is said.
    put_bytes(&mut out, 3, b"");
    put_bytes(&mut out, 4, b"");
    out
}

/// Deeper than anything that an API server takes.
const DEEPEST: usize = 1000;

/// How deep lists and objects lie in one another.
fn nesting(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' => drop(bytes.next()),
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn message(json: Value<'_>, message: u16, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let is_object = matches!(json.shape(), Shape::Map | Shape::Absent);
    expect(is_object, "an object")?;
    members(&json.entries().collect::<Vec<_>>(), message, out)
}

/// The members of an object that are fields of a message.
fn members(
    json: &[(Cow<'_, str>, Value<'_>)],
    message: u16,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let schema = schema();
    let mut fields: Vec<&Field> = schema
        .fields_of(message)
        .map(|id| schema.field(id))
        .collect();
    fields.sort_by_key(|field| field.number());
    for field in fields {
        if field.kind == Kind::Inline {
            let mut inner = Vec::new();
            members(json, field.message, &mut inner)?;
            put_bytes(out, field.number(), &inner);
        } else {
            let name = field.name;
            let found = json.iter().find(|(key, _)| key == name);
            let value = found.map_or(Value::ABSENT, |(_, value)| *value);
            member(value, field, out).map_err(|error| error.within(name))?;
        }
    }
    Ok(())
}

fn member(value: Value<'_>, field: &Field, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match field.mode {
        Mode::Optional if !value.is_present() => Ok(()),
        Mode::One if !value.is_present() && matches!(field.kind, Kind::Data | Kind::Texts) => {
            Ok(())
        }
        Mode::One | Mode::Optional => put(value, field, field.number(), out),
        Mode::List => {
            expect(
                matches!(value.shape(), Shape::List | Shape::Absent),
                "a list",
            )?;
            for (index, item) in value.items().enumerate() {
                put(item, field, field.number(), out)
                    .map_err(|error| error.within(&index.to_string()))?;
            }
            Ok(())
        }
        Mode::Map => map(value, field, out),
    }
}

fn map(value: Value<'_>, field: &Field, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    expect(
        matches!(value.shape(), Shape::Map | Shape::Absent),
        "an object",
    )?;
    let mut entries: Vec<_> = value.entries().collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (key, value) in entries {
        let mut entry = Vec::new();
        put_bytes(&mut entry, 1, key.as_bytes());
        if value.is_present() || field.kind != Kind::Data {
            put(value, field, 2, &mut entry).map_err(|error| error.within(&key))?;
        }
        put_bytes(out, field.number(), &entry);
    }
    Ok(())
}

/// One value with its tag.
fn put(value: Value<'_>, field: &Field, number: u32, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let is_absent = !value.is_present();
    match field.kind {
        Kind::Integer => put_number(out, number, integer(value)?),
        Kind::Boolean => {
            let boolean = value.boolean().or_else(|| is_absent.then_some(false));
            put_number(out, number, some(boolean, "true or false")?.into());
        }
        Kind::Double => {
            let text = value.scalar_text().unwrap_or(Cow::Borrowed("0"));
            let double: f64 = some(text.parse().ok(), "a number")?;
            put_varint(out, u64::from(number) << 3 | 1);
            out.extend_from_slice(&double.to_le_bytes());
        }
        _ => {
            let mut payload = Vec::new();
            delimited(value, field, &mut payload)?;
            put_bytes(out, number, &payload);
        }
    }
    Ok(())
}

/// The bytes of a value that is not a number.
fn delimited(value: Value<'_>, field: &Field, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let text = || {
        some(
            value
                .text()
                .or_else(|| (!value.is_present()).then(Cow::default)),
            "a string",
        )
    };
    match field.kind {
        Kind::Text => out.extend_from_slice(text()?.as_bytes()),
        Kind::Data => {
            let data = base64::engine::general_purpose::STANDARD.decode(&*text()?);
            out.extend(some(data.ok(), "base64")?);
        }
        Kind::Time | Kind::MicroTime => time(&text()?, field.kind, out)?,
        Kind::Duration => {
            let text = text()?;
            let nanos = if text.is_empty() {
                Some(0)
            } else {
                duration(&text)
            };
            put_number(out, 1, some(nanos, "a duration, such as 1h0m5s")?);
        }
        Kind::Quantity => {
            let text = value.scalar_text().unwrap_or(Cow::Borrowed("0"));
            put_bytes(out, 1, text.as_bytes());
        }
        Kind::IntOrString => int_or_string(value, out)?,
        Kind::Json if value.is_present() => put_bytes(out, 1, value.to_json().as_bytes()),
        Kind::Texts => {
            for item in value.items() {
                let item = some(item.text(), "a list of strings")?;
                put_bytes(out, 1, item.as_bytes());
            }
        }
        Kind::Message | Kind::Inline => message(value, field.message, out)?,
        Kind::Either => either(value, field.message, out)?,
        Kind::Json | Kind::Integer | Kind::Boolean | Kind::Double => {}
    }
    Ok(())
}

/// A schema is an object; the other is not. Where the other is whether anything is allowed, a
/// schema allows.
fn either(value: Value<'_>, message: u16, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let is_schema = value.shape() == Shape::Map;
    for field in schema().fields_of(message).map(|id| schema().field(id)) {
        let of_schema = field.kind == Kind::Message && field.mode == Mode::Optional;
        if of_schema == is_schema {
            member(value, field, out)?;
        } else if field.kind == Kind::Boolean {
            put_number(out, field.number(), 1);
        }
    }
    Ok(())
}

fn int_or_string(value: Value<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let text = value.text();
    let number = if text.is_some() { 0 } else { integer(value)? };
    put_number(out, 1, text.is_some().into());
    put_number(out, 2, number);
    put_bytes(out, 3, text.unwrap_or_default().as_bytes());
    Ok(())
}

fn integer(value: Value<'_>) -> Result<i64, EncodeError> {
    some(
        value
            .integer()
            .or_else(|| (!value.is_present()).then_some(0)),
        "a whole number",
    )
}

fn put_number(out: &mut Vec<u8>, number: u32, value: i64) {
    put_varint(out, u64::from(number) << 3);
    put_varint(out, value as u64);
}

/// Seconds and nanoseconds. The times of JSON have whole seconds, the others microseconds.
fn time(text: &str, kind: Kind, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    if text.is_empty() {
        return Ok(());
    }
    let (seconds, nanos) = some(parse_time(text), "a time, such as 2026-01-31T12:00:00Z")?;
    let nanos = if kind == Kind::Time {
        0
    } else {
        nanos - nanos % 1000
    };
    put_number(out, 1, seconds);
    put_number(out, 2, nanos);
    Ok(())
}

/// RFC 3339, of any year from 0 to 9999, in seconds and nanoseconds since 1970.
fn parse_time(text: &str) -> Option<(i64, i64)> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = text.get(range)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let is_cut = |(at, by): (usize, u8)| {
        text.as_bytes()
            .get(at)
            .is_some_and(|byte| byte | 32 == by | 32)
    };
    if ![(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
        .into_iter()
        .all(is_cut)
    {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let zone = 19
        + text
            .get(19..)?
            .find(|c: char| c != '.' && !c.is_ascii_digit())?;
    let fraction = text.get(20..zone).unwrap_or_default();
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let offset = match text.as_bytes()[zone] {
        b'Z' | b'z' => 0,
        sign => {
            let minutes = number(zone + 1..zone + 3)? * 60 + number(zone + 4..zone + 6)?;
            if sign == b'-' { -minutes } else { minutes }
        }
    };
    let seconds = days(year, month, day)? * 86_400 + hour * 3600 + (minute - offset) * 60 + second;
    Some((seconds, nanos))
}

/// Days since 1970, counted in years that begin in March.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// A duration as Go writes it, in nanoseconds.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| c != '.' && !c.is_ascii_digit());
        let (number, after) = rest.split_at(unit_at.unwrap_or(rest.len()));
        let unit_end = after.find(|c: char| c == '.' || c.is_ascii_digit());
        let (unit, after) = after.split_at(unit_end.unwrap_or(after.len()));
        let nanos: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ if rest == "0" => 1,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        total += whole.parse::<i128>().ok()?.checked_mul(nanos)?;
        if !fraction.is_empty() {
            let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
            total += fraction.parse::<i128>().ok()?.checked_mul(nanos)? / scale;
        }
        rest = after;
    }
    i64::try_from(sign * total).ok()
}

fn some<T>(value: Option<T>, expected: &'static str) -> Result<T, EncodeError> {
    value.ok_or(EncodeError {
        path: String::new(),
        expected,
    })
}

fn expect(holds: bool, expected: &'static str) -> Result<(), EncodeError> {
    some(holds.then_some(()), expected)
}

impl EncodeError {
    fn within(mut self, key: &str) -> Self {
        self.path.insert_str(0, &format!(".{key}"));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, expected: &str) {
        let kind = Type::named("apps/v1", "Deployment").expect("a known type");
        let text = match encode(Value::json(json.as_bytes()), kind) {
            Ok(bytes) => Value::protobuf(&bytes, kind)
                .at(&["spec", "template", "spec"])
                .to_json(),
            Err(error) => error.to_string(),
        };
        assert_eq!(text, expected);
    }

    #[test]
    fn says_which_member_is_wrong() {
        check(
            r#"{"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}]}}}}"#,
            r#"{"containers":[{"name":"c","image":"i","resources":{}}]}"#,
        );
        check(
            r#"{"spec":{"replicas":"three"}}"#,
            "writing protobuf: .spec.replicas must be a whole number",
        );
        check(
            r#"{"spec":{"template":{"spec":{"containers":[{"name":1}]}}}}"#,
            "writing protobuf: .spec.template.spec.containers.0.name must be a string",
        );
        check(
            r#"{"spec":[]}"#,
            "writing protobuf: .spec must be an object",
        );
        check(
            r#"{"metadata":{"creationTimestamp":"soon"}}"#,
            "writing protobuf: .metadata.creationTimestamp must be a time, such as 2026-01-31T12:00:00Z",
        );
    }

    #[test]
    fn an_envelope_opens_again() {
        let wrapped = envelop(b"\x0a\x00", "apps/v1", "Deployment");
        let opened = Envelope::open(&wrapped).map(|it| (it.api_version, it.kind, it.raw));
        assert_eq!(opened, Some(("apps/v1", "Deployment", &b"\x0a\x00"[..])));
    }

    #[test]
    fn reads_times_and_durations_as_they_are_written() {
        let second = 1_000_000_000;
        assert_eq!(parse_time("1970-01-01T00:00:01.5Z"), Some((1, second / 2)));
        assert_eq!(
            parse_time("2026-01-31T12:00:00+02:30"),
            Some((1_769_851_800, 0))
        );
        assert_eq!(
            parse_time("0001-01-01T00:00:00Z"),
            Some((-62_135_596_800, 0))
        );
        for odd in [
            "",
            "2026",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.é",
        ] {
            assert_eq!(parse_time(odd), None, "{odd}");
        }
        assert_eq!(duration("1h0m1.5s"), Some(3601 * second + second / 2));
        assert_eq!(duration("-1µs"), Some(-1000));
        assert_eq!(duration("0"), Some(0));
        for odd in ["5", "x", "1y", "1.2.3s", "99999999999999h"] {
            assert_eq!(duration(odd), None, "{odd}");
        }
    }
}
