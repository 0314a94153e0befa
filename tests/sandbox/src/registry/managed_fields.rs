//! `metadata.managedFields`, in the shape and size a real server serves them.
//!
//! Not in their meaning: each writer is said to own all of the part that it wrote, and nothing ever conflicts.

use serde_json::{Map, Value, json};

use super::Part;
use crate::resource::{Resource, Subresource};

/// Notes that a writer wrote a part. A binding is no one's: a real server does not note it either.
pub(super) fn record(
    value: &mut Value,
    resource: &Resource,
    manager: &str,
    part: Part,
    time: &str,
) {
    if manager == "kube-scheduler" && value["spec"]["nodeName"].is_string() {
        return;
    }
    let mut entry = json!({
        "manager": manager,
        "operation": "Update",
        "apiVersion": resource.api_version(),
        "time": time,
        "fieldsType": "FieldsV1",
        "fieldsV1": part_fields(value, resource, part),
    });
    if part == Part::Status {
        entry["subresource"] = "status".into();
    }
    let entries = &mut value["metadata"]["managedFields"];
    if !entries.is_array() {
        *entries = json!([]);
    }
    let Some(entries) = entries.as_array_mut() else {
        return;
    };
    let same = |old: &Value| {
        old["manager"] == entry["manager"] && old["subresource"] == entry["subresource"]
    };
    match entries.iter().position(same) {
        Some(place) => entries[place] = entry,
        None => entries.push(entry),
    }
}

fn part_fields(value: &Value, resource: &Resource, part: Part) -> Value {
    if part == Part::Status {
        return json!({ "f:status": fields(&value["status"]) });
    }
    let mut owned = Map::new();
    for (member, value) in value.as_object().into_iter().flatten() {
        match member.as_str() {
            "metadata" => {
                let metadata = metadata_fields(value);
                if !metadata.is_empty() {
                    owned.insert("f:metadata".to_owned(), Value::Object(metadata));
                }
            }
            "status" if resource.has(Subresource::Status) => {}
            _ => {
                owned.insert(format!("f:{member}"), fields(value));
            }
        }
    }
    Value::Object(owned)
}

fn metadata_fields(metadata: &Value) -> Map<String, Value> {
    const CLIENT_OWNED: [&str; 5] = [
        "annotations",
        "finalizers",
        "generateName",
        "labels",
        "ownerReferences",
    ];
    let mut owned = Map::new();
    for member in CLIENT_OWNED {
        let Some(value) = metadata.get(member) else {
            continue;
        };
        let mut fields = fields(value);
        if let Some(fields) = fields.as_object_mut().filter(|fields| !fields.is_empty()) {
            fields.insert(".".to_owned(), json!({}));
        }
        owned.insert(format!("f:{member}"), fields);
    }
    owned
}

fn fields(value: &Value) -> Value {
    let mut owned = Map::new();
    match value {
        Value::Object(members) => {
            for (member, value) in members {
                owned.insert(format!("f:{member}"), fields(value));
            }
        }
        Value::Array(items) => {
            for item in items {
                // A list without a known key is owned as a whole.
                let Some(key) = list_key(item) else {
                    return json!({});
                };
                let mut item = fields(item);
                item["."] = json!({});
                owned.insert(format!("k:{key}"), item);
            }
        }
        _ => {}
    }
    Value::Object(owned)
}

fn list_key(item: &Value) -> Option<Value> {
    if let Some(port) = item.get("containerPort") {
        return Some(json!({ "containerPort": port, "protocol": item["protocol"] }));
    }
    if let Some(port) = item.get("port") {
        return Some(json!({ "port": port, "protocol": item["protocol"] }));
    }
    ["uid", "mountPath", "name", "type", "ip"]
        .iter()
        .find_map(|key| Some(json!({ *key: item.get(*key)? })))
}
