// The model of the API server in this file is allowed a tree.
#![allow(clippy::disallowed_types)]
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::store::Store;
use crate::value::Object;

fn check(text: &str, expected: &Expect) {
    let parsed = Query::parse(text);
    let (plan, problems) = Plan::of(&parsed.query, &Known::default());
    let mut printed = plan.map_or_else(String::new, |plan| plan.to_string());
    for problem in parsed.problems.iter().chain(&problems) {
        let fix = problem
            .fix
            .as_ref()
            .map_or_else(String::new, |fix| format!(" -> {fix:?}"));
        printed += &format!("! {:?}: {}{fix}\n", problem.span.of(text), problem.message);
    }
    expected.assert_eq(&printed);
}

#[test]
fn pushes_what_the_server_decides_alike() {
    check(
        "pods ns:shop app=web status:CrashLoopBackOff sort:-restarts web-",
        &expect![[r#"
            GET /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500
              then watch from its resourceVersion
            the API server decides: ns:shop app=web
            decided here: status:CrashLoopBackOff (the API server cannot select by this field)
            decided here: web- (the API has no search in names)
            sorted here by -restarts, namespace, name
        "#]],
    );
    check(
        "deploy ns:default,nectar v=alpha",
        &expect![[r#"
        GET /apis/apps/v1/namespaces/default/deployments?labelSelector=v%3Dalpha&limit=500
        GET /apis/apps/v1/namespaces/nectar/deployments?labelSelector=v%3Dalpha&limit=500
          then watch from its resourceVersion
        the API server decides: ns:default,nectar v=alpha
        sorted here by namespace, name
    "#]],
    );
    check(
        "pods -ns:dev is:broken node:n1 -name:a,b",
        &expect![[r#"
        GET /api/v1/pods?fieldSelector=metadata.namespace%21%3Ddev%2Cspec.nodeName%3Dn1%2Cmetadata.name%21%3Da%2Cmetadata.name%21%3Db&limit=500
          then watch from its resourceVersion
        the API server decides: -ns:dev node:n1 -name:a,b
        decided here: is:broken (the state is derived from many fields)
        sorted here by namespace, name
    "#]],
    );
    check(
        "pods app=-bad (a=1 OR b=2) -c>5 node:<none> limit:5",
        &expect![[r#"
        GET /api/v1/pods?limit=500
          then watch from its resourceVersion
        decided here: app="-bad" (no label can be so, and the API server refuses to look for it)
        decided here: (a=1 OR b=2) (selectors have neither OR nor groups)
        decided here: -c>5 (selectors cannot negate a comparison)
        decided here: node:"<none>" (the API server does not know how kubectl prints nothing)
        sorted here by namespace, name
        the first 5 rows are shown
    "#]],
    );
    check(
        "events type:Warning",
        &expect![[r#"
        GET /api/v1/events?fieldSelector=type%3DWarning&limit=500
          then watch from its resourceVersion
        the API server decides: type:Warning
        sorted here by last, namespace, name
    "#]],
    );
}

#[test]
fn says_what_makes_no_sense_for_the_kind() {
    check(
        "pods nod:pool-*",
        &expect![[r#"
            GET /api/v1/pods?limit=500
              then watch from its resourceVersion
            sorted here by namespace, name
            ! "nod": nod is not a field of pods, so it is left out; did you mean node -> "node"
        "#]],
    );
    check(
        "pod restarts>many restarts:x age:1h age:<x status:>5 is:brokn",
        &expect![[r#"
        GET /api/v1/pods?limit=500
          then watch from its resourceVersion
        sorted here by namespace, name
        ! "restarts>many": restarts is compared with a number, such as restarts:>5 -> "restarts:>5"
        ! "restarts:x": restarts is a number, so it needs one, such as restarts:>5 -> "restarts:>5"
        ! "age:1h": age is compared with a duration, such as age:<1h -> "age:<1h"
        ! "age:<x": age is compared with a duration, such as age:<1h -> "age:<1h"
        ! "status:>5": status is text and has no order -> "status:5"
        ! "is:brokn": is:brokn is not known; did you mean broken -> "is:broken"
    "#]],
    );
    check(
        "nodes ns:shop sort:foo",
        &expect![[r#"
            GET /api/v1/nodes?limit=500
              then watch from its resourceVersion
            sorted here by namespace, name
            ! "ns:shop": nodes are in no namespace, so it is left out -> ""
            ! "foo": foo is not a field of nodes, so it is left out
        "#]],
    );
    check(
        "pds",
        &expect![[r#"
        ! "pds": there is no kind called pds; did you mean pods -> "pods"
    "#]],
    );
    check(
        "pods,svc",
        &expect![[r#"
        ! "pods,svc": a query asks for one kind -> "pods"
    "#]],
    );
}

/// What the API server would do with a scan, written from its documentation and not from our
/// code: an object is given when its namespace is the path's and every requirement holds.
fn server_gives(scan: &ScanSpec, object: &serde_json::Map<String, serde_json::Value>) -> bool {
    let text = |path: &[&str]| -> String {
        let mut value = object.get(path[0]);
        for key in &path[1..] {
            value = value.and_then(|value| value.get(key));
        }
        value
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let url = scan.path(&[]);
    let (path, parameters) = url.split_once('?').unwrap_or((&url, ""));
    let namespace = path
        .strip_prefix("/api/v1/namespaces/")
        .and_then(|rest| rest.strip_suffix("/pods"));
    if namespace.is_some_and(|namespace| namespace != text(&["metadata", "namespace"])) {
        return false;
    }
    parameters
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .all(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap();
            let selector = percent_encoding::percent_decode_str(value)
                .decode_utf8()
                .unwrap();
            match name {
                "labelSelector" => requirements(&selector).iter().all(|requirement| {
                    label_holds(
                        requirement,
                        object["metadata"]
                            .get("labels")
                            .and_then(|labels| labels.as_object()),
                    )
                }),
                "fieldSelector" => selector.split(',').all(|requirement| {
                    let (field, value, equal) = match requirement.split_once("!=") {
                        Some((field, value)) => (field, value, false),
                        None => requirement
                            .split_once('=')
                            .map(|(field, value)| (field, value, true))
                            .unwrap(),
                    };
                    let path: Vec<_> = field.split('.').collect();
                    (text(&path) == value) == equal
                }),
                _ => panic!("{name}"),
            }
        })
}

fn requirements(selector: &str) -> Vec<String> {
    let (mut all, mut depth) = (vec![String::new()], 0);
    for c in selector.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        all.last_mut().unwrap().push(c);
    }
    all
}

fn label_holds(
    requirement: &str,
    labels: Option<&serde_json::Map<String, serde_json::Value>>,
) -> bool {
    let value = |key: &str| {
        labels
            .and_then(|labels| labels.get(key))
            .and_then(|value| value.as_str())
    };
    let set = |text: &str| -> Vec<String> {
        text.trim_end_matches(')')
            .split(',')
            .map(|value| value.trim().to_owned())
            .collect()
    };
    if let Some((key, values)) = requirement.split_once(" notin (") {
        return value(key).is_none_or(|value| !set(values).contains(&value.to_owned()));
    }
    if let Some((key, values)) = requirement.split_once(" in (") {
        return value(key).is_some_and(|value| set(values).contains(&value.to_owned()));
    }
    if let Some((key, other)) = requirement.split_once("!=") {
        return value(key) != Some(other);
    }
    if let Some((key, same)) = requirement.split_once('=') {
        return value(key) == Some(same);
    }
    for (sign, above) in [('>', true), ('<', false)] {
        if let Some((key, limit)) = requirement.split_once(sign) {
            let (number, limit) = (
                value(key).and_then(|value| value.parse::<i64>().ok()),
                limit.parse::<i64>().unwrap(),
            );
            return number.is_some_and(|number| {
                if above {
                    number > limit
                } else {
                    number < limit
                }
            });
        }
    }
    match requirement.strip_prefix('!') {
        Some(key) => value(key).is_none(),
        None => value(requirement).is_some(),
    }
}

fn pod() -> impl Strategy<Value = serde_json::Value> {
    let labels = prop::collection::btree_map(
        "[a-c]",
        prop_oneof!["[a-c]", "[0-9]", Just(String::new())],
        0..3,
    );
    (
        prop_oneof![Just("a"), Just("a-b"), Just("b"), Just("in")],
        "[ab]{1,3}",
        prop::option::of(labels),
        prop::option::of("n[12]"),
        prop_oneof![Just("Running"), Just("Pending"), Just("Failed")],
        0..4,
    )
        .prop_map(|(namespace, name, labels, node, phase, restarts)| {
            serde_json::json!({
                "metadata": {"namespace": namespace, "name": name, "labels": labels},
                "spec": {"nodeName": node, "containers": [{"name": "c"}]},
                "status": {"phase": phase, "containerStatuses": [{"name": "c", "restartCount": restarts}]},
            })
        })
}

fn clause() -> impl Strategy<Value = String> {
    let list =
        |item: &'static str| prop::collection::vec(item, 1..3).prop_map(|values| values.join(","));
    let atom = prop_oneof![
        list("a|a-b|b|in|a\\*|Z").prop_map(|values| format!("ns:{values}")),
        list("[ab]{1,2}").prop_map(|values| format!("name:{values}")),
        list("n1|n2|<none>|\"\"").prop_map(|values| format!("node:{values}")),
        list("Running|Pending|x\\*").prop_map(|values| format!("phase:{values}")),
        ("[a-c]", "=|==|!=", "[a-c]|1|-x|")
            .prop_map(|(key, sign, value)| format!("{key}{sign}{value}")),
        ("[a-c]", "in|notin", list("[a-c]|1"))
            .prop_map(|(key, word, values)| format!("{key} {word} ({values})")),
        ("[a-c]", "<|>", 0..9).prop_map(|(key, sign, value)| format!("{key}{sign}{value}")),
        "[a-c]".prop_map(|key| format!("has:{key}")),
        "[a-c]".prop_map(|key| format!("!{key}")),
        (0..4).prop_map(|count| format!("restarts:>{count}")),
        Just("is:broken".to_owned()),
        "[ab]{1,2}".prop_map(|word| word),
    ];
    atom.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("-({inner})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} {b})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    /// The law: planned = everything, evaluated here; and nothing comes twice.
    #[test]
    fn the_planned_result_is_the_whole_query_evaluated_locally(
        pods in prop::collection::vec(pod(), 0..12),
        clauses in prop::collection::vec(clause(), 0..4),
    ) {
        let text = format!("pods {}", clauses.join(" "));
        let parsed = Query::parse(&text);
        prop_assert_eq!(&parsed.problems, &[], "{}", text);
        let (plan, problems) = Plan::of(&parsed.query, &Known::default());
        prop_assert_eq!(&problems, &[], "{}", text);
        let plan = plan.unwrap();
        for pod in &pods {
            let object = Object::received(pod.to_string().as_bytes());
            let mut store = Store::new(plan.kind);
            let entry = store.put(object).and_then(|slot| store.get(slot));
            let matches = entry.is_some_and(|entry| plan.filter.holds(entry, 0));
            let given = plan.scans.iter().filter(|scan| server_gives(scan, pod.as_object().unwrap())).count();
            prop_assert!(given <= 1, "given twice: {}\n{}", text, plan);
            prop_assert!(!matches || given == 1, "lost: {}\n{}\n{}", text, plan, pod);
        }
    }
}
