//! Config maps: settings by key, read by pods as variables or files.

use super::{Column, Datum, FactTable, FactValue, Facts, Health, Kind, Mark, data_entries};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::ObjectRef;

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
        Column::number("data", "Data", |object| {
            let count = data_entries(&maps(object)).len();
            Datum::Number(i64::try_from(count).unwrap_or(i64::MAX))
        })
        .content(),
        Column::AGE,
    ],
    order: &[],
    print: |_| Health::fine(Mark::Running, "Active").into(),
    facts,
    relations: &[],
};

fn maps(object: ObjectRef<'_>) -> [crate::value::Value<'_>; 2] {
    ["data", "binaryData"].map(|field| object.get(&[field]))
}

fn facts(object: ObjectRef<'_>) -> Facts {
    let row = |(key, size): (std::borrow::Cow<'_, str>, usize)| {
        vec![
            FactValue::Text(key.into_owned()),
            FactValue::Text(format!("{size} B")),
        ]
    };
    Facts {
        lines: Vec::new(),
        tables: vec![FactTable {
            title: "Data",
            columns: &["Key", "Size"],
            rows: data_entries(&maps(object)).into_iter().map(row).collect(),
        }],
    }
}
