//! RFC 6902 patches.

use serde_json::Value;

use crate::registry::kind_of;
use crate::status::Status;

pub(super) fn apply(target: &mut Value, patch: &Value) -> Result<(), Status> {
    let Some(operations) = patch.as_array() else {
        return Err(Status::bad_request(format!(
            "error decoding patch: json: cannot unmarshal {} into Go value of type []handlers.jsonPatchOp",
            kind_of(patch)
        )));
    };
    for operation in operations {
        apply_one(target, operation).ok_or_else(Status::unprocessable)?;
    }
    Ok(())
}

/// None: it cannot be applied.
fn apply_one(target: &mut Value, operation: &Value) -> Option<()> {
    let path = operation["path"].as_str().unwrap_or_default();
    match operation["op"].as_str()? {
        "add" => add(target, path, operation["value"].clone()),
        "remove" => remove(target, path).map(drop),
        "replace" => {
            *target.pointer_mut(path)? = operation["value"].clone();
            Some(())
        }
        "test" => (target.pointer(path) == Some(&operation["value"])).then_some(()),
        "move" => {
            let moved = remove(target, operation["from"].as_str()?)?;
            add(target, path, moved)
        }
        "copy" => {
            let copied = target.pointer(operation["from"].as_str()?).cloned()?;
            add(target, path, copied)
        }
        _ => None,
    }
}

/// The pointer of the parent, and the last part, unescaped.
fn split(path: &str) -> Option<(&str, String)> {
    let (parent, last) = path.rsplit_once('/')?;
    Some((parent, last.replace("~1", "/").replace("~0", "~")))
}

fn add(target: &mut Value, path: &str, value: Value) -> Option<()> {
    let Some((parent, last)) = split(path) else {
        *target = value;
        return Some(());
    };
    match target.pointer_mut(parent)? {
        Value::Object(members) => {
            members.insert(last, value);
            Some(())
        }
        Value::Array(items) => {
            let place = if last == "-" {
                items.len()
            } else {
                last.parse().ok()?
            };
            (place <= items.len()).then(|| items.insert(place, value))
        }
        _ => None,
    }
}

fn remove(target: &mut Value, path: &str) -> Option<Value> {
    let (parent, last) = split(path)?;
    match target.pointer_mut(parent)? {
        Value::Object(members) => members.remove(&last),
        Value::Array(items) => {
            let place = last.parse().ok()?;
            (place < items.len()).then(|| items.remove(place))
        }
        _ => None,
    }
}
