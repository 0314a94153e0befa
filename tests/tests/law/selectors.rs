//! Selectors as the API server reads them (k8s.io/apimachinery `labels.Parse`, `fields.ParseSelector`)
//! and the fields that it selects by.

use serde_json::{Map, Value};

/// A requirement on labels: key, operator, values.
type Requirement = (String, &'static str, Vec<String>);

/// Whether labels meet a selector; an error is what 400 says.
pub(crate) fn labels_match(selector: &str, labels: &Value) -> Result<bool, String> {
    let mut all = true;
    for part in split(selector) {
        let (key, operator, values) = requirement(&part)?;
        let value = labels.get(&key).and_then(Value::as_str);
        let number = value.and_then(|value| value.parse::<i64>().ok());
        let limit = || values[0].parse::<i64>().ok();
        let is_in = value.is_some_and(|value| values.iter().any(|one| one == value));
        all &= match operator {
            "in" => is_in,
            "notin" => !is_in,
            "exists" => value.is_some(),
            "!" => value.is_none(),
            ">" => number.is_some_and(|number| Some(number) > limit()),
            _ => number.is_some_and(|number| limit().is_some_and(|limit| number < limit)),
        };
    }
    Ok(all)
}

/// What stands between commas outside parentheses.
fn split(selector: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in selector.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn requirement(text: &str) -> Result<Requirement, String> {
    let found = match text {
        _ if text.ends_with(')') => {
            let (head, values) = text.split_once('(').ok_or("unable to parse requirement")?;
            let (key, operator) = match head.trim().split_once(' ') {
                Some((key, "in")) => (key, "in"),
                Some((key, "notin")) => (key, "notin"),
                _ => return Err(format!("unable to parse requirement: {text}")),
            };
            let values = values.trim_end_matches(')').split(',');
            (
                key,
                operator,
                values.map(|value| value.trim().to_owned()).collect(),
            )
        }
        _ if text.starts_with('!') => (&text[1..], "!", vec![]),
        _ => [
            ("!=", "notin"),
            ("==", "in"),
            ("=", "in"),
            (">", ">"),
            ("<", "<"),
        ]
        .into_iter()
        .find_map(|(sign, operator)| {
            let (key, value) = text.split_once(sign)?;
            Some((key, operator, vec![value.to_owned()]))
        })
        .unwrap_or((text, "exists", vec![])),
    };
    let (key, operator, values) = found;
    let (prefix, name) = key.split_once('/').unwrap_or(("x", key));
    let is_name = |name: &str| !name.is_empty() && is_value(name);
    if !is_name(name) || !is_name(prefix) {
        return Err(format!("invalid label key {key:?}"));
    }
    let is_limit = |value: &str| value.parse::<i64>().is_ok();
    if values
        .iter()
        .any(|value| !is_value(value) || (matches!(operator, ">" | "<") && !is_limit(value)))
    {
        return Err(format!("invalid label value in {text:?}"));
    }
    Ok((key.to_owned(), operator, values))
}

fn is_value(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_end = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && text.chars().all(is_inner)
        && is_end(text.chars().next())
        && is_end(text.chars().last())
}

/// Whether an object's fields meet a selector; an error is what 400 says.
pub(crate) fn fields_match(
    selector: &str,
    plural: &str,
    minor: u32,
    object: &Value,
) -> Result<bool, String> {
    let known = fields(plural, minor, object);
    let mut all = true;
    for part in terms(selector)? {
        let (field, equal, value) = part;
        if field == "status.podIPs" && plural == "pods" {
            // Accepted, and never filled.
            all &= value.is_empty() == equal;
            continue;
        }
        let own = known.get(&field).ok_or_else(|| match plural {
            "pods" | "nodes" | "namespaces" | "secrets" | "services" | "events" => {
                format!("field label not supported: {field}")
            }
            _ => format!(
                "{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            ),
        })?;
        all &= (own.as_str() == Some(&value)) == equal;
    }
    Ok(all)
}

/// Field, whether it must be equal, value without its escapes.
fn terms(selector: &str) -> Result<Vec<(String, bool, String)>, String> {
    let mut terms = Vec::new();
    let mut signs = selector.chars().peekable();
    while signs.peek().is_some() {
        let mut field = String::new();
        let equal = loop {
            match signs
                .next()
                .ok_or_else(|| format!("invalid selector: {selector:?}"))?
            {
                '!' if signs.next_if_eq(&'=').is_some() => break false,
                '=' => {
                    signs.next_if_eq(&'=');
                    break true;
                }
                c => field.push(c),
            }
        };
        let mut value = String::new();
        while let Some(c) = signs.next() {
            match c {
                ',' => break,
                '\\' => value.push(
                    signs
                        .next()
                        .filter(|c| "\\,=".contains(*c))
                        .ok_or("invalid escape")?,
                ),
                '=' => {
                    return Err(format!(
                        "invalid selector: {selector:?}; can't understand it"
                    ));
                }
                _ => value.push(c),
            }
        }
        terms.push((field, equal, value));
    }
    Ok(terms)
}

/// What an object is selected by (`ToSelectableFields` of its registry).
pub(crate) fn fields(plural: &str, minor: u32, object: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    let text = |path: &str| -> String {
        let found = object.pointer(path);
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut set = |name: &str, value: String| {
        fields.insert(name.to_owned(), Value::String(value));
    };
    let flag = |path: &str| {
        object
            .pointer(path)
            .and_then(Value::as_bool)
            .unwrap_or(false)
            .to_string()
    };
    set("metadata.name", text("/metadata/name"));
    if !matches!(plural, "nodes" | "namespaces") {
        set("metadata.namespace", text("/metadata/namespace"));
    }
    let plain: &[&str] = match plural {
        "pods" => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "status.phase",
            "status.nominatedNodeName",
        ],
        "namespaces" => &["status.phase"],
        "secrets" => &["type"],
        "services" if minor >= 31 => &["spec.clusterIP", "spec.type"],
        "events" => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "type",
        ],
        _ => &[],
    };
    for field in plain {
        set(field, text(&format!("/{}", field.replace('.', "/"))));
    }
    match plural {
        "pods" => {
            set("status.podIP", text("/status/podIPs/0/ip"));
            set("spec.hostNetwork", flag("/spec/hostNetwork"));
        }
        "nodes" => set("spec.unschedulable", flag("/spec/unschedulable")),
        "events" => {
            let component = text("/source/component");
            set(
                "source",
                if component.is_empty() {
                    text("/reportingComponent")
                } else {
                    component
                },
            );
        }
        _ => {}
    }
    fields
}
