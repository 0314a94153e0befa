//! Kubernetes objects as the bytes that the API server sent, read where they lie.
//!
//! [`Object`] owns the bytes of one object, [`ObjectRef`] borrows them, [`Value`] is a view of
//! anything inside. Reading is total: a missing or odd field is absence, never an error. Nothing
//! here builds a tree. The encoding is JSON; another one goes behind the same reader.

mod json;
pub mod split;
mod yaml;

use std::borrow::Cow;

pub use json::{Entries, Items};

/// One object, owned: what leaves the engine, and what its store keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    bytes: Box<[u8]>,
}

impl Object {
    /// Keeps a whole object as received, except `metadata.managedFields`, which nobody reads and
    /// which is often a third of the bytes.
    #[must_use]
    pub fn received(json: &[u8]) -> Self {
        Self {
            bytes: json::without(json, &["metadata", "managedFields"])
                .into_owned()
                .into_boxed_slice(),
        }
    }

    /// Borrows it for reading.
    #[must_use]
    pub fn as_ref(&self) -> ObjectRef<'_> {
        ObjectRef::new(&self.bytes)
    }

    /// The bytes kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.bytes))
    }
}

/// One object, borrowed. The three sections in which nearly everything lies are found once.
#[derive(Clone, Copy, Debug)]
pub struct ObjectRef<'a> {
    whole: Value<'a>,
    /// `metadata`
    pub metadata: Value<'a>,
    /// `spec`
    pub spec: Value<'a>,
    /// `status`
    pub status: Value<'a>,
}

impl<'a> ObjectRef<'a> {
    /// No object: everything is absent.
    pub const NOTHING: Self = Self {
        whole: Value::ABSENT,
        metadata: Value::ABSENT,
        spec: Value::ABSENT,
        status: Value::ABSENT,
    };

    /// A view of the bytes of one JSON object.
    #[must_use]
    pub fn new(json: &'a [u8]) -> Self {
        let whole = Value::json(json);
        let mut object = Self {
            whole,
            metadata: Value::ABSENT,
            spec: Value::ABSENT,
            status: Value::ABSENT,
        };
        for (key, value) in whole.entries() {
            match &*key {
                "metadata" => object.metadata = value,
                "spec" => object.spec = value,
                "status" => object.status = value,
                _ => {}
            }
        }
        object
    }

    /// The whole object as one value.
    #[must_use]
    pub const fn whole(self) -> Value<'a> {
        self.whole
    }

    /// The value at a path of keys, absent when any of them is missing.
    #[must_use]
    pub fn get(self, path: &[&str]) -> Value<'a> {
        self.whole.at(path)
    }

    /// `metadata.name`
    #[must_use]
    pub fn name(self) -> Cow<'a, str> {
        self.metadata.get("name").text().unwrap_or_default()
    }

    /// `metadata.namespace`, empty for cluster-scoped objects.
    #[must_use]
    pub fn namespace(self) -> Cow<'a, str> {
        self.metadata.get("namespace").text().unwrap_or_default()
    }

    /// `metadata.uid`
    #[must_use]
    pub fn uid(self) -> Cow<'a, str> {
        self.metadata.get("uid").text().unwrap_or_default()
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
        self.metadata.get("deletionTimestamp").is_present()
    }
}

/// A view of one value inside an object, or of none.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// Exactly the value's bytes, or empty when absent. `null` counts as absent.
    json: &'a [u8],
}

impl<'a> Value<'a> {
    /// No value.
    pub const ABSENT: Self = Self { json: b"" };

    /// A view of the bytes of one JSON value; blanks around it do not matter.
    #[must_use]
    pub fn json(json: &'a [u8]) -> Self {
        let json = json.trim_ascii();
        if json == b"null" {
            return Self::ABSENT;
        }
        Self { json }
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.json
    }

    /// Whether there is a value other than `null`.
    #[must_use]
    pub const fn is_present(self) -> bool {
        !self.json.is_empty()
    }

    /// The value of a key of a map.
    #[must_use]
    pub fn get(self, key: &str) -> Self {
        json::find(self.json, key).map_or(Self::ABSENT, Self::json)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Self {
        path.iter().fold(self, |value, key| value.get(key))
    }

    /// The items of a list; of anything else, none.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        Items::new(self.json)
    }

    /// The entries of a map in the order received; of anything else, none.
    #[must_use]
    pub fn entries(self) -> Entries<'a> {
        Entries::new(self.json)
    }

    /// A string's text.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        json::text(self.json)
    }

    /// A string's text, or nothing.
    #[must_use]
    pub fn text_or_empty(self) -> Cow<'a, str> {
        self.text().unwrap_or_default()
    }

    /// A whole number.
    #[must_use]
    pub fn integer(self) -> Option<i64> {
        std::str::from_utf8(self.json).ok()?.parse().ok()
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(self) -> Option<bool> {
        match self.json {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// An RFC 3339 time, in milliseconds since 1970.
    #[must_use]
    pub fn time(self) -> Option<i64> {
        crate::api::time::parse_rfc3339(&self.text()?)
    }

    /// A string or a number as text, as `int-or-string` fields are printed.
    #[must_use]
    pub fn scalar_text(self) -> Option<Cow<'a, str>> {
        match self.json.first()? {
            b'"' => self.text(),
            b'{' | b'[' => None,
            _ => Some(String::from_utf8_lossy(self.json)),
        }
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.json))
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
}
