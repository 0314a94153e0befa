//! Reading the API server's protobuf where it lies, as what Go writes it as in JSON.
//!
//! What JSON leaves out or has as `null` is absent here, too; what Go does not put on the wire but
//! writes into JSON (zeros without `omitempty`) is there. Where a writer repeats a field that
//! occurs once, the first counts: the API server's never does. Fields that the schema does not
//! know are passed over.

use std::borrow::Cow;

use super::key::Named;
use super::schema::{self, Field, Kind, Mode, Type, schema};
use super::wire::{self, Delimiter, Envelope, Wire, WireField};
use super::{Form, Value};
use crate::bytes::same;

/// The member of a message.
pub(super) fn get<'a>(bytes: &'a [u8], message: u16, key: impl Named) -> Option<Value<'a>> {
    match key.field_of(message) {
        Some(id) => field(bytes, id),
        None => inlined(bytes, message, key.text()),
    }
}

/// The member of a message that is one of a message inlined in it.
#[cold]
fn inlined<'a>(bytes: &'a [u8], message: u16, key: &str) -> Option<Value<'a>> {
    let inline = schema().inline(message, key)?;
    get(wire::bytes(bytes, inline.number()), inline.message, key)
}

/// Where the fields of each number begin and end, as far as there is room for them.
pub(super) fn places(bytes: &[u8], places: &mut [(u32, u32)]) -> Option<()> {
    u32::try_from(bytes.len()).ok()?;
    let mut fields = Wire::new(bytes);
    while let Some((tag, at)) = fields.skip_field() {
        if let Some((start, end)) = places.get_mut((tag >> 3) as usize) {
            if *end == 0 {
                *start = at as u32;
            }
            *end = fields.position() as u32;
        }
    }
    Some(())
}

/// The member of a message of which it is known where the fields of each number begin and end.
pub(super) fn get_at<'a>(
    bytes: &'a [u8],
    message: u16,
    key: impl Named,
    places: &[(u32, u32)],
) -> Option<Value<'a>> {
    let Some(id) = key.field_of(message) else {
        return inlined(bytes, message, key.text());
    };
    let field = schema().field(id);
    let Some((start, end)) = places.get(field.number() as usize) else {
        return self::field(bytes, id);
    };
    let bytes = bytes.get(..*end as usize)?;
    let mut fields = Wire::from(bytes, *start as usize);
    let first = match end {
        0 => None,
        _ => fields.next_now().filter(|first| first.tag == field.tag),
    };
    // Of the number, but not delimited as expected.
    let first = match first {
        None if *end > 0 => fields.next_of(field.tag),
        first => first,
    };
    found(id, field, bytes, first)
}

/// The value of a field: nothing when JSON leaves it out, [`Value::ABSENT`] when JSON has `null`.
#[inline]
pub(super) fn field(bytes: &[u8], id: u16) -> Option<Value<'_>> {
    let field = schema().field(id);
    found(id, field, bytes, wire::find(bytes, field.tag))
}

/// The fields of an object that are its sections, in one walk.
pub(super) fn sections<'a>(bytes: &'a [u8], ids: &[Option<u16>; 3]) -> [Value<'a>; 3] {
    let tags = ids.map(|id| id.map_or(0, |id| schema().field(id).tag));
    let mut starts = [usize::MAX; 3];
    let mut fields = Wire::new(bytes);
    while let Some((tag, at)) = fields.skip_field() {
        for (wanted, start) in tags.iter().zip(&mut starts) {
            if *wanted == tag && *start == usize::MAX {
                *start = at;
            }
        }
    }
    let mut sections = [Value::ABSENT; 3];
    for ((id, start), section) in ids.iter().zip(starts).zip(&mut sections) {
        let Some(id) = *id else { continue };
        let first = Wire::from(bytes, start).next_now();
        if let Some(value) = found(id, schema().field(id), bytes, first) {
            *section = value;
        }
    }
    sections
}

/// The value of a field, given where it is first.
#[inline(always)]
fn found<'a>(
    id: u16,
    field: &Field,
    bytes: &'a [u8],
    first: Option<WireField<'a>>,
) -> Option<Value<'a>> {
    match field.mode {
        Mode::One | Mode::Optional => single(field, first.map(|first| first.payload)),
        Mode::List | Mode::Map => repeated(id, field, bytes, first.map(|first| first.start)),
    }
}

#[inline(always)]
fn single<'a>(field: &Field, payload: Option<&'a [u8]>) -> Option<Value<'a>> {
    let is_optional = field.mode == Mode::Optional;
    if payload.is_none() && is_optional {
        return (!field.omit).then_some(Value::ABSENT);
    }
    let omits = field.omit && !is_optional;
    match (field.kind, payload.unwrap_or_default()) {
        // These are nearly all, and quickly decided.
        (Kind::Text, b"") if omits => None,
        (Kind::Message, bytes) => Some(Value {
            bytes,
            form: Form::Message(field.message),
        }),
        (Kind::Text, bytes) => Some(Value {
            bytes,
            form: Form::Text,
        }),
        // Go has nothing for these when they were not on the wire.
        (Kind::Data | Kind::Texts, _) if payload.is_none() => (!omits).then_some(Value::ABSENT),
        (kind, bytes) => {
            let value = value(kind, field.message, bytes);
            (!omits || !is_empty(value)).then_some(value)
        }
    }
}

fn repeated<'a>(
    id: u16,
    field: &Field,
    bytes: &'a [u8],
    start: Option<usize>,
) -> Option<Value<'a>> {
    let Some(bytes) = start.and_then(|start| bytes.get(start..)) else {
        return (!field.omit).then_some(Value::ABSENT);
    };
    let form = match field.mode {
        Mode::Map => Form::Map(id),
        _ => Form::List(id),
    };
    Some(Value { bytes, form })
}

/// Whether Go's `omitempty` takes a value for empty. It never takes a message for that.
fn is_empty(value: Value<'_>) -> bool {
    match value.form {
        Form::Text | Form::Data => value.bytes.is_empty(),
        Form::Integer | Form::Boolean => number(value.bytes) == 0,
        Form::Double => double(value.bytes) == 0.0,
        Form::Texts => items(value).next().is_none(),
        _ => !value.is_present(),
    }
}

/// One value, given what is on the wire for it.
#[inline]
fn value(kind: Kind, message: u16, bytes: &[u8]) -> Value<'_> {
    let of = |form| Value { bytes, form };
    match kind {
        Kind::Text => of(Form::Text),
        Kind::Integer => of(Form::Integer),
        Kind::Boolean => of(Form::Boolean),
        Kind::Data => of(Form::Data),
        Kind::Double => of(Form::Double),
        Kind::Time | Kind::MicroTime if time_ms(bytes).is_none() => Value::ABSENT,
        Kind::Time => of(Form::Time),
        Kind::MicroTime => of(Form::MicroTime),
        Kind::Duration => of(Form::Duration),
        Kind::Quantity => quantity(bytes),
        Kind::IntOrString => int_or_string(bytes),
        Kind::Json => carried(wire::bytes(bytes, 1)),
        Kind::Texts => of(Form::Texts),
        Kind::Message | Kind::Inline => of(Form::Message(message)),
        Kind::Either => either(bytes, message),
    }
}

fn quantity(bytes: &[u8]) -> Value<'_> {
    let text = wire::bytes(bytes, 1);
    Value {
        bytes: if text.is_empty() { b"0" } else { text },
        form: Form::Text,
    }
}

/// The number unless it says that it is a text.
fn int_or_string(bytes: &[u8]) -> Value<'_> {
    if wire::number(bytes, 1) == 1 {
        return Value {
            bytes: wire::bytes(bytes, 3),
            form: Form::Text,
        };
    }
    let number = wire::find(bytes, wire::tag(2, Delimiter::Varint));
    Value {
        bytes: number.map_or(&[], |number| number.payload),
        form: Form::Integer,
    }
}

/// An object within an object: JSON text, or protobuf in an envelope.
pub(super) fn carried(raw: &[u8]) -> Value<'_> {
    let Some(envelope) = Envelope::open(raw) else {
        return Value::json(raw);
    };
    if envelope.is_json() {
        return Value::json(envelope.raw);
    }
    Type::named(envelope.api_version, envelope.kind)
        .map_or(Value::ABSENT, |kind| Value::protobuf(envelope.raw, kind))
}

/// One of two things: the second field of the message if it is there, else the first.
fn either(bytes: &[u8], message: u16) -> Value<'_> {
    let of = |at| field(bytes, schema().fields_of(message).start + at);
    of(1)
        .filter(|second| second.is_present())
        .or_else(|| of(0))
        .unwrap_or(Value::ABSENT)
}

/// The items of a list.
pub(super) fn items(list: Value<'_>) -> Items<'_> {
    let (tag, kind, message) = match list.form {
        Form::List(id) => {
            let field = schema().field(id);
            (field.tag, field.kind, field.message)
        }
        Form::Texts => (wire::tag(1, Delimiter::Length), Kind::Text, 0),
        _ => (0, Kind::Text, 0),
    };
    Items {
        wire: Wire::new(list.bytes),
        tag,
        kind,
        message,
    }
}

/// Iterator over a list's items.
pub(super) struct Items<'a> {
    wire: Wire<'a>,
    tag: u32,
    kind: Kind,
    message: u16,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let item = self.wire.next_of(self.tag)?;
        Some(value(self.kind, self.message, item.payload))
    }
}

/// The entries of a map in the order of the wire, which Go's writer sorts.
pub(super) struct MapEntries<'a> {
    wire: Wire<'a>,
    id: u16,
}

pub(super) const fn map_entries(bytes: &[u8], id: u16) -> MapEntries<'_> {
    MapEntries {
        wire: Wire::new(bytes),
        id,
    }
}

impl<'a> Iterator for MapEntries<'a> {
    type Item = (Cow<'a, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value) = self.next_raw()?;
        Some((super::text::utf8(key), value))
    }
}

impl<'a> MapEntries<'a> {
    fn next_raw(&mut self) -> Option<(&'a [u8], Value<'a>)> {
        let field = schema().field(self.id);
        let entry = self.wire.next_of(field.tag)?.payload;
        let mut fields = Wire::new(entry);
        let mut payload = |number, kind| {
            let tag = schema::tag_of(number, Mode::One, kind);
            let found = fields.next_of(tag).or_else(|| wire::find(entry, tag));
            found.map_or(&[][..], |found| found.payload)
        };
        // In this order, as they are on the wire, they are found in one walk.
        let key = payload(1, Kind::Text);
        let value = payload(2, field.kind);
        Some((key, self::value(field.kind, field.message, value)))
    }
}

/// The value of a key of a map.
pub(super) fn map_get<'a>(bytes: &'a [u8], id: u16, key: &str) -> Option<Value<'a>> {
    let mut entries = map_entries(bytes, id);
    while let Some((found, value)) = entries.next_raw() {
        if same(found, key.as_bytes()) {
            return Some(value);
        }
    }
    None
}

/// The members of a message as JSON has them, in the order in which Go writes them: for printing,
/// so they are collected into a list.
pub(super) fn members<'a>(bytes: &'a [u8], message: u16, out: &mut Vec<(&'static str, Value<'a>)>) {
    let schema = schema();
    let ids = schema.fields_of(message);
    // Where each field is first, found in one walk.
    let mut found = vec![None; ids.len()];
    for on_wire in Wire::new(bytes) {
        let at = ids
            .clone()
            .position(|id| schema.field(id).tag == on_wire.tag);
        if let Some(place) = at.and_then(|at| found.get_mut(at)) {
            place.get_or_insert(on_wire);
        }
    }
    for (id, found) in ids.zip(found) {
        let field = schema.field(id);
        let value = match (field.kind, field.mode) {
            (Kind::Inline, _) => {
                let bytes = found.map_or(&[][..], |found| found.payload);
                members(bytes, field.message, out);
                continue;
            }
            _ => self::found(id, field, bytes, found),
        };
        out.extend(value.map(|value| (field.name, value)));
    }
}

/// A number, negative ones in two's complement.
#[inline]
pub(super) fn number(bytes: &[u8]) -> i64 {
    wire::varint(bytes, &mut 0).unwrap_or_default() as i64
}

pub(super) fn double(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(0.0, f64::from_le_bytes)
}

/// Seconds and nanoseconds since 1970.
pub(super) fn time(bytes: &[u8]) -> (i64, i64) {
    const SECONDS: u32 = wire::tag(1, Delimiter::Varint);
    const NANOS: u32 = wire::tag(2, Delimiter::Varint);
    let (mut seconds, mut nanos) = (None, None);
    for field in Wire::new(bytes) {
        let place = match field.tag {
            SECONDS => &mut seconds,
            NANOS => &mut nanos,
            _ => continue,
        };
        place.get_or_insert(field.payload);
    }
    let number = |payload: Option<&[u8]>| payload.map(number).unwrap_or_default();
    (number(seconds), number(nanos))
}

/// A time in milliseconds since 1970; nothing when it is Go's zero, or of a year that RFC 3339
/// cannot write.
pub(super) fn time_ms(bytes: &[u8]) -> Option<i64> {
    const YEARS_0_TO_9999: std::ops::Range<i64> = -62_167_219_200..253_402_300_800;
    const YEAR_1: i64 = -62_135_596_800;
    let (seconds, nanos) = time(bytes);
    let is_zero = bytes.is_empty() || (seconds, nanos) == (YEAR_1, 0);
    (!is_zero && YEARS_0_TO_9999.contains(&seconds))
        .then(|| seconds * 1000 + nanos.clamp(0, 999_999_999) / 1_000_000)
}

/// The bytes of an object's `metadata` and of nothing else.
pub(super) fn metadata_only(bytes: &[u8], kind: Type) -> Vec<u8> {
    let metadata = kind.root().sections[0].map(|id| schema().field(id));
    let found = metadata.and_then(|field| wire::find(bytes, field.tag));
    let mut out = Vec::new();
    if let Some(found) = found {
        wire::put_bytes(&mut out, found.number(), found.payload);
    }
    out
}

/// Appends the bytes of an object without those of `metadata.managedFields`.
pub(super) fn keep(bytes: &[u8], kind: Type, out: &mut Vec<u8>) {
    let metadata = kind.root().sections[0].map(|id| schema().field(id));
    let mut walk = Wire::new(bytes);
    let found = metadata.and_then(|field| Some((field, walk.next_of(field.tag)?)));
    if let Some((field, found)) = found {
        let number = schema().named(field.message, "managedFields");
        let number = number.map_or(0, |id| schema().field(id).number());
        let dropped = dropped(found.payload, number, |_| {});
        if dropped > 0 {
            out.extend_from_slice(&bytes[..found.start]);
            wire::put_varint(out, field.tag.into());
            wire::put_varint(out, (found.payload.len() - dropped) as u64);
            self::dropped(found.payload, number, |kept| out.extend_from_slice(kept));
            out.extend_from_slice(&bytes[walk.position()..]);
            return;
        }
    }
    out.extend_from_slice(bytes);
}

/// How many bytes a message has of fields of a number; gives the others. What is no field stays.
fn dropped<'a>(message: &'a [u8], number: u32, mut keep: impl FnMut(&'a [u8])) -> usize {
    let mut wire = Wire::new(message);
    let (mut kept, mut dropped) = (0, 0);
    while let Some(field) = wire.next() {
        if field.number() == number {
            keep(&message[kept..field.start]);
            kept = wire.position();
            dropped += kept - field.start;
        }
    }
    keep(&message[kept..]);
    dropped
}

#[cfg(test)]
mod tests;
