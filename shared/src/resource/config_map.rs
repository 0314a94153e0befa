//! Config maps: settings by key, read by pods as variables or files.

use super::{Column, Facts, Health, Kind, Mark, data_count, data_table};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, Value};

/// Config maps.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "configmaps",
        kind: "ConfigMap",
        namespaced: true,
    },
    singular: "configmap",
    short_names: &["cm"],
    title: "Config maps",
    category: "Config",
    listed: Content::Metadata,
    columns: &[
        Column::NAMESPACE,
        Column::NAME,
        Column::number("data", "Data", |object| data_count(&maps(*object))).content(),
        Column::AGE,
    ],
    cells: 3,
    order: &[],
    print: |_| Health::fine(Mark::Running, "Active").into(),
    facts,
    relations: &[],
    learned: None,
};

fn maps(object: ObjectRef<'_>) -> [Value<'_>; 2] {
    ["data", "binaryData"].map(|field| object.get(&[field]))
}

fn facts(object: ObjectRef<'_>) -> Facts {
    Facts {
        lines: Vec::new(),
        tables: vec![data_table(&maps(object), |size| format!("{size} B"))],
    }
}
