//! Field selectors: equality on a few fields per kind, with the server's escapes and error texts.
//!
//! There is no list of the selectable fields that a client could ask for; it must know, or learn by a 400.

use crate::object::Object;
use crate::quoted::Quoted;
use crate::resource::{FieldLabels, Resource};

/// All terms must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldSelector {
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    target: Target,
    equal: bool,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Name,
    Namespace,
    /// Place in the resource's own fields.
    Own(usize),
}

impl FieldSelector {
    pub(crate) fn parse(text: &str, resource: &Resource) -> Result<Self, String> {
        let mut parts = split_terms(text);
        // The server sorts them, which decides about which of two faults it complains.
        parts.sort_unstable();
        let mut raw = Vec::new();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            let Some((label, equal, value)) = split_term(part) else {
                return Err(format!(
                    "invalid selector: '{text}'; can't understand '{part}'"
                ));
            };
            raw.push((label, equal, unescape(value)?));
        }
        let mut terms = Vec::new();
        for (label, equal, value) in raw {
            terms.push(Term {
                target: target(label, resource)?,
                equal,
                value,
            });
        }
        Ok(Self { terms })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn matches(&self, object: &Object) -> bool {
        self.terms.iter().all(|term| {
            let value = match term.target {
                Target::Name => object.name(),
                Target::Namespace => object.namespace(),
                Target::Own(index) => object.field(index),
            };
            (value == term.value) == term.equal
        })
    }
}

fn target(label: &str, resource: &Resource) -> Result<Target, String> {
    match (label, &resource.fields) {
        ("metadata.name", _) => Ok(Target::Name),
        ("metadata.namespace", FieldLabels::Metadata) => Ok(Target::Namespace),
        ("metadata.namespace", FieldLabels::Own(_)) if resource.namespaced => Ok(Target::Namespace),
        (_, FieldLabels::Metadata) => Err(format!(
            "{} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
            Quoted(label)
        )),
        (_, FieldLabels::Own(fields)) => {
            // Clients of long ago send `spec.host` for the node of a pod.
            let label = if label == "spec.host" {
                "spec.nodeName"
            } else {
                label
            };
            let index = fields.iter().position(|field| field.label == label);
            index
                .map(Target::Own)
                .ok_or_else(|| format!("field label not supported: {label}"))
        }
    }
}

fn split_terms(text: &str) -> Vec<&str> {
    let mut terms = Vec::new();
    let mut start = 0;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                terms.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

fn split_term(term: &str) -> Option<(&str, bool, &str)> {
    let at = term
        .char_indices()
        .find(|(index, _)| term[*index..].starts_with("!=") || term[*index..].starts_with('='));
    let (label, rest) = term.split_at(at?.0);
    if let Some(value) = rest.strip_prefix("!=") {
        return Some((label, false, value));
    }
    let value = rest.strip_prefix("==").or_else(|| rest.strip_prefix('='))?;
    Some((label, true, value))
}

fn unescape(text: &str) -> Result<String, String> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => value.push(escaped),
                Some(other) => {
                    return Err(format!(
                        "invalid field selector: invalid escape sequence: \\{other}"
                    ));
                }
                None => {
                    return Err("invalid field selector: invalid escape sequence: \\".to_owned());
                }
            },
            // The server prints the character's number here, and so do we.
            ',' | '=' => {
                let number = u32::from(character);
                return Err(format!(
                    "invalid field selector: unescaped character in value: {number}"
                ));
            }
            other => value.push(other),
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;
    use crate::resource::{DEPLOYMENTS, NODES, PODS};

    fn check(resource: &'static Resource, selector: &str, expected: Expect) {
        let text = match FieldSelector::parse(selector, resource) {
            Err(error) => error,
            Ok(selector) => {
                let object = Object::new(
                    resource,
                    1,
                    &json!({
                        "metadata": { "name": "web-1", "namespace": "shop", "resourceVersion": "1" },
                        "spec": { "nodeName": "node-a" },
                        "status": { "phase": "Running", "podIPs": [{ "ip": "10.0.0.1" }] },
                    }),
                );
                format!("matches: {}", selector.matches(&object))
            }
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn matching() {
        check(&PODS, "", expect!["matches: true"]);
        check(
            &PODS,
            "status.phase=Running,spec.nodeName==node-a",
            expect!["matches: true"],
        );
        check(&PODS, "spec.host=node-a", expect!["matches: true"]);
        check(&PODS, "status.phase!=Running", expect!["matches: false"]);
        check(
            &PODS,
            "metadata.namespace=shop,metadata.name!=web-2",
            expect!["matches: true"],
        );
        check(&PODS, "spec.hostNetwork=false", expect!["matches: true"]);
        check(&PODS, "status.podIP=10.0.0.1", expect!["matches: true"]);
        check(&PODS, "status.podIPs=10.0.0.1", expect!["matches: false"]);
        check(&PODS, "status.nominatedNodeName=", expect!["matches: true"]);
        check(&PODS, r"spec.nodeName=a\,b", expect!["matches: false"]);
    }

    #[test]
    fn errors() {
        check(
            &PODS,
            "spec.foo=1",
            expect!["field label not supported: spec.foo"],
        );
        check(
            &DEPLOYMENTS,
            "spec.foo=1",
            expect![[
                r#""spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace""#
            ]],
        );
        check(
            &NODES,
            "metadata.namespace=a",
            expect!["field label not supported: metadata.namespace"],
        );
        check(
            &PODS,
            "status.phase",
            expect!["invalid selector: 'status.phase'; can't understand 'status.phase'"],
        );
        check(
            &PODS,
            r"spec.nodeName=a\b",
            expect![r"invalid field selector: invalid escape sequence: \b"],
        );
        check(
            &PODS,
            "spec.nodeName=a=b",
            expect!["invalid field selector: unescaped character in value: 61"],
        );
    }
}
