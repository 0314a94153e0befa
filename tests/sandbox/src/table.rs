//! Tables: the columns and cells that the server prints for kubectl, as `pkg/printers/internalversion` does.

mod columns;
mod network;
mod node;
mod pod;
mod workload;

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::custom::{self, Definition};
use crate::human_duration::since;
use crate::resource::{
    CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, DEPLOYMENTS, ENDPOINT_SLICES, ENDPOINTS, EVENTS,
    NAMESPACES, NODES, PODS, REPLICA_SETS, Resource, SECRETS, SERVICES,
};

/// One row without its object.
pub(crate) struct Row {
    pub(crate) cells: Vec<Value>,
    pub(crate) conditions: Option<Value>,
}

pub(crate) use columns::CREATION_TIMESTAMP;

pub(crate) fn column_definitions(resource: &Resource) -> Value {
    if let Some(definition) = resource.definition {
        return custom_definitions(definition);
    }
    let columns = columns::of(resource).iter().map(|column| {
        json!({
            "name": column.name,
            "type": column.kind,
            "format": column.format,
            "description": column.description,
            "priority": column.priority,
        })
    });
    columns.collect()
}

fn custom_definitions(definition: &Definition) -> Value {
    let name = json!({
        "name": "Name", "type": "string", "format": "name", "description": columns::NAME, "priority": 0,
    });
    let columns = definition.columns.iter().map(|column| {
        json!({
            "name": column.name,
            "type": column.kind,
            "format": column.format,
            "description": column.description,
            "priority": column.priority,
        })
    });
    std::iter::once(name).chain(columns).collect()
}

pub(crate) fn row(resource: &Resource, object: &Value, now: SystemTime) -> Row {
    if let Some(definition) = resource.definition {
        let printed = definition.columns.iter();
        let printed = printed.map(|column| custom::cell(column, object, now));
        return Row {
            cells: std::iter::once(name(object)).chain(printed).collect(),
            conditions: None,
        };
    }
    let conditions = if resource.index == PODS.index {
        pod::conditions(object)
    } else {
        None
    };
    let cells = match resource.index {
        index if index == PODS.index => pod::cells(object, now),
        index if index == DEPLOYMENTS.index => workload::deployment(object, now),
        index if index == REPLICA_SETS.index => workload::replica_set(object, now),
        index if index == SERVICES.index => network::service(object, now),
        index if index == ENDPOINTS.index => network::endpoints(object, now),
        index if index == ENDPOINT_SLICES.index => network::endpoint_slice(object, now),
        index if index == NODES.index => node::cells(object, now),
        index if index == EVENTS.index => event(object, now),
        index if index == NAMESPACES.index => vec![
            name(object),
            text(&object["status"]["phase"]),
            age(object, now),
        ],
        index if index == SECRETS.index => {
            vec![
                name(object),
                text(&object["type"]),
                members(&object["data"]).into(),
                age(object, now),
            ]
        }
        index if index == CONFIG_MAPS.index => {
            let data = members(&object["data"]) + members(&object["binaryData"]);
            vec![name(object), data.into(), age(object, now)]
        }
        index if index == CUSTOM_RESOURCE_DEFINITIONS.index => {
            let created = &object["metadata"]["creationTimestamp"];
            vec![name(object), created.clone()]
        }
        _ => vec![name(object), age(object, now)],
    };
    Row { cells, conditions }
}

fn name(object: &Value) -> Value {
    object["metadata"]["name"].clone()
}

fn text(value: &Value) -> Value {
    value.as_str().unwrap_or_default().into()
}

fn text_or(value: &Value, absent: &str) -> String {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .unwrap_or(absent)
        .to_owned()
}

fn age(object: &Value, now: SystemTime) -> Value {
    since(object["metadata"]["creationTimestamp"].as_str(), now).into()
}

fn members(value: &Value) -> usize {
    value.as_object().map_or(0, serde_json::Map::len)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn event(object: &Value, now: SystemTime) -> Vec<Value> {
    let involved = &object["involvedObject"];
    let kind = involved["kind"].as_str().unwrap_or_default().to_lowercase();
    let target = match involved["name"].as_str() {
        Some(name) if !name.is_empty() => format!("{kind}/{name}"),
        _ => kind,
    };
    let first = object["firstTimestamp"]
        .as_str()
        .or_else(|| object["eventTime"].as_str());
    let first_seen = since(first, now);
    let series = &object["series"];
    let last_seen = match (
        series["lastObservedTime"].as_str(),
        object["lastTimestamp"].as_str(),
    ) {
        (Some(last), _) | (None, Some(last)) => since(Some(last), now),
        (None, None) => first_seen.clone(),
    };
    let count = series["count"]
        .as_i64()
        .or_else(|| object["count"].as_i64())
        .filter(|count| *count > 0)
        .unwrap_or(1);
    let source = &object["source"];
    let component = text_or(
        &source["component"],
        object["reportingComponent"].as_str().unwrap_or_default(),
    );
    let host = text_or(
        &source["host"],
        object["reportingInstance"].as_str().unwrap_or_default(),
    );
    let source = if host.is_empty() {
        component
    } else {
        format!("{component}, {host}")
    };
    vec![
        last_seen.into(),
        text(&object["type"]),
        text(&object["reason"]),
        target.into(),
        text(&involved["fieldPath"]),
        source.into(),
        object["message"].as_str().unwrap_or_default().trim().into(),
        first_seen.into(),
        count.into(),
        name(object),
    ]
}

#[cfg(test)]
mod tests;
