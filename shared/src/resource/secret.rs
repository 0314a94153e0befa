//! Secrets: like config maps, but meant for fewer eyes. Their values are in no table: what is listed
//! is the metadata, and of an opened one the keys.

use super::{Column, FactValue, Facts, Health, Kind, Mark, data_count, data_table};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, Section};

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
        Column::member("type", "Type", Section::Whole, "type")
            .selectable("type")
            .content()
            .else_print("")
            .wide(34),
        Column::number("data", "Data", |object| {
            data_count(&[object.get(&["data"])])
        })
        .content(),
        Column::AGE,
    ],
    cells: 4,
    order: &[],
    print: |_| Health::fine(Mark::Running, "Active").into(),
    facts,
    relations: &[],
    learned: None,
};

fn facts(object: ObjectRef<'_>) -> Facts {
    let kind = object.get(&["type"]).text_or_empty().into_owned();
    // JSON has the values in base64: four letters for three bytes.
    let size = |letters: usize| format!("about {} B", letters / 4 * 3);
    Facts {
        lines: vec![("Type", FactValue::Text(kind))],
        tables: vec![data_table(&[object.get(&["data"])], size)],
    }
}
