//! Simple paths into JSON: members, `[*]`, `[0]` and `['key']`.

use serde_json::Value;

/// What a path in braces leads to. What is `null` is not there.
pub(crate) fn values<'a>(path: &str, from: &'a Value) -> Vec<&'a Value> {
    let inner = path.trim_start_matches('{').trim_end_matches('}');
    let mut found = vec![from];
    for step in steps(inner) {
        found = found
            .into_iter()
            .flat_map(|value| follow(&step, value))
            .collect();
    }
    found.retain(|value| !value.is_null());
    found
}

enum Step {
    Member(String),
    Index(usize),
    Every,
}

fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix("[") {
            let (index, after) = inner.split_once(']').unwrap_or((inner, ""));
            steps.push(match index.parse() {
                Ok(index) => Step::Index(index),
                Err(_) if index == "*" => Step::Every,
                Err(_) => Step::Member(index.trim_matches(['\'', '"']).replace('\\', "")),
            });
            rest = after;
            continue;
        }
        let name = rest.strip_prefix('.').unwrap_or(rest);
        let (mut member, mut end, mut escaped) = (String::new(), name.len(), false);
        for (at, c) in name.char_indices() {
            match c {
                _ if escaped => {
                    member.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '.' | '[' => {
                    end = at;
                    break;
                }
                _ => member.push(c),
            }
        }
        steps.push(Step::Member(member));
        rest = &name[end..];
    }
    steps
}

fn follow<'a>(step: &Step, value: &'a Value) -> Vec<&'a Value> {
    match step {
        Step::Member(name) => value.get(name).into_iter().collect(),
        Step::Index(index) => value
            .as_array()
            .and_then(|items| items.get(*index))
            .into_iter()
            .collect(),
        Step::Every => value.as_array().into_iter().flatten().collect(),
    }
}

/// A value as it is compared: a text by itself, anything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `500M`, `1Gi`, `3`
pub(crate) fn quantity(text: &str) -> Option<f64> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let factor = match &text[digits..] {
        "" => 1.0,
        "m" => 0.001,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    Some(number * factor)
}
