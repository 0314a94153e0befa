//! Custom resources: kinds that objects of the store define, instead of this program.
//!
//! Each version that a definition serves is a resource like the built-in ones, with a table of its own in the store
//! and the columns that the definition prints. Their schemas are not heeded: nothing is pruned, defaulted or refused
//! for not fitting them.

mod cells;

use serde_json::Value;

use crate::resource::{
    CUSTOM_RESOURCE_DEFINITIONS, Field, FieldLabels, FieldSource, Resource, Subresource,
};
use crate::store::{KeyRange, Store};

pub(crate) use cells::cell;

/// What a definition says beyond what every resource has.
#[derive(Debug)]
pub(crate) struct Definition {
    /// As text, so that what was made of it before is found again.
    spec: String,
    pub(crate) columns: Vec<Column>,
}

/// A column of the table, beside the name.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) format: String,
    pub(crate) description: String,
    pub(crate) priority: i64,
    pub(crate) path: String,
}

/// The resource of a path, if a definition serves it.
pub(crate) fn find(
    store: &Store,
    group: &str,
    version: &str,
    plural: &str,
) -> Option<&'static Resource> {
    let definition = store.get(&CUSTOM_RESOURCE_DEFINITIONS, &format!("{plural}.{group}"))?;
    let mut resources = of(store, &definition.value());
    resources.find(|resource| resource.version == version)
}

/// All that are served, by group, the preferred version of each first.
pub(crate) fn all(store: &Store) -> Vec<&'static Resource> {
    let definitions = store.all(&CUSTOM_RESOURCE_DEFINITIONS, &KeyRange::default());
    let mut all: Vec<_> = definitions
        .iter()
        .flat_map(|definition| of(store, &definition.value()).collect::<Vec<_>>())
        .collect();
    all.sort_by_key(|resource| resource.group);
    all
}

/// The resources of one definition. Each is made once and lives as long as the program: a definition is changed
/// seldom enough.
pub(crate) fn of<'a>(
    store: &'a Store,
    definition: &Value,
) -> impl Iterator<Item = &'static Resource> + use<'a> {
    let spec = definition["spec"].clone();
    let name = text(&definition["metadata"]["name"]);
    let versions = spec["versions"].as_array().cloned().unwrap_or_default();
    let served = versions
        .into_iter()
        .filter(|version| version["served"] == true);
    served.map(move |version| {
        let (known, told) = (
            version["name"].as_str().unwrap_or_default(),
            spec.to_string(),
        );
        store.custom_resource(
            &name,
            |made| {
                made.version == known
                    && made
                        .definition
                        .is_some_and(|definition| definition.spec == told)
            },
            |index| made(index, &spec, &version),
        )
    })
}

fn made(index: usize, spec: &Value, version: &Value) -> Resource {
    let names = &spec["names"];
    let kind = text(&names["kind"]);
    let singular = match names["singular"].as_str() {
        None | Some("") => kind.to_lowercase(),
        Some(singular) => singular.to_owned(),
    };
    let subresources = &version["subresources"];
    let status = subresources["status"].is_object();
    Resource {
        index,
        group: kept(text(&spec["group"])),
        version: kept(text(&version["name"])),
        kind: kept(kind),
        plural: kept(text(&names["plural"])),
        singular: kept(singular),
        short_names: kept_all(&names["shortNames"]),
        categories: kept_all(&names["categories"]),
        namespaced: spec["scope"] == "Namespaced",
        subresources: if status { &[Subresource::Status] } else { &[] },
        counts_generation: true,
        answers_with_the_deleted: false,
        fields: FieldLabels::Own(selectable(spec, version)),
        definition: Some(Box::leak(Box::new(Definition {
            spec: spec.to_string(),
            columns: columns(version),
        }))),
    }
}

/// The fields that the versions declare, each in its place in all of them: what an object says at them is kept once,
/// whichever version is asked for. One of another version has no label, so that nobody selects by it.
fn selectable(spec: &Value, version: &Value) -> &'static [Field] {
    let versions = spec["versions"].as_array().into_iter().flatten();
    let fields = versions.flat_map(|of| {
        let fields = of["selectableFields"].as_array().into_iter().flatten();
        fields.map(move |field| (field, of["name"] == version["name"]))
    });
    let fields: Vec<Field> = fields
        .map(|(field, is_own)| {
            let path = text(&field["jsonPath"]);
            let label = path.trim_start_matches('.');
            let pointer = format!("/{}", label.replace('.', "/"));
            Field {
                label: kept(if is_own {
                    label.to_owned()
                } else {
                    String::new()
                }),
                source: FieldSource::ScalarAt(kept(pointer)),
            }
        })
        .collect();
    fields.leak()
}

fn columns(version: &Value) -> Vec<Column> {
    let printed = version["additionalPrinterColumns"].as_array();
    let Some(printed) = printed.filter(|columns| !columns.is_empty()) else {
        return vec![Column {
            name: "Age".to_owned(),
            kind: "date".to_owned(),
            format: String::new(),
            description: crate::table::CREATION_TIMESTAMP.to_owned(),
            priority: 0,
            path: ".metadata.creationTimestamp".to_owned(),
        }];
    };
    let column = |column: &Value| {
        let path = text(&column["jsonPath"]);
        let description = column["description"].as_str().unwrap_or_default();
        let description = match description {
            "" => format!("Custom resource definition column (in JSONPath format): {path}"),
            own => own.to_owned(),
        };
        Column {
            name: text(&column["name"]),
            kind: text(&column["type"]),
            format: text(&column["format"]),
            description,
            priority: column["priority"].as_i64().unwrap_or_default(),
            path,
        }
    };
    printed.iter().map(column).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn kept(text: String) -> &'static str {
    text.leak()
}

fn kept_all(texts: &Value) -> &'static [&'static str] {
    let texts = texts.as_array().into_iter().flatten();
    let texts: Vec<&'static str> = texts.map(|name| kept(text(name))).collect();
    texts.leak()
}
