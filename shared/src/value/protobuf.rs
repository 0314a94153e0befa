//! Reading the API server's protobuf where it lies, as what Go writes it as in JSON.
//!
//! What JSON leaves out or has as `null` is absent here, too; what Go does not put on the wire but
//! writes into JSON (zeros without `omitempty`) is there. Where a writer repeats a field that
//! occurs once, the first counts: the API server's never does. Fields that the schema does not
//! know are passed over.

use std::borrow::Cow;

use super::key::{Key, Named, key};
use super::schema::{self, Field, Kind, Mode, Root, Type, schema};
use super::sections::{Place, Places};
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

/// Notes where the fields of each number begin and end, as far as there is room for them.
pub(super) fn places(bytes: &[u8], places: &mut Places) -> Option<()> {
    u32::try_from(bytes.len()).ok()?;
    let mut fields = Wire::new(bytes);
    while let Some(field) = fields.next_now() {
        let end = fields.position() as u32;
        let first = || Place {
            start: field.start as u32,
            end,
            tag: field.tag,
            payload: (end - field.payload.len() as u32, end),
        };
        if let Some(place) = places.note(field.number() as usize, first) {
            place.end = end;
        }
    }
    Some(())
}

/// The member of a message of which it is known where the fields of each number begin and end.
pub(super) fn get_at<'a>(
    bytes: &'a [u8],
    message: u16,
    key: impl Named,
    places: &Places,
) -> Option<Value<'a>> {
    let Some(id) = key.field_of(message) else {
        return inlined(bytes, message, key.text());
    };
    let field = schema().field(id);
    let Ok(place) = places.get(field.number() as usize) else {
        return far(bytes, id);
    };
    let Some(place) = place else {
        return found(id, field, &[], None);
    };
    let bytes = bytes.get(..place.end as usize)?;
    let (start, (from, to)) = (place.start as usize, place.payload);
    let first = if place.tag == field.tag {
        Some(WireField {
            tag: place.tag,
            payload: bytes.get(from as usize..to as usize)?,
            start,
        })
    } else {
        Wire::from(bytes, start).next_of(field.tag)
    };
    found(id, field, bytes, first)
}

/// The member of a message for whose place there was no room.
#[cold]
fn far(bytes: &[u8], id: u16) -> Option<Value<'_>> {
    field(bytes, id)
}

/// Several members of a message, in one walk.
pub(super) fn get_each<'a, const N: usize>(
    bytes: &'a [u8],
    message: u16,
    keys: [&'static Key; N],
) -> [Value<'a>; N] {
    let (mut ids, mut tags) = ([None; N], [0; N]);
    for ((key, id), tag) in keys.iter().zip(&mut ids).zip(&mut tags) {
        *id = key.field_of(message);
        *tag = id.map_or(0, |id| schema().field(id).tag);
    }
    let mut firsts = [None; N];
    let mut wire = Wire::new(bytes);
    while let Some(on_wire) = wire.next_now() {
        for (tag, first) in tags.iter().zip(&mut firsts) {
            if *tag == on_wire.tag {
                first.get_or_insert(on_wire);
            }
        }
    }
    let mut values = [Value::ABSENT; N];
    for (at, value) in values.iter_mut().enumerate() {
        let found = match ids[at] {
            Some(id) => found(id, schema().field(id), bytes, firsts[at]),
            None => inlined(bytes, message, keys[at].text()),
        };
        *value = found.unwrap_or(Value::ABSENT);
    }
    values
}

/// The value of a field: nothing when JSON leaves it out, [`Value::ABSENT`] when JSON has `null`.
#[inline(always)]
pub(super) fn field(bytes: &[u8], id: u16) -> Option<Value<'_>> {
    let field = schema().field(id);
    found(id, field, bytes, wire::find(bytes, field.tag))
}

/// The fields of an object that are its sections, in one walk.
pub(super) fn sections<'a>(bytes: &'a [u8], root: &Root) -> [Value<'a>; 3] {
    let mut sections = [Value::ABSENT; 3];
    let mut fields = Wire::new(bytes);
    while let Some(on_wire) = fields.next_now() {
        let at = root.tags.iter().position(|tag| *tag == on_wire.tag);
        if let Some(at) = at.filter(|at| !sections[*at].is_present())
            && let Some(id) = root.sections[at]
            && let Some(value) = found(id, schema().field(id), bytes, Some(on_wire))
        {
            sections[at] = value;
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
    // Nearly all are quickly decided.
    match (field.mode, field.form, first) {
        (Mode::One | Mode::Optional, Some(form), Some(first)) if !first.payload.is_empty() => {
            Some(Value {
                bytes: first.payload,
                form,
            })
        }
        (_, _, None) if field.left_out => None,
        (Mode::List | Mode::Map, _, Some(first)) => Some(Value {
            bytes: bytes.get(first.start..)?,
            form: match field.mode {
                Mode::Map => Form::Map(id),
                _ => Form::List(id),
            },
        }),
        _ => odd(field, first.map(|first| first.payload)),
    }
}

/// Whether JSON leaves a field out that is not on the wire.
pub(super) fn is_left_out(field: &Field) -> bool {
    odd(field, None).is_none()
}

/// The value of a field that is not there, or may be empty, or reads as something else.
#[inline(never)]
fn odd<'a>(field: &Field, payload: Option<&'a [u8]>) -> Option<Value<'a>> {
    match field.mode {
        Mode::One | Mode::Optional => single(field, payload),
        Mode::List | Mode::Map => (!field.omit).then_some(Value::ABSENT),
    }
}

fn single<'a>(field: &Field, payload: Option<&'a [u8]>) -> Option<Value<'a>> {
    let is_optional = field.mode == Mode::Optional;
    if payload.is_none() && is_optional {
        return (!field.omit).then_some(Value::ABSENT);
    }
    let omits = field.omit && !is_optional;
    match (field.kind, payload.unwrap_or_default()) {
        // Go has nothing for these when they were not on the wire.
        (Kind::Data | Kind::Texts, _) if payload.is_none() => (!omits).then_some(Value::ABSENT),
        (kind, bytes) => {
            let value = value(kind, field.message, bytes);
            (!omits || !is_empty(value)).then_some(value)
        }
    }
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
#[inline(always)]
pub(super) fn items(list: Value<'_>) -> Items<'_> {
    let (tag, field) = match list.form {
        Form::List(id) => {
            let field = schema().field(id);
            (field.tag, Some(field))
        }
        Form::Texts => (wire::tag(1, Delimiter::Length), None),
        _ => (0, None),
    };
    let form = match field {
        Some(field) => field.form,
        None => Some(Form::Text),
    };
    Items {
        wire: Wire::new(list.bytes),
        tag,
        field,
        form,
    }
}

/// Iterator over a list's items.
pub(super) struct Items<'a> {
    wire: Wire<'a>,
    tag: u32,
    /// The field whose values they are; nothing for texts.
    field: Option<&'static Field>,
    /// See [`Field::form`].
    form: Option<Form<'static>>,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Value<'a>> {
        let bytes = self.wire.next_of_now(self.tag)?.payload;
        Some(match (self.form, self.field) {
            (Some(form), _) => Value { bytes, form },
            (None, Some(field)) => value(field.kind, field.message, bytes),
            (None, None) => Value::ABSENT,
        })
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
        let (key, value) = self.next_parts(field)?;
        Some((key, self::value(field.kind, field.message, value)))
    }

    /// The bytes of a key and its value.
    fn next_parts(&mut self, field: &Field) -> Option<(&'a [u8], &'a [u8])> {
        const KEY: u32 = schema::tag_of(1, Mode::One, Kind::Text);
        let value_tag = schema::tag_of(2, Mode::One, field.kind);
        let (mut key, mut value) = (None, None);
        let mut parts = Wire::new(self.wire.next_of(field.tag)?.payload);
        while let Some(part) = parts.next_now() {
            if part.tag == KEY {
                key.get_or_insert(part.payload);
            } else if part.tag == value_tag {
                value.get_or_insert(part.payload);
            }
        }
        Some((key.unwrap_or_default(), value.unwrap_or_default()))
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

/// Whether a map of texts has these by these keys, in this order.
pub(super) fn map_is<'t>(
    bytes: &[u8],
    id: u16,
    mut pairs: impl Iterator<Item = (&'t str, &'t str)>,
) -> bool {
    let field = schema().field(id);
    let mut entries = map_entries(bytes, id);
    loop {
        match (entries.next_parts(field), pairs.next()) {
            (None, None) => return field.kind == Kind::Text,
            (Some((key, value)), Some((own_key, own_value))) => {
                if !same(key, own_key.as_bytes()) || !same(value, own_value.as_bytes()) {
                    return false;
                }
            }
            _ => return false,
        }
    }
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
#[inline(always)]
pub(super) fn number(bytes: &[u8]) -> i64 {
    match bytes {
        [number @ 0..0x80, ..] => i64::from(*number),
        _ => long_number(bytes),
    }
}

fn long_number(bytes: &[u8]) -> i64 {
    wire::varint(bytes, &mut 0).unwrap_or_default() as i64
}

pub(super) fn double(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(0.0, f64::from_le_bytes)
}

/// Seconds and nanoseconds since 1970.
pub(super) fn time(bytes: &[u8]) -> (i64, i64) {
    const SECONDS: u32 = wire::tag(1, Delimiter::Varint);
    const NANOS: u32 = wire::tag(2, Delimiter::Varint);
    let mut payloads: [Option<&[u8]>; 2] = [None; 2];
    let mut fields = Wire::new(bytes);
    while let Some(field) = fields.next_now() {
        let at = match field.tag {
            SECONDS => 0,
            NANOS => 1,
            _ => continue,
        };
        payloads[at].get_or_insert(field.payload);
    }
    let [seconds, nanos] = payloads.map(Option::unwrap_or_default);
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
        let number = key!("managedFields").field_of(field.message);
        let number = number.map_or(0, |id| schema().field(id).number());
        let (start, end) = run_of(found.payload, number);
        if start < end {
            let before = &found.payload[..start];
            let after = without(&found.payload[end..], number);
            out.extend_from_slice(&bytes[..found.start]);
            wire::put_varint(out, field.tag.into());
            wire::put_varint(out, (before.len() + after.len()) as u64);
            out.extend_from_slice(before);
            out.extend_from_slice(&after);
            out.extend_from_slice(&bytes[walk.position()..]);
            return;
        }
    }
    out.extend_from_slice(bytes);
}

/// A message without the fields of a number, however many and wherever they are.
fn without(message: &[u8], number: u32) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let mut rest = message;
    loop {
        match run_of(rest, number) {
            (0, 0) if kept.is_empty() => return Cow::Borrowed(rest),
            (0, 0) => {
                kept.extend_from_slice(rest);
                return Cow::Owned(kept);
            }
            (start, end) => {
                kept.extend_from_slice(&rest[..start]);
                rest = &rest[end..];
            }
        }
    }
}

/// Where in a message the first fields of a number are that stand one behind the other, as every writer has all of
/// them. (0, 0) where there is none.
fn run_of(message: &[u8], number: u32) -> (usize, usize) {
    let mut wire = Wire::new(message);
    while let Some(field) = wire.next_now() {
        if field.number() == number {
            let mut end = wire.position();
            while wire
                .next_now()
                .is_some_and(|field| field.number() == number)
            {
                end = wire.position();
            }
            return (field.start, end);
        }
    }
    (0, 0)
}

#[cfg(test)]
mod tests;
