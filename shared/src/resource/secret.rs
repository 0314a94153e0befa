//! Secrets: like config maps, but meant for fewer eyes. Their values are in no table: what is listed
//! is the metadata, and of an opened one the keys.

use super::{Column, Datum, FactTable, FactValue, Facts, Health, Kind, Mark, data_entries};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::ObjectRef;

/// Secrets.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "secrets",
        kind: "Secret",
        namespaced: true,
    },
    singular: "secret",
    short_names: &[],
    title: "Secrets",
    category: "Config",
    listed: Content::Metadata,
    columns: &[
        Column::NAMESPACE,
        Column::NAME,
        Column::text("type", "Type", |object| {
            Datum::text(object.get(&["type"]).text_or_empty())
        })
        .selectable("type")
        .content()
        .else_print("")
        .wide(34),
        Column::number("data", "Data", |object| {
            let count = data_entries(&[object.get(&["data"])]).len();
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

fn facts(object: ObjectRef<'_>) -> Facts {
    // JSON has the values in base64: four letters for three bytes.
    let row = |(key, letters): (std::borrow::Cow<'_, str>, usize)| {
        vec![
            FactValue::Text(key.into_owned()),
            FactValue::Text(format!("about {} B", letters / 4 * 3)),
        ]
    };
    let kind = object.get(&["type"]).text_or_empty().into_owned();
    Facts {
        lines: vec![("Type", FactValue::Text(kind))],
        tables: vec![FactTable {
            title: "Data",
            columns: &["Key", "Size"],
            rows: data_entries(&[object.get(&["data"])])
                .into_iter()
                .map(row)
                .collect(),
        }],
    }
}
