//! Kubernetes objects as the bytes that the API server sent, read where they lie.
//!
//! [`Object`] owns the bytes of one object, [`ObjectRef`] borrows them, [`Value`] is a view of
//! anything inside. Reading is total: a missing or odd field is absence, never an error. Nothing
//! here builds a tree. The encoding is JSON, or for built-in types the API server's protobuf,
//! which reads as the JSON that the same server would have sent.

#[cfg(feature = "encode")]
pub mod encode;

mod json;
pub mod jsonpath;
mod key;
mod object;
mod protobuf;
pub mod regex;
mod row;
mod schema;
mod sections;
mod split;
pub mod stream;
mod text;
pub mod wire;
mod yaml;

use std::borrow::Cow;

use crate::bytes::same;
use key::Named;

pub use key::Key;
pub(crate) use key::key;
pub use object::{Encoding, Object, ObjectRef, Received, Section};
pub use schema::Type;
pub use sections::Room;

/// A view of one value inside an object, or of none.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// What the form says.
    bytes: &'a [u8],
    form: Form<'a>,
}

/// What the bytes of a value are.
#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    /// Exactly the value's JSON, or empty when absent. `null` counts as absent.
    Json,
    /// A map or a message, of which it is known where its members are.
    Known(&'a sections::Members<'a>),
    /// A message that is a whole object.
    Root(Type),
    /// A message.
    Message(u16),
    /// The message in which a field is, from where it is first.
    List(u16),
    /// The same, of a field whose values are the entries of a map.
    Map(u16),
    /// A message around a list of texts.
    Texts,
    /// Text, in UTF-8.
    Text,
    /// Bytes, which JSON has in base64.
    Data,
    /// A number of variable length; none is 0.
    Integer,
    /// The same; 0 is false.
    Boolean,
    /// Eight bytes; none is 0.
    Double,
    /// A message of seconds and nanoseconds, written in JSON to the second.
    Time,
    /// The same, written to the microsecond.
    MicroTime,
    /// A message of nanoseconds.
    Duration,
}

/// What a value is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Missing, or `null`.
    Absent,
    /// A map, or an object.
    Map,
    /// A list.
    List,
    /// A string.
    Text,
    /// A number or a boolean.
    Bare,
}

impl<'a> Value<'a> {
    /// No value.
    pub const ABSENT: Self = Self {
        bytes: b"",
        form: Form::Json,
    };

    /// A view of the bytes of one JSON value; blanks around it do not matter.
    #[must_use]
    pub fn json(json: &'a [u8]) -> Self {
        let bytes = json.trim_ascii();
        if bytes == b"null" {
            return Self::ABSENT;
        }
        Self {
            bytes,
            form: Form::Json,
        }
    }

    /// A view of the bytes of one protobuf object, without its envelope.
    #[must_use]
    pub const fn protobuf(bytes: &'a [u8], kind: Type) -> Self {
        Self {
            bytes,
            form: Form::Root(kind),
        }
    }

    /// A view of what the API server sends: protobuf in its envelope, or JSON.
    #[must_use]
    pub fn enveloped(bytes: &'a [u8]) -> Self {
        protobuf::carried(bytes)
    }

    /// The type of a whole protobuf object.
    #[must_use]
    pub const fn protobuf_type(self) -> Option<Type> {
        match self.form {
            Form::Root(kind) => Some(kind),
            _ => None,
        }
    }

    /// What it lies in, as it lies there: of a list or a map at least that.
    pub(crate) const fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    const fn text_of(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            form: Form::Text,
        }
    }

    /// What it is in JSON.
    #[must_use]
    pub fn shape(self) -> Shape {
        match self.form {
            Form::Json => match self.bytes.first() {
                None => Shape::Absent,
                Some(b'{') => Shape::Map,
                Some(b'[') => Shape::List,
                Some(b'"') => Shape::Text,
                Some(_) => Shape::Bare,
            },
            Form::Known(members) => members.whole.shape(),
            Form::Root(_) | Form::Message(_) | Form::Map(_) => Shape::Map,
            Form::List(_) | Form::Texts => Shape::List,
            Form::Text | Form::Data | Form::Time | Form::MicroTime | Form::Duration => Shape::Text,
            Form::Integer | Form::Boolean | Form::Double => Shape::Bare,
        }
    }

    /// Whether there is a value other than `null`.
    #[inline]
    #[must_use]
    pub const fn is_present(self) -> bool {
        !matches!(self.form, Form::Json) || !self.bytes.is_empty()
    }

    /// The value of a key of a map.
    #[inline]
    #[must_use]
    pub fn get(self, key: &str) -> Self {
        self.member(key).unwrap_or(Self::ABSENT)
    }

    /// The same of a key that is read of many.
    #[inline]
    #[must_use]
    pub fn read(self, key: &Key) -> Self {
        self.member(key).unwrap_or(Self::ABSENT)
    }

    /// The values of several keys, looked for together.
    pub(crate) fn read_each<const N: usize>(self, keys: [&'static Key; N]) -> [Self; N] {
        match self.form {
            Form::Message(message) => protobuf::get_each(self.bytes, message, keys),
            _ => {
                let mut values = [Self::ABSENT; N];
                for (key, value) in keys.iter().zip(&mut values) {
                    *value = self.read(key);
                }
                values
            }
        }
    }

    /// The same, where a key whose value is `null` is told from none.
    #[inline]
    fn member(self, key: impl Named) -> Option<Self> {
        match self.form {
            Form::Json if self.bytes.is_empty() => None,
            Form::Json => json::find(self.bytes, key.text()).map(Self::json),
            Form::Known(members) => members.get(key),
            Form::Message(message) => protobuf::get(self.bytes, message, key),
            Form::Root(kind) => protobuf::get(self.bytes, kind.root().message, key)
                .or_else(|| self.type_field(key.text(), kind)),
            Form::Map(field) => protobuf::map_get(self.bytes, field, key.text()),
            _ => None,
        }
    }

    /// What is not in the bytes of an object, because it says what they are.
    fn type_field(self, key: &str, kind: Type) -> Option<Self> {
        match key {
            "kind" if kind.root().typed => Some(Self::text_of(kind.kind())),
            "apiVersion" if kind.root().typed => Some(Self::text_of(kind.api_version())),
            _ => None,
        }
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Self {
        path.iter().fold(self, |value, key| value.get(key))
    }

    /// The items of a list; of anything else, none.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        Items(match self.form {
            Form::Json if self.is_present() => ItemsOf::Json(json::Items::new(self.bytes)),
            _ => ItemsOf::Protobuf(protobuf::items(self)),
        })
    }

    /// The entries of a map in the order received, or of an object in the order in which the API
    /// server writes them; of anything else, none.
    #[must_use]
    pub fn entries(self) -> Entries<'a> {
        Entries(match self.form {
            Form::Json => EntriesOf::Json(json::Entries::new(self.bytes)),
            Form::Known(members) => return members.whole.entries(),
            Form::Map(field) => EntriesOf::Map(protobuf::map_entries(self.bytes, field)),
            Form::Message(message) => self.members(message, Vec::new()),
            Form::Root(kind) => {
                let types = ["kind", "apiVersion"].map(|key| (key, self.get(key)));
                let typed = if kind.root().typed { types.len() } else { 0 };
                self.members(kind.root().message, types[..typed].to_vec())
            }
            _ => EntriesOf::Json(json::Entries::new(b"")),
        })
    }

    /// Whether it is a map of these texts by these keys, in this order.
    pub(crate) fn is_map_of<'t>(self, pairs: impl Iterator<Item = (&'t str, &'t str)>) -> bool {
        match self.form {
            Form::Map(field) => protobuf::map_is(self.bytes, field, pairs),
            _ => {
                let entries = self.entries();
                let texts = |(key, value): (Cow<'a, str>, Self)| (key, value.text_or_empty());
                let pairs = pairs.map(|(key, value)| (Cow::Borrowed(key), Cow::Borrowed(value)));
                entries.map(texts).eq(pairs)
            }
        }
    }

    fn members(self, message: u16, mut members: Vec<(&'static str, Self)>) -> EntriesOf<'a> {
        protobuf::members(self.bytes, message, &mut members);
        EntriesOf::Message(members.into_iter())
    }

    /// A string's text.
    #[inline]
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.form {
            Form::Json => json::text(self.bytes),
            Form::Text => Some(text::utf8(self.bytes)),
            _ => text::text(self),
        }
    }

    /// The bytes of a string's text where they lie as they are; they may be no UTF-8.
    pub(crate) const fn plain_text(self) -> Option<&'a [u8]> {
        match self.form {
            Form::Text => Some(self.bytes),
            _ => None,
        }
    }

    /// A string's text, or nothing.
    #[must_use]
    pub fn text_or_empty(self) -> Cow<'a, str> {
        match self.form {
            Form::Text => text::utf8(self.bytes),
            _ if !self.is_present() => Cow::Borrowed(""),
            _ => self.text().unwrap_or(Cow::Borrowed("")),
        }
    }

    /// Whether it is a string that says just that.
    #[inline(always)]
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        match self.form {
            Form::Text => same(self.bytes, text.as_bytes()),
            _ => self.text().as_deref() == Some(text),
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        match self.form {
            Form::Json => std::str::from_utf8(self.bytes).ok()?.parse().ok(),
            Form::Integer => Some(protobuf::number(self.bytes)),
            Form::Double => text::bare(self)?.parse().ok(),
            _ => None,
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        match (self.form, self.bytes) {
            (Form::Json, b"true") => Some(true),
            (Form::Json, b"false") => Some(false),
            (Form::Boolean, bytes) => Some(protobuf::number(bytes) != 0),
            _ => None,
        }
    }

    /// An RFC 3339 time, in milliseconds since 1970.
    #[must_use]
    pub fn time(self) -> Option<i64> {
        match self.form {
            Form::Time => protobuf::time_ms(self.bytes).map(|ms| ms - ms.rem_euclid(1000)),
            Form::MicroTime => protobuf::time_ms(self.bytes),
            Form::Json | Form::Text => {
                return crate::api::time::parse_rfc3339(&self.text()?);
            }
            _ => None,
        }
        // What is written as text is read no earlier, either.
        .filter(|ms| *ms >= 0)
    }

    /// A string or a number as text, as `int-or-string` fields are printed.
    #[must_use]
    pub fn scalar_text(self) -> Option<Cow<'a, str>> {
        match self.shape() {
            Shape::Text => self.text(),
            Shape::Bare if matches!(self.form, Form::Json) => {
                Some(String::from_utf8_lossy(self.bytes))
            }
            Shape::Bare => text::bare(self),
            _ => None,
        }
    }

    /// The value as JSON text.
    #[must_use]
    pub fn to_json(self) -> String {
        let mut out = String::new();
        text::json(self, &mut out);
        out
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// Iterator over a list's items.
pub struct Items<'a>(ItemsOf<'a>);

enum ItemsOf<'a> {
    Json(json::Items<'a>),
    Protobuf(protobuf::Items<'a>),
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        match &mut self.0 {
            ItemsOf::Json(items) => items.next(),
            ItemsOf::Protobuf(items) => items.next(),
        }
    }
}

/// Iterator over a map's entries.
pub struct Entries<'a>(EntriesOf<'a>);

enum EntriesOf<'a> {
    Json(json::Entries<'a>),
    Map(protobuf::MapEntries<'a>),
    Message(std::vec::IntoIter<(&'static str, Value<'a>)>),
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Cow<'a, str>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            EntriesOf::Json(entries) => entries.next(),
            EntriesOf::Map(entries) => entries.next(),
            EntriesOf::Message(members) => members
                .next()
                .map(|(name, value)| (Cow::Borrowed(name), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_by_path_and_tolerates_oddity() {
        let object = ObjectRef::new(
            br#"{"metadata":{"name":"a\"b\u00e9","labels":{"x":"1"}},"spec":{"n":3,"list":[1,"two",{"k":null}]},"status":7}"#,
        );
        assert_eq!(object.name(), "a\"b\u{e9}");
        assert_eq!(object.spec.get("n").integer(), Some(3));
        assert_eq!(object.get(&["spec", "list"]).items().count(), 3);
        assert!(!object.get(&["spec", "list", "k"]).is_present());
        assert!(!object.status.get("phase").is_present());
        assert_eq!(object.metadata.get("labels").entries().count(), 1);
    }

    #[test]
    fn nothing_is_a_panic() {
        let whole = br#"{"metadata":{"name":"x\u12","labels":{"a":"\ud800"}},"spec":[1,2"#;
        for end in 0..whole.len() {
            let object = ObjectRef::new(&whole[..end]);
            let _ = (
                object.name().len(),
                object.uid().len(),
                object.spec.items().count(),
            );
            for (_, value) in object.metadata.get("labels").entries() {
                let _ = value.text();
            }
        }
    }

    proptest::proptest! {
        /// Strings read as the library reads them, and what it refuses is absent.
        #[test]
        fn strings_are_unescaped_as_json_says(
            text in proptest::prelude::any::<String>(),
            raw in r#"([a-zé"/]|\\\\["/bfnrtuxé\\]|\\\\u(d83d|DE00|dc00|00e9|12)){0,6}"#,
        ) {
            let written = serde_json::to_string(&text).expect("a string");
            proptest::prop_assert_eq!(Value::json(written.as_bytes()).text_or_empty(), text);
            let raw = format!("\"{}\"", raw.replace('"', ""));
            let expected: Option<String> = serde_json::from_str(&raw).ok();
            proptest::prop_assert_eq!(Value::json(raw.as_bytes()).text().map(Cow::into_owned), expected, "{}", raw);
        }
    }
}
