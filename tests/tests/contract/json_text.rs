//! JSON as text for people: what fits on a line stands on one.

use serde_json::Value;

const WIDTH: usize = 116;

pub(crate) fn print(value: &Value) -> String {
    let mut out = String::new();
    write(value, "", 0, &mut out);
    out
}

/// `used` is how much of the line is taken already.
fn write(value: &Value, indent: &str, used: usize, out: &mut String) {
    let line = one_line(value);
    let (open, close) = match value {
        Value::Array(items) if !items.is_empty() => ('[', ']'),
        Value::Object(members) if !members.is_empty() => ('{', '}'),
        _ => return out.push_str(&line),
    };
    if used + line.chars().count() <= WIDTH {
        return out.push_str(&line);
    }
    out.push(open);
    let deeper = format!("{indent}  ");
    for (place, (key, item)) in parts(value).into_iter().enumerate() {
        out.push_str(if place == 0 { "\n" } else { ",\n" });
        out.push_str(&deeper);
        out.push_str(&key);
        write(item, &deeper, deeper.len() + key.chars().count(), out);
    }
    out.push('\n');
    out.push_str(indent);
    out.push(close);
}

pub(crate) fn one_line(value: &Value) -> String {
    let join = |open: &str, close: &str| {
        let inner: Vec<String> = parts(value)
            .into_iter()
            .map(|(key, item)| key + &one_line(item))
            .collect();
        format!("{open}{}{close}", inner.join(", "))
    };
    match value {
        Value::Array(_) => join("[", "]"),
        Value::Object(_) => join("{", "}"),
        _ => value.to_string(),
    }
}

/// What is in a value, each with its key as it is printed; members in the order of their names.
fn parts(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            members
                .into_iter()
                .map(|(name, item)| (format!("{name}: "), item))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// All that stands at a path: members and places separated by dots, `*` for each of them, `[name=x]` for those with that
/// member.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![value];
    for part in path.split('.').filter(|part| !part.is_empty()) {
        found = found
            .into_iter()
            .flat_map(|value| step(value, part))
            .collect();
    }
    found
}

fn step<'a>(value: &'a Value, part: &str) -> Vec<&'a Value> {
    match (value, part) {
        (Value::Array(items), "*") => items.iter().collect(),
        (Value::Object(members), "*") => members.values().collect(),
        (Value::Array(items), _) if part.starts_with('[') => {
            let (member, wanted) = part
                .trim_matches(['[', ']'])
                .split_once('=')
                .unwrap_or_default();
            items
                .iter()
                .filter(|item| item[member] == *wanted)
                .collect()
        }
        (Value::Array(items), _) => part
            .parse::<usize>()
            .ok()
            .and_then(|place| items.get(place))
            .into_iter()
            .collect(),
        // Names with dots in them are written with `~`.
        (Value::Object(members), _) => members.get(&part.replace('~', ".")).into_iter().collect(),
        _ => Vec::new(),
    }
}
