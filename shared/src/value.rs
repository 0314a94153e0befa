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
pub use schema::Type;
pub use sections::Room;

/// How the bytes of an object are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As JSON.
    Json,
    /// As protobuf of a type.
    Protobuf(Type),
    /// As JSON of a row of a `Table`: the cells that the server prints, and the object.
    Row,
}

impl Encoding {
    /// A view of the object in such bytes.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> ObjectRef<'_> {
        match self {
            Self::Json => ObjectRef::new(bytes),
            Self::Protobuf(kind) => ObjectRef::protobuf(bytes, kind),
            Self::Row => ObjectRef::row(Value::json(bytes)),
        }
    }

    /// Appends the bytes of a received object, as they are to be kept.
    pub(crate) fn keep(self, received: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Json => json::keep(received, &["metadata", "managedFields"], out),
            Self::Protobuf(kind) => protobuf::keep(received, kind, out),
            Self::Row => json::keep(received, &["object", "metadata", "managedFields"], out),
        }
    }
}

/// An object as it arrives, of which nothing was looked at yet.
#[derive(Clone, Copy, Debug)]
pub struct Received<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How they are to be read.
    pub encoding: Encoding,
}

impl<'a> Received<'a> {
    /// A view of it.
    #[must_use]
    pub fn read(self) -> ObjectRef<'a> {
        self.encoding.read(self.bytes)
    }
}

/// One object, owned: what leaves the engine.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    bytes: Box<[u8]>,
    encoding: Encoding,
}

impl Object {
    /// Keeps a whole JSON object as received, except `metadata.managedFields`, which nobody reads
    /// and which is often a third of the bytes.
    #[must_use]
    pub fn received(json: &[u8]) -> Self {
        Self::kept(Encoding::Json, json)
    }

    /// Keeps a whole protobuf object (without its envelope) as received, except
    /// `metadata.managedFields`. What the schema does not know stays in it.
    #[must_use]
    pub fn protobuf(bytes: &[u8], kind: Type) -> Self {
        Self::kept(Encoding::Protobuf(kind), bytes)
    }

    /// Keeps a row of a `Table` as received, except its object's `metadata.managedFields`.
    #[must_use]
    pub fn row(json: &[u8]) -> Self {
        Self::kept(Encoding::Row, json)
    }

    fn kept(encoding: Encoding, received: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(received.len());
        encoding.keep(received, &mut bytes);
        Self {
            bytes: bytes.into_boxed_slice(),
            encoding,
        }
    }

    /// Borrows it for reading.
    #[must_use]
    pub fn as_ref(&self) -> ObjectRef<'_> {
        self.encoding.read(&self.bytes)
    }

    /// The bytes kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How they are to be read.
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The object as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.as_ref().whole().to_json()
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// One object, borrowed. The three sections in which nearly everything lies are found once.
#[derive(Clone, Copy, Debug)]
pub struct ObjectRef<'a> {
    whole: Value<'a>,
    /// The row of a `Table` that it stands in, or nothing.
    row: Value<'a>,
    /// `metadata`
    pub metadata: Value<'a>,
    /// `spec`
    pub spec: Value<'a>,
    /// `status`
    pub status: Value<'a>,
}

/// A part of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// All of it.
    Whole,
    /// `metadata`
    Metadata,
    /// `spec`
    Spec,
    /// `status`
    Status,
}

impl<'a> ObjectRef<'a> {
    /// No object: everything is absent.
    pub const NOTHING: Self = Self {
        whole: Value::ABSENT,
        row: Value::ABSENT,
        metadata: Value::ABSENT,
        spec: Value::ABSENT,
        status: Value::ABSENT,
    };

    /// A view of the bytes of one JSON object.
    #[must_use]
    pub fn new(json: &'a [u8]) -> Self {
        Self::of(Value::json(json))
    }

    /// A view of the bytes of one protobuf object, without its envelope.
    #[must_use]
    pub fn protobuf(bytes: &'a [u8], kind: Type) -> Self {
        Self::of(Value::protobuf(bytes, kind))
    }

    /// A view of a value that is an object, such as that of a watch event.
    #[must_use]
    pub fn of(whole: Value<'a>) -> Self {
        let [metadata, spec, status] = match whole.form {
            Form::Root(kind) => protobuf::sections(whole.bytes, kind.root()),
            Form::Json => sections(whole),
            _ => ["metadata", "spec", "status"].map(|name| whole.get(name)),
        };
        Self {
            whole,
            row: Value::ABSENT,
            metadata,
            spec,
            status,
        }
    }

    /// A view of the object in a row of a `Table`.
    #[must_use]
    pub fn row(row: Value<'a>) -> Self {
        Self {
            row,
            ..Self::of(row.get("object"))
        }
    }

    /// A view of what a watch tells of: an object, or a `Table` of one row and its columns.
    #[must_use]
    pub fn watched(value: Value<'a>) -> (Self, Value<'a>) {
        if !is_table(value) {
            return (Self::of(value), Value::ABSENT);
        }
        // A table without rows still has metadata, which is what a bookmark is read for.
        let row = value.get("rows").items().next();
        let object = row.map_or_else(|| Self::of(value), Self::row);
        (object, value.get("columnDefinitions"))
    }

    /// The cells of the row of a `Table` that it stands in.
    #[must_use]
    pub fn cells(self) -> Value<'a> {
        self.row.get("cells")
    }

    /// How its bytes are to be read.
    #[must_use]
    pub fn encoding(self) -> Encoding {
        match self.whole.form {
            Form::Root(kind) => Encoding::Protobuf(kind),
            Form::Json if self.row.is_present() => Encoding::Row,
            _ => Encoding::Json,
        }
    }

    /// Appends its bytes to others, without those of `metadata.managedFields`.
    pub(crate) fn keep(self, out: &mut Vec<u8>) {
        let encoding = self.encoding();
        match (encoding, self.whole.form) {
            (Encoding::Row, _) => encoding.keep(self.row.bytes, out),
            (_, Form::Root(_) | Form::Json) => encoding.keep(self.whole.bytes, out),
            _ => encoding.keep(self.whole.to_json().as_bytes(), out),
        }
    }

    /// A copy to keep, without `metadata.managedFields`.
    #[must_use]
    pub fn to_object(self) -> Object {
        let mut bytes = Vec::with_capacity(self.row.bytes.len().max(self.size()));
        self.keep(&mut bytes);
        Object {
            bytes: bytes.into_boxed_slice(),
            encoding: self.encoding(),
        }
    }

    /// A copy of nothing but its `metadata`, and the cells of a row.
    #[must_use]
    pub fn metadata_only(self) -> Object {
        let encoding = self.encoding();
        let metadata = || self.metadata.to_json();
        let bytes = match encoding {
            Encoding::Json => ["{\"metadata\":", &metadata(), "}"].concat().into_bytes(),
            Encoding::Protobuf(kind) => protobuf::metadata_only(self.whole.bytes, kind),
            Encoding::Row => row::row(self.cells(), &metadata()),
        };
        Object::kept(encoding, &bytes)
    }

    /// The whole object as one value.
    #[must_use]
    pub const fn whole(self) -> Value<'a> {
        self.whole
    }

    /// One of its parts.
    #[inline(always)]
    #[must_use]
    pub const fn section(&self, section: Section) -> Value<'a> {
        match section {
            Section::Whole => self.whole,
            Section::Metadata => self.metadata,
            Section::Spec => self.spec,
            Section::Status => self.status,
        }
    }

    /// The value at a path of keys, absent when any of them is missing.
    #[must_use]
    pub fn get(self, path: &[&str]) -> Value<'a> {
        self.whole.at(path)
    }

    /// How many bytes it takes.
    #[must_use]
    pub const fn size(self) -> usize {
        self.whole.bytes.len()
    }

    /// `metadata.name`
    #[must_use]
    pub fn name(self) -> Cow<'a, str> {
        self.metadata.read(key!("name")).text_or_empty()
    }

    /// `metadata.namespace`, empty for cluster-scoped objects.
    #[must_use]
    pub fn namespace(self) -> Cow<'a, str> {
        self.metadata.read(key!("namespace")).text_or_empty()
    }

    /// `metadata.uid`
    #[must_use]
    pub fn uid(self) -> Cow<'a, str> {
        self.metadata.read(key!("uid")).text_or_empty()
    }

    /// The object as YAML text, `apiVersion` and `kind` first (the items of a list do not carry
    /// them, so they are given).
    #[must_use]
    pub fn to_yaml(self, api_version: &str, kind: &str) -> String {
        yaml::print(self, api_version, kind)
    }

    /// Whether the object was asked to go (`metadata.deletionTimestamp`).
    #[must_use]
    pub fn is_terminating(self) -> bool {
        self.metadata.read(key!("deletionTimestamp")).is_present()
    }
}

/// Whether it is the server's own table; a custom resource may be called so, too.
fn is_table(value: Value<'_>) -> bool {
    let version = value.get("apiVersion").text_or_empty();
    value.get("kind").text_or_empty() == "Table" && version.starts_with("meta.k8s.io/")
}

/// `metadata`, `spec` and `status` of JSON, in one walk.
fn sections(whole: Value<'_>) -> [Value<'_>; 3] {
    let [mut metadata, mut spec, mut status] = [Value::ABSENT; 3];
    for (key, value) in whole.entries() {
        match &*key {
            "metadata" => metadata = value,
            "spec" => spec = value,
            "status" => status = value,
            _ => {}
        }
    }
    [metadata, spec, status]
}

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

    #[test]
    fn drops_managed_fields_wherever_they_stand() {
        let check = |received: &str, kept: &str| {
            assert_eq!(format!("{:?}", Object::received(received.as_bytes())), kept);
        };
        check(
            r#"{"metadata":{"name":"a","managedFields":[{"x":"}]"}]},"spec":{}}"#,
            r#"{"metadata":{"name":"a"},"spec":{}}"#,
        );
        check(
            r#"{"metadata":{"managedFields":[],"name":"a"}}"#,
            r#"{"metadata":{"name":"a"}}"#,
        );
        check(r#"{"metadata":{"managedFields":[]}}"#, r#"{"metadata":{}}"#);
        check(r#"{"spec":1}"#, r#"{"spec":1}"#);
    }

    #[test]
    fn a_row_reads_as_its_object() {
        let row = Object::row(
            br#"{"cells":["a",3],"object":{"kind":"Widget","metadata":{"name":"a","managedFields":[{}]},"spec":{"size":3}}}"#,
        );
        let read = row.as_ref();
        assert_eq!(
            (&*read.name(), read.spec.get("size").integer()),
            ("a", Some(3))
        );
        assert_eq!(read.cells().to_json(), r#"["a",3]"#);
        assert_eq!(
            row.to_json(),
            r#"{"kind":"Widget","metadata":{"name":"a"},"spec":{"size":3}}"#
        );
        assert_eq!(read.to_object(), row);
        let reduced = read.metadata_only();
        assert_eq!(reduced.to_json(), r#"{"metadata":{"name":"a"}}"#);
        assert_eq!(reduced.as_ref().cells().to_json(), r#"["a",3]"#);
        for odd in ["", "1", "{}", r#"{"cells":1}"#, r#"{"object":[]}"#] {
            let row = Object::row(odd.as_bytes());
            let read = row.as_ref();
            assert!(read.name().is_empty() && read.metadata_only().as_ref().uid().is_empty());
        }
    }
}
