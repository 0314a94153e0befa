//! Protobuf as it lies on the wire, before anybody knows what it means: fields, one after the
//! other. Total: what is cut off or makes no sense ends the walk, and nothing is built.

/// How the bytes of a field are delimited, by the number that the wire has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// A number of variable length.
    Varint = 0,
    /// Eight bytes.
    Fixed64 = 1,
    /// As many bytes as said: text, bytes, or a message.
    Length = 2,
    /// Four bytes.
    Fixed32 = 5,
}

/// What stands before the bytes of a field: its number, and how they are delimited.
#[inline]
#[must_use]
pub const fn tag(number: u32, delimiter: Delimiter) -> u32 {
    number << 3 | delimiter as u32
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireField<'a> {
    /// Which field it is, and how its bytes are delimited: see [`tag`].
    pub tag: u32,
    /// Its bytes, without tag and length.
    pub payload: &'a [u8],
    /// Where the field begins (with its tag) in the message.
    pub start: usize,
}

impl WireField<'_> {
    /// Which field it is.
    #[inline]
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.tag >> 3
    }
}

/// Walks the fields of a message.
#[derive(Clone, Copy, Debug)]
pub struct Wire<'a> {
    /// What comes.
    rest: &'a [u8],
    /// How long the message is.
    length: usize,
}

impl<'a> Wire<'a> {
    /// A walk from the first field.
    #[inline]
    #[must_use]
    pub const fn new(message: &'a [u8]) -> Self {
        Self {
            rest: message,
            length: message.len(),
        }
    }

    /// A walk from the field at a place.
    #[inline]
    pub(super) fn from(message: &'a [u8], at: usize) -> Self {
        Self {
            rest: message.get(at..).unwrap_or_default(),
            length: message.len(),
        }
    }

    /// Where the walk stands: after the last field given. Less than the length when no more
    /// fields come: the rest is cut off, or is not protobuf.
    #[inline]
    #[must_use]
    pub const fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    /// The next field of a tag.
    pub(super) fn next_of(&mut self, wanted: u32) -> Option<WireField<'a>> {
        self.next_of_now(wanted)
    }

    /// The same, without a call.
    #[inline(always)]
    pub(super) fn next_of_now(&mut self, wanted: u32) -> Option<WireField<'a>> {
        loop {
            let field = self.next_now()?;
            if field.tag == wanted {
                return Some(field);
            }
        }
    }

    /// The next field, without a call.
    #[inline(always)]
    pub(super) fn next_now(&mut self) -> Option<WireField<'a>> {
        let start = self.length - self.rest.len();
        let (tag, payload, rest) = match short_step(self.rest) {
            Some(field) => field,
            None if self.rest.is_empty() => return None,
            None => long_step(self.rest)?,
        };
        self.rest = rest;
        Some(WireField {
            tag,
            payload,
            start,
        })
    }
}

impl<'a> Iterator for Wire<'a> {
    type Item = WireField<'a>;

    #[inline]
    fn next(&mut self) -> Option<WireField<'a>> {
        self.next_now()
    }
}

/// The tag of a field, its bytes, and what comes after it.
type Parted<'a> = (u32, &'a [u8], &'a [u8]);

/// The first field, where its tag and its length or number take a byte each, as nearly all do.
#[inline(always)]
fn short_step(bytes: &[u8]) -> Option<Parted<'_>> {
    let [tag @ 8..0x80, next @ 0..0x80, rest @ ..] = bytes else {
        return None;
    };
    let (payload, rest) = match tag & 7 {
        2 => rest.split_at_checked(usize::from(*next))?,
        0 => (bytes.get(1..2)?, rest),
        _ => return None,
    };
    Some((u32::from(*tag), payload, rest))
}

/// The first field, whatever it is.
#[inline(never)]
fn long_step(bytes: &[u8]) -> Option<Parted<'_>> {
    // Most of them are no longer than that.
    if let [tag @ 8..0x80, low @ 0x80..=0xff, high @ 0..0x80, rest @ ..] = bytes
        && tag & 7 == 2
    {
        let length = usize::from(low & 0x7f) | usize::from(*high) << 7;
        let (payload, rest) = rest.split_at_checked(length)?;
        return Some((u32::from(*tag), payload, rest));
    }
    let (tag, rest) = part_number(bytes)?;
    let tag = u32::try_from(tag).ok()?;
    let (length, rest) = match tag & 7 {
        _ if tag < 8 => return None,
        0 => (rest.len() - part_number(rest)?.1.len(), rest),
        1 => (8, rest),
        2 => {
            let (length, rest) = part_number(rest)?;
            (usize::try_from(length).ok()?, rest)
        }
        5 => (4, rest),
        _ => return None,
    };
    let (payload, rest) = rest.split_at_checked(length)?;
    Some((tag, payload, rest))
}

/// A number of variable length, and what comes after it. Few are of more than two bytes.
#[inline(always)]
fn part_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match bytes {
        [number @ 0..0x80, rest @ ..] => Some((u64::from(*number), rest)),
        [low, high @ 0..0x80, rest @ ..] => {
            Some((u64::from(low & 0x7f) | u64::from(*high) << 7, rest))
        }
        _ => {
            let mut at = 0;
            Some((varint(bytes, &mut at)?, bytes.get(at..)?))
        }
    }
}

/// A number of variable length at `at`, which moves behind it.
#[inline]
#[must_use]
pub fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let first = *bytes.get(*at)?;
    *at += 1;
    if first < 0x80 {
        return Some(u64::from(first));
    }
    let mut number = u64::from(first & 0x7f);
    let mut shift = 7;
    while shift < u64::BITS {
        let byte = *bytes.get(*at)?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
    None
}

/// Writes a number of variable length.
pub fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Writes a field of as many bytes as the payload has.
pub fn put_bytes(out: &mut Vec<u8>, number: u32, payload: &[u8]) {
    put_varint(out, u64::from(number) << 3 | 2);
    put_varint(out, payload.len() as u64);
    out.extend_from_slice(payload);
}

/// The first field of a tag. Nearly all reading ends up here.
#[must_use]
pub(super) fn find(message: &[u8], tag: u32) -> Option<WireField<'_>> {
    Wire::new(message).next_of_now(tag)
}

/// The bytes of the first field of a number: of text or a message, else none.
#[inline]
#[must_use]
pub(super) fn bytes(message: &[u8], number: u32) -> &[u8] {
    find(message, tag(number, Delimiter::Length)).map_or(&[], |field| field.payload)
}

/// The first number of a field, else zero.
#[inline]
#[must_use]
pub(super) fn number(message: &[u8], number: u32) -> u64 {
    find(message, tag(number, Delimiter::Varint))
        .and_then(|field| varint(field.payload, &mut 0))
        .unwrap_or_default()
}

/// What the API server wraps every object in: `k8s\0`, then a `runtime.Unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// `v1`, `apps/v1` …
    pub api_version: &'a str,
    /// `Pod`, `PodList` …
    pub kind: &'a str,
    /// The object itself.
    pub raw: &'a [u8],
    /// How the object is written: nothing means protobuf.
    pub content_type: &'a str,
}

impl<'a> Envelope<'a> {
    /// What every envelope begins with.
    pub const MAGIC: [u8; 4] = *b"k8s\0";

    /// Opens an envelope; nothing when it is none.
    #[must_use]
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let unknown = bytes.strip_prefix(&Self::MAGIC)?;
        let types = self::bytes(unknown, 1);
        let text = |bytes| std::str::from_utf8(bytes).ok();
        Some(Self {
            api_version: text(self::bytes(types, 1))?,
            kind: text(self::bytes(types, 2))?,
            raw: self::bytes(unknown, 2),
            content_type: text(self::bytes(unknown, 4))?,
        })
    }

    /// Whether the object in it is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        // No message of Kubernetes begins with the byte of a brace.
        self.content_type.contains("json") || self.raw.first() == Some(&b'{')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_are_read_as_they_are_written() {
        for number in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut written = Vec::new();
            put_varint(&mut written, number);
            let mut at = 0;
            assert_eq!(varint(&written, &mut at), Some(number));
            assert_eq!(at, written.len());
            assert_eq!(varint(&written[..written.len() - 1], &mut 0), None);
        }
        assert_eq!(varint(&[0xff; 11], &mut 0), None);
    }

    #[test]
    fn a_walk_ends_before_what_is_cut_off() {
        let message = b"\x08\x96\x01\x12\x02hi\x1d\0\0\0\0\x21\0\0\0\0\0\0\0\x01";
        let numbers = |bytes| {
            let mut wire = Wire::new(bytes);
            let numbers: Vec<u32> = wire.by_ref().map(|field| field.number()).collect();
            (numbers, wire.position())
        };
        assert_eq!(numbers(message), (vec![1, 2, 3, 4], message.len()));
        assert_eq!(numbers(&message[..11]), (vec![1, 2], 7));
        // Groups, and fields without a number, are not used by anybody.
        assert_eq!(numbers(b"\x08\x01\x0b"), (vec![1], 2));
        assert_eq!(numbers(b"\x00\x01"), (vec![], 0));
        let endless = b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(numbers(endless), (vec![], 0));
    }

    proptest::proptest! {
        /// What is read quickly is read alike.
        #[test]
        fn short_fields_are_read_as_long_ones(
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..12),
        ) {
            if let Some(short) = short_step(&bytes) {
                proptest::prop_assert_eq!(Some(short), long_step(&bytes));
            }
        }
    }

    #[test]
    fn opens_what_the_api_server_wraps() {
        let mut wrapped = Envelope::MAGIC.to_vec();
        put_bytes(&mut wrapped, 1, b"\x0a\x07apps/v1\x12\x0aDeployment");
        put_bytes(&mut wrapped, 2, b"\x0a\x00");
        let envelope = Envelope::open(&wrapped).expect("an envelope");
        assert_eq!(
            (envelope.api_version, envelope.kind),
            ("apps/v1", "Deployment")
        );
        assert_eq!(
            (envelope.raw, envelope.is_json()),
            (&b"\x0a\x00"[..], false)
        );
        assert_eq!(Envelope::open(b"{}"), None);
    }
}
