//! Walking JSON text without building anything. All functions take the exact bytes of a value
//! and are total: on malformed text they end early.

use std::borrow::Cow;

use super::Value;
use super::sections::{Place, Places};

fn skip_blanks(json: &[u8], mut at: usize) -> usize {
    while at < json.len() && json[at].is_ascii_whitespace() {
        at += 1;
    }
    at
}

/// The end of the string that begins at `at` (one past its closing quote).
fn string_end(json: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match json.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The end of the value that begins at `at`.
fn value_end(json: &[u8], at: usize) -> Option<usize> {
    match json.get(at)? {
        b'"' => string_end(json, at),
        b'{' | b'[' => container_end(json, at),
        _ => {
            let length = json[at..]
                .iter()
                .take_while(|byte| {
                    !matches!(byte, b',' | b'}' | b']') && !byte.is_ascii_whitespace()
                })
                .count();
            (length > 0).then_some(at + length)
        }
    }
}

fn container_end(json: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0usize;
    loop {
        match json.get(at)? {
            b'"' => {
                at = string_end(json, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// Walks the entries of a map as byte ranges of key (with quotes) and value.
struct Walk<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn over(json: &'a [u8], open: u8) -> Self {
        let at = if json.first() == Some(&open) {
            1
        } else {
            json.len()
        };
        Self { json, at }
    }

    /// Stands at the next member, after blanks and a comma, unless the container ends.
    fn next_start(&mut self) -> Option<usize> {
        self.at = skip_blanks(self.json, self.at);
        if self.json.get(self.at) == Some(&b',') {
            self.at = skip_blanks(self.json, self.at + 1);
        }
        (!matches!(self.json.get(self.at)?, b'}' | b']')).then_some(self.at)
    }

    fn value(&mut self) -> Option<(usize, usize)> {
        let start = skip_blanks(self.json, self.at);
        let end = value_end(self.json, start)?;
        self.at = end;
        Some((start, end))
    }

    fn entry(&mut self) -> Option<(usize, usize, usize, usize)> {
        let key = self.next_start()?;
        if self.json[key] != b'"' {
            return None;
        }
        let key_end = string_end(self.json, key)?;
        self.at = skip_blanks(self.json, key_end);
        if self.json.get(self.at)? != &b':' {
            return None;
        }
        self.at += 1;
        let (start, end) = self.value()?;
        Some((key, key_end, start, end))
    }
}

/// Iterator over a list's items.
pub(super) struct Items<'a>(Walk<'a>);

impl<'a> Items<'a> {
    pub(super) fn new(json: &'a [u8]) -> Self {
        Self(Walk::over(json, b'['))
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.0.next_start()?;
        let (start, end) = self.0.value()?;
        Some(Value::json(&self.0.json[start..end]))
    }
}

/// Iterator over a map's entries.
pub(super) struct Entries<'a>(Walk<'a>);

impl<'a> Entries<'a> {
    pub(super) fn new(json: &'a [u8]) -> Self {
        Self(Walk::over(json, b'{'))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Cow<'a, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, key_end, start, end) = self.0.entry()?;
        let key = text(&self.0.json[key..key_end])?;
        Some((key, Value::json(&self.0.json[start..end])))
    }
}

/// The bytes of a key's value in a map.
pub(super) fn find<'a>(json: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let mut walk = Walk::over(json, b'{');
    loop {
        let (from, to, start, end) = walk.entry()?;
        if text(&json[from..to])? == key {
            return Some(&json[start..end]);
        }
    }
}

/// Notes where the entries of a map begin and end, in their order; nothing when they are more than there is room for,
/// or a key is not plainly what it says.
pub(super) fn places(json: &[u8], places: &mut Places) -> Option<()> {
    let mut walk = Walk::over(json, b'{');
    let mut at = 0;
    while let Some((from, to, _, end)) = walk.entry() {
        let is_plain = |byte: &u8| byte.is_ascii() && *byte != b'\\';
        json[from..to].iter().all(is_plain).then_some(())?;
        let (start, end) = (u32::try_from(from).ok()?, u32::try_from(end).ok()?);
        places.get(at).ok()?;
        places.note(at, || Place {
            start,
            end,
            ..Place::default()
        });
        at += 1;
    }
    Some(())
}

/// The bytes of a key's value in a map whose entries begin and end at such places.
pub(super) fn find_at<'a>(json: &'a [u8], key: &str, places: &[Place]) -> Option<&'a [u8]> {
    for place in places {
        let entry = json.get(place.start as usize + 1..place.end as usize)?;
        let rest = entry.get(key.len()..).unwrap_or_default();
        if rest.first() == Some(&b'"') && entry.starts_with(key.as_bytes()) {
            let colon = skip_blanks(rest, 1);
            return rest.get(skip_blanks(rest, colon + 1)..);
        }
    }
    None
}

/// A string's text, unescaped; borrowed when it has no escapes.
pub(super) fn text(json: &[u8]) -> Option<Cow<'_, str>> {
    if json.len() < 2 || json[0] != b'"' || json[json.len() - 1] != b'"' {
        return None;
    }
    let inner = &json[1..json.len() - 1];
    if inner.contains(&b'\\') {
        unescape(inner).map(Cow::Owned)
    } else {
        std::str::from_utf8(inner).ok().map(Cow::Borrowed)
    }
}

/// The text of a string with escapes; nothing when an escape makes no sense. By hand, because a
/// library's reader brings its errors and numbers into the page.
fn unescape(inner: &[u8]) -> Option<String> {
    let mut rest = std::str::from_utf8(inner).ok()?;
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = *rest.as_bytes().get(at + 1)?;
        rest = rest.get(at + 2..)?;
        text.push(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => code_point(&mut rest)?,
            _ => return None,
        });
    }
    text.push_str(rest);
    Some(text)
}

/// The character of `\uXXXX`, or of a pair of surrogates.
fn code_point(rest: &mut &str) -> Option<char> {
    let high = code_unit(rest)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    *rest = rest.strip_prefix("\\u")?;
    let low = code_unit(rest).filter(|low| (0xdc00..0xe000).contains(low))?;
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + low.checked_sub(0xdc00)?)
}

fn code_unit(rest: &mut &str) -> Option<u32> {
    let digits = rest.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    *rest = &rest[4..];
    u32::from_str_radix(digits, 16).ok()
}

/// Appends the bytes without the entry at a path, and without the comma that belonged to it.
pub(super) fn keep(json: &[u8], path: &[&str], out: &mut Vec<u8>) {
    let (start, end) = entry_span(json, path).unwrap_or((json.len(), json.len()));
    out.extend_from_slice(&json[..start]);
    out.extend_from_slice(&json[end..]);
}

fn entry_span(json: &[u8], path: &[&str]) -> Option<(usize, usize)> {
    let (key, rest) = path.split_first()?;
    let mut walk = Walk::over(json, b'{');
    loop {
        let before = walk.at;
        let (from, to, start, end) = walk.entry()?;
        if text(&json[from..to])? != *key {
            continue;
        }
        if !rest.is_empty() {
            let (inner, inner_end) = entry_span(&json[start..end], rest)?;
            return Some((start + inner, start + inner_end));
        }
        // `before` stands at the comma in front, or after the brace when this entry is the first.
        let after = skip_blanks(json, end);
        return Some(if before == 1 && json.get(after) == Some(&b',') {
            (from, after + 1)
        } else {
            (before, end)
        });
    }
}
