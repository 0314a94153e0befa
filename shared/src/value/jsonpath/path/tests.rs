use expect_test::{Expect, expect};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

const POD: &str = r#"{
  "apiVersion": "v1", "kind": "Pod",
  "metadata": {"name": "web-1", "labels": {"app": "web", "app.kubernetes.io/name": "shop", "nothing": null}},
  "spec": {
    "nodeName": "n1", "priority": 0,
    "containers": [
      {"name": "web", "image": "nginx:1.25", "ports": [{"containerPort": 80}, {"containerPort": 443}]},
      {"name": "sidecar", "image": "envoy:1.30", "ports": []},
      {"name": "last", "image": "registry.example.com/nginx:1.2", "stdin": true}
    ]
  },
  "status": {
    "phase": "Running", "ratio": 1.5,
    "conditions": [{"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "False"}],
    "containerStatuses": [{"name": "web", "restartCount": 3}, {"name": "sidecar", "restartCount": 0}]
  }
}"#;

/// Each path, its canonical text if that differs, and the values to which it leads, or the problem
/// and where it is.
fn check(paths: &str, expected: Expect) {
    let lines = paths.lines().map(str::trim).filter(|line| !line.is_empty());
    expected.assert_eq(&lines.map(describe).collect::<String>());
}

fn describe(text: &str) -> String {
    match Path::parse(text) {
        Ok(path) => {
            let values = path.values(Value::json(POD.as_bytes()));
            let values: Vec<_> = values.iter().map(|value| value.to_json()).collect();
            let printed = path.to_string();
            let printed = if text == printed {
                String::new()
            } else {
                format!(" is {printed}")
            };
            format!("{text}{printed} → {}\n", values.join(" "))
        }
        Err(problem) => {
            let marks = "^".repeat(text[problem.range.clone()].chars().count().max(1));
            let before = text[..problem.range.start].chars().count();
            format!(
                "{text}\n{}{marks} {}\n",
                " ".repeat(before),
                problem.message
            )
        }
    }
}

#[test]
fn names_lead_to_members() {
    check(
        r#"
        .metadata.name
        {.metadata.name}
        metadata.name
        { $.metadata.name }
        @.metadata.name
        .metadata.labels.app\.kubernetes\.io/name
        .metadata.labels['app\.kubernetes\.io/name']
        .metadata.labels['app.kubernetes.io/name']
        .metadata.labels["app.kubernetes.io/name"]
        .metadata.labels.nothing
        .metadata.name.further
        .spec.priority
        {.metadata .name}
        .metadata['name']
        .spec.containers.name
        "#,
        expect![[r#"
            .metadata.name → "web-1"
            {.metadata.name} is .metadata.name → "web-1"
            metadata.name is .metadata.name → "web-1"
            { $.metadata.name } is .metadata.name → "web-1"
            @.metadata.name is .metadata.name → "web-1"
            .metadata.labels.app\.kubernetes\.io/name → "shop"
            .metadata.labels['app\.kubernetes\.io/name'] is .metadata.labels.app\.kubernetes\.io/name → "shop"
            .metadata.labels['app.kubernetes.io/name'] is .metadata.labels.app.kubernetes.io/name → 
            .metadata.labels["app.kubernetes.io/name"] is .metadata.labels.app\.kubernetes\.io/name → "shop"
            .metadata.labels.nothing → 
            .metadata.name.further → 
            .spec.priority → 0
            {.metadata .name} is .metadata.name → "web-1"
            .metadata['name'] is .metadata.name → "web-1"
            .spec.containers.name → 
        "#]],
    );
}

#[test]
fn brackets_and_stars_lead_to_items() {
    check(
        r#"
        .spec.containers[*].image
        .spec.containers.*.image
        .spec.containers[0].name
        .spec.containers[-1].name
        .spec.containers[3].name
        .spec.containers[-4].name
        .spec.containers[0:2].name
        .spec.containers[1:].name
        .spec.containers[:-1].name
        .spec.containers[-2:].name
        .spec.containers[::2].name
        .spec.containers[2:1].name
        .spec.containers[1:99].name
        .spec.containers[9223372036854775807].name
        .spec.containers[0,-1].name
        .spec.containers[0]['name', 'image']
        .spec.containers[*].ports[*].containerPort
        .spec[*]
        .status.containerStatuses[0].*
        ..containerPort
        ..name
        ...name
        .status..[0].name
        ..ports.*.*
        "#,
        expect![[r#"
            .spec.containers[*].image → "nginx:1.25" "envoy:1.30" "registry.example.com/nginx:1.2"
            .spec.containers.*.image → "nginx:1.25" "envoy:1.30" "registry.example.com/nginx:1.2"
            .spec.containers[0].name → "web"
            .spec.containers[-1].name → "last"
            .spec.containers[3].name → 
            .spec.containers[-4].name → 
            .spec.containers[0:2].name → "web" "sidecar"
            .spec.containers[1:].name → "sidecar" "last"
            .spec.containers[:-1].name → "web" "sidecar"
            .spec.containers[-2:].name → "sidecar" "last"
            .spec.containers[::2].name → "web" "last"
            .spec.containers[2:1].name → 
            .spec.containers[1:99].name → "sidecar" "last"
            .spec.containers[9223372036854775807].name → 
            .spec.containers[0,-1].name → "web" "last"
            .spec.containers[0]['name', 'image'] is .spec.containers[0]['name','image'] → "web" "nginx:1.25"
            .spec.containers[*].ports[*].containerPort → 80 443
            .spec[*] → 
            .status.containerStatuses[0].* → "web" 3
            ..containerPort → 80 443
            ..name → "web-1" "web" "sidecar" "last" "web" "sidecar"
            ...name is ..name → "web-1" "web" "sidecar" "last" "web" "sidecar"
            .status..[0].name → "web"
            ..ports.*.* → 80 443
        "#]],
    );
}

#[test]
fn conditions_choose_items() {
    check(
        r#"
        .spec.containers[?(@.name=="web")].image
        .spec.containers[?(@.name == 'web')].image
        .spec.containers[?(.name!="web")].name
        .spec.containers[?(@.stdin)].name
        .spec.containers[?(!@.stdin)].name
        .spec.containers[?(@.stdin==true)].name
        .spec.containers[?(@.image=~"nginx:1\.2[0-9]$")].name
        .spec.containers[?(@.image=~"^nginx" || @.name=="last")].name
        .spec.containers[?(@.image=~"nginx" && !(@.name=="last"))].name
        .spec.containers[?(@.ports[*].containerPort==443)].name
        .spec.containers[?(@.ports[*].containerPort!=443)].name
        .spec.containers[?(@.ports[?(@.containerPort>400)])].name
        .spec.containers[?((@.name=="web" || @.name=="last") && @.image)].name
        .status.containerStatuses[?(@.restartCount>0)].name
        .status.containerStatuses[?(@.restartCount>=0.5)].name
        .status.containerStatuses[?(0<@.restartCount)].name
        .status.containerStatuses[?(@.restartCount=="3")].name
        .status.containerStatuses[?(@.missing!="3")].name
        .status.conditions[?(@.type=="Ready")].status
        .spec.containers[?(@["name"]=="web")].name
        .spec.containers[?(@.name=="w\u0065b")].name
        .metadata.labels[?(@=="web")]
        "#,
        expect![[r#"
            .spec.containers[?(@.name=="web")].image → "nginx:1.25"
            .spec.containers[?(@.name == 'web')].image is .spec.containers[?(@.name=="web")].image → "nginx:1.25"
            .spec.containers[?(.name!="web")].name is .spec.containers[?(@.name!="web")].name → "sidecar" "last"
            .spec.containers[?(@.stdin)].name → "last"
            .spec.containers[?(!@.stdin)].name → "web" "sidecar"
            .spec.containers[?(@.stdin==true)].name → "last"
            .spec.containers[?(@.image=~"nginx:1\.2[0-9]$")].name → "web"
            .spec.containers[?(@.image=~"^nginx" || @.name=="last")].name → "web" "last"
            .spec.containers[?(@.image=~"nginx" && !(@.name=="last"))].name → "web"
            .spec.containers[?(@.ports[*].containerPort==443)].name → "web"
            .spec.containers[?(@.ports[*].containerPort!=443)].name → 
            .spec.containers[?(@.ports[?(@.containerPort>400)])].name → "web"
            .spec.containers[?((@.name=="web" || @.name=="last") && @.image)].name → "web" "last"
            .status.containerStatuses[?(@.restartCount>0)].name → "web"
            .status.containerStatuses[?(@.restartCount>=0.5)].name → "web"
            .status.containerStatuses[?(0<@.restartCount)].name → "web"
            .status.containerStatuses[?(@.restartCount=="3")].name → 
            .status.containerStatuses[?(@.missing!="3")].name → 
            .status.conditions[?(@.type=="Ready")].status → "True"
            .spec.containers[?(@["name"]=="web")].name is .spec.containers[?(@.name=="web")].name → "web"
            .spec.containers[?(@.name=="w\u0065b")].name is .spec.containers[?(@.name=="web")].name → "web"
            .metadata.labels[?(@=="web")] → 
        "#]],
    );
}

#[test]
fn problems_say_where() {
    check(
        r#"
        {.metadata.name
        .metadata.
        .metadata..
        .a....b
        .spec.containers[
        .spec.containers[0
        .spec.containers[]
        .spec.containers[a]
        .spec.containers["a"x]
        .spec.containers['a]
        .spec.containers[0:3:0]
        .spec.containers[99999999999999999999]
        .spec.containers[?@.name]
        .spec.containers[?(@.name]
        .spec.containers[?(@.name=="web]
        .spec.containers[?(@.name="web")]
        .spec.containers[?(@.name==web)]
        .spec.containers[?(@.name=~web)]
        .spec.containers[?(@.name=~"(")]
        .spec.containers[?(@.name===1)]
        .spec.containers[?("web")]
        .spec.containers[?(!@.a==1)]
        .spec.containers[?(@.a &&)]
        .spec.containers[?(@.a & @.b)]
        .spec.containers[?(@.a=="\q")]
        .metadata.name extra
        .metadata}name
        {.metadata.name} tail
        }
        .é.
        "#,
        expect![[r#"
            {.metadata.name
                           ^ "}" is missing at the end
            .metadata.
                      ^ a name is missing here
            .metadata..
                       ^ a name is missing here
            .a....b
              ^^ ".." stands here twice
            .spec.containers[
                             ^ an index, a key in quotes, * or ?(…) is missing here
            .spec.containers[0
                              ^ "]" is missing at the end
            .spec.containers[]
                             ^ an index, a key in quotes, * or ?(…) is missing here
            .spec.containers[a]
                             ^ an index, a key in quotes, * or ?(…) is missing here
            .spec.containers["a"x]
                                ^ "x" cannot stand here
            .spec.containers['a]
                              ^^ the closing ' is missing
            .spec.containers[0:3:0]
                                ^^ a step is at least 1
            .spec.containers[99999999999999999999]
                             ^^^^^^^^^^^^^^^^^^^^ this is no whole number, or one that is too large
            .spec.containers[?@.name]
                              ^ "@" cannot stand here
            .spec.containers[?(@.name]
                                     ^ "]" cannot stand here
            .spec.containers[?(@.name=="web]
                                       ^^^^^ the closing " is missing
            .spec.containers[?(@.name="web")]
                                     ^ equality is written ==
            .spec.containers[?(@.name==web)]
                                       ^^^ a text stands in quotes: "web"
            .spec.containers[?(@.name=~web)]
                                       ^ a regular expression in quotes is missing here
            .spec.containers[?(@.name=~"(")]
                                       ^^^ a parenthesis is not closed
            .spec.containers[?(@.name===1)]
                                     ^^^ there is no comparison ===
            .spec.containers[?("web")]
                               ^^^^^ a path such as @.name is missing
            .spec.containers[?(!@.a==1)]
                                   ^ "=" cannot stand here
            .spec.containers[?(@.a &&)]
                                     ^ ")" cannot stand here
            .spec.containers[?(@.a & @.b)]
                                   ^ "&" cannot stand here
            .spec.containers[?(@.a=="\q")]
                                    ^^^^ an escape in this text makes no sense
            .metadata.name extra
                           ^ "e" cannot stand here
            .metadata}name
                     ^ "}" cannot stand here
            {.metadata.name} tail
                             ^ "t" cannot stand here
            }
            ^ "}" cannot stand here
            .é.
               ^ a name is missing here
        "#]],
    );
    assert_eq!(
        Path::parse("").unwrap_err().message,
        "a path such as .metadata.name is missing"
    );
}

#[test]
fn braces_end_where_they_end() {
    let check = |text: &str, end: usize| {
        let (path, found) = Path::parse_braced(text).unwrap();
        assert_eq!(found, end, "{path}");
    };
    check("{.a}=b", 4);
    check(r#"{.a[?(@.b=="}")]['c}']} x"#, 23);
    assert!(Path::parse_braced(".a").is_err());
}

#[test]
fn a_path_tells_where_it_begins() {
    let first = |text: &str| {
        let path = Path::parse(text).unwrap();
        path.first_member().map(str::to_owned)
    };
    assert_eq!(first(".metadata.labels"), Some("metadata".to_owned()));
    assert_eq!(first("['metadata'][?(@.a)]"), Some("metadata".to_owned()));
    assert_eq!(first("..name"), None);
    assert_eq!(first("['metadata','spec']"), None);
    assert_eq!(first("@"), None);
}

#[test]
fn no_text_is_too_long_or_too_deep() {
    const LONG: usize = 1 << 18;
    for piece in [
        ".",
        "..",
        ".a",
        "[",
        "[0]",
        "[*]",
        "['",
        "['a']",
        "[0,",
        "[?(",
        "[?(@",
        "[?(!",
        "(",
        "!",
        "{",
        "\\",
        "\"",
        "[?(@.a)]",
        "[?(@.a=~\"",
        "..a",
        "..[*]",
        ".*",
        "[0,0]",
        " ",
    ] {
        let text = piece.repeat(LONG / piece.len());
        if let Ok(path) = Path::parse(&text) {
            let _ = path.values(Value::json(POD.as_bytes()));
        }
    }
}

#[test]
fn no_object_is_too_deep_or_too_branched() {
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let branched = "[[1,2,3,4,5,6,7,8],".repeat(50) + "0" + &"]".repeat(50);
    for (path, object) in [
        ("..[*]", &deep),
        ("[?(@..[*]==1)]", &deep),
        (&"..[*]".repeat(20), &branched),
        (&"[0,0]".repeat(40), &branched),
    ] {
        let path = Path::parse(path).unwrap();
        path.visit(Value::json(object.as_bytes()), &mut |_| {
            ControlFlow::Continue(())
        });
    }
}

fn name() -> impl Strategy<Value = Step> {
    prop_oneof!["[a-z]{1,3}", "[a-z.*/ \\\\'\"\\[$é-]{1,3}"]
        .prop_map(|name| Step::Member(name.into()))
}

fn steps(condition: BoxedStrategy<Condition>) -> impl Strategy<Value = Path> {
    let bound = || prop::option::of(-3i64..4);
    let slice = (bound(), bound(), 1usize..3)
        .prop_map(|(start, end, step)| Step::Slice(Slice { start, end, step }));
    let index = (-3i64..4).prop_map(Step::Index);
    let one = |step: Step| Path { steps: vec![step] };
    let key = prop::collection::vec(name(), 1..3).prop_map(|steps| Path { steps });
    let way = prop_oneof![
        index.clone().prop_map(one),
        slice.clone().prop_map(one),
        key
    ];
    let union = prop::collection::vec(way, 2..4).prop_map(Step::Union);
    let step = prop_oneof![
        4 => name().prop_map(|name| vec![name]),
        1 => Just(vec![Step::Each]),
        1 => name().prop_map(|name| vec![Step::Below, name]),
        1 => index.prop_map(|index| vec![Step::Below, index]),
        1 => slice.prop_map(|slice| vec![slice]),
        1 => union.prop_map(|union| vec![union]),
        1 => condition.prop_map(|condition| vec![Step::Filter(condition)]),
    ];
    prop::collection::vec(step, 0..4).prop_map(|steps| Path {
        steps: steps.concat(),
    })
}

fn condition() -> BoxedStrategy<Condition> {
    let never = Just(Condition::Exists(Path {
        steps: vec![Step::Each],
    }));
    let literal = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        prop::sample::select(vec!["0.5", "-2.25", "1e+21", "1e-7"]).prop_map(str::to_owned),
        Just("true".to_owned()),
        any::<String>().prop_map(|text| {
            let mut json = String::new();
            crate::value::text::quoted(&text, &mut json);
            json
        }),
    ];
    let operand = prop_oneof![
        steps(never.clone().boxed()).prop_map(Operand::Path),
        literal.prop_map(Operand::Literal),
    ]
    .boxed();
    let comparison = prop::sample::select(vec![
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ]);
    let regex = prop::sample::select(vec!["a.b", "\\.x$", "\\\"", "it's", "say \"x\"", ""])
        .prop_map(|text| Regex::new(text).expect("an expression"));
    let leaf = prop_oneof![
        steps(never.clone().boxed()).prop_map(Condition::Exists),
        (operand.clone(), comparison, operand)
            .prop_map(|(left, sign, right)| Condition::Compare(left, sign, right)),
        (steps(never.boxed()), regex).prop_map(|(path, regex)| Condition::Matches(path, regex)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many.clone().prop_map(Condition::All),
            many.prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn the_canonical_text_reads_as_the_same(path in steps(condition())) {
        let text = path.to_string();
        prop_assert_eq!(Path::parse(&text), Ok(path.clone()), "{}", text);
        let braced = format!("{{{text}}}");
        prop_assert_eq!(Path::parse_braced(&braced), Ok((path, braced.len())));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[.a*\\[\\]0:,?()@$'\"!=~<&|{} \\\\é-]{0,24}") {
        if let Ok(path) = Path::parse(&text) {
            let printed = path.to_string();
            prop_assert_eq!(Path::parse(&printed), Ok(path.clone()), "{} as {}", text, printed);
            let _ = path.values(Value::json(POD.as_bytes()));
        }
    }
}

const WORDS: &str = r#"(\.(metadata|labels|spec|containers|ports|env|volumes|status|conditions|name|kind|\*)|\.\.(name|type|key|value)|\[(\*|0|-1|1:|0,0|'name','kind')\]|\[\?\(@\.(name|type|key)(!="x"|=~"[A-Z]")?\)\]){1,4}"#;

/// A path leads to the same in protobuf and in the JSON that the same server would have sent.
#[test]
fn protobuf_is_as_json() {
    let pod = Value::enveloped(include_bytes!("../../../../schema/pairs/core.v1.Pod.1.pb"));
    let json = pod.to_json();
    let found = std::cell::Cell::new(0);
    let mut chance = TestRunner::new(ProptestConfig::with_cases(1000));
    let texts =
        |values: Vec<Value<'_>>| -> Vec<_> { values.iter().map(|value| value.to_json()).collect() };
    let same = chance.run(&WORDS, |text| {
        let path = Path::parse(&text).expect("a path");
        let values = texts(path.values(pod));
        found.set(found.get() + usize::from(!values.is_empty()));
        prop_assert_eq!(values, texts(path.values(Value::json(json.as_bytes()))));
        Ok(())
    });
    same.unwrap_or_else(|error| panic!("{error}"));
    let found = found.get();
    assert!(found > 50, "only {found} lead anywhere");
}
