//! Bodies as they arrive, in chunks of any size and in either encoding: the items of a list
//! ([`ListReader`]) and the events of a watch ([`EventReader`]), each handed over when it is whole.
//!
//! A list in protobuf is an envelope around one message, whose items are read as they come. A
//! watch is a sequence of `WatchEvent` messages behind four bytes of length, the largest first;
//! over a WebSocket each message of it is one event, which the transport puts behind its length.

use std::borrow::Cow;
use std::fmt;

use super::split::{ListSplitter, Member, ValueSplitter};
use super::wire::{self, Envelope, Wire};
use super::{Encoding, ObjectRef, Received, Type, Value};

/// Whether a media type, as `Content-Type` says it, is one of those read here.
#[must_use]
pub fn is_readable(content_type: &str) -> bool {
    content_type.contains("json") || content_type.contains("protobuf")
}

/// Why a body is not what it should be. What was whole before stays good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It ends too early.
    Incomplete,
    /// What stands at this byte makes no sense.
    Malformed(u64),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => f.write_str("the answer was cut off"),
            Self::Malformed(at) => write!(f, "the answer makes no sense at byte {at}"),
        }
    }
}

/// What a list says beside its items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListHead {
    /// `metadata.resourceVersion`
    pub version: String,
    /// `metadata.continue`
    pub token: String,
    /// `metadata.remainingItemCount`
    pub remaining: Option<u64>,
    /// `columnDefinitions` of a table, as JSON; else empty.
    pub definitions: String,
}

/// A list as it arrives.
#[derive(Clone, Debug, Default)]
pub struct ListReader(Form<ListSplitter, ProtobufList>);

/// The events of a watch as they arrive.
#[derive(Clone, Debug, Default)]
pub struct EventReader(Form<ValueSplitter, Frames>);

/// A body of which the encoding may not be known before its first byte.
#[derive(Clone, Debug, Default)]
enum Form<J, P> {
    #[default]
    Unknown,
    Json(J),
    Protobuf(P),
}

impl<J: Default, P: Default> Form<J, P> {
    fn new(content_type: Option<&str>) -> Self {
        match content_type {
            Some(name) if name.contains("protobuf") => Self::Protobuf(P::default()),
            Some(_) => Self::Json(J::default()),
            None => Self::Unknown,
        }
    }

    /// What a body begins with tells its encoding where nothing else does: a list in protobuf with
    /// its envelope, a watch with the length of its first event.
    fn know(&mut self, chunk: &[u8]) {
        if let (Self::Unknown, Some(first)) = (&self, chunk.first()) {
            *self = match first {
                0 | b'k' => Self::Protobuf(P::default()),
                _ => Self::Json(J::default()),
            };
        }
    }
}

impl ListReader {
    /// A list whose encoding its first byte shall tell, if the header does not.
    #[must_use]
    pub fn new(content_type: Option<&str>) -> Self {
        Self(Form::new(content_type))
    }

    /// Takes the next bytes; gives each item that is now whole.
    pub fn push(&mut self, chunk: &[u8], mut item: impl FnMut(Received<'_>)) {
        self.0.know(chunk);
        match &mut self.0 {
            Form::Unknown => {}
            Form::Json(list) => list.push(chunk, |bytes, member| {
                let encoding = match member {
                    Member::Item => Encoding::Json,
                    Member::Row => Encoding::Row,
                };
                item(Received { bytes, encoding });
            }),
            Form::Protobuf(list) => list.push(chunk, &mut item),
        }
    }

    /// What the list says beside its items, when it has come to its end.
    ///
    /// # Errors
    /// When it has not.
    pub fn finish(&self) -> Result<ListHead, Broken> {
        match &self.0 {
            Form::Unknown => Err(Broken::Incomplete),
            Form::Json(list) => list.finish(),
            Form::Protobuf(list) => list.finish(),
        }
    }
}

/// One event of a watch.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub kind: Cow<'a, str>,
    /// What it is about: for `ERROR` a `Status`.
    pub object: ObjectRef<'a>,
    /// `columnDefinitions`, which a watch of tables says once.
    pub definitions: Value<'a>,
}

impl EventReader {
    /// A watch whose encoding its first byte shall tell, if the header does not.
    #[must_use]
    pub fn new(content_type: Option<&str>) -> Self {
        Self(Form::new(content_type))
    }

    /// Takes the next bytes; gives each event that is now whole, until it returns false.
    pub fn push(&mut self, chunk: &[u8], mut event: impl FnMut(Event<'_>) -> bool) {
        self.0.know(chunk);
        let mut wanted = true;
        let mut give = |given: Event<'_>| wanted = wanted && event(given);
        match &mut self.0 {
            Form::Unknown => {}
            Form::Json(values) => values.push(chunk, |json| {
                let read = Value::json(json);
                let (object, definitions) = ObjectRef::watched(read.get("object"));
                give(Event {
                    kind: read.get("type").text_or_empty(),
                    object,
                    definitions,
                });
            }),
            Form::Protobuf(frames) => frames.push(chunk, |message| {
                give(Event {
                    kind: String::from_utf8_lossy(wire::bytes(message, 1)),
                    object: ObjectRef::of(Value::enveloped(wire::bytes(
                        wire::bytes(message, 2),
                        1,
                    ))),
                    definitions: Value::ABSENT,
                });
            }),
        }
    }

    /// Whether it ended where an event ends.
    ///
    /// # Errors
    /// When it did not.
    pub fn finish(&self) -> Result<(), Broken> {
        match &self.0 {
            Form::Unknown => Ok(()),
            Form::Json(values) if values.is_cut() => Err(Broken::Incomplete),
            Form::Json(_) => Ok(()),
            Form::Protobuf(frames) => frames.finish(),
        }
    }
}

/// Bytes of which whole parts are taken off the front, and the rest is kept for the next chunk.
#[derive(Clone, Debug, Default)]
struct Rest {
    bytes: Vec<u8>,
    /// How many were taken off before.
    taken: u64,
    /// Where it stopped making sense.
    malformed: Option<u64>,
}

/// What can be done with the bytes at hand.
enum Step {
    /// So many are done with.
    Take(usize),
    /// They are too few.
    More,
    /// They make no sense.
    Malformed,
}

impl Rest {
    /// Of what follows something that is not whole, so much is looked at at first.
    const LEAST: usize = 1024;

    fn push(&mut self, mut chunk: &[u8], mut step: impl FnMut(&[u8]) -> Step) {
        let mut rest = std::mem::take(&mut self.bytes);
        // What is not whole yet gets so much of the chunk as makes it whole.
        while !rest.is_empty() && !chunk.is_empty() && self.malformed.is_none() {
            let before = rest.len();
            let (more, others) = chunk.split_at(chunk.len().min(before.max(Self::LEAST)));
            rest.extend_from_slice(more);
            let taken = self.take(&rest, &mut step);
            if taken < before {
                rest.drain(..taken);
                chunk = others;
            } else {
                rest.clear();
                chunk = &chunk[taken - before..];
            }
        }
        let taken = self.take(chunk, &mut step);
        if self.malformed.is_none() {
            rest.extend_from_slice(&chunk[taken..]);
            self.bytes = rest;
        }
    }

    /// Does with bytes what can be done; says with how many it was.
    fn take(&mut self, bytes: &[u8], step: &mut impl FnMut(&[u8]) -> Step) -> usize {
        let mut at = 0;
        while self.malformed.is_none() {
            match step(&bytes[at..]) {
                Step::Take(length) => at += length,
                Step::More => break,
                Step::Malformed => self.malformed = Some(self.taken + at as u64),
            }
        }
        self.taken += at as u64;
        at
    }

    fn finish(&self, is_whole: bool) -> Result<(), Broken> {
        match self.malformed {
            Some(at) => Err(Broken::Malformed(at)),
            None if is_whole && self.bytes.is_empty() => Ok(()),
            None => Err(Broken::Incomplete),
        }
    }
}

/// The beginning of a field, of which the payload may not be there yet.
enum Field {
    /// Its number, where its payload begins, and how long that is.
    Bytes(u32, usize, u64),
    /// A field of another delimiter, which is here whole: its end.
    Other(usize),
    More,
    Malformed,
}

/// No tag and no length takes more bytes.
const LONGEST_NUMBER: usize = 10;

fn field(bytes: &[u8]) -> Field {
    let mut at = 0;
    let unfinished = if bytes.len() < 2 * LONGEST_NUMBER {
        Field::More
    } else {
        Field::Malformed
    };
    let Some(tag) = wire::varint(bytes, &mut at) else {
        return unfinished;
    };
    let Some(number) = u32::try_from(tag >> 3).ok().filter(|number| *number > 0) else {
        return Field::Malformed;
    };
    match tag & 7 {
        2 => wire::varint(bytes, &mut at)
            .map_or(unfinished, |length| Field::Bytes(number, at, length)),
        0 | 1 | 5 => {
            let mut wire = Wire::new(bytes);
            match wire.next() {
                Some(_) => Field::Other(wire.position()),
                None => unfinished,
            }
        }
        _ => Field::Malformed,
    }
}

/// A list in protobuf: an envelope, in it the list, in it items.
#[derive(Clone, Debug, Default)]
struct ProtobufList {
    rest: Rest,
    place: Place,
    /// The type of the items, when the envelope has said it.
    item: Option<Type>,
    head: ListHead,
}

/// Where in the list the next byte stands.
#[derive(Clone, Copy, Debug, Default)]
enum Place {
    #[default]
    Start,
    /// Among the fields of the envelope, before the list.
    Before,
    /// Within the list, of which so many bytes are to come.
    Within(u64),
    /// Among the fields of the envelope, after the list.
    After,
}

impl ProtobufList {
    /// The fields of `runtime.Unknown` and of every list.
    const TYPE_META: u32 = 1;
    const RAW: u32 = 2;
    const METADATA: u32 = 1;
    const ITEMS: u32 = 2;

    fn push(&mut self, chunk: &[u8], item: &mut impl FnMut(Received<'_>)) {
        let mut rest = std::mem::take(&mut self.rest);
        rest.push(chunk, |bytes| self.step(bytes, item));
        self.rest = rest;
    }

    fn step(&mut self, bytes: &[u8], item: &mut impl FnMut(Received<'_>)) -> Step {
        if bytes.is_empty() {
            return Step::More;
        }
        match self.place {
            Place::Start => {
                let magic = Envelope::MAGIC;
                let known = bytes.len().min(magic.len());
                if bytes[..known] != magic[..known] {
                    return Step::Malformed;
                }
                if known < magic.len() {
                    return Step::More;
                }
                self.place = Place::Before;
                Step::Take(known)
            }
            Place::Within(0) => {
                self.place = Place::After;
                Step::Take(0)
            }
            Place::Within(left) => self.list_field(bytes, left, item),
            Place::Before | Place::After => self.envelope_field(bytes),
        }
    }

    fn envelope_field(&mut self, bytes: &[u8]) -> Step {
        match (field(bytes), self.place) {
            (Field::Bytes(Self::RAW, start, length), Place::Before) => {
                self.place = Place::Within(length);
                Step::Take(start)
            }
            (Field::Bytes(number, start, length), _) => {
                let Some(payload) = payload(bytes, start, length) else {
                    return Step::More;
                };
                if number == Self::TYPE_META {
                    self.item = item_type(payload);
                }
                Step::Take(start + payload.len())
            }
            (Field::Other(end), _) => Step::Take(end),
            (Field::More, _) => Step::More,
            (Field::Malformed, _) => Step::Malformed,
        }
    }

    fn list_field(&mut self, bytes: &[u8], left: u64, item: &mut impl FnMut(Received<'_>)) -> Step {
        let end = match field(bytes) {
            Field::Bytes(_, start, length) if length > left.saturating_sub(start as u64) => {
                return Step::Malformed;
            }
            Field::Bytes(number, start, length) => {
                let Some(payload) = payload(bytes, start, length) else {
                    return Step::More;
                };
                match (number, self.item) {
                    (Self::METADATA, _) => self.head = list_head(payload),
                    (Self::ITEMS, Some(kind)) => item(Received {
                        bytes: payload,
                        encoding: Encoding::Protobuf(kind),
                    }),
                    (Self::ITEMS, None) => return Step::Malformed,
                    _ => {}
                }
                start + payload.len()
            }
            Field::Other(end) if end as u64 > left => return Step::Malformed,
            Field::Other(end) => end,
            Field::More => return Step::More,
            Field::Malformed => return Step::Malformed,
        };
        self.place = Place::Within(left - end as u64);
        Step::Take(end)
    }

    fn finish(&self) -> Result<ListHead, Broken> {
        let is_whole = matches!(self.place, Place::After | Place::Within(0));
        self.rest.finish(is_whole)?;
        Ok(self.head.clone())
    }
}

/// The payload of a field, if it is here whole.
fn payload(bytes: &[u8], start: usize, length: u64) -> Option<&[u8]> {
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    bytes.get(start..end)
}

/// The type of the items of the list that a `TypeMeta` names.
fn item_type(type_meta: &[u8]) -> Option<Type> {
    let text = |number| std::str::from_utf8(wire::bytes(type_meta, number)).ok();
    Type::named(text(1)?, text(2)?.strip_suffix("List")?)
}

/// `ListMeta`.
fn list_head(metadata: &[u8]) -> ListHead {
    let text = |number| String::from_utf8_lossy(wire::bytes(metadata, number)).into_owned();
    let count = wire::find(metadata, wire::tag(4, wire::Delimiter::Varint));
    ListHead {
        version: text(2),
        token: text(3),
        remaining: count.and_then(|field| wire::varint(field.payload, &mut 0)),
        definitions: String::new(),
    }
}

/// Messages, each behind its length.
#[derive(Clone, Debug, Default)]
struct Frames(Rest);

impl Frames {
    const LENGTH: usize = 4;
    /// Objects are a few megabytes at most; what claims to be longer is no frame.
    const LONGEST: u32 = 1 << 28;

    fn push(&mut self, chunk: &[u8], mut message: impl FnMut(&[u8])) {
        self.0.push(chunk, |bytes| {
            let Some((length, rest)) = bytes.split_first_chunk::<{ Self::LENGTH }>() else {
                return Step::More;
            };
            let length = u32::from_be_bytes(*length);
            if length > Self::LONGEST {
                return Step::Malformed;
            }
            let Some(frame) = payload(rest, 0, length.into()) else {
                return Step::More;
            };
            let mut fields = Wire::new(frame);
            fields.by_ref().for_each(drop);
            if fields.position() < frame.len() {
                return Step::Malformed;
            }
            message(frame);
            Step::Take(Self::LENGTH + frame.len())
        });
    }

    fn finish(&self) -> Result<(), Broken> {
        self.0.finish(true)
    }
}

#[cfg(test)]
mod tests;
