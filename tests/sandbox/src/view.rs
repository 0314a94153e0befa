//! In which form an object is served: whole, its metadata only, or as rows of a table. The client's `Accept` says.

use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderMap;
use http::header::ACCEPT;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::object::{Object, with_type};
use crate::resource::Resource;
use crate::status::Status;
use crate::table;

/// The form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Object,
    PartialMetadata,
    Table(IncludeObject),
}

/// What of the object a table row carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IncludeObject {
    None,
    Metadata,
    Object,
}

const META: &str = "meta.k8s.io/v1";

impl View {
    /// The first acceptable form. No header accepts everything.
    pub(crate) fn negotiate(headers: &HeaderMap, include_object: &str) -> Result<Self, Status> {
        let accept = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect::<Vec<_>>()
            .join(",");
        if accept.is_empty() {
            return Ok(Self::Object);
        }
        let include = match include_object {
            "" | "Metadata" => IncludeObject::Metadata,
            "None" => IncludeObject::None,
            "Object" => IncludeObject::Object,
            other => {
                return Err(Status::bad_request(format!(
                    "unrecognized includeObject value: {other:?}"
                )));
            }
        };
        accept
            .split(',')
            .find_map(|range| Self::of_media_range(range, include))
            .ok_or_else(|| Status::not_acceptable(&["application/json"]))
    }

    fn of_media_range(range: &str, include: IncludeObject) -> Option<Self> {
        let mut parts = range.split(';').map(str::trim);
        if !matches!(parts.next()?, "application/json" | "application/*" | "*/*") {
            return None;
        }
        let parameters: Vec<_> = parts.filter_map(|part| part.split_once('=')).collect();
        match parameters
            .iter()
            .find(|(name, _)| *name == "as")
            .map(|(_, value)| *value)
        {
            None => Some(Self::Object),
            Some("Table") => Some(Self::Table(include)),
            Some("PartialObjectMetadataList" | "PartialObjectMetadata") => {
                Some(Self::PartialMetadata)
            }
            Some(_) => None,
        }
    }

    /// One object by itself.
    pub(crate) fn one(self, resource: &Resource, object: &Object, now: SystemTime) -> Vec<u8> {
        match self {
            Self::Object => object.with_type(resource),
            Self::PartialMetadata => partial_metadata(object),
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
    ) -> Vec<u8> {
        let mut metadata = json!({ "resourceVersion": revision.to_string() });
        if initial_events_end {
            metadata["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        let value = match self {
            Self::Object => {
                json!({ "kind": resource.kind, "apiVersion": resource.api_version(), "metadata": metadata })
            }
            Self::PartialMetadata => {
                json!({ "kind": "PartialObjectMetadata", "apiVersion": META, "metadata": metadata })
            }
            Self::Table(_) => json!({
                "kind": "Table",
                "apiVersion": META,
                "metadata": { "resourceVersion": revision.to_string() },
                "columnDefinitions": null,
                "rows": [{ "cells": [], "object": {
                    "kind": "PartialObjectMetadata", "apiVersion": META, "metadata": metadata,
                } }],
            }),
        };
        value.to_string().into_bytes()
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
            Self::PartialMetadata => list_head("PartialObjectMetadataList", META, metadata),
            Self::Table(_) => table_head(resource, metadata, true),
        };
        let items = objects
            .into_iter()
            .enumerate()
            .flat_map(move |(index, object)| {
                let item = match self {
                    Self::Object => object.json.clone(),
                    Self::PartialMetadata => partial_metadata(&object).into(),
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
