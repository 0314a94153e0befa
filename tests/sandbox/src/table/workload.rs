//! Rows of deployments and replica sets.

use std::time::SystemTime;

use serde_json::Value;

use super::{age, items, name};

pub(super) fn deployment(object: &Value, now: SystemTime) -> Vec<Value> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let ready = format!(
        "{}/{}",
        number(&status["readyReplicas"]),
        number(&spec["replicas"])
    );
    let mut cells = vec![
        name(object),
        ready.into(),
        number(&status["updatedReplicas"]).into(),
        number(&status["availableReplicas"]).into(),
        age(object, now),
    ];
    cells.extend(template_cells(spec));
    cells
}

pub(super) fn replica_set(object: &Value, now: SystemTime) -> Vec<Value> {
    let (spec, status) = (&object["spec"], &object["status"]);
    let mut cells = vec![
        name(object),
        number(&spec["replicas"]).into(),
        number(&status["replicas"]).into(),
        number(&status["readyReplicas"]).into(),
        age(object, now),
    ];
    cells.extend(template_cells(spec));
    cells
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// Containers, images, selector.
fn template_cells(spec: &Value) -> [Value; 3] {
    let containers = items(&spec["template"]["spec"]["containers"]);
    let joined = |member: &str| {
        let values = containers
            .iter()
            .map(|container| container[member].as_str().unwrap_or_default());
        values.collect::<Vec<_>>().join(",")
    };
    [
        joined("name").into(),
        joined("image").into(),
        selector(&spec["selector"]).into(),
    ]
}

/// As the server's own selectors print themselves: by key, and values in order.
fn selector(selector: &Value) -> String {
    let mut terms: Vec<(&str, String)> = selector["matchLabels"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            let term = format!("{key}={}", value.as_str().unwrap_or_default());
            (key.as_str(), term)
        })
        .collect();
    for expression in items(&selector["matchExpressions"]) {
        let key = expression["key"].as_str().unwrap_or_default();
        let mut values: Vec<_> = items(&expression["values"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        values.sort_unstable();
        let values = values.join(",");
        let term = match expression["operator"].as_str().unwrap_or_default() {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "DoesNotExist" => format!("!{key}"),
            _ => key.to_owned(),
        };
        terms.push((key, term));
    }
    terms.sort_by_key(|(key, _)| *key);
    let terms: Vec<_> = terms.into_iter().map(|(_, term)| term).collect();
    terms.join(",")
}
