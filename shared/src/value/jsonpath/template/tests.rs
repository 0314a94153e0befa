use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

const NODE: &str = r#"{
  "kind": "Node", "metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "n1", "role": "a<b"}, "nothing": null},
  "spec": {"unschedulable": true, "podCIDRs": ["10.0.0.0/24", "10.0.1.0/24"], "taints": []},
  "status": {
    "ratio": 1.5, "large": 12345678.5, "whole": 2.0, "count": 7,
    "images": [
      {"names": ["a", "b"], "sizeBytes": 3}, {"names": [], "sizeBytes": 5}, {"names": ["c"], "sizeBytes": 4}
    ]
  }
}"#;

/// Each template, and what it prints, or how it fails.
fn check(templates: &str, expected: Expect) {
    let lines = templates
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let describe = |template: &str| {
        let printed = Template::parse(template)
            .map_err(|message| ["no template: ", &message].concat())
            .and_then(|template| template.print(Value::json(NODE.as_bytes())));
        match printed {
            Ok(text) => format!("{template} → {text:?}\n"),
            Err(message) => format!("{template} ✗ {message}\n"),
        }
    };
    expected.assert_eq(&lines.map(describe).collect::<String>());
}

#[test]
fn prints_as_go_does() {
    check(
        r#"
        plain \n text
        {.metadata.name}
        {.metadata.labels.kubernetes\.io/hostname}
        {.metadata.labels['kubernetes\.io/hostname']}
        {.metadata.labels['kubernetes.io/hostname']}
        {.metadata.labels}
        {.metadata.nothing}
        {.metadata.missing}
        {.spec.unschedulable} {.status.ratio} {.status.large} {.status.whole} {.status.count}
        {.spec.podCIDRs}
        {.spec.podCIDRs[*]}
        {.status.images[0]}
        {.status.images[*].names[*]}
        {.kind.*}
        {.}
        {"\n"}{'\t'}{"\x41\u00e9\101"}{"it's"}{'\''}
        {5} {1.0} {true}
        {.metadata.name "x"}
        "#,
        expect![[r#"
            plain \n text → "plain \\n text"
            {.metadata.name} → "n1"
            {.metadata.labels.kubernetes\.io/hostname} → "n1"
            {.metadata.labels['kubernetes\.io/hostname']} → "n1"
            {.metadata.labels['kubernetes.io/hostname']} → ""
            {.metadata.labels} → "{\"kubernetes.io/hostname\":\"n1\",\"role\":\"a\\u003cb\"}"
            {.metadata.nothing} → "null"
            {.metadata.missing} → ""
            {.spec.unschedulable} {.status.ratio} {.status.large} {.status.whole} {.status.count} → "true 1.5 1.23456785e+07 2 7"
            {.spec.podCIDRs} → "[\"10.0.0.0/24\",\"10.0.1.0/24\"]"
            {.spec.podCIDRs[*]} → "10.0.0.0/24 10.0.1.0/24"
            {.status.images[0]} → "{\"names\":[\"a\",\"b\"],\"sizeBytes\":3}"
            {.status.images[*].names[*]} → "a b"
            {.kind.*} → "78 111 100 101"
            {.} → ""
            {"\n"}{'\t'}{"\x41\u00e9\101"}{"it's"}{'\''} → "\n\tAéAit's'"
            {5} {1.0} {true} → "5 1 true"
            {.metadata.name "x"} → "x"
        "#]],
    );
}

#[test]
fn ranges_repeat_what_is_in_them() {
    check(
        r#"
        {range .status.images[*]}[{.sizeBytes}]{end}
        {range .status.images[*]}{range .names[*]}{@},{end};{end}!
        {range .missing[*]}[{.a}]{end}!
        {range .spec.podCIDRs[*]}{@}
        {end}
        {range .status.images[*]}{.names[0]}{end}
        {range .metadata.nothing}{@}{end}
        "#,
        expect![[r#"
            {range .status.images[*]}[{.sizeBytes}]{end} → "[3][5][4]"
            {range .status.images[*]}{range .names[*]}{@},{end};{end}! → "a,b,;;c,;!"
            {range .missing[*]}[{.a}]{end}! → "!"
            {range .spec.podCIDRs[*]}{@} → "10.0.0.0/2410.0.1.0/24{\"kind\":\"Node\",\"metadata\":{\"labels\":{\"kubernetes.io/hostname\":\"n1\",\"role\":\"a\\u003cb\"},\"name\":\"n1\",\"nothing\":null},\"spec\":{\"podCIDRs\":[\"10.0.0.0/24\",\"10.0.1.0/24\"],\"taints\":[],\"unschedulable\":true},\"status\":{\"count\":7,\"images\":[{\"names\":[\"a\",\"b\"],\"sizeBytes\":3},{\"names\":[],\"sizeBytes\":5},{\"names\":[\"c\"],\"sizeBytes\":4}],\"large\":12345678.5,\"ratio\":1.5,\"whole\":2}}"
            {end} ✗ not in range, nothing to end
            {range .status.images[*]}{.names[0]}{end} ✗ array index out of bounds: index 0, length 0
            {range .metadata.nothing}{@}{end} → "<no value>"
        "#]],
    );
}

#[test]
fn filters_choose_items() {
    check(
        r#"
        {.status.images[?(@.sizeBytes==3)].names}
        {.status.images[?(@.sizeBytes>3)].sizeBytes}
        {.status.images[?(@.sizeBytes!=3)].sizeBytes}
        {.status.images[?(@.names)].sizeBytes}
        {.status.images[?(@.names[0])].sizeBytes}
        {.status.images[?(@.missing=="x")].sizeBytes}
        {.spec.podCIDRs[?(@=="10.0.0.0/24")]}
        {.status.images[?(@.sizeBytes=="3")]}
        {.status.images[?(@.sizeBytes==3.0)]}
        {.status.images[?(@.names=="a")]}
        {.status.images[?(@.names[*]=="a")]}
        {.status.images[?(@.sizeBytes=3)]}
        {.metadata.labels[?(@=="a")]}
        "#,
        expect![[r#"
            {.status.images[?(@.sizeBytes==3)].names} → "[\"a\",\"b\"]"
            {.status.images[?(@.sizeBytes>3)].sizeBytes} → "5 4"
            {.status.images[?(@.sizeBytes!=3)].sizeBytes} → "5 4"
            {.status.images[?(@.names)].sizeBytes} → "3 5 4"
            {.status.images[?(@.names[0])].sizeBytes} → "3 5 4"
            {.status.images[?(@.missing=="x")].sizeBytes} → ""
            {.spec.podCIDRs[?(@=="10.0.0.0/24")]} → "10.0.0.0/24"
            {.status.images[?(@.sizeBytes=="3")]} ✗ incompatible types for comparison
            {.status.images[?(@.sizeBytes==3.0)]} ✗ incompatible types for comparison
            {.status.images[?(@.names=="a")]} ✗ invalid type for comparison
            {.status.images[?(@.names[*]=="a")]} ✗ can only compare one element at a time
            {.status.images[?(@.sizeBytes=3)]} ✗ unrecognized filter operator =
            {.metadata.labels[?(@=="a")]} ✗ map[string]interface {} is not array or slice and cannot be filtered
        "#]],
    );
}

#[test]
fn failures_have_the_words_of_kubectl() {
    check(
        r#"
        {.metadata.name
        {.status.images[3]}
        {.status.images[-4]}
        {.status.images[0:9]}
        {.status.images[2:1]}
        {.status.images[::0]}
        {.status.images[0}
        {.status.images[a]}
        {.status.images[-]}
        {.status.images[99999999999999999999]}
        {.status.images["a"]}
        {.status.images[?(@.a}
        {.status.images[?(@.a)}
        {.status..images....a}
        {.metadata.name[0]}
        {.metadata[*]}
        {"a}
        {"\q"}
        {1.2.3}
        {..*}
        {é|}
        {foo}
        {end}
        {range .missing}{[0]}{end}
        "#,
        expect![[r#"
            {.metadata.name ✗ no template: unclosed action
            {.status.images[3]} ✗ array index out of bounds: index 3, length 3
            {.status.images[-4]} ✗ array index out of bounds: index -1, length 3
            {.status.images[0:9]} ✗ array index out of bounds: index 8, length 3
            {.status.images[2:1]} ✗ starting index 2 is greater than ending index 1
            {.status.images[::0]} ✗ step must be > 0
            {.status.images[0} ✗ no template: unterminated array
            {.status.images[a]} ✗ no template: invalid array index a
            {.status.images[-]} ✗ no template: array index - is not a number
            {.status.images[99999999999999999999]} ✗ no template: array index 99999999999999999999 is not a number
            {.status.images["a"]} ✗ no template: invalid array index "a"
            {.status.images[?(@.a} ✗ no template: unterminated filter
            {.status.images[?(@.a)} ✗ no template: unclosed array expect ]
            {.status..images....a} ✗ no template: invalid multiple recursive descent
            {.metadata.name[0]} ✗ string is not array or slice
            {.metadata[*]} ✗ map[string]interface {} is not array or slice
            {"a} ✗ no template: unterminated quoted string
            {"\q"} ✗ no template: unquote string "\q" error invalid syntax
            {1.2.3} ✗ no template: cannot parse number 1.2.3
            {..*} ✗ no template: unrecognized character in action: U+002A '*'
            {é|} ✗ unrecognized identifier é|
            {foo} ✗ unrecognized identifier foo
            {end} ✗ not in range, nothing to end
            {range .missing}{[0]}{end} ✗ <invalid reflect.Value> is not array or slice
        "#]],
    );
    let strict = Template::parse("{.metadata.missing}").unwrap();
    assert_eq!(
        strict
            .without_missing_keys()
            .print(Value::json(NODE.as_bytes())),
        Err("missing is not found".to_owned())
    );
}

#[test]
fn no_template_is_too_long_or_too_deep() {
    const LONG: usize = 1 << 17;
    for piece in [
        "{",
        "{.",
        "{.a}",
        "{range .metadata}",
        "{range @}{end}",
        "{end}",
        "{..",
        "[?(",
        "{[?('[?(",
        "{[",
        "{['",
        "{\"",
        "{'\\'",
        "{@}",
        "{..[*]}",
        "{[0,0]}",
        "x",
    ] {
        let text = piece.repeat(LONG / piece.len());
        if let Ok(template) = Template::parse(&text) {
            let _ = template.print(Value::json(NODE.as_bytes()));
        }
    }
    let ways = ["{", &"['metadata','metadata']..".repeat(40), "a}"].concat();
    let template = Template::parse(&ways).unwrap();
    let _ = template.print(Value::json(NODE.as_bytes()));
}

#[test]
fn no_object_is_too_deep() {
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    for text in ["{@}", "{..[*]}"] {
        let template = Template::parse(text).unwrap();
        let _ = template.print(Value::json(deep.as_bytes()));
    }
}

/// A value as JSON, without `null` and empty lists, of which kubectl has its own views.
fn value() -> impl Strategy<Value = String> {
    let leaf = "true|false|[0-3]|\"[ab]{0,2}\"";
    leaf.prop_recursive(4, 40, 3, |inner| {
        let joined = |(open, close): (&'static str, &'static str)| {
            move |parts: Vec<String>| [open, &parts.join(","), close].concat()
        };
        let member = |name: &'static str| {
            inner
                .clone()
                .prop_map(move |value| format!("\"{name}\":{value}"))
        };
        let members = prop_oneof![
            member("a").prop_map(|a| vec![a]),
            (member("a"), member("b")).prop_map(|(a, b)| vec![a, b]),
            (member("b"), member("c")).prop_map(|(b, c)| vec![b, c]),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(joined(("[", "]"))),
            members.prop_map(joined(("{", "}"))),
        ]
    })
}

const PATH: &str = r#"(\.[abc]|\[\*\]|\[-?[01]\]|\[[01]?:[12]?\]|\['[abc]','[abc]'\]|\.\.[abc]|\[\?\(@(\.[abc])?(==|!=|<|>=)([0-3]|"a"|true|@\.a)\)\]|\[\?\(@\.[abc]\)\]){1,4}"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Wherever kubectl finds something, a path finds the same.
    #[test]
    fn paths_lead_where_templates_do(json in value(), path in PATH) {
        let template = Template::parse(&["{range ", &path, "}{@}\n{end}"].concat()).expect("a template");
        if let Ok(printed) = template.print(Value::json(json.as_bytes())) {
            let path = super::super::Path::parse(&path).expect("a path");
            let values = path.values(Value::json(json.as_bytes()));
            let mut values: Vec<_> = values.iter().map(|value| value.text().map_or_else(|| value.to_json(), Into::into)).collect();
            let mut lines: Vec<_> = printed.lines().collect();
            // Of several keys, kubectl takes one after the other for all values.
            values.sort_unstable();
            lines.sort_unstable();
            prop_assert_eq!(values, lines);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "([a{}]|\\{range |\\{end\\}|[\\[\\]().*:,?=<>'\"\\\\@$ 0-9-]|é){0,24}") {
        if let Ok(template) = Template::parse(&text) {
            let _ = template.print(Value::json(NODE.as_bytes()));
        }
    }
}
