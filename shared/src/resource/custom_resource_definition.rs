//! Definitions of custom resources: kinds that somebody added to the API.

use super::{Column, Datum, FactValue, Facts, Health, Kind, Mark};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::ObjectRef;

/// Custom resource definitions.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "apiextensions.k8s.io",
        version: "v1",
        plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition",
        namespaced: false,
    },
    singular: "customresourcedefinition",
    short_names: &["crd", "crds"],
    title: "Custom resources",
    category: "Cluster",
    listed: Content::Metadata,
    columns: &[
        Column::NAME.wide(50),
        Column::text("created", "Created at", |object| {
            Datum::text(object.metadata.get("creationTimestamp").text_or_empty())
        })
        .unique()
        .wide(24),
        Column::AGE.folding(Column::HIDDEN),
    ],
    cells: 2,
    order: &[],
    print: |_| Health::fine(Mark::Running, "Active").into(),
    facts,
    relations: &[],
    learned: None,
};

fn facts(object: ObjectRef<'_>) -> Facts {
    let text = |path: &[&str]| FactValue::Text(object.get(path).text_or_empty().into_owned());
    let versions: Vec<String> = object
        .spec
        .get("versions")
        .items()
        .map(|version| version.get("name").text_or_empty().into_owned())
        .collect();
    Facts {
        lines: vec![
            ("Group", text(&["spec", "group"])),
            ("Kind", text(&["spec", "names", "kind"])),
            ("Scope", text(&["spec", "scope"])),
            ("Versions", FactValue::Text(versions.join(", "))),
        ],
        tables: Vec::new(),
    }
}
