use expect_test::{Expect, expect};

use super::*;
use crate::resource::{Catalog, Discovery};
use crate::value::Object;

/// Kinds of one group each, as `group/plural/Kind/singular/short`.
fn catalog(kinds: &[&str]) -> Catalog {
    let mut catalog = Catalog::default();
    let found: Vec<Discovered> = kinds.iter().map(|kind| found(kind)).collect();
    catalog.learn(&found.iter().collect::<Vec<_>>(), true);
    catalog
}

fn found(kind: &str) -> Discovered {
    let [group, plural, kind, singular, short] = *kind.split('/').collect::<Vec<_>>().as_slice()
    else {
        panic!("{kind} has five parts");
    };
    Discovered {
        group: group.to_owned(),
        version: "v1".to_owned(),
        preferred: true,
        plural: plural.to_owned(),
        singular: singular.to_owned(),
        kind: kind.to_owned(),
        short_names: vec![short.to_owned()],
        namespaced: true,
        watchable: true,
    }
}

#[test]
fn names_mean_what_they_mean_to_kubectl() {
    let catalog = catalog(&[
        "apps/statefulsets/StatefulSet/statefulset/sts",
        "metrics.k8s.io/pods/PodMetrics//pm",
        "a.example.com/widgets/Widget/widget/po",
        "b.example.com/widgets/Widget/widget/wi",
    ]);
    let mut lines = Vec::new();
    for name in [
        "sts",
        "StatefulSet",
        "STATEFULSETS",
        "statefulset.apps",
        "statefulsets.v1.apps",
        "statefulsets.v2.apps",
        "pods",
        "pod",
        "podmetrics",
        "pods.metrics",
        "pods.metrics.k8s.io",
        "pods.v1.",
        "po",
        "widget",
        "widgets.b",
        "wi",
        "po.a.example.com",
        "deployments.app",
        "widgets.c",
        ".",
        "",
    ] {
        let kind = catalog.named(name);
        let found = kind.map_or_else(String::new, |kind| kind.resource.qualified());
        lines.push(format!("{name}: {found}"));
    }
    for kind in catalog.kinds().filter(|kind| kind.learned.is_some()) {
        lines.push(format!(
            "{} is {}, {}",
            kind.name(),
            kind.title,
            kind.category
        ));
    }
    expect![[r#"
        sts: statefulsets.apps
        StatefulSet: statefulsets.apps
        STATEFULSETS: statefulsets.apps
        statefulset.apps: statefulsets.apps
        statefulsets.v1.apps: statefulsets.apps
        statefulsets.v2.apps: 
        pods: pods
        pod: pods
        podmetrics: pods.metrics.k8s.io
        pods.metrics: pods.metrics.k8s.io
        pods.metrics.k8s.io: pods.metrics.k8s.io
        pods.v1.: pods
        po: pods
        widget: widgets.a.example.com
        widgets.b: widgets.b.example.com
        wi: widgets.b.example.com
        po.a.example.com: widgets.a.example.com
        deployments.app: deployments.apps
        widgets.c: 
        .: 
        : 
        statefulsets is StatefulSets, Workloads
        pods.metrics.k8s.io is PodMetrics, Others
        widgets is Widgets, a.example.com
        widgets.b.example.com is Widgets, b.example.com"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn titles_are_plural() {
    for (kind, plural, expected) in [
        ("NetworkPolicy", "networkpolicies", "NetworkPolicies"),
        ("Ingress", "ingresses", "Ingresses"),
        ("StatefulSet", "statefulsets", "StatefulSets"),
        ("IPAddress", "ipaddresses", "IPAddresses"),
        ("PodMetrics", "pods", "PodMetrics"),
        ("Café", "cafés", "Cafés"),
        ("", "", ""),
    ] {
        assert_eq!(title(kind, plural), expected);
    }
}

#[test]
fn custom_is_what_kubernetes_does_not_bring() {
    let custom = [
        "example.com",
        "gateway.networking.k8s.io",
        "cluster.x-k8s.io",
    ];
    let own = ["", "apps", "metrics.k8s.io", "rbac.authorization.k8s.io"];
    assert!(custom.into_iter().all(is_custom));
    assert!(!own.into_iter().any(is_custom));
}

#[test]
fn a_kind_is_found_in_each_of_its_versions() {
    let newer = found("example.com/widgets/Widget/widget/wi");
    let older = Discovered {
        version: "v1beta1".to_owned(),
        preferred: false,
        ..newer.clone()
    };
    let mut catalog = Catalog::default();
    catalog.learn(&[&newer, &older], true);
    let named = |catalog: &Catalog, name: &str| {
        let kind = catalog.named(name);
        kind.map_or_else(String::new, |kind| {
            let columns: Vec<_> = kind.columns.iter().map(|column| column.name).collect();
            let version = kind.resource.version;
            format!("{version}, {}, {}", kind.name(), columns.join(" "))
        })
    };
    let older = catalog
        .named("wi.v1beta1.example.com")
        .expect("it is there");
    catalog.describe(older, Some(r#"[{"name":"Name"},{"name":"Size"}]"#));
    let lines = [
        "widgets",
        "widgets.example.com",
        "Widget.v1.example.com",
        "widgets.v1beta1.example.com",
        "widgets.v2.example.com",
    ];
    let lines = lines.map(|name| format!("{name}: {}", named(&catalog, name)));
    expect![[r#"
        widgets: v1, widgets, ns name age
        widgets.example.com: v1, widgets, ns name age
        Widget.v1.example.com: v1, widgets, ns name age
        widgets.v1beta1.example.com: v1beta1, widgets.v1beta1.example.com, ns name size age
        widgets.v2.example.com: "#]]
    .assert_eq(&lines.join("\n"));
    // The sidebar and completion show each kind once.
    let all = catalog.kinds().filter(|kind| kind.learned.is_some());
    assert_eq!(all.count(), 1);
    // Learned again it keeps its columns; that part of discovery may fail, too.
    let kept = named(&catalog, "widgets.v1beta1.example.com");
    catalog.learn(&[&newer], false);
    assert_eq!(named(&catalog, "widgets.v1beta1.example.com"), kept);
    catalog.learn(&[&newer], true);
    assert_eq!(named(&catalog, "widgets.v1beta1.example.com"), "");
}

#[test]
fn moments_are_read_from_the_object() {
    let definitions = r#"[{"name":"Name","type":"string"},
        {"name":"Started","type":"date","description":"Custom resource definition column (in JSONPath format): .status.started"},
        {"name":"Ended","type":"date","description":"When it ended"},
        {"name":"Last Schedule","type":"string"}]"#;
    let row = r#"{"cells":["a","5m","7m","9m"],"object":{"metadata":{"name":"a"},
        "status":{"started":"1970-01-01T02:45:00Z","lastScheduleTime":"1970-01-01T02:46:00Z"}}}"#;
    let mut lines = Vec::new();
    for group in ["batch", "example.com"] {
        let mut catalog = Catalog::default();
        catalog.learn(&[&found(&format!("{group}/cronjobs/CronJob//cj"))], true);
        let kind = catalog.named("cronjobs").expect("it is there");
        let kind = catalog.describe(kind, Some(definitions));
        let object = Object::row(row.as_bytes());
        let printed = (kind.print)(object.as_ref());
        for column in kind.columns.iter().filter(|column| column.is_shown()) {
            let text = column.print(&column.read(&object.as_ref(), &printed), 10_000_000);
            lines.push(format!("{group} {} {}: {text}", column.name, column.title));
        }
    }
    expect![[r#"
        batch ns Namespace: <none>
        batch name Name: a
        batch started Started: 5m
        batch ended Ended: 7m
        batch last-schedule Last Schedule: 40s
        example.com ns Namespace: <none>
        example.com name Name: a
        example.com started Started: 100s
        example.com ended Ended (as read): 7m
        example.com last-schedule Last Schedule: 9m"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn ages_that_the_server_prints_of_its_own_kinds_go_on_or_say_when_they_are_of() {
    let check = |kind: &str, definitions: &str, row: &str, expected: &Expect| {
        let mut catalog = catalog(&[kind]);
        let parts: Vec<&str> = kind.split('/').collect();
        let name = format!("{}.{}", parts[1], parts[0]);
        let kind = catalog.named(&name).expect("it is there");
        let kind = catalog.describe(kind, Some(definitions));
        let object = Object::row(row.as_bytes());
        let printed = (kind.print)(object.as_ref());
        let lines = kind.columns[2..].iter().map(|column| {
            let text = column.print(&column.read(&object.as_ref(), &printed), 10_000_000);
            format!("{}: {text}", column.title)
        });
        expected.assert_eq(&lines.collect::<Vec<_>>().join("\n"));
    };
    check(
        "batch/jobs/Job/job/jo",
        r#"[{"name":"Name","type":"string"},{"name":"Duration","type":"string"},{"name":"Age","type":"string"}]"#,
        r#"{"cells":["a","5m","9m"],"object":{"metadata":{"name":"a","creationTimestamp":"1970-01-01T02:45:00Z"}}}"#,
        &expect![[r#"
            Duration (as read): 5m
            Age: 100s"#]],
    );
    let events = r#"[{"name":"Last Seen","type":"string"},{"name":"First Seen","type":"string"}]"#;
    for (times, expected) in [
        (
            r#""series":{"lastObservedTime":"1970-01-01T02:46:30.000001Z"},"eventTime":"1970-01-01T02:45:00.000001Z""#,
            expect![[r#"
                Last Seen: 10s
                First Seen: 100s
                Age: <unknown>"#]],
        ),
        (
            r#""deprecatedLastTimestamp":"1970-01-01T02:46:00Z","deprecatedFirstTimestamp":"1970-01-01T02:45:00Z","eventTime":null"#,
            expect![[r#"
                Last Seen: 40s
                First Seen: 100s
                Age: <unknown>"#]],
        ),
        (
            r#""deprecatedLastTimestamp":null,"deprecatedFirstTimestamp":null,"eventTime":"1970-01-01T02:46:00.000000Z""#,
            expect![[r#"
                Last Seen: 40s
                First Seen: 40s
                Age: <unknown>"#]],
        ),
    ] {
        let row =
            format!(r#"{{"cells":["1d","1d"],"object":{{"metadata":{{"name":"a"}},{times}}}}}"#);
        check(
            "events.k8s.io/events/Event/event/ev",
            events,
            &row,
            &expected,
        );
    }
}

#[test]
fn a_kind_is_made_once_and_keeps_its_columns() {
    let kinds = ["once.example.com/ones/One/one/on"];
    let mut first = catalog(&kinds);
    let unasked = first.named("ones").expect("it was found");
    assert!(unasked.is_unasked() && unasked.column("age").is_some());
    let described = first.describe(unasked, Some(r#"[{"name":"Size"}]"#));
    assert!(std::ptr::eq(
        first.named("one").expect("it was found"),
        described
    ));
    let again = found(kinds[0]);
    first.learn(&[&again], true);
    assert!(std::ptr::eq(
        first.named("one").expect("it was found"),
        described
    ));
    assert!(std::ptr::eq(
        catalog(&kinds).named("one").expect("it was found"),
        unasked
    ));
    first.learn(&[], false);
    assert!(
        first.named("one").is_some(),
        "half an answer takes nothing away"
    );
    first.learn(&[], true);
    assert!(first.named("one").is_none());
    assert!(described.is_outdated("[]") && !described.is_outdated(""));
    assert!(Discovery::default().kinds().is_empty());
}

fn check(definitions: &str, row: &str, expected: &Expect) {
    let mut catalog = catalog(&["rows.example.com/rows/Row/row/ro"]);
    let kind = catalog.named("rows").expect("it was found");
    let kind = catalog.describe(kind, Some(definitions));
    let object = Object::row(row.as_bytes());
    let printed = (kind.print)(object.as_ref());
    let mut lines = Vec::new();
    for column in kind.columns {
        let datum = column.read(&object.as_ref(), &printed);
        let (name, title, priority) = (column.name, column.title, column.priority);
        let text = column.print(&datum, 10_000_000);
        lines.push(format!(
            "{name} ({title}, {:?}, {priority}): {text}",
            column.value
        ));
    }
    let Health { mark, word, broken } = printed.health;
    lines.push(format!("{mark:?} {word} {broken}"));
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn columns_are_those_of_the_server() {
    check(
        r#"[{"name":"Name","type":"string","format":"name","priority":0},
            {"name":"Port(s)","type":"string","priority":0},
            {"name":"Sort","type":"string","priority":0},
            {"name":"Size","type":"integer","priority":0},
            {"name":"Size","type":"integer","priority":1},
            {"name":"Share","type":"number","priority":0},
            {"name":"Namespace","type":"string","priority":0},
            {"name":"On","type":"boolean","priority":0},
            {"name":"","type":"string","priority":0},
            {"name":"Age","type":"date","priority":0}]"#,
        r#"{"cells":["a","80/TCP","x",3,null,0.5,"b",true,"","9m"],"object":{"metadata":{"name":"a","namespace":"n","creationTimestamp":"1970-01-01T02:45:00Z"},"status":{"conditions":[{"type":"Ready","status":"False","reason":"Broken"}]}}}"#,
        &expect![[r#"
            ns (Namespace, Text, 0): n
            name (Name, Text, 0): a
            ports (Port(s), Text, 0): 80/TCP
            sort-2 (Sort, Text, 0): x
            size (Size, Number, 1): 3
            size-2 (Size, Number, 4): 
            share (Share, Text, 1): 0.5
            namespace-2 (Namespace, Text, 1): b
            on (On, Text, 1): true
            column (, Text, 1): 
            age (Age, Age, 0): 100s
            Degraded Broken true"#]],
    );
}

#[test]
fn what_no_table_says_can_be_asked_and_odd_rows_are_no_panic() {
    check(
        r#"[{"name":"Title"},{"type":7},8]"#,
        r#"{"cells":{"a":1},"object":{"metadata":{"name":"a","deletionTimestamp":"x"}}}"#,
        &expect![[r#"
            ns (Namespace, Text, 0): <none>
            name (Name, Text, 0): a
            title (Title, Text, 0): 
            column (, Text, 0): 
            column-2 (, Text, 0): 
            age (Age, Age, 9): <unknown>
            Terminating Terminating false"#]],
    );
    check(
        "{",
        "[",
        &expect![[r#"
        ns (Namespace, Text, 0): <none>
        name (Name, Text, 0): <none>
        age (Age, Age, 9): <unknown>
        Running Active false"#]],
    );
}

#[test]
fn health_is_what_controllers_say() {
    let check = |json: &str, expected: &str| {
        let health = health(Object::received(json.as_bytes()).as_ref());
        let broken = if health.broken { " broken" } else { "" };
        assert_eq!(
            format!("{:?} {}{broken}", health.mark, health.word),
            expected,
            "{json}"
        );
    };
    let conditions = |conditions: &str| format!(r#"{{"status":{{"conditions":[{conditions}]}}}}"#);
    check("{}", "Running Active");
    check(
        &conditions(r#"{"type":"Ready","status":"True"}"#),
        "Running Ready",
    );
    check(
        &conditions(r#"{"type":"Ready","status":"Unknown"}"#),
        "Pending Pending",
    );
    check(
        &conditions(r#"{"type":"Available","status":"False"}"#),
        "Degraded Not available broken",
    );
    check(
        &conditions(
            r#"{"type":"Ready","status":"True"},{"type":"Synced","status":"False","reason":"Denied"}"#,
        ),
        "Degraded Denied broken",
    );
    check(
        &conditions(r#"{"type":"Complete","status":"True"}"#),
        "Completed Complete",
    );
    check(
        &conditions(r#"{"type":"Failed","status":"True","reason":"BackoffLimitExceeded"}"#),
        "Failed BackoffLimitExceeded broken",
    );
    check(
        r#"{"spec":{"replicas":3},"status":{"availableReplicas":0}}"#,
        "Degraded 0 of 3 ready broken",
    );
    check(
        r#"{"spec":{"replicas":3},"status":{"readyReplicas":3}}"#,
        "Running Active",
    );
    check(
        r#"{"status":{"desiredNumberScheduled":2,"numberReady":1}}"#,
        "Degraded 1 of 2 ready broken",
    );
    check(r#"{"status":{"phase":"Bound"}}"#, "Running Bound");
    check(r#"{"status":{"phase":"Lost"}}"#, "Failed Lost broken");
    check(
        r#"{"metadata":{"deletionTimestamp":"x"}}"#,
        "Terminating Terminating",
    );
}
