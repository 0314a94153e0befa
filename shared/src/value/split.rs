//! Cuts streams of JSON into whole objects as their bytes arrive, in chunks of any size: the
//! items of a list or the rows of a table ([`ListSplitter`]) and the values of a watch
//! ([`ValueSplitter`]).

use super::Value;
use super::stream::{Broken, ListHead};

/// The end of one value, found over any number of chunks.
#[derive(Clone, Debug, Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    started: bool,
}

impl Scan {
    /// Looks at bytes from `at` on; says where the value ends (one past), if it does.
    fn end(&mut self, bytes: &[u8], at: &mut usize) -> Option<usize> {
        while let Some(&byte) = bytes.get(*at) {
            if self.in_string {
                self.string_byte(byte);
                *at += 1;
                if !self.in_string && self.depth == 0 {
                    return Some(*at);
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 0 => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        *at += 1;
                        return Some(*at);
                    }
                }
                // A bare scalar ends at what follows it, which is not part of it.
                b',' | b'}' | b']' if self.depth == 0 => return Some(*at),
                _ if byte.is_ascii_whitespace() && self.depth == 0 && self.started => {
                    return Some(*at);
                }
                _ => {}
            }
            self.started = true;
            *at += 1;
        }
        None
    }

    fn string_byte(&mut self, byte: u8) {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
    }
}

/// What a list consists of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Member {
    /// Objects: its `items`.
    Item,
    /// Rows of a `Table`.
    Row,
}

#[derive(Clone, Debug)]
enum At {
    Start,
    Key,
    Colon(String),
    Value(String, Option<Scan>),
    Members(Member, Option<Scan>),
    End,
}

/// A list or a table as it arrives: its members one by one, and what stands beside them.
#[derive(Clone, Debug)]
pub(super) struct ListSplitter {
    buffer: Vec<u8>,
    /// Bytes that were dropped from the buffer's front.
    taken: u64,
    /// Bytes of the buffer already looked at.
    at: usize,
    state: At,
    head: Vec<(String, Vec<u8>)>,
    /// Where it stopped making sense.
    malformed: Option<u64>,
}

impl Default for ListSplitter {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            taken: 0,
            at: 0,
            state: At::Start,
            head: Vec::new(),
            malformed: None,
        }
    }
}

impl ListSplitter {
    /// Takes the next bytes; gives each item that is now whole.
    pub(super) fn push(&mut self, chunk: &[u8], mut item: impl FnMut(&[u8], Member)) {
        if self.malformed.is_some() {
            return;
        }
        self.buffer.extend_from_slice(chunk);
        let mut start = 0;
        while self.step(&mut start, &mut item) {}
        self.buffer.drain(..start);
        self.taken += start as u64;
        self.at -= start;
    }

    /// One step; `start` is where the value being read begins. False when more bytes are needed.
    fn step(&mut self, start: &mut usize, item: &mut impl FnMut(&[u8], Member)) -> bool {
        match &mut self.state {
            At::Value(_, Some(scan)) | At::Members(_, Some(scan)) => {
                let Some(end) = scan.end(&self.buffer, &mut self.at) else {
                    return false;
                };
                if end == *start {
                    return self.fail();
                }
                let bytes = &self.buffer[*start..end];
                self.state = match std::mem::replace(&mut self.state, At::End) {
                    At::Value(key, _) => {
                        self.head.push((key, bytes.to_vec()));
                        At::Key
                    }
                    At::Members(member, _) => {
                        item(bytes, member);
                        At::Members(member, None)
                    }
                    other => other,
                };
                *start = end;
                true
            }
            At::Key => self.key(start),
            _ => self.punctuation(start),
        }
    }

    fn key(&mut self, start: &mut usize) -> bool {
        while let Some(byte) = self.buffer.get(*start) {
            match byte {
                b'"' => break,
                b'}' => {
                    self.state = At::End;
                    return true;
                }
                b',' => *start += 1,
                _ if byte.is_ascii_whitespace() => *start += 1,
                _ => {
                    self.at = *start;
                    return self.fail();
                }
            }
        }
        let mut at = *start;
        let Some(end) = Scan::default().end(&self.buffer, &mut at) else {
            self.at = self.buffer.len().min(*start);
            return false;
        };
        let key = Value::json(&self.buffer[*start..end])
            .text_or_empty()
            .into_owned();
        self.state = At::Colon(key);
        (*start, self.at) = (end, end);
        true
    }

    fn punctuation(&mut self, start: &mut usize) -> bool {
        let Some(&byte) = self.buffer.get(*start) else {
            self.at = *start;
            return false;
        };
        let next = match (std::mem::replace(&mut self.state, At::End), byte) {
            (At::End, _) => {
                // Nothing after the list matters.
                *start = self.buffer.len();
                self.at = *start;
                return false;
            }
            (state, _) if byte.is_ascii_whitespace() => state,
            (At::Start, b'{') => At::Key,
            (At::Colon(key), b':') => At::Value(key, None),
            (At::Value(key, None), b'[') if key == "items" => At::Members(Member::Item, None),
            (At::Value(key, None), b'[') if key == "rows" => At::Members(Member::Row, None),
            (At::Members(member, None), b',') => At::Members(member, None),
            (At::Members(_, None), b']') => At::Key,
            (At::Members(member, None), _) => {
                self.state = At::Members(member, Some(Scan::default()));
                self.at = *start;
                return true;
            }
            (At::Value(key, None), _) => {
                self.state = At::Value(key, Some(Scan::default()));
                self.at = *start;
                return true;
            }
            _ => return self.fail(),
        };
        self.state = next;
        *start += 1;
        self.at = *start;
        true
    }

    fn fail(&mut self) -> bool {
        self.malformed = Some(self.taken + self.at as u64);
        false
    }

    /// What stands beside the items.
    fn head(&self, key: &str) -> Value<'_> {
        self.head
            .iter()
            .find(|(name, _)| name == key)
            .map_or(Value::ABSENT, |(_, bytes)| Value::json(bytes))
    }

    /// What stands beside the items, when the whole list has arrived.
    pub(super) fn finish(&self) -> Result<ListHead, Broken> {
        if let Some(at) = self.malformed {
            return Err(Broken::Malformed(at));
        }
        if !matches!(self.state, At::End) {
            return Err(Broken::Incomplete);
        }
        let metadata = self.head("metadata");
        let text = |key| metadata.get(key).text_or_empty().into_owned();
        let remaining = metadata.get("remainingItemCount").integer();
        let definitions = Some(self.head("columnDefinitions")).filter(|value| value.is_present());
        Ok(ListHead {
            version: text("resourceVersion"),
            token: text("continue"),
            remaining: remaining.and_then(|count| u64::try_from(count).ok()),
            definitions: definitions.map(Value::to_json).unwrap_or_default(),
        })
    }
}

/// A sequence of JSON values as it arrives, such as the events of a watch.
#[derive(Clone, Debug, Default)]
pub(super) struct ValueSplitter {
    buffer: Vec<u8>,
    at: usize,
    scan: Scan,
}

impl ValueSplitter {
    /// Takes the next bytes; gives each value that is now whole.
    pub(super) fn push(&mut self, chunk: &[u8], mut value: impl FnMut(&[u8])) {
        self.buffer.extend_from_slice(chunk);
        let mut start = 0;
        loop {
            while !self.scan.started
                && self
                    .buffer
                    .get(self.at)
                    .is_some_and(u8::is_ascii_whitespace)
            {
                self.at += 1;
                start = self.at;
            }
            let Some(end) = self.scan.end(&self.buffer, &mut self.at) else {
                break;
            };
            if end == start {
                // A stray delimiter between values: not JSON, skipped so that the rest is read.
                self.at += 1;
            } else {
                value(&self.buffer[start..end]);
            }
            start = self.at;
            self.scan = Scan::default();
        }
        self.buffer.drain(..start);
        self.at -= start;
    }

    /// Whether bytes of an unfinished value are left: the stream was cut.
    pub(super) fn is_cut(&self) -> bool {
        self.scan.started
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#" {"kind":"PodList","metadata":{"resourceVersion":"7","continue":"t"} , "items":[{"a":"}\"]"}, {"b":[1,{}]},{}],"tail":"x","n":5,"e":{}} "#;

    fn split(list: &str, size: usize) -> (Vec<String>, ListSplitter) {
        let mut splitter = ListSplitter::default();
        let mut items = Vec::new();
        for chunk in list.as_bytes().chunks(size) {
            splitter.push(chunk, |item, member| {
                items.push(format!("{member:?} {}", String::from_utf8_lossy(item)))
            });
        }
        (items, splitter)
    }

    #[test]
    fn any_cut_gives_the_same_items() {
        for size in 1..LIST.len() {
            let (items, splitter) = split(LIST, size);
            assert_eq!(
                items,
                [r#"Item {"a":"}\"]"}"#, r#"Item {"b":[1,{}]}"#, "Item {}"],
                "chunks of {size}"
            );
            assert!(splitter.finish().is_ok());
            assert_eq!(
                splitter.head("metadata").get("continue").text_or_empty(),
                "t"
            );
            assert_eq!(splitter.head("n").integer(), Some(5));
        }
    }

    #[test]
    fn a_table_has_rows_beside_its_definitions() {
        let table = r#"{"kind":"Table","metadata":{"resourceVersion":"3"},"columnDefinitions":[{"name":"Name"}],"rows":[{"cells":["a"]},{}]}"#;
        for size in 1..table.len() {
            let (rows, splitter) = split(table, size);
            assert_eq!(rows, [r#"Row {"cells":["a"]}"#, "Row {}"]);
            let head = splitter.finish().unwrap();
            assert_eq!(
                (&*head.version, &*head.definitions),
                ("3", r#"[{"name":"Name"}]"#)
            );
        }
    }

    #[test]
    fn a_cut_list_is_not_complete() {
        for end in 0..LIST.trim_end().len() {
            assert!(
                split(&LIST[..end], 3).1.finish().is_err(),
                "{}",
                &LIST[..end]
            );
        }
    }

    #[test]
    fn html_is_no_list() {
        let (items, splitter) = split("<html>{}</html>", 4);
        assert!(items.is_empty() && splitter.finish().is_err());
    }

    #[test]
    fn values_that_are_missing_are_no_list() {
        for list in [
            r#"{"items":[}"#,
            r#"{"items":[{"a":[}]}"#,
            r#"{"a":}"#,
            r#"{"a":,"items":[]}"#,
        ] {
            for size in 1..list.len() {
                let (_, splitter) = split(list, size);
                assert!(splitter.finish().is_err(), "{list} in chunks of {size}");
            }
        }
    }

    #[test]
    fn splits_watch_lines_at_any_cut() {
        let stream = "{\"type\":\"ADDED\",\"object\":{\"x\":\"\\\\\"}}\n\n{\"type\":\"B\"}\n";
        for size in 1..stream.len() {
            let mut splitter = ValueSplitter::default();
            let mut values = Vec::new();
            for chunk in stream.as_bytes().chunks(size) {
                splitter.push(chunk, |value| {
                    values.push(Value::json(value).get("type").text_or_empty().into_owned())
                });
            }
            assert_eq!(values, ["ADDED", "B"], "chunks of {size}");
            assert!(!splitter.is_cut());
        }
    }
}
