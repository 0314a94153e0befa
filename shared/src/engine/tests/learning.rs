//! Kinds that are not known by heart: found by discovery, shown by the server's tables.

use super::*;

/// What `/apis` says: stateful sets, widgets, and gauges, which nobody can watch.
const GROUPS: &str = r#"{"kind":"APIGroupDiscoveryList","items":[
    {"metadata":{"name":"apps"},"versions":[{"version":"v1","resources":[
        {"resource":"deployments","responseKind":{"kind":"Deployment"},"scope":"Namespaced","singularResource":"deployment","verbs":["list","watch"]},
        {"resource":"statefulsets","responseKind":{"kind":"StatefulSet"},"scope":"Namespaced","singularResource":"statefulset","verbs":["list","watch"],"shortNames":["sts"]}]}]},
    {"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[
        {"resource":"widgets","responseKind":{"kind":"Widget"},"scope":"Namespaced","singularResource":"widget","verbs":["list","watch"]},
        {"resource":"gauges","responseKind":{"kind":"Gauge"},"scope":"Cluster","singularResource":"gauge","verbs":["list"]}]}]}]}"#;
const CORE: &str = r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"pods","responseKind":{"kind":"Pod"},"scope":"Namespaced","verbs":["list"]}]}]}]}"#;

const COLUMNS: &str = r#"[{"name":"Name","type":"string","format":"name"},{"name":"Size","type":"integer"},{"name":"Shape","type":"string"},{"name":"Age","type":"date"}]"#;
const TABLE: &str = "/apis/example.com/v1/widgets?includeObject=None&limit=1";
const LIST: &str = "/apis/example.com/v1/widgets?includeObject=Object&limit";
const WATCH: &str = "/apis/example.com/v1/widgets?includeObject=Object&watch";

impl Stage {
    fn discover(&mut self) {
        self.answer("/apis", 200, GROUPS);
        self.answer("/api", 200, CORE);
    }

    /// Lists widgets, and watches them.
    fn widgets(&mut self, query: &str) -> RequestId {
        self.ask(query);
        self.discover();
        self.answer(TABLE, 200, &table(COLUMNS, &[]));
        self.answer(
            LIST,
            200,
            &table(COLUMNS, &[widget("a", 3), widget("b", 12)]),
        );
        let watch = self.head(WATCH, 200);
        self.log.clear();
        watch
    }
}

fn table(columns: &str, rows: &[String]) -> String {
    format!(
        r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{{"resourceVersion":"5"}},"columnDefinitions":{columns},"rows":[{}]}}"#,
        rows.join(",")
    )
}

fn widget(name: &str, size: u32) -> String {
    format!(
        r#"{{"cells":["{name}",{size},"round","9d"],"object":{{"apiVersion":"example.com/v1","kind":"Widget","metadata":{{"name":"{name}","namespace":"shop","uid":"u-{name}","resourceVersion":"7","creationTimestamp":"1970-01-01T02:45:00Z","managedFields":[{{}}]}},"spec":{{"size":{size}}},"status":{{"conditions":[{{"type":"Ready","status":"True"}}]}}}}}}"#
    )
}

fn told(kind: &str, row: &str) -> String {
    let table = table("[]", &[row.to_owned()]);
    event(kind, &table)
}

#[test]
fn a_kind_that_is_not_known_by_heart_is_learned_listed_and_watched() {
    let mut stage = Stage::new();
    stage.ask("widgets sort:-size");
    stage.check(&expect![[r#"
        > GET /api
        > GET /apis
        [Loading] Reading what kinds there are | 
        Catching up  |"#]]);
    stage.discover();
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?includeObject=None&limit=1
        [Loading] Reading what kinds there are | 
        Catching up  |"#]]);
    stage.answer(TABLE, 200, &table(COLUMNS, &[]));
    stage.answer(
        LIST,
        200,
        &table(COLUMNS, &[widget("a", 3), widget("b", 12)]),
    );
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?includeObject=Object&limit=500
        > GET /apis/example.com/v1/widgets?includeObject=Object&watch=true&allowWatchBookmarks=true&resourceVersion=5
        shop | b | 12 | round | 100s
        shop | a | 3 | round | 100s
        Live 0.0 s |"#]]);
    let watch = stage.head(WATCH, 200);
    stage.chunk(watch, &told("ADDED", &widget("c", 5)));
    stage.chunk(watch, &told("MODIFIED", &widget("a", 40)));
    stage.chunk(watch, &told("DELETED", &widget("b", 12)));
    stage.chunk(
        watch,
        &told(
            "BOOKMARK",
            r#"{"cells":[],"object":{"metadata":{"resourceVersion":"99"}}}"#,
        ),
    );
    stage.pass(2000);
    stage.running.remove(&watch);
    stage.input(Input::End { id: watch });
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?includeObject=Object&limit=500
        > GET /apis/example.com/v1/widgets?includeObject=Object&watch=true&allowWatchBookmarks=true&resourceVersion=99
        [Loading] Reading widgets | 
        Catching up  |"#]]);
    // Its columns are fields like any other, and it is not learned again.
    stage.ask("widget shape:round size:>10");
    stage.check(&expect![[r#"
        [Loading] Reading widgets | 
        Catching up  |"#]]);
}

const DEFINITION: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com";
const FORBIDDEN: &str = r#"{"kind":"Status","reason":"Forbidden","message":"customresourcedefinitions is forbidden","code":403}"#;

#[test]
fn a_definition_says_by_which_fields_its_kind_is_selected() {
    let mut stage = Stage::new();
    stage.ask("widgets {.spec.shape}=round -{.spec.colour}=red,blue {.spec.size}=3");
    stage.discover();
    stage.answer(TABLE, 200, &table(COLUMNS, &[]));
    stage.log.clear();
    stage.answer(
        DEFINITION,
        200,
        r#"{"spec":{"versions":[
            {"name":"v1alpha1","selectableFields":[{"jsonPath":".spec.size"}]},
            {"name":"v1","selectableFields":[{"jsonPath":".spec.shape"},{"jsonPath":".spec.colour"}]}]}}"#,
    );
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?limit=1
        > GET /apis/example.com/v1/widgets?fieldSelector=spec.shape%3Dround%2Cspec.colour%21%3Dred%2Cspec.colour%21%3Dblue&includeObject=Object&limit=500
        [Loading] Reading widgets | 
        Catching up  |"#]]);
    // It is read once, and not at all where nothing need be sent, or where no selector could ask.
    stage.ask("widgets -f spec.shape!=round");
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?fieldSelector=spec.shape%21%3Dround&includeObject=Object&limit=500
        [Loading] Reading widgets | 
        Catching up  |"#]]);
    let mut stage = Stage::new();
    stage.widgets("widgets");
    stage.ask("widgets {.spec.shape}=round");
    let mut other = Stage::new();
    other.ask("widgets {.spec.size}>3 shape:round");
    other.discover();
    other.answer(TABLE, 200, &table(COLUMNS, &[]));
    for log in [&stage.log, &other.log] {
        assert!(
            !log.iter().any(|line| line.contains("customresource")),
            "{log:?}"
        );
    }
}

#[test]
fn what_the_server_prints_of_a_field_is_selected_by_it() {
    let columns = r#"[{"name":"Name","type":"string"},
        {"name":"Shape","type":"string","description":"Custom resource definition column (in JSONPath format): .spec.shape"},
        {"name":"Colour","type":"string","description":"Custom resource definition column (in JSONPath format): .spec.colours[0]"},
        {"name":"Weight","type":"string","description":"How heavy it is"}]"#;
    let definition = r#"{"spec":{"versions":[{"name":"v1","selectableFields":[{"jsonPath":".spec.shape"},{"jsonPath":".spec.weight"}]}]}}"#;
    let mut stage = Stage::new();
    stage.ask("widgets -shape:round,flat -shape:<none> colour:red weight:1");
    stage.discover();
    stage.answer(TABLE, 200, &table(columns, &[]));
    stage.log.clear();
    stage.answer(DEFINITION, 200, definition);
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?limit=1
        > GET /apis/example.com/v1/widgets?fieldSelector=spec.shape%21%3Dround%2Cspec.shape%21%3Dflat%2Cspec.shape%21%3D%3Cnone%3E&includeObject=Object&limit=500
        [Loading] Reading widgets | 
        Catching up  |"#]]);
    // For names, which all kinds are selected by, no definition is read.
    let mut stage = Stage::new();
    stage.ask("widgets name:a colour:red");
    stage.discover();
    stage.answer(TABLE, 200, &table(columns, &[]));
    stage.check(&expect![[r#"
        > GET /api
        > GET /apis
        > GET /apis/example.com/v1/widgets?includeObject=None&limit=1
        > GET /apis/example.com/v1/widgets?limit=1
        > GET /apis/example.com/v1/widgets?fieldSelector=metadata.name%3Da&includeObject=Object&limit=500
        [Loading] Reading widgets | 
        Catching up  |"#]]);
}

#[test]
fn where_definitions_may_not_be_read_a_field_is_tried() {
    let mut stage = Stage::new();
    stage.ask("widgets -f spec.shape=round");
    stage.discover();
    stage.answer(TABLE, 200, &table(COLUMNS, &[]));
    stage.answer(DEFINITION, 403, FORBIDDEN);
    stage.answer(
        "/apis/example.com/v1/widgets?fieldSelector=spec.shape%3Dround&includeObject=Object&limit",
        400,
        r#"{"kind":"Status","reason":"BadRequest","message":"field label not supported: spec.shape","code":400}"#,
    );
    stage.check(&expect![[r#"
        > GET /api
        > GET /apis
        > GET /apis/example.com/v1/widgets?includeObject=None&limit=1
        > GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com
        > GET /apis/example.com/v1/widgets?limit=1
        > GET /apis/example.com/v1/widgets?fieldSelector=spec.shape%3Dround&includeObject=Object&limit=500
        > GET /apis/example.com/v1/widgets?includeObject=Object&limit=500
        [Loading] Reading widgets | 
        Catching up  |"#]]);
}

#[test]
fn what_no_definition_defines_is_not_selected_by_fields() {
    let mut stage = Stage::new();
    stage.ask("widgets -f spec.shape=round");
    stage.discover();
    stage.answer(TABLE, 200, &table(COLUMNS, &[]));
    stage.answer(DEFINITION, 404, "");
    stage.check(&expect![[r#"
        > GET /api
        > GET /apis
        > GET /apis/example.com/v1/widgets?includeObject=None&limit=1
        > GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com
        > GET /apis/example.com/v1/widgets?includeObject=Object&limit=500
        [Loading] Reading widgets | 
        Catching up  |"#]]);
}

#[test]
fn the_detail_of_a_learned_kind_says_what_its_table_says() {
    let mut stage = Stage::new();
    stage.intent(Intent::Open {
        path: "widgets.example.com/shop/a".to_owned(),
    });
    stage.intent(Intent::Yaml { shown: true });
    let state = |stage: &Stage| stage.shown.detail.clone().unwrap().state;
    assert_eq!(state(&stage), message::DetailState::Loading);
    stage.discover();
    let within = "/apis/example.com/v1/namespaces/shop/widgets?";
    stage.answer(
        &format!("{within}includeObject=None"),
        200,
        &table(COLUMNS, &[]),
    );
    assert_eq!(state(&stage), message::DetailState::Loading);
    stage.answer(
        &format!("{within}fieldSelector=metadata.name%3Da&includeObject=Object&limit"),
        200,
        &table(COLUMNS, &[widget("a", 3)]),
    );
    stage.pass(200);
    let detail = stage.shown.detail.clone().unwrap();
    let facts = detail.facts.iter();
    let mut lines: Vec<String> = facts
        .map(|fact| format!("{}: {}", fact.label, fact.value.text()))
        .collect();
    lines.push(format!(
        "{} {} {}",
        detail.kind,
        detail.query,
        detail.status.text()
    ));
    lines.push(stage.shown.yaml.clone().unwrap());
    expect![[r#"
        Size: 3
        Shape: round
        Age: 100s since 1970-01-01 02:45:00 UTC
        Widget widgets ns:shop name:a Ready
        apiVersion: example.com/v1
        kind: Widget
        metadata:
          name: a
          namespace: shop
          uid: u-a
          resourceVersion: "7"
          creationTimestamp: "1970-01-01T02:45:00Z"
        spec:
          size: 3
        status:
          conditions:
          - type: Ready
            status: "True"
    "#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_name_that_nothing_bears_is_a_problem_only_when_the_kinds_were_read() {
    let mut stage = Stage::new();
    let problems = |stage: &Stage| {
        let query = stage.shown.query.clone().unwrap();
        let problems = query.problems.into_iter();
        problems.map(|problem| problem.message).collect::<Vec<_>>()
    };
    stage.ask("widgetz");
    assert!(problems(&stage).is_empty());
    stage.discover();
    assert_eq!(
        problems(&stage),
        ["there is no kind called widgetz; did you mean widgets"]
    );
    // Somebody may define it later: it is looked for again, but not all the time.
    stage.log.clear();
    stage.ask("widgetz");
    assert!(stage.log.is_empty());
    stage.pass(3000);
    stage.ask("widgetz");
    assert_eq!(stage.log, ["> GET /api", "> GET /apis"]);
    stage.discover();
    assert!(!problems(&stage).is_empty());
    // Coming back to the page is enough to find it.
    stage.pass(60_000);
    stage.intent(Intent::Count);
    stage.answer("/apis", 200, &GROUPS.replace("widgets", "widgetz"));
    stage.answer("/api", 200, CORE);
    stage.request("/apis/example.com/v1/widgetz?includeObject=None");
    assert!(problems(&stage).is_empty());
}

#[test]
fn what_could_not_be_read_is_no_reason_to_say_that_there_is_none() {
    let mut stage = Stage::new();
    stage.ask("widgets");
    stage.answer("/apis", 503, &status(503, "ServiceUnavailable", "not now"));
    let id = stage.request("/api");
    stage.running.remove(&id);
    stage.log.clear();
    let error = "connection refused".to_owned();
    stage.input(Input::Failed { id, error });
    stage.check(&expect![[r#"
        [Unreachable] The cluster does not say what kinds it has | 
        Offline never answered | What kinds there are could not be read: connection refused."#]]);
    stage.pass(5000);
    stage.discover();
    stage.check(&expect![[r#"
        > GET /api
        > GET /apis
        > GET /apis/example.com/v1/widgets?includeObject=None&limit=1
        [Loading] Reading what kinds there are | 
        Catching up  |"#]]);
}

#[test]
fn a_kind_without_tables_has_a_name_and_an_age() {
    let mut stage = Stage::new();
    stage.ask("widgets");
    stage.discover();
    stage.answer(TABLE, 406, &status(406, "NotAcceptable", "no tables"));
    stage.answer(
        "/apis/example.com/v1/widgets?limit=500",
        200,
        r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"a","namespace":"shop","creationTimestamp":"1970-01-01T02:45:00Z"}}]}"#,
    );
    stage.check(&expect![[r#"
        > GET /api
        > GET /apis
        > GET /apis/example.com/v1/widgets?includeObject=None&limit=1
        > GET /apis/example.com/v1/widgets?limit=500
        > GET /apis/example.com/v1/widgets?watch=true&allowWatchBookmarks=true&resourceVersion=5
        shop | a | 100s
        Live 0.0 s |"#]]);
}

#[test]
fn who_may_read_one_namespace_learns_from_that() {
    let mut stage = Stage::new();
    stage.ask("widgets");
    stage.discover();
    let forbidden = status(403, "Forbidden", "no");
    stage.answer(TABLE, 403, &forbidden);
    stage.answer("/apis/example.com/v1/widgets?limit", 403, &forbidden);
    stage.log.clear();
    stage.ask("widgets ns:shop");
    let within = "/apis/example.com/v1/namespaces/shop/widgets?includeObject=";
    stage.answer(&format!("{within}None"), 200, &table(COLUMNS, &[]));
    stage.answer(
        &format!("{within}Object&limit"),
        200,
        &table(COLUMNS, &[widget("a", 3)]),
    );
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/namespaces/shop/widgets?includeObject=None&limit=1
        > GET /apis/example.com/v1/widgets?limit=1
        > GET /apis/example.com/v1/namespaces/shop/widgets?includeObject=Object&limit=500
        > GET /apis/example.com/v1/namespaces/shop/widgets?includeObject=Object&watch=true&allowWatchBookmarks=true&resourceVersion=5
        a | 3 | round | 100s
        Live 0.0 s |"#]]);
}

#[test]
fn what_cannot_be_watched_is_listed_again_and_again() {
    let mut stage = Stage::new();
    let columns = r#"[{"name":"Name"},{"name":"Level","type":"integer"}]"#;
    let gauge = |level: u32| {
        let row = format!(r#"{{"cells":["g",{level}],"object":{{"metadata":{{"name":"g"}}}}}}"#);
        table(columns, &[row])
    };
    stage.ask("gauges");
    stage.discover();
    stage.answer(
        "/apis/example.com/v1/gauges?includeObject=None",
        200,
        &gauge(1),
    );
    let list = "/apis/example.com/v1/gauges?includeObject=Object&limit";
    stage.answer(list, 200, &gauge(1));
    stage.log.clear();
    stage.pass(10_000);
    stage.check(&expect![[r#"
        g | 1
        Live 10s |"#]]);
    stage.until_asked(list);
    stage.answer(list, 200, &gauge(2));
    stage.pass(200);
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/gauges?includeObject=Object&limit=500
        g | 2
        Live 0.1 s |"#]]);
}

#[test]
fn columns_that_somebody_changed_are_shown_anew() {
    let mut stage = Stage::new();
    let watch = stage.widgets("widgets");
    let columns = r#"[{"name":"Name","type":"string"},{"name":"Shape","type":"string"}]"#;
    let row = r#"{"cells":["a","flat"],"object":{"metadata":{"name":"a","namespace":"shop"}}}"#;
    let other = table(columns, &[row.to_owned()]);
    // Whether a watch says so or a list.
    stage.chunk(watch, &event("MODIFIED", &other));
    stage.answer(LIST, 200, &other);
    stage.check(&expect![[r#"
        > GET /apis/example.com/v1/widgets?includeObject=Object&limit=500
        > GET /apis/example.com/v1/widgets?includeObject=Object&watch=true&allowWatchBookmarks=true&resourceVersion=5
        shop | a | flat
        Live 0.0 s |"#]]);
}

#[test]
fn the_sidebar_shows_what_was_shown_or_added() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.log.clear();
    stage.intent(Intent::Count);
    let asked = stage
        .log
        .iter()
        .filter(|line| line.contains("/apis"))
        .count();
    assert_eq!(asked, 4, "{:?}", stage.log);
    stage.discover();
    stage.ask("sts");
    let sets = "/apis/apps/v1/statefulsets?includeObject=";
    stage.answer(&format!("{sets}None"), 200, &table(COLUMNS, &[]));
    stage.answer(
        &format!("{sets}Object&limit"),
        200,
        &table(COLUMNS, &[widget("a", 1)]),
    );
    stage.head(&format!("{sets}Object&watch"), 200);
    stage.pass(1000);
    let kinds = stage.shown.kinds.clone().unwrap();
    let lines = kinds.iter().map(|kind| {
        let folded = if kind.folded { ", folded" } else { "" };
        format!(
            "{} / {} ({}) {:?}{folded}",
            kind.category, kind.title, kind.plural, kind.count
        )
    });
    expect![[r#"
        Workloads / Pods (pods) Some(1)
        Workloads / Deployments (deployments) None
        Workloads / ReplicaSets (replicasets) None
        Workloads / StatefulSets (statefulsets) Some(1)
        Network / Services (services) None
        Config / Config maps (configmaps) None
        Config / Secrets (secrets) None
        Cluster / Nodes (nodes) None
        Cluster / Namespaces (namespaces) None
        Cluster / Custom resources (customresourcedefinitions) None
        Cluster / Events (events) None
        example.com / Widgets (widgets) None, folded
        example.com / Gauges (gauges) None, folded"#]]
    .assert_eq(&lines.collect::<Vec<_>>().join("\n"));
    // What is only listed is not counted.
    stage.pass(10_000);
    stage.log.clear();
    stage.intent(Intent::Count);
    assert!(!stage.log.iter().any(|line| line.contains("example.com")));
}

#[test]
fn an_owner_of_a_kind_that_was_not_known_is_found() {
    let mut stage = Stage::new();
    let owned = pod("web-0", "", 0).replace(
        r#""labels""#,
        r#""ownerReferences":[{"apiVersion":"apps/v1","kind":"StatefulSet","name":"web","uid":"s1"}],"labels""#,
    );
    stage.live("pods", "/api/v1/pods", &[owned]);
    stage.intent(Intent::Open {
        path: "pods/shop/web-0".to_owned(),
    });
    stage.pass(100);
    stage.discover();
    stage.pass(100);
    stage.request("/apis/apps/v1/namespaces/shop/statefulsets?fieldSelector=metadata.name%3Dweb");
}

#[test]
fn what_an_event_is_about_is_found_once_its_kind_is_known() {
    let mut stage = Stage::new();
    let about = r#"{"metadata":{"name":"e","namespace":"shop","uid":"e"},"involvedObject":{"kind":"StatefulSet","apiVersion":"apps/v1","namespace":"shop","name":"web"}}"#;
    stage.live("events", "/api/v1/events", &[about.to_owned()]);
    let link = |stage: &Stage| {
        let rows = stage.shown.rows.clone().unwrap().rows;
        rows.into_iter()
            .flat_map(|row| row.cells)
            .find_map(|cell| cell.link)
    };
    assert_eq!(link(&stage), None);
    stage.intent(Intent::Count);
    stage.discover();
    stage.pass(200);
    let path = "statefulsets.apps/shop/web".to_owned();
    assert_eq!(link(&stage), Some(message::Link::Object(path)));
}

#[test]
fn all_kinds_are_offered() {
    let mut stage = Stage::new();
    stage.widgets("widgets");
    let text = "s".to_owned();
    stage.intent(Intent::Complete { text, cursor: 1 });
    let completion = stage.shown.completion.clone().unwrap();
    let offers = completion.candidates.iter();
    let offers: Vec<_> = offers
        .map(|offer| format!("{} ({})", offer.insert, offer.meaning))
        .collect();
    expect!["services (svc, svcs), secrets (), statefulsets (sts, apps)"]
        .assert_eq(&offers.join(", "));
}

/// An extension of the API that accepts nobody is no reason to stop the rest.
#[test]
fn a_401_of_a_kind_that_others_may_serve_stops_that_kind_only() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.ask("widgets");
    stage.discover();
    stage.answer(TABLE, 200, &table(COLUMNS, &[]));
    stage.answer(LIST, 401, &status(401, "Unauthorized", "not here"));
    stage.pass(200);
    stage.log.clear();
    stage.check(&expect![[r#"
        [Forbidden] demo does not accept the credentials | They have expired or were revoked. Renew them, for instance by kubectl --context demo get ns, then try again.
        Offline credentials refused | The credentials are no longer accepted (not here). Renew them, then try again. Try 2 in 1 s."#]]);
    stage.ask("pods");
    stage.check(&expect![[r#"
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Live 0.2 s |"#]]);
}
