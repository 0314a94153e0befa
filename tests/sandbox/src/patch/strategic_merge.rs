//! Strategic merge patches, for the lists that people patch: containers, env, volumes, ports, conditions and so on.
//!
//! A real server reads the merge keys from its Go types. Here they go by the name of the list; other lists are
//! replaced, as most of them are there too.

use serde_json::{Map, Value};

/// Merges `patch` into what stands under `member`.
pub(super) fn merge(target: &mut Value, patch: &Value, member: &str) {
    match patch {
        Value::Object(changes) => merge_object(target, changes),
        Value::Array(items) => merge_list(target, items, member),
        other => *target = other.clone(),
    }
}

fn merge_object(target: &mut Value, changes: &Map<String, Value>) {
    let replaces = changes
        .get("$patch")
        .is_some_and(|directive| directive == "replace");
    if replaces || !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(target) = target.as_object_mut() else {
        return;
    };
    if let Some(kept) = changes.get("$retainKeys").and_then(Value::as_array) {
        target.retain(|member, _| kept.iter().any(|kept| kept == member));
    }
    for (member, value) in changes {
        if let Some(list) = member.strip_prefix("$deleteFromPrimitiveList/") {
            delete_from(target.get_mut(list), value);
        } else if !member.starts_with('$') {
            if value.is_null() {
                target.remove(member);
            } else {
                merge(
                    target.entry(member.clone()).or_insert(Value::Null),
                    value,
                    member,
                );
            }
        }
    }
}

fn delete_from(list: Option<&mut Value>, unwanted: &Value) {
    if let (Some(list), Some(unwanted)) = (list.and_then(Value::as_array_mut), unwanted.as_array())
    {
        list.retain(|item| !unwanted.contains(item));
    }
}

fn merge_list(target: &mut Value, items: &[Value], member: &str) {
    let replaces = items.iter().any(|item| item["$patch"] == "replace");
    let Some(key) = merge_key(member, items).filter(|_| !replaces) else {
        let plain = items.iter().filter(|item| item.get("$patch").is_none());
        *target = Value::Array(plain.cloned().collect());
        return;
    };
    if !target.is_array() {
        *target = Value::Array(Vec::new());
    }
    let Some(target) = target.as_array_mut() else {
        return;
    };
    for item in items {
        let place = target
            .iter()
            .position(|existing| existing[key] == item[key]);
        let deletes = item["$patch"] == "delete";
        match place {
            Some(place) if deletes => {
                target.remove(place);
            }
            Some(place) => merge(&mut target[place], item, ""),
            None if deletes => {}
            None => {
                let mut new = Value::Null;
                merge(&mut new, item, "");
                target.push(new);
            }
        }
    }
}

fn merge_key(member: &str, items: &[Value]) -> Option<&'static str> {
    Some(match member {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets" => "name",
        "volumeMounts" => "mountPath",
        "conditions" | "addresses" => "type",
        "ownerReferences" => "uid",
        "podIPs" | "hostIPs" | "hostAliases" => "ip",
        "taints" => "key",
        "ports" if items.iter().any(|item| item.get("containerPort").is_some()) => "containerPort",
        "ports" => "port",
        _ => return None,
    })
}
