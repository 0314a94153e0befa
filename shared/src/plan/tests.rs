// The model of the API server in this file is allowed a tree.
#![allow(clippy::disallowed_types)]
use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::store::Store;
use crate::value::ObjectRef;

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
              the API server decides: ns:default,nectar v=alpha
            sorted here by namespace, name
        "#]],
    );
    check(
        "pods -ns:dev is:broken node:n1 -name:a,b",
        &expect![[r#"
            GET /api/v1/pods?fieldSelector=metadata.namespace%21%3Ddev%2Cspec.nodeName%3Dn1%2Cmetadata.name%21%3Da%2Cmetadata.name%21%3Db&limit=500
              the API server decides: -ns:dev node:n1 -name:a,b
              decided here: is:broken (the state is derived from many fields)
            sorted here by namespace, name
        "#]],
    );
    check(
        "pods app=-bad (a=1 OR b=2) -c>5 node:<none> limit:5",
        &expect![[r#"
              the API server decides: (a=1 OR b=2)
              decided here: app="-bad" (nothing can be so, so nothing is asked for)
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
              the API server decides: type:Warning
            sorted here by last, namespace, name
        "#]],
    );
}

#[test]
fn the_count_of_events_is_compared() {
    for text in [
        "events count:>5",
        "events count>5",
        "events count:>=6",
        "events count>=6",
        "events count:6,7",
    ] {
        let parsed = Query::parse(text);
        assert_eq!(parsed.query.aggregates, [], "{text}");
        let printed = parsed.query.to_string();
        assert_eq!(Query::parse(&printed).query, parsed.query, "{printed}");
        let (plan, problems) = Plan::of(&parsed.query, &Known::default());
        assert_eq!((parsed.problems, problems), (vec![], vec![]), "{text}");
        let filter = plan.map(|plan| plan.parts[0].filter.clone());
        let is_figure =
            |part: &Predicate| matches!(part, Predicate::Figure(..) | Predicate::FigureIn(..));
        assert!(
            filter.is_some_and(|filter| filter.has(&is_figure)),
            "{text}"
        );
    }
}

#[test]
fn reads_what_belongs_together() {
    check(
        "deploy web ns:shop -> pods is:broken",
        &expect![[r#"
            GET /api/v1/namespaces/shop/pods?limit=500
              decided here: from deploy web ns:shop (the API joins nothing)
              decided here: is:broken (the state is derived from many fields)
            to decide what is in the relation selected-by to deployments:
            GET /apis/apps/v1/namespaces/shop/deployments?limit=500
              the API server decides: ns:shop
              decided here: web (the API has no search in names)
            sorted here by namespace, name
        "#]],
    );
    check(
        "svc without:pods",
        &expect![[r#"
            GET /api/v1/services?limit=500
              decided here: without:pods (the API joins nothing)
            to decide what is in the relation selects to pods:
            GET /api/v1/pods?limit=500
              of pods only the metadata is read
            sorted here by namespace, name
        "#]],
    );
    check(
        "cm ns:a without:users",
        &expect![[r#"
            GET /api/v1/namespaces/a/configmaps?limit=500
              of configmaps only the metadata is read
              the API server decides: ns:a
              decided here: without:users (the API joins nothing)
            to decide what is in the relation mounted-by to pods:
            GET /api/v1/namespaces/a/pods?limit=500
            sorted here by namespace, name
        "#]],
    );
    check(
        "pods ns:a with:(events type:Warning since:10m)",
        &expect![[r#"
            GET /api/v1/namespaces/a/pods?limit=500
              the API server decides: ns:a
              decided here: with:(events type:Warning since:10m) (the API joins nothing)
            to decide what is in the relation events to events:
            GET /api/v1/namespaces/a/events?fieldSelector=type%3DWarning&limit=500
              the API server decides: type:Warning
              decided here: since:10m (the API compares no times)
            sorted here by namespace, name
        "#]],
    );
    check(
        "nodes -> pods -> owner",
        &expect![[r#"
            GET /apis/apps/v1/replicasets?limit=500
              decided here: from nodes -> pods (the API joins nothing)
            to decide what is in the relation runs-on to nodes:
            GET /api/v1/nodes?limit=500
              of nodes only the metadata is read
            to decide what is in the relation owned to pods:
            GET /api/v1/pods?limit=500
              decided here: from nodes (the API joins nothing)
            sorted here by namespace, name
        "#]],
    );
    check(
        "pods owner:deploy/web",
        &expect![[r#"
            GET /api/v1/pods?limit=500
              decided here: owner:deploy/web (the API joins nothing)
            to decide what is in the relation selected-by to deployments:
            GET /apis/apps/v1/deployments?fieldSelector=metadata.name%3Dweb&limit=500
              the API server decides: name:web
            sorted here by namespace, name
        "#]],
    );
    check(
        "svc -> node",
        &expect![[r#"
            GET /api/v1/nodes?limit=500
              decided here: from svc (the API joins nothing)
            to decide what is in the relation owner to services:
            GET /api/v1/services?limit=500
              of services only the metadata is read
            to decide what is in the relation owned to services:
            GET /api/v1/services?limit=500
              of services only the metadata is read
            sorted here by namespace, name
        "#]],
    );
    check(
        "svc -> nod",
        &expect![[r#"
        ! "nod": there is no kind or relation called nod; did you mean pod -> "pod"
    "#]],
    );
}

#[test]
fn reads_no_more_than_is_asked_for() {
    check(
        "pods group:ns,label:app count",
        &expect![[r#"
            GET /api/v1/pods?limit=500
              of pods only the metadata is read
            computed here: count by ns, label:app
        "#]],
    );
    check(
        "pods group:status sum:restarts max:age sort:-count limit:3",
        &expect![[r#"
            GET /api/v1/pods?limit=500
            computed here: sum:restarts, max:age by status
            the first 3 rows are shown
        "#]],
    );
    check(
        "cm sum:name cols:name,data",
        &expect![[r#"
            GET /api/v1/configmaps?limit=500
              of configmaps only the metadata is read
            computed here: count of all
            ! "name": sum adds figures, and name is none
        "#]],
    );
    check(
        "pods ns:a name:x,y | pluck ns,status",
        &expect![[r#"
            GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dx&limit=500
            GET /api/v1/namespaces/a/pods?fieldSelector=metadata.name%3Dy&limit=500
              the API server decides: ns:a name:x,y
            sorted here by namespace, name
        "#]],
    );
    check(
        "nodes is:system",
        &expect![[r#"
          decided here: is:system (these are in no namespace, so nothing is asked for)
        sorted here by namespace, name
    "#]],
    );
    check(
        "pods ns:Ünmöglich",
        &expect![[r#"
          decided here: ns:"Ünmöglich" (no namespace can be called so, so nothing is asked for)
        sorted here by namespace, name
    "#]],
    );
    check(
        "pods is:system -f \"status.phase!=Running,spec.nodeName=n1\" -l 'app in (a,b),!x'",
        &expect![[r#"
            GET /api/v1/namespaces/kube-system/pods?labelSelector=app%20in%20%28a%2Cb%29%2C%21x&fieldSelector=status.phase%21%3DRunning%2Cspec.nodeName%3Dn1&limit=500
              the API server decides: is:system -f "status.phase!=Running" -f "spec.nodeName=n1" app in (a,b) !x
            sorted here by namespace, name
        "#]],
    );
    check(
        "svc type:LoadBalancer",
        &expect![[r#"
            GET /api/v1/services?limit=500
              decided here: type:LoadBalancer (older API servers cannot select by this field, and the version is not known yet)
            sorted here by namespace, name
        "#]],
    );
    check(
        "pods {.spec.containers[*].resources.limits.memory}>1Gi all:{.spec.containers[*].image}~^shop/ has:{.spec.nodeSelector}",
        &expect![[r#"
            GET /api/v1/pods?limit=500
              decided here: {.spec.containers[*].resources.limits.memory}>1Gi (the API server cannot select by paths)
              decided here: all:{.spec.containers[*].image}~"^shop/" (the API server cannot select by paths)
              decided here: has:{.spec.nodeSelector} (the API server cannot select by paths)
            sorted here by namespace, name
        "#]],
    );
    check(
        "pods {.spec[} name:~( ready:<100% restarts:>5,6",
        &expect![[r#"
            GET /api/v1/pods?limit=500
              decided here: ready:<100% (the API compares no figures)
              decided here: restarts:>5 (the API compares no figures)
              decided here: 6 (the API has no search in names)
            sorted here by namespace, name
            ! "": an index, a key in quotes, * or ?(…) is missing here
            ! "name:~(": ( is no regular expression: a parenthesis is not closed
        "#]],
    );
}

#[test]
fn says_what_makes_no_sense_for_the_kind() {
    check(
        "pods nod:pool-*",
        &expect![[r#"
            GET /api/v1/pods?limit=500
            sorted here by namespace, name
            ! "nod": nod is not a field of pods, so it is left out; did you mean node -> "node"
        "#]],
    );
    check(
        "pod restarts>many restarts:x age:1h age:<x status:>5 is:brokn",
        &expect![[r#"
            GET /api/v1/pods?limit=500
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
        "pods cpu:>much memory:~Gi mem:x sum:cpu",
        &expect![[r#"
        GET /api/v1/pods?limit=500
          decided here: memory:~Gi (selectors know no regular expressions)
        computed here: sum:cpu of all
        ! "cpu:>much": cpu is compared with a quantity, such as cpu:>500m -> "cpu:>500m"
        ! "mem:x": mem is compared with a quantity, such as mem:500m -> "mem:500m"
    "#]],
    );
    check(
        "nodes ns:shop sort:foo",
        &expect![[r#"
            GET /api/v1/nodes?limit=500
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
            GET /api/v1/pods?limit=500
            GET /api/v1/services?limit=500
            sorted here by kind, namespace, name
        "#]],
    );
    check(
        "nodes,namespaces",
        &expect![[r#"
            GET /api/v1/nodes?limit=500
            GET /api/v1/namespaces?limit=500
            sorted here by kind, namespace, name
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
            let pod_json = pod.to_string();
            let part = &plan.parts[0];
            let mut store = Store::new(part.kind);
            let entry = store.put(ObjectRef::new(pod_json.as_bytes())).and_then(|slot| store.get(slot));
            let context = Context::default();
            let matches = entry.is_some_and(|entry| part.filter.holds(entry, &context));
            let given = part.scans.iter().filter(|scan| server_gives(scan, pod.as_object().unwrap())).count();
            prop_assert!(given <= 1, "given twice: {}\n{}", text, plan);
            prop_assert!(!matches || given == 1, "lost: {}\n{}\n{}", text, plan, pod);
        }
    }
}
