//! Cells of custom resources: a simple JSONPath into the object, and its value in the column's type.

use std::time::SystemTime;

use serde_json::Value;

use super::Column;
use crate::clock::parse_rfc3339;
use crate::human_duration::since;

pub(crate) fn cell(column: &Column, object: &Value, now: SystemTime) -> Value {
    let Some(value) = find(&column.path, object).filter(|value| !value.is_null()) else {
        return Value::Null;
    };
    match (column.kind.as_str(), value) {
        ("string", Value::String(_)) => value.clone(),
        ("string", other) => other.to_string().into(),
        ("integer", Value::Number(number)) => number.as_i64().map_or(Value::Null, Into::into),
        ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => value.clone(),
        ("date", Value::String(text)) => match parse_rfc3339(text) {
            Some(_) => since(Some(text), now).into(),
            None => "<invalid>".into(),
        },
        _ => Value::Null,
    }
}

/// The first value at a path such as `.status.conditions[?(@.type=="Ready")].status`.
fn find<'a>(path: &str, object: &'a Value) -> Option<&'a Value> {
    let mut value = object;
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (step, left) = after.split_once(']')?;
            (value, rest) = (item(step, value)?, left);
        } else {
            let after = rest.strip_prefix('.').unwrap_or(rest);
            let (name, left) = member(after);
            (value, rest) = (value.get(&name)?, left);
        }
    }
    Some(value)
}

/// The name of a member, whose dots are escaped, and what follows it.
fn member(path: &str) -> (String, &str) {
    let mut name = String::new();
    let mut characters = path.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => name.extend(characters.next().map(|(_, escaped)| escaped)),
            '.' | '[' => return (name, &path[at..]),
            _ => name.push(character),
        }
    }
    (name, "")
}

/// The first item of a list that a step in brackets means.
fn item<'a>(step: &str, list: &'a Value) -> Option<&'a Value> {
    let items = list.as_array()?;
    if let Some(condition) = step.strip_prefix("?(@.") {
        let (member, wanted) = condition.strip_suffix(')')?.split_once("==")?;
        let wanted = wanted.trim().trim_matches(['"', '\'']);
        return items.iter().find(|item| item[member.trim()] == wanted);
    }
    match step {
        "*" => items.first(),
        place => items.get(place.parse::<usize>().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_what_simple_paths_name() {
        let object = json!({
            "metadata": {"labels": {"a.b/c": "x"}},
            "status": {"list": [{"type": "A", "n": 1}, {"type": "B", "n": 2}]},
        });
        for (path, expected) in [
            (r".metadata.labels.a\.b/c", json!("x")),
            ("metadata.labels", json!({"a.b/c": "x"})),
            (".status.list[1].n", json!(2)),
            (".status.list[*].n", json!(1)),
            (r#".status.list[?(@.type=="B")].n"#, json!(2)),
            (".status.list[7].n", Value::Null),
            (".status.list[", Value::Null),
            ("..", Value::Null),
        ] {
            let found = find(path, &object).cloned().unwrap_or_default();
            assert_eq!(found, expected, "{path}");
        }
    }
}
