//! Objects as YAML text. The subset written is small: block maps and lists, plain scalars only
//! where no reader can take them for anything else, literal blocks for texts of several lines,
//! and JSON's own quoting (which YAML shares) for the rest. Written here, and not by a library,
//! because those bring serde and the tables of floating point into the page; numbers are copied
//! as the API server wrote them.

use super::{ObjectRef, Shape, Value};

/// An object with the two fields first that the items of a list lack.
pub(super) fn print(object: ObjectRef<'_>, api_version: &str, kind: &str) -> String {
    let mut out = format!("apiVersion: {api_version}\nkind: {kind}\n");
    for (key, value) in object.whole().entries() {
        if key != "apiVersion" && key != "kind" {
            entry(&mut out, &key, value, 0);
        }
    }
    out
}

/// What lies deeper stays JSON, on one line: reading it must not exhaust the stack.
const DEEPEST: usize = 100;

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn entry(out: &mut String, key: &str, value: Value<'_>, depth: usize) {
    indent(out, depth);
    scalar(out, key);
    out.push(':');
    match value.shape() {
        Shape::Map if depth < DEEPEST && value.entries().next().is_some() => {
            out.push('\n');
            for (key, value) in value.entries() {
                entry(out, &key, value, depth + 1);
            }
        }
        // Lists stand at the depth of their key, as `kubectl` writes them.
        Shape::List if depth < DEEPEST && value.items().next().is_some() => {
            out.push('\n');
            list(out, value, depth);
        }
        _ => {
            out.push(' ');
            leaf(out, value, depth);
        }
    }
}

fn list(out: &mut String, value: Value<'_>, depth: usize) {
    for item in value.items() {
        let start = out.len();
        match item.shape() {
            Shape::Map if depth < DEEPEST && item.entries().next().is_some() => {
                for (key, value) in item.entries() {
                    entry(out, &key, value, depth + 1);
                }
            }
            Shape::List if depth < DEEPEST && item.items().next().is_some() => {
                list(out, item, depth + 1)
            }
            _ => {
                indent(out, depth + 1);
                leaf(out, item, depth);
            }
        }
        // The dash stands in the indentation of the item's first line.
        let dash = start + depth * 2;
        out.replace_range(dash..=dash, "-");
    }
}

/// A value on the rest of a line (or a block below it), with its line end.
fn leaf(out: &mut String, value: Value<'_>, depth: usize) {
    match value.shape() {
        Shape::Text => {
            let text = value.text_or_empty();
            if is_block(&text) {
                block(out, &text, depth);
            } else {
                scalar(out, &text);
                out.push('\n');
            }
        }
        // Numbers, booleans, and what is empty: JSON and YAML agree.
        Shape::Map if value.entries().next().is_none() => out.push_str("{}\n"),
        Shape::List if value.items().next().is_none() => out.push_str("[]\n"),
        _ => {
            out.push_str(&value.to_json());
            out.push('\n');
        }
    }
}

/// Whether a text can stand as a literal block: several lines of printable text, the first of
/// which does not begin with a blank (which would need an indentation indicator).
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && text
            .chars()
            .all(|c| c == '\n' || c == '\t' || is_printable(c))
        && !text
            .lines()
            .any(|line| line.ends_with([' ', '\t']) || line.starts_with('\t'))
}

fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn block(out: &mut String, text: &str, depth: usize) {
    let trimmed = text.trim_end_matches('\n');
    out.push_str(match text.len() - trimmed.len() {
        0 => "|-\n",
        1 => "|\n",
        _ => "|+\n",
    });
    let ends = text.strip_suffix('\n').unwrap_or(text);
    for line in ends.split('\n') {
        if !line.is_empty() {
            indent(out, depth + 1);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// A text on one line: plain where nobody can take it for anything else.
fn scalar(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c => out.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    out.push('"');
}

/// Begins with a letter or a slash, has no character that could mean anything, and is none of the
/// words that some reader takes for a boolean, a null or a number.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan",
    ];
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:@%+, ()=".contains(&b))
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
// The reader that judges what is written is allowed a tree.
#[allow(clippy::disallowed_types)]
mod tests {
    use super::super::Object;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn prints_as_kubectl_would() {
        let object = Object::received(
            br#"{"metadata":{"name":"web","labels":{"on":"yes","v":"1.0","mode":"0777","e":""}},"spec":{"args":["-c","a: b # c","two\nlines\n"],"n":3,"f":1.5,"none":null,"ok":true,"empty":{},"list":[],"deep":[[1,[2]],{"a":[{"b":"c"}]},{}]}}"#,
        );
        expect![[r#"
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels:
                "on": "yes"
                v: "1.0"
                mode: "0777"
                e: ""
            spec:
              args:
              - "-c"
              - "a: b # c"
              - |
                two
                lines
              "n": 3
              f: 1.5
              none: null
              ok: true
              empty: {}
              list: []
              deep:
              - - 1
                - - 2
              - a:
                - b: c
              - {}
        "#]]
        .assert_eq(&object.as_ref().to_yaml("v1", "Pod"));
    }

    #[test]
    fn what_lies_deep_stays_json() {
        let deep = |open: &str, close: &str| open.repeat(20_000) + "1" + &close.repeat(20_000);
        for spec in [deep("[", "]"), deep("{\"a\":", "}")] {
            let object = Object::received(format!("{{\"spec\":{spec}}}").as_bytes());
            assert!(
                object
                    .as_ref()
                    .to_yaml("v1", "Pod")
                    .contains(&spec[spec.len() / 2..spec.len() - 300])
            );
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => "[ -~\n\t]{0,12}",
            1 => any::<String>(),
            1 => "(y|no|ON|null|~|0x1f|1_000|1e3|\\.inf|2026-01-01|12:30:45|=|<<|-|\\?|\\*a|&a|!x|a: |#|\\|)",
        ]
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            (-1_000_000_000i64..1_000_000_000).prop_map(Into::into),
            text().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(text(), inner, 0..4)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_yaml_reader_reads_back_what_was_there(spec in json()) {
            let object = Object::received(serde_json::json!({"spec": &spec}).to_string().as_bytes());
            let yaml = object.as_ref().to_yaml("v1", "Pod");
            let read: serde_json::Value = serde_saphyr::from_str(&yaml)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{yaml}")))?;
            prop_assert_eq!(&read["spec"], &spec, "{}", yaml);
        }
    }
}
