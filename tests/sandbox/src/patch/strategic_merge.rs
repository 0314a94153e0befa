//! Strategic merge patches, for the lists that people patch: containers, env, volumes, ports, conditions and so on.
//!
//! A real server reads the merge keys from its Go types. Here they go by the name of the list; other lists are
//! replaced, as most of them are there too.

use serde_json::{Map, Value};

/// Merges `patch` into what stands under `member`. The error is the server's text.
pub(super) fn merge(target: &mut Value, patch: &Value, member: &str) -> Result<(), String> {
    match patch {
        Value::Object(changes) => return merge_object(target, changes),
        Value::Array(items) => return merge_list(target, items, member),
        other => *target = other.clone(),
    }
    Ok(())
}

fn merge_object(target: &mut Value, changes: &Map<String, Value>) -> Result<(), String> {
    let replaces = changes
        .get("$patch")
        .is_some_and(|directive| directive == "replace");
    if replaces || !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(target) = target.as_object_mut() else {
        return Ok(());
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
                )?;
            }
        }
    }
    Ok(())
}

fn delete_from(list: Option<&mut Value>, unwanted: &Value) {
    if let (Some(list), Some(unwanted)) = (list.and_then(Value::as_array_mut), unwanted.as_array())
    {
        list.retain(|item| !unwanted.contains(item));
    }
}

fn merge_list(target: &mut Value, items: &[Value], member: &str) -> Result<(), String> {
    let replaces = items.iter().any(|item| item["$patch"] == "replace");
    let Some(key) = merge_key(member, items).filter(|_| !replaces) else {
        let plain = items.iter().filter(|item| item.get("$patch").is_none());
        *target = Value::Array(plain.cloned().collect());
        return Ok(());
    };
    if let Some(item) = items.iter().find(|item| item.get(key).is_none()) {
        return Err(format!(
            "map: {} does not contain declared merge key: {key}",
            in_go(item)
        ));
    }
    let mut old = match target.take() {
        Value::Array(old) => old,
        _ => Vec::new(),
    };
    let order: Vec<Value> = old.iter().map(|item| item[key].clone()).collect();
    let mut patched = Vec::new();
    for item in items {
        let place = old.iter().position(|existing| existing[key] == item[key]);
        let mut merged = place.map_or(Value::Null, |place| old.remove(place));
        if item["$patch"] != "delete" {
            merge(&mut merged, item, "")?;
            patched.push(merged);
        }
    }
    *target = Value::Array(interleave(old, patched, |item| {
        order.iter().position(|known| *known == item[key])
    }));
    Ok(())
}

/// What the patch names, in its order; each of the others before the first of those that stood behind it.
fn interleave(
    others: Vec<Value>,
    patched: Vec<Value>,
    place: impl Fn(&Value) -> Option<usize>,
) -> Vec<Value> {
    let mut all = Vec::with_capacity(others.len() + patched.len());
    let mut others = others.into_iter().peekable();
    for item in patched {
        while let Some(other) =
            others.next_if(|other| place(&item).is_some() && place(other) < place(&item))
        {
            all.push(other);
        }
        all.push(item);
    }
    all.extend(others);
    all
}

/// As Go prints a value by `%v`.
fn in_go(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(in_go).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name}:{}", in_go(value)))
                .collect();
            members.sort_unstable();
            format!("map[{}]", members.join(" "))
        }
        other => other.to_string(),
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
