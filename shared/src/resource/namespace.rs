//! Namespaces: where names are unique, and where rights are given.

use super::{Column, Facts, Health, Kind, Mark};
use crate::api::Resource;
use crate::plan::Content;
use crate::value::{ObjectRef, Section};

/// Namespaces.
pub(super) static KIND: Kind = Kind {
    resource: Resource {
        group: "",
        version: "v1",
        plural: "namespaces",
        kind: "Namespace",
        namespaced: false,
    },
    singular: "namespace",
    short_names: &["ns"],
    title: "Namespaces",
    category: "Cluster",
    listed: Content::Whole,
    columns: &[
        Column::NAME,
        Column::member("status", "Status", Section::Status, "phase")
            .or(&["phase"])
            .selectable("status.phase")
            .else_print(""),
        Column::AGE,
    ],
    cells: 3,
    order: &[],
    print: |object| health(object).into(),
    facts: |_| Facts::default(),
    relations: &[],
    learned: None,
};

fn health(object: ObjectRef<'_>) -> Health {
    if object.is_terminating()
        || object.status.get("phase").text().as_deref() == Some("Terminating")
    {
        Health::fine(Mark::Terminating, "Terminating")
    } else {
        Health::fine(Mark::Running, "Active")
    }
}
