//! Whole objects, owned or borrowed, and how they are kept.

use std::borrow::Cow;

use super::key::key;
use super::{Form, Type, Value, json, protobuf, row, yaml};

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
    pub(super) whole: Value<'a>,
    /// The row of a `Table` that it stands in, or nothing.
    pub(super) row: Value<'a>,
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

#[cfg(test)]
mod tests {
    use super::*;

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
