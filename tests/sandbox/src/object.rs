//! A stored object: its JSON as it goes over the wire, and beside it the few things that lists select by.
//!
//! The JSON lacks `kind` and `apiVersion`, as items of a list do; they are put before it where one object is served.
//! Labels and selectable fields are kept as one string each, so that 100,000 pods stay affordable.

use std::borrow::Cow;
use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::Value;

use crate::protobuf;
use crate::resource::{FieldLabels, FieldSource, Resource};

/// One version of one object.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) key: Box<str>,
    pub(crate) revision: u64,
    /// Without `kind` and `apiVersion`.
    pub(crate) json: Bytes,
    labels: Box<str>,
    fields: Box<str>,
    /// The same as protobuf, once somebody asked for that.
    protobuf: OnceLock<Option<Bytes>>,
}

/// Separates names and values in the flattened labels and fields; JSON strings hold it only as an escape, and no
/// label or selectable field of a valid object contains it.
const SEPARATOR: char = '\0';

impl Object {
    /// The value must carry its `metadata.resourceVersion` already.
    pub(crate) fn new(resource: &Resource, revision: u64, value: &Value) -> Self {
        let metadata = &value["metadata"];
        let name = metadata["name"].as_str().unwrap_or_default();
        let namespace = metadata["namespace"].as_str().unwrap_or_default();
        let labels = metadata["labels"].as_object().into_iter().flatten();
        Self {
            key: resource.key(namespace, name).into_boxed_str(),
            revision,
            json: serde_json::to_vec(value)
                .expect("a JSON value can be written")
                .into(),
            labels: flatten_labels(
                labels.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))),
            ),
            fields: flatten_fields(resource, value),
            protobuf: OnceLock::new(),
        }
    }

    /// As protobuf, without envelope. None: its type has none.
    pub(crate) fn protobuf(&self, resource: &Resource) -> Option<Bytes> {
        let message = || {
            let message = protobuf::message(&self.json, &resource.api_version(), resource.kind);
            message.map(Bytes::from)
        };
        self.protobuf.get_or_init(message).clone()
    }

    pub(crate) fn name(&self) -> &str {
        self.key
            .split_once('/')
            .map_or(&*self.key, |(_, name)| name)
    }

    pub(crate) fn namespace(&self) -> &str {
        self.key
            .split_once('/')
            .map_or("", |(namespace, _)| namespace)
    }

    pub(crate) fn labels(&self) -> Labels<'_> {
        Labels { flat: &self.labels }
    }

    /// The value of the resource's own selectable field at this place.
    pub(crate) fn field(&self, index: usize) -> &str {
        self.fields.split(SEPARATOR).nth(index).unwrap_or_default()
    }

    /// Without `kind` and `apiVersion`.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.json).unwrap_or_default()
    }

    /// The same object as of another revision, as a deletion shows it.
    pub(crate) fn at_revision(&self, resource: &Resource, revision: u64) -> Self {
        let mut value = self.value();
        value["metadata"]["resourceVersion"] = revision.to_string().into();
        Self::new(resource, revision, &value)
    }

    /// As one object is served, `kind` and `apiVersion` first.
    pub(crate) fn with_type(&self, resource: &Resource) -> Vec<u8> {
        with_type(resource.kind, &resource.api_version(), &self.json)
    }
}

/// Puts `kind` and `apiVersion` before the members of a JSON object that has members.
pub(crate) fn with_type(kind: &str, api_version: &str, json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() + 64);
    out.extend_from_slice(format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","#).as_bytes());
    out.extend_from_slice(json.get(1..).unwrap_or(b"}"));
    out
}

/// The labels of an object, by reference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels<'a> {
    flat: &'a str,
}

impl<'a> Labels<'a> {
    /// Of labels as `flatten_labels` makes them.
    pub(crate) fn of(flat: &'a str) -> Self {
        Self { flat }
    }

    pub(crate) fn lookup(self, key: &str) -> Option<&'a str> {
        let mut parts = self.flat.split(SEPARATOR);
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            if name == key {
                return Some(value);
            }
        }
        None
    }
}

pub(crate) fn flatten_labels<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Box<str> {
    let mut flat = String::new();
    for (key, value) in pairs {
        flat.push_str(key);
        flat.push(SEPARATOR);
        flat.push_str(value);
        flat.push(SEPARATOR);
    }
    flat.into_boxed_str()
}

fn flatten_fields(resource: &Resource, value: &Value) -> Box<str> {
    let FieldLabels::Own(fields) = resource.fields else {
        return "".into();
    };
    let mut flat = String::new();
    for field in fields {
        flat.push_str(&field_value(&field.source, value));
        flat.push(SEPARATOR);
    }
    flat.into_boxed_str()
}

fn field_value<'a>(source: &FieldSource, value: &'a Value) -> Cow<'a, str> {
    let text = |pointer: &str| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    match source {
        FieldSource::At(pointer) => Cow::Borrowed(text(pointer)),
        FieldSource::ScalarAt(pointer) => match value.pointer(pointer) {
            Some(Value::String(text)) => Cow::Borrowed(text),
            Some(scalar @ (Value::Bool(_) | Value::Number(_))) => Cow::Owned(scalar.to_string()),
            _ => Cow::Borrowed(""),
        },
        FieldSource::BoolAt(pointer) => {
            let flag = value.pointer(pointer).and_then(Value::as_bool);
            Cow::Borrowed(if flag == Some(true) { "true" } else { "false" })
        }
        FieldSource::FirstOf(pointers) => {
            let mut texts = pointers.iter().map(|pointer| text(pointer));
            Cow::Borrowed(texts.find(|text| !text.is_empty()).unwrap_or_default())
        }
        FieldSource::Never => Cow::Borrowed(""),
    }
}
