//! Answers of several kinds, of what belongs together, of groups; and plans made anew.

use super::*;

impl Stage {
    /// The rows as the page shows them: heads, then cells.
    fn table(&self) -> String {
        let view = self.shown.view.clone().unwrap_or_default();
        let heads: Vec<_> = view.columns.iter().map(|column| &*column.title).collect();
        let mut lines = vec![heads.join(" | ")];
        for row in self.shown.rows.iter().flat_map(|rows| &rows.rows) {
            let cells: Vec<_> = row.cells.iter().map(message::Cell::text).collect();
            lines.push(cells.join(" | "));
        }
        lines.join("\n")
    }

    fn said(&self) -> String {
        let view = self.shown.view.clone().unwrap_or_default();
        let freshness = self.shown.freshness.clone().unwrap_or_default();
        let blank = view
            .blank
            .map_or_else(String::new, |blank| format!(" [{}]", blank.title));
        format!(
            "{} {}{blank}; {} {}: {}",
            view.title, view.note, freshness.word, freshness.detail, freshness.reason
        )
    }

    fn list(&mut self, start: &str, items: &[&str]) {
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        self.answer(start, 200, &list(&items, "5", ""));
    }
}

const WEB: &str = r#"{"metadata":{"name":"web","namespace":"a","uid":"d1"},"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}}}}}"#;

fn labelled(name: &str, namespace: &str, app: &str, restarts: i64) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","uid":"{namespace}-{name}","labels":{{"app":"{app}"}}}},"spec":{{"nodeName":"n1","containers":[{{"name":"c","image":"i"}}]}},"status":{{"phase":"Running","containerStatuses":[{{"name":"c","restartCount":{restarts},"state":{{"running":{{}}}}}}]}}}}"#
    )
}

#[test]
fn walks_a_relation_and_keeps_up_with_both_sides() {
    let mut stage = Stage::new();
    stage.ask("deploy web ns:a -> pods cols:ns,name,restarts");
    stage.list("/apis/apps/v1/namespaces/a/deployments?", &[WEB]);
    let pods = [labelled("p1", "a", "web", 1), labelled("p2", "a", "db", 2)];
    let pods: Vec<&str> = pods.iter().map(String::as_str).collect();
    stage.list("/api/v1/namespaces/a/pods?", &pods);
    expect![[r#"
        Namespace | Name | Restarts
        a | p1 | 1"#]]
    .assert_eq(&stage.table());
    let deployments = stage.head("/apis/apps/v1/namespaces/a/deployments?watch", 200);
    let changed = WEB.replace("web\"}", "db\"}");
    stage.chunk(deployments, &event("MODIFIED", &changed));
    stage.pass(1000);
    expect![[r#"
        Namespace | Name | Restarts
        a | p2 | 2"#]]
    .assert_eq(&stage.table());
    stage.chunk(deployments, &event("DELETED", &changed));
    stage.pass(1000);
    expect!["Namespace | Name | Restarts"].assert_eq(&stage.table());
}

#[test]
fn shows_groups_that_lead_to_their_objects() {
    let mut stage = Stage::new();
    stage.ask("pods group:ns,label:app sum:restarts count");
    let pods = [
        labelled("p1", "a", "web", 1),
        labelled("p2", "a", "web", 2),
        labelled("p3", "b", "web", 4),
        labelled("p4", "b", "", 8),
    ];
    let pods: Vec<&str> = pods.iter().map(String::as_str).collect();
    stage.list("/api/v1/pods?", &pods);
    expect![[r#"
        Namespace | App | Sum restarts | Count
        a | web | 3 | 2
        b | web | 4 | 1
        b | <none> | 8 | 1"#]]
    .assert_eq(&stage.table());
    let rows = stage.shown.rows.clone().unwrap_or_default().rows;
    let links: Vec<_> = rows
        .iter()
        .map(|row| format!("{:?}", row.cells[0].link))
        .collect();
    expect![[r#"
        Some(Query("pods ns:a app=web"))
        Some(Query("pods ns:b app=web"))
        Some(Query("pods ns:b !app"))"#]]
    .assert_eq(&links.join("\n"));
}

#[test]
fn shows_several_kinds_in_one_table() {
    let mut stage = Stage::new();
    stage.ask("pods,deploy ns:a app=web status:Running");
    // What is no field of deployments is never so of one.
    expect!["> GET /api/v1/namespaces/a/pods?labelSelector=app%3Dweb&limit=500"]
        .assert_eq(&stage.log.join("\n"));
    stage.list(
        "/api/v1/namespaces/a/pods?",
        &[&labelled("p1", "a", "web", 0)],
    );
    stage.ask("pods,deploy ns:a app=web sort:-age,name");
    stage.list("/apis/apps/v1/namespaces/a/deployments?", &[WEB]);
    expect![[r#"
        Kind | Namespace | Name | State | Age
        Pod | a | p1 | Not ready | <unknown>"#]]
    .assert_eq(&stage.table());
}

#[test]
fn reads_the_namespaces_it_may_when_it_may_not_list_all() {
    let mut stage = Stage::new();
    stage.engine.settings.namespace = Some("shop".to_owned());
    stage.ask("pods");
    stage.answer(
        "/api/v1/pods?",
        403,
        &status(403, "Forbidden", "pods is forbidden"),
    );
    stage.list(
        "/api/v1/namespaces/shop/pods?",
        &[&labelled("p1", "shop", "web", 0)],
    );
    stage.answer(
        "/api/v1/namespaces?",
        403,
        &status(403, "Forbidden", "namespaces is forbidden"),
    );
    expect!["Pods in shop; Partial not all namespaces: you may not list pods in all namespaces, so only those known by name are read: shop."].assert_eq(&stage.said());
    // One that was read by name is remembered.
    stage.ask("pods ns:team");
    stage.list("/api/v1/namespaces/team/pods?", &[]);
    stage.ask("pods");
    expect!["Pods in shop, team; Partial not all namespaces: you may not list pods in all namespaces, so only those known by name are read: shop, team."].assert_eq(&stage.said());
    // On the next visit, too.
    let read = stage.shown.read_namespaces.take().expect("some were read");
    let mut stage = Stage::new();
    stage.engine = Engine::new(Settings {
        read_namespaces: read,
        ..Settings::default()
    });
    stage.ask("pods");
    stage.answer("/api/v1/pods?", 403, &status(403, "Forbidden", "no"));
    expect![[r"
        > GET /api/v1/pods?limit=500
        > GET /version
        > POST /apis/authentication.k8s.io/v1/selfsubjectreviews with a body
        > GET /api/v1/namespaces?limit=500
        > GET /api/v1/namespaces/shop/pods?limit=500
        > GET /api/v1/namespaces/team/pods?limit=500"]]
    .assert_eq(&stage.log.join("\n"));
}

#[test]
fn reads_the_namespaces_that_it_can_list() {
    let mut stage = Stage::new();
    stage.ask("pods");
    stage.answer(
        "/api/v1/pods?",
        403,
        &status(403, "Forbidden", "pods is forbidden"),
    );
    let namespace = |name: &str| format!(r#"{{"metadata":{{"name":"{name}","uid":"{name}"}}}}"#);
    stage.list("/api/v1/namespaces?", &[&namespace("a"), &namespace("b")]);
    stage.list(
        "/api/v1/namespaces/a/pods?",
        &[&labelled("p1", "a", "web", 0)],
    );
    stage.answer(
        "/api/v1/namespaces/b/pods?",
        403,
        &status(403, "Forbidden", "no pods in b"),
    );
    stage.head("/api/v1/namespaces/a/pods?watch", 200);
    stage.pass(1000);
    expect![[r#"Pods in a, b; Partial 1 of 2 namespaces: Not read: pods in b. Totals and "none" speak for the rest only. no pods in b"#]].assert_eq(&stage.said());
}

#[test]
fn asks_without_a_field_that_the_server_does_not_know() {
    let mut stage = Stage::new();
    stage.ask("pods sa:robot");
    stage.log.clear();
    stage.answer(
        "/api/v1/pods?",
        400,
        &status(
            400,
            "BadRequest",
            "field label not supported: spec.serviceAccountName",
        ),
    );
    stage.list("/api/v1/pods?limit", &[&labelled("p1", "a", "web", 0)]);
    expect![[r#"
        > GET /api/v1/pods?limit=500
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5"#]]
    .assert_eq(&stage.log.join("\n"));
}

#[test]
fn asks_for_nothing_where_nothing_can_match() {
    let mut stage = Stage::new();
    stage.ask("pods app=-x");
    expect![[r#"

        Pods in all namespaces [No pod matches]; Live : "#]]
    .assert_eq(&format!("{}\n{}", stage.log.join("\n"), stage.said()));
}

#[test]
fn completes_walks_lists_and_paths() {
    let mut stage = Stage::new();
    stage.ask("pods");
    stage.list("/api/v1/pods?", &[&labelled("p1", "a", "web", 0)]);
    let mut check = |text: &str| {
        let text_owned = text.to_owned();
        let cursor = text.len();
        stage.intent(Intent::Complete {
            text: text_owned,
            cursor,
        });
        let found = stage.shown.completion.clone().unwrap_or_default();
        let inserts: Vec<_> = found.candidates.iter().map(|one| &*one.insert).collect();
        format!(
            "{:?} {} = {}",
            found.span.of(text),
            found.title,
            inserts.join(" ")
        )
    };
    let texts = [
        "deploy -> o",
        "deploy web -> pods nod",
        "svc with:p",
        "svc with:(pods sta",
        "svc with:(pods) ty",
        "pods group:ns,st",
        "pods | pluck re",
        "pods wit",
        "pods {.sp",
        "pods {.spec.containers[*].n",
        "pods cols:{.metadata.la",
        "pods \"a -> b",
    ];
    let found: Vec<String> = texts.iter().map(|text| check(text)).collect();
    expect![[r#"
        "o" Kind or relation that starts with o = owner owned
        "nod" Clause that starts with nod = node:
        "p" Kind or relation = pods
        "sta" Clause that starts with sta = status:
        "ty" Clause that starts with ty = type:
        "st" Field to group = status
        "re" Field to pluck = ready restarts
        "wit" Clause that starts with wit = with: without:
        "{.sp" Path = {.spec
        "{.spec.containers[*].n" Path = {.spec.containers[*].name
        "{.metadata.la" Field to cols = {.metadata.labels
        "\"a -> b" Clause that starts with "a -> b = "#]]
    .assert_eq(&found.join("\n"));
}

#[test]
fn believes_the_latest_of_an_object_that_moves_between_lists() {
    let version = |object: String, version: &str| {
        object.replace(
            "\"uid\"",
            &format!("\"resourceVersion\":\"{version}\",\"uid\""),
        )
    };
    let mut stage = Stage::new();
    stage.ask("pods ns:a (app=web OR app=db) restarts:>1 cols:name,restarts");
    let first = "/api/v1/namespaces/a/pods?labelSelector=app%3Dweb&";
    let second = "/api/v1/namespaces/a/pods?labelSelector=app%3Ddb";
    stage.list(
        &format!("{first}limit"),
        &[&version(labelled("p", "a", "web", 5), "4")],
    );
    stage.list(second, &[]);
    stage.head(&format!("{first}watch"), 200);
    let watch = stage.head(&format!("{second}%2Capp%21%3Dweb&watch"), 200);
    stage.pass(1000);
    expect![[r#"
        Name | Restarts
        p | 5"#]]
    .assert_eq(&stage.table());
    // The other watch has yet to say that it is no longer one of its own.
    stage.chunk(
        watch,
        &event("ADDED", &version(labelled("p", "a", "db", 0), "6")),
    );
    stage.pass(1000);
    expect!["Name | Restarts"].assert_eq(&stage.table());
}

#[test]
fn ages_pass_in_what_is_printed_and_in_groups() {
    let mut stage = Stage::new();
    stage.ask("pods age:~^2m cols:name");
    stage.list("/api/v1/pods?", &[&pod("a", "", 0)]);
    stage.head("/api/v1/pods?watch", 200);
    expect!["Name"].assert_eq(&stage.table());
    stage.pass(30_000);
    expect![[r#"
        Name
        a"#]]
    .assert_eq(&stage.table());
    stage.ask("pods max:age");
    stage.pass(20_000);
    let before = stage.table();
    stage.pass(60_000);
    assert_ne!(stage.table(), before);
}
