//! In which form an object is served: whole, its metadata only, or as rows of a table. The client's `Accept` says.

use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;
use http::header::ACCEPT;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::object::{Object, with_type};
use crate::protobuf;
use crate::quoted::Quoted;
use crate::resource::Resource;
use crate::status::Status;
use crate::table;

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Object,
    PartialMetadata,
    PartialMetadataList,
    Table(IncludeObject),
}

/// What the answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Protobuf,
}

/// What of the object a table row carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IncludeObject {
    None,
    Metadata,
    Object,
}

const META: &str = "meta.k8s.io/v1";

/// Whether the router lets a request through, before it looks for anything.
pub(crate) fn is_producible(headers: &HeaderMap) -> bool {
    let accept = accept(headers);
    accept.is_empty()
        || accept.split(',').any(|range| {
            matches!(
                range.split(';').next().unwrap_or_default().trim(),
                "*/*"
                    | "application/json"
                    | "application/yaml"
                    | "application/vnd.kubernetes.protobuf"
                    | "application/cbor"
            )
        })
}

fn accept(headers: &HeaderMap) -> String {
    let values = headers.get_all(ACCEPT).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .collect::<Vec<_>>()
        .join(",")
}

impl View {
    /// The best acceptable form. No header accepts everything.
    pub(crate) fn negotiate(
        headers: &HeaderMap,
        include_object: &str,
    ) -> Result<(Self, Encoding), Status> {
        let accept = accept(headers);
        if accept.is_empty() {
            return Ok((Self::Object, Encoding::Json));
        }
        let mut ranges: Vec<&str> = accept.split(',').collect();
        // What stands before stays before what weighs the same.
        ranges.sort_by(|one, other| weight(other).total_cmp(&weight(one)));
        let form = ranges.into_iter().find_map(Self::of_media_range);
        let (form, encoding) = form.ok_or_else(Status::not_acceptable)?;
        if form != Self::Table(IncludeObject::Metadata) {
            return Ok((form, encoding));
        }
        let include = match include_object {
            "" | "Metadata" => IncludeObject::Metadata,
            "None" => IncludeObject::None,
            "Object" => IncludeObject::Object,
            other => {
                let text = format!(
                    "Unable to convert to Table as requested: includeObject: Invalid value: {}: must be 'Metadata', \
                     'Object', 'None', or empty",
                    Quoted(other)
                );
                return Err(Status::bad_request(text));
            }
        };
        Ok((Self::Table(include), encoding))
    }

    fn of_media_range(range: &str) -> Option<(Self, Encoding)> {
        let mut parts = range.split(';').map(str::trim);
        let encoding = match parts.next()? {
            "application/json" | "application/*" | "*/*" => Encoding::Json,
            protobuf::MEDIA_TYPE => Encoding::Protobuf,
            _ => return None,
        };
        let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
        let parameter = |wanted: &str| {
            let found = parameters.iter().find(|(name, _)| *name == wanted);
            found.map_or("", |(_, value)| *value)
        };
        if !parameter("as").is_empty() && (parameter("g"), parameter("v")) != ("meta.k8s.io", "v1")
        {
            return None;
        }
        let form = match parameter("as") {
            "" => Self::Object,
            // Tables have no protobuf.
            "Table" if encoding == Encoding::Json => Self::Table(IncludeObject::Metadata),
            "PartialObjectMetadata" => Self::PartialMetadata,
            "PartialObjectMetadataList" => Self::PartialMetadataList,
            _ => return None,
        };
        Some((form, encoding))
    }

    /// 406 for a form that one object does not have.
    pub(crate) fn for_one(self, resource: &Resource) -> Result<Self, Status> {
        if self != Self::PartialMetadataList {
            return Ok(self);
        }
        Err(Status::not_convertible(format!(
            "you requested PartialObjectMetadataList, but the requested object is not a list (*{}.{})",
            resource.internal_group(),
            resource.kind
        )))
    }

    /// 406 for a form that a list does not have.
    pub(crate) fn for_list(self, resource: &Resource) -> Result<Self, Status> {
        if self != Self::PartialMetadata {
            return Ok(self);
        }
        Err(Status::not_convertible(format!(
            "you requested PartialObjectMetadata, but the requested object is a list (*{}.{}List)",
            resource.internal_group(),
            resource.kind
        )))
    }

    /// One object by itself.
    pub(crate) fn one(self, resource: &Resource, object: &Object, now: SystemTime) -> Vec<u8> {
        match self {
            Self::Object => object.with_type(resource),
            Self::PartialMetadata | Self::PartialMetadataList => partial_metadata(object),
            Self::Table(include) => {
                let metadata = json!({ "resourceVersion": object.revision.to_string() });
                let mut bytes = table_head(resource, &metadata, true);
                bytes.extend(row(resource, include, object, now));
                bytes.extend_from_slice(b"]}");
                bytes
            }
        }
    }

    /// One event's object; the columns are only told once in a stream.
    pub(crate) fn watched(
        self,
        resource: &Resource,
        object: &Object,
        now: SystemTime,
        first: bool,
    ) -> Vec<u8> {
        match self {
            Self::Table(include) => {
                let metadata = json!({ "resourceVersion": object.revision.to_string() });
                let mut bytes = table_head(resource, &metadata, first);
                bytes.extend(row(resource, include, object, now));
                bytes.extend_from_slice(b"]}");
                bytes
            }
            _ => self.one(resource, object, now),
        }
    }

    /// The object of a bookmark: nothing but a revision.
    pub(crate) fn bookmark(
        self,
        resource: &Resource,
        revision: u64,
        initial_events_end: bool,
        now: SystemTime,
    ) -> Vec<u8> {
        let mut metadata = json!({ "resourceVersion": revision.to_string() });
        if initial_events_end {
            metadata["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        let nothing = json!({ "metadata": { "name": "" } });
        let value = match self {
            Self::Object => {
                json!({ "kind": resource.kind, "apiVersion": resource.api_version(), "metadata": metadata })
            }
            Self::PartialMetadata | Self::PartialMetadataList => {
                json!({ "kind": "PartialObjectMetadata", "apiVersion": META, "metadata": metadata })
            }
            Self::Table(_) => json!({
                "kind": "Table",
                "apiVersion": META,
                "metadata": { "resourceVersion": revision.to_string() },
                "columnDefinitions": null,
                "rows": [{ "cells": table::row(resource, &nothing, now).cells, "object": {
                    "kind": "PartialObjectMetadata", "apiVersion": META, "metadata": metadata,
                } }],
            }),
        };
        value.to_string().into_bytes()
    }

    /// A whole list in protobuf, piece by piece. None: it has none.
    pub(crate) fn protobuf_list(
        self,
        resource: &'static Resource,
        metadata: &Value,
        objects: &[std::sync::Arc<Object>],
    ) -> Option<impl Iterator<Item = Bytes> + Send + use<>> {
        let objects = objects.iter();
        let (api_version, kind, items) = match self {
            Self::Object => {
                let items = objects.map(|object| object.protobuf(resource));
                (
                    resource.api_version(),
                    resource.kind,
                    items.collect::<Option<_>>()?,
                )
            }
            Self::PartialMetadata | Self::PartialMetadataList => {
                let kind = "PartialObjectMetadata";
                let item = |object: &std::sync::Arc<Object>| {
                    protobuf::message(&partial_metadata(object), META, kind).map(Bytes::from)
                };
                (
                    META.to_owned(),
                    kind,
                    objects.map(item).collect::<Option<_>>()?,
                )
            }
            Self::Table(_) => return None,
        };
        protobuf::list(&api_version, &format!("{kind}List"), metadata, items)
    }

    /// A whole list, piece by piece.
    pub(crate) fn list(
        self,
        resource: &'static Resource,
        metadata: &Value,
        objects: Vec<std::sync::Arc<Object>>,
        now: SystemTime,
    ) -> impl Iterator<Item = Bytes> + Send + 'static {
        let head = match self {
            Self::Object => list_head(
                &format!("{}List", resource.kind),
                &resource.api_version(),
                metadata,
            ),
            Self::PartialMetadata | Self::PartialMetadataList => {
                list_head("PartialObjectMetadataList", META, metadata)
            }
            Self::Table(_) => table_head(resource, metadata, true),
        };
        let items = objects
            .into_iter()
            .enumerate()
            .flat_map(move |(index, object)| {
                let item = match self {
                    // Items of custom resources carry their type.
                    Self::Object if resource.definition.is_some() => {
                        object.with_type(resource).into()
                    }
                    Self::Object => object.json.clone(),
                    Self::PartialMetadata | Self::PartialMetadataList => {
                        partial_metadata(&object).into()
                    }
                    Self::Table(include) => row(resource, include, &object, now).into(),
                };
                let separator = if index == 0 {
                    Bytes::new()
                } else {
                    Bytes::from_static(b",")
                };
                [separator, item]
            });
        std::iter::once(Bytes::from(head))
            .chain(items)
            .chain(std::iter::once(Bytes::from_static(b"]}")))
    }
}

/// The `q` of a media range.
fn weight(range: &str) -> f32 {
    let parameters = range.split(';').skip(1);
    let weight = parameters
        .filter_map(|part| part.trim().strip_prefix("q="))
        .last();
    weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0)
}

fn list_head(kind: &str, api_version: &str, metadata: &Value) -> Vec<u8> {
    format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","metadata":{metadata},"items":["#)
        .into_bytes()
}

fn table_head(resource: &Resource, metadata: &Value, with_columns: bool) -> Vec<u8> {
    let columns = if with_columns {
        table::column_definitions(resource)
    } else {
        Value::Null
    };
    format!(
        r#"{{"kind":"Table","apiVersion":"{META}","metadata":{metadata},"columnDefinitions":{columns},"rows":["#
    )
    .into_bytes()
}

fn partial_metadata(object: &Object) -> Vec<u8> {
    #[derive(Deserialize)]
    struct OnlyMetadata<'a> {
        #[serde(borrow)]
        metadata: &'a RawValue,
    }
    let metadata = serde_json::from_slice::<OnlyMetadata<'_>>(&object.json)
        .map_or("{}", |only| only.metadata.get());
    with_type(
        "PartialObjectMetadata",
        META,
        format!(r#"{{"metadata":{metadata}}}"#).as_bytes(),
    )
}

fn row(resource: &Resource, include: IncludeObject, object: &Object, now: SystemTime) -> Vec<u8> {
    let value = object.value();
    let row = table::row(resource, &value, now);
    let shown = match include {
        IncludeObject::None => b"null".to_vec(),
        IncludeObject::Metadata => partial_metadata(object),
        IncludeObject::Object => object.with_type(resource),
    };
    let mut bytes = format!(r#"{{"cells":{}"#, Value::Array(row.cells)).into_bytes();
    if let Some(conditions) = row.conditions {
        bytes.extend_from_slice(format!(r#","conditions":{conditions}"#).as_bytes());
    }
    bytes.extend_from_slice(br#","object":"#);
    bytes.extend(shown);
    bytes.push(b'}');
    bytes
}
