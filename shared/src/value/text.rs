//! Values that are not text on the wire, as the text that JSON has for them. Written by hand,
//! because the standard library's formatting would be brought into the page.

use std::borrow::Cow;
use std::ops::Range;

use super::protobuf;
use super::{Form, Shape, Value};

/// The text of a value that JSON writes as a string.
pub(super) fn text(value: Value<'_>) -> Option<Cow<'_, str>> {
    let mut out = String::new();
    match value.form {
        Form::Text => return Some(utf8(value.bytes)),
        Form::Data => base64(value.bytes, &mut out),
        Form::Time => date_time(value.bytes, false, &mut out),
        Form::MicroTime => date_time(value.bytes, true, &mut out),
        Form::Duration => duration(value.bytes, &mut out),
        _ => return None,
    }
    Some(Cow::Owned(out))
}

/// Text as it is, with � for what is none.
#[inline(always)]
pub(super) fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The text of a number or a boolean.
pub(super) fn bare(value: Value<'_>) -> Option<Cow<'_, str>> {
    let mut out = String::new();
    match value.form {
        Form::Integer => integer(protobuf::number(value.bytes), &mut out),
        Form::Boolean if protobuf::number(value.bytes) == 0 => out.push_str("false"),
        Form::Boolean => out.push_str("true"),
        Form::Double => double(protobuf::double(value.bytes), &mut out),
        _ => return None,
    }
    Some(Cow::Owned(out))
}

/// What lies deeper is written as `null`: writing it must not exhaust the stack.
const DEEPEST: usize = 400;

/// A value as JSON text. JSON within protobuf is copied as it is.
pub(super) fn json(value: Value<'_>, out: &mut String) {
    json_at(value, 0, out);
}

fn json_at(value: Value<'_>, depth: usize, out: &mut String) {
    match (value.form, value.shape()) {
        (Form::Known(members), _) => json_at(members.whole, depth, out),
        (_, Shape::Absent) => out.push_str("null"),
        (Form::Json, _) => out.push_str(&String::from_utf8_lossy(value.bytes)),
        (_, Shape::Text) => quoted(&value.text_or_empty(), out),
        (_, Shape::Bare) => out.push_str(&bare(value).unwrap_or_default()),
        _ if depth > DEEPEST => out.push_str("null"),
        (_, Shape::List) => {
            out.push('[');
            for (at, item) in value.items().enumerate() {
                separate(at, out);
                json_at(item, depth + 1, out);
            }
            out.push(']');
        }
        (_, Shape::Map) => {
            out.push('{');
            for (at, (key, value)) in value.entries().enumerate() {
                separate(at, out);
                quoted(&key, out);
                out.push(':');
                json_at(value, depth + 1, out);
            }
            out.push('}');
        }
    }
}

pub(super) fn separate(at: usize, out: &mut String) {
    if at > 0 {
        out.push(',');
    }
}

pub(super) fn quoted(text: &str, out: &mut String) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if u32::from(c) < 0x20 => {
                out.push_str("\\u00");
                out.push(HEX[c as usize >> 4]);
                out.push(HEX[c as usize & 15]);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn integer(number: i64, out: &mut String) {
    if number < 0 {
        out.push('-');
    }
    digits(number.unsigned_abs(), 1, out);
}

/// At least so many digits.
fn digits(mut number: u64, least: usize, out: &mut String) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    while number > 0 || text.len() - at < least.min(text.len()) {
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    out.extend(text[at..].iter().map(|digit| char::from(*digit)));
}

/// Standard, padded, as Go writes bytes.
fn base64(bytes: &[u8], out: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for three in bytes.chunks(3) {
        let at = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            if place <= three.len() {
                let index = bits >> (18 - 6 * place) & 63;
                out.push(char::from(ALPHABET[index as usize]));
            } else {
                out.push('=');
            }
        }
    }
}

/// `2026-01-31T12:00:00Z`, with six digits of a fraction if asked for.
fn date_time(bytes: &[u8], micros: bool, out: &mut String) {
    let (seconds, nanos) = protobuf::time(bytes);
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let second = seconds.rem_euclid(86_400).unsigned_abs();
    let mut part = |number: u64, least, after: char| {
        digits(number, least, out);
        out.push(after);
    };
    part(year, 4, '-');
    part(month, 2, '-');
    part(day, 2, 'T');
    part(second / 3600, 2, ':');
    part(second / 60 % 60, 2, ':');
    if micros {
        part(second % 60, 2, '.');
        part(nanos.clamp(0, 999_999_999).unsigned_abs() / 1000, 6, 'Z');
    } else {
        part(second % 60, 2, 'Z');
    }
}

/// Year, month and day of a day since 1970, of the years 0 to 9999 (the caller sees to that):
/// counted in years that begin in March, so that a leap day is their last.
fn date(day: i64) -> (u64, u64, u64) {
    // Counted from 400 years earlier, so that no day is negative.
    let day = (day + 719_468 + 146_097).unsigned_abs();
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (next_year, month) = if month < 10 {
        (0, month + 3)
    } else {
        (1, month - 9)
    };
    (era * 400 + year + next_year - 400, month, day)
}

/// Nanoseconds as Go writes a duration: `1h2m3.5s`, `1.5ms`, `0s`.
fn duration(bytes: &[u8], out: &mut String) {
    let nanos = super::wire::number(bytes, 1) as i64;
    if nanos < 0 {
        out.push('-');
    }
    let nanos = nanos.unsigned_abs();
    let (unit, name) = match nanos {
        0 => (1, "s"),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let whole = nanos / unit;
    if whole >= 3600 && name == "s" {
        digits(whole / 3600, 1, out);
        out.push('h');
    }
    if whole >= 60 && name == "s" {
        digits(whole / 60 % 60, 1, out);
        out.push('m');
    }
    digits(if name == "s" { whole % 60 } else { whole }, 1, out);
    fraction(nanos % unit, unit, out);
    out.push_str(name);
}

/// `.5`, without zeros at its end; nothing when there is none.
fn fraction(part: u64, unit: u64, out: &mut String) {
    if part > 0 {
        let start = out.len();
        digits(part + unit, 1, out);
        out.replace_range(start..=start, ".");
        out.truncate(out.trim_end_matches('0').len());
    }
}

/// A number as Go writes it in JSON.
pub(super) fn double(number: f64, out: &mut String) {
    if number.is_finite() {
        decimal(number, 1e-6..1e21, 1, out);
    } else {
        // JSON has no such number.
        out.push_str("null");
    }
}

/// A number as Go writes it: the fewest digits that read back as the same number, with an exponent
/// when it is not of a plain size.
pub(super) fn decimal(
    number: f64,
    plain_size: Range<f64>,
    exponent_digits: usize,
    out: &mut String,
) {
    // The standard library knows the digits, but writes no exponent. (Asked for one, it would
    // bring code into the page that nothing else needs.)
    let plain = number.to_string();
    let size = number.abs();
    if size == 0.0 || plain_size.contains(&size) {
        out.push_str(&plain);
        return;
    }
    if number < 0.0 {
        out.push('-');
    }
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let whole = whole.trim_start_matches(['-', '0']);
    let significant = fraction.trim_start_matches('0');
    if whole.is_empty() {
        mantissa(significant, out);
        out.push_str("e-");
        let exponent = fraction.len() - significant.len() + 1;
        digits(exponent as u64, exponent_digits, out);
    } else {
        mantissa([whole, fraction].concat().trim_end_matches('0'), out);
        out.push_str("e+");
        digits(whole.len() as u64 - 1, exponent_digits, out);
    }
}

/// Digits with a point after the first, if there is more than one.
fn mantissa(digits: &str, out: &mut String) {
    for (at, digit) in digits.chars().enumerate() {
        if at == 1 {
            out.push('.');
        }
        out.push(digit);
    }
}
