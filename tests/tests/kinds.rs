//! Kinds that are not known by heart: what discovery names can be asked for, shows what the server prints, and is
//! followed; and what somebody defines is there without anybody having built it in.

use std::time::{Duration, Instant, SystemTime};

use k8kat::client::Record;
use k8kat::engine::message::{DetailState, Intent};
use k8kat::resource::{Catalog, Discovery, Kind};
use kapi_tests::{Page, System};
use serde_json::{Value, json};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

/// Columns whose text passes with time: ages, and how long something took so far.
const PASSING: [&str; 5] = [
    "Age",
    "Duration",
    "Last Schedule",
    "Last Seen",
    "First Seen",
];

/// How long both sides may take to be at the same moment.
const PATIENCE: Duration = Duration::from_secs(30);

/// A definition of widgets in a group, with columns of these names.
fn definition(group: &str, columns: &[&str]) -> Value {
    let column = |name: &&str| {
        let kind = if *name == "Size" { "integer" } else { "string" };
        json!({"name": name, "type": kind, "jsonPath": format!(".spec.{}", name.to_lowercase())})
    };
    let columns: Vec<Value> = columns.iter().map(column).collect();
    let schema = json!({"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("widgets.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wg"]},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema,
                "subresources": {"status": {}}, "additionalPrinterColumns": columns}],
        },
    })
}

fn widget(group: &str, name: &str, size: i64) -> Value {
    json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": name},
        "spec": {"size": size, "shape": "round"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_defines_is_listed_watched_and_opened() {
    for system in System::all().await {
        let namespace = system.namespace("kinds").await;
        let group = format!("{namespace}.example.com");
        let name = format!("widgets.{group}");
        let mut page = Page::open(system.http());
        page.ask(&name);
        page.until("a problem", |page| !page.query.problems.is_empty())
            .await;

        let (code, answer) = system
            .send(
                "POST",
                DEFINITIONS,
                Some(definition(&group, &["Size", "Shape"])),
            )
            .await;
        assert_eq!(code, 201, "{answer}");
        ask_until_known(&mut page, &format!("{name} ns:{namespace} sort:-size")).await;
        page.until("an empty list", |page| {
            page.is_live() && page.view.blank.is_some()
        })
        .await;

        let widgets = format!("/apis/{group}/v1/namespaces/{namespace}/widgets");
        for (name, size) in [("a", 3), ("b", 20)] {
            let (code, answer) = system
                .send("POST", &widgets, Some(widget(&group, name, size)))
                .await;
            assert_eq!(code, 201, "{answer}");
        }
        until_rows(&mut page, &["b | 20 | round", "a | 3 | round"]).await;
        let patch = |size: i64| Some(json!({"spec": {"size": size}}));
        system
            .send("PATCH", &format!("{widgets}/a"), patch(100))
            .await;
        until_rows(&mut page, &["a | 100 | round", "b | 20 | round"]).await;

        let path = format!("{name}/{namespace}/a");
        page.intent(Intent::Open { path });
        page.until("its detail", |page| page.detail.state == DetailState::Shown)
            .await;
        assert_eq!(
            (&*page.detail.kind, &*page.detail.name.text()),
            ("Widget", "a")
        );
        let ready = json!({"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "Bent"}]}});
        system
            .send("PATCH", &format!("{widgets}/a/status"), Some(ready))
            .await;
        page.until("its trouble", |page| page.detail.status.text() == "Bent")
            .await;

        let k8kat = system.k8kat();
        let found = k8kat.kind(&name).ns([&namespace]).order("size").all().await;
        let found = found.expect("a program finds them, too");
        let names: Vec<_> = found.iter().map(|object| object.as_ref().name()).collect();
        assert_eq!(names, ["b", "a"]);

        // Somebody changes what is printed.
        let columns = definition(&group, &["Shape"])["spec"].clone();
        let (code, answer) = system
            .send(
                "PATCH",
                &format!("{DEFINITIONS}/{name}"),
                Some(json!({"spec": columns})),
            )
            .await;
        assert_eq!(code, 200, "{answer}");
        page.ask(&format!("{name} ns:{namespace}"));
        // What a watch says of its columns comes with what it says of objects.
        let end = Instant::now() + PATIENCE;
        for size in 4.. {
            if page.cells() == ["a | round", "b | round"] {
                break;
            }
            assert!(Instant::now() < end, "{:?}\n{}", page.cells(), page.heard());
            system
                .send("PATCH", &format!("{widgets}/b"), patch(size))
                .await;
            page.pass(Duration::from_secs(1)).await;
        }

        system.send("DELETE", &format!("{widgets}/a"), None).await;
        page.until("the detail says that it is gone", |page| {
            matches!(page.detail.state, DetailState::Gone(_))
        })
        .await;
        system
            .send("DELETE", &format!("{DEFINITIONS}/{name}"), None)
            .await;
        system.delete_namespace(&namespace).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_says_what_its_objects_are_selected_by() {
    for system in System::all().await {
        let namespace = system.namespace("selected").await;
        let group = format!("{namespace}.example.com");
        let name = format!("widgets.{group}");
        let mut made = definition(&group, &["Size", "Shape"]);
        let properties = json!({"size": {"type": "integer"}, "shape": {"type": "string"}, "open": {"type": "boolean"},
            "made": {"type": "string", "format": "date-time"}});
        let version = &mut made["spec"]["versions"][0];
        version["schema"] = json!({"openAPIV3Schema": {"type": "object", "properties": {
            "spec": {"type": "object", "properties": properties}}}});
        version["selectableFields"] =
            json!([{"jsonPath": ".spec.shape"}, {"jsonPath": ".spec.open"}]);
        let printed = version["additionalPrinterColumns"].as_array_mut();
        printed
            .expect("columns")
            .push(json!({"name": "Made", "type": "date", "jsonPath": ".spec.made"}));
        let mut older = version.clone();
        older["name"] = json!("v1beta1");
        older["storage"] = json!(false);
        // Versions that are alike in all but these are taken for one by the server, which then refuses them.
        older["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["old"] =
            json!({"type": "string"});
        older["selectableFields"] = json!([{"jsonPath": ".spec.size"}]);
        made["spec"]["versions"]
            .as_array_mut()
            .expect("versions")
            .push(older);
        let (code, answer) = system.send("POST", DEFINITIONS, Some(made)).await;
        assert_eq!(code, 201, "{answer}");
        let just_now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        let specs = [
            (
                "a",
                json!({"shape": "round", "open": true, "size": 3, "made": just_now}),
            ),
            ("b", json!({"shape": "flat, or = so", "open": false})),
            ("c", json!({})),
        ];
        for (widget, spec) in specs {
            let object = json!({"apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": {"name": widget}, "spec": spec});
            let path = format!("/apis/{group}/v1/namespaces/{namespace}/widgets");
            send_until_known(&system, &path, &object).await;
        }
        let k8kat = system.k8kat();
        // The kind, the clauses, what they find, and what the server is asked to select by.
        let older = format!("widgets.v1beta1.{group}");
        for (kind, clauses, expected, asked) in [
            ("-f spec.shape=round", "a", "spec.shape=round"),
            ("-f spec.shape!=round", "b c", "spec.shape!=round"),
            ("-f spec.shape=", "c", "spec.shape="),
            ("{.spec.shape}=round", "a", "spec.shape=round"),
            (
                "{.spec.shape}=\"flat, or = so\"",
                "b",
                "spec.shape=flat\\, or \\= so",
            ),
            ("-{.spec.shape}=round", "b c", "spec.shape!=round"),
            ("-{.spec.shape}=\"\"", "a b c", ""),
            ("{.spec.open}=true", "a", "spec.open=true"),
            ("-{.spec.open}=true", "b c", "spec.open!=true"),
            ("{.spec.size}=3", "a", ""),
            ("-f spec.size=3", "a", ""),
            // A moment is read as one, so its age passes.
            ("made:<1h", "a", ""),
            ("sort:-made", "a b c", ""),
        ]
        .map(|(clauses, expected, asked)| (&name, clauses, expected, asked))
        .into_iter()
        // Another version has other fields.
        .chain([
            (&older, "-f spec.size=3", "a", "spec.size=3"),
            (&older, "-f spec.shape=round", "a", ""),
        ]) {
            let query = format!("{kind} ns:{namespace} {clauses}");
            let chain = k8kat.text(&query).expect("it can be read");
            let found = chain.all().await.expect("an answer");
            let found: Vec<String> = found.iter().map(Record::name).collect();
            assert_eq!(found.join(" "), expected, "{query} on the {}", system.name);
            let explained = chain.explain().expect("it makes sense");
            let version = explained.plan.kind().map(|kind| kind.resource.version);
            let is_older = version == Some("v1beta1");
            assert_eq!(is_older, *kind == older, "{query}: {version:?}");
            let fields = explained.plan.scans().flat_map(|scan| &scan.fields);
            let fields: Vec<String> = fields.map(ToString::to_string).collect();
            assert_eq!(fields.join(" "), asked, "{query} on the {}", system.name);
        }
        system
            .send("DELETE", &format!("{DEFINITIONS}/{name}"), None)
            .await;
        system.delete_namespace(&namespace).await;
    }
}

/// Creates an object of a kind that was defined just now, which takes a moment to be in force.
async fn send_until_known(system: &System, path: &str, object: &Value) {
    let end = Instant::now() + PATIENCE;
    loop {
        let (code, answer) = system.send("POST", path, Some(object.clone())).await;
        if code == 201 {
            return;
        }
        assert!(code == 404 && Instant::now() < end, "{answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Asks until the kind is known: a definition takes a moment to be in force.
async fn ask_until_known(page: &mut Page, query: &str) {
    let end = Instant::now() + PATIENCE;
    loop {
        page.ask(query);
        page.until("an answer", |page| {
            page.query.answered || !page.query.problems.is_empty()
        })
        .await;
        if page.query.answered {
            return;
        }
        assert!(Instant::now() < end, "{:?}", page.query);
        page.pass(Duration::from_secs(1)).await;
    }
}

/// Rows without the age, which no definition here prints.
async fn until_rows(page: &mut Page, rows: &[&str]) {
    page.until(&rows.join(", "), |page| page.cells() == rows)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_shows_what_the_server_prints() {
    for system in System::all().await {
        let namespace = system.namespace("every").await;
        create_some(&system, &namespace).await;
        let catalog = catalog(&system).await;
        let mut page = Page::open(system.http());
        let (mut kinds, mut rows) = (0, 0);
        // Of events there are more than a page shows, and they come faster than two requests.
        // Of other tests they come and go.
        let is_compared = |kind: &&Kind| {
            let is_of_a_test = kind.resource.group.starts_with("kapi-test-");
            kind.learned.is_some() && kind.resource.kind != "Event" && !is_of_a_test
        };
        for kind in catalog.kinds().filter(is_compared) {
            rows += compare(&system, &mut page, kind).await;
            kinds += 1;
        }
        eprintln!("{}: {rows} objects of {kinds} kinds", system.name);
        let (least_kinds, least_rows) = if system.sandbox.is_some() {
            (3, 10)
        } else {
            (35, 100)
        };
        assert!(
            kinds >= least_kinds && rows >= least_rows,
            "{rows} objects of {kinds} kinds"
        );
        system.delete_namespace(&namespace).await;
    }
}

/// The kinds of a cluster, as its documents name them.
async fn catalog(system: &System) -> Catalog {
    let mut discovery = Discovery::default();
    while let Some((place, path)) = discovery.ask() {
        let (code, body) = system.get(&path, Discovery::ACCEPT).await;
        discovery.answered(place, Some(body.as_slice()).filter(|_| code == 200));
    }
    let mut catalog = Catalog::default();
    catalog.learn(&discovery.kinds(), discovery.is_whole());
    catalog
}

/// One of each kind of workload and more, where the cluster has them.
async fn create_some(system: &System, namespace: &str) {
    let pod = json!({"metadata": {"labels": {"app": "a"}}, "spec": {"restartPolicy": "Never",
        "containers": [{"name": "c", "image": "example.com/none:1"}]}});
    let always = json!({"metadata": {"labels": {"app": "a"}},
        "spec": {"containers": [{"name": "c", "image": "example.com/none:1"}]}});
    let selector = json!({"matchLabels": {"app": "a"}});
    let rule = json!({"host": "a.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix",
        "backend": {"service": {"name": "s", "port": {"number": 80}}}}]}});
    for (root, plural, spec) in [
        (
            "apps/v1",
            "statefulsets",
            json!({"replicas": 2, "serviceName": "s", "selector": selector, "template": always}),
        ),
        (
            "apps/v1",
            "daemonsets",
            json!({"selector": selector, "template": always}),
        ),
        (
            "batch/v1",
            "jobs",
            json!({"suspend": true, "template": pod}),
        ),
        (
            "batch/v1",
            "cronjobs",
            json!({"suspend": true, "schedule": "0 0 * * *", "jobTemplate": {"spec": {"template": pod}}}),
        ),
        (
            "networking.k8s.io/v1",
            "ingresses",
            json!({"ingressClassName": "none", "rules": [rule]}),
        ),
        (
            "networking.k8s.io/v1",
            "networkpolicies",
            json!({"podSelector": selector}),
        ),
        (
            "policy/v1",
            "poddisruptionbudgets",
            json!({"minAvailable": 1, "selector": selector}),
        ),
        (
            "autoscaling/v2",
            "horizontalpodautoscalers",
            json!({"maxReplicas": 3,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "one"}}),
        ),
    ] {
        let path = format!("/apis/{root}/namespaces/{namespace}/{plural}");
        let object = json!({"metadata": {"name": "one", "labels": {"app": "a"}}, "spec": spec});
        let (code, answer) = system.send("POST", &path, Some(object)).await;
        let is_missing = code == 404 && system.sandbox.is_some();
        assert!(code == 201 || is_missing, "{path} {answer}");
    }
    let claim = json!({"metadata": {"name": "one"}, "spec": {"accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}}});
    system
        .send(
            "POST",
            &format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims"),
            Some(claim),
        )
        .await;
}

/// Compares all that a page shows of a kind with the server's own table, which may be of another moment: until they
/// are the same. Says how many rows these were.
async fn compare(system: &System, page: &mut Page, kind: &'static Kind) -> usize {
    let end = Instant::now() + PATIENCE;
    page.ask(kind.name());
    page.until(kind.name(), |page| {
        page.is_live() && page.view.plural == kind.name()
    })
    .await;
    loop {
        let (code, table) = system
            .send_for(TABLE, "GET", &kind.resource.collection(None), None)
            .await;
        assert_eq!(code, 200, "{} {table}", kind.name());
        page.pass(Duration::from_millis(50)).await;
        let (wanted, shown) = (printed(&table), shown(page));
        if wanted == shown {
            return shown.len();
        }
        let differ = wanted
            .iter()
            .zip(&shown)
            .find(|(wanted, shown)| wanted != shown);
        let (many, few) = (wanted.len(), shown.len());
        assert!(
            Instant::now() < end,
            "{}: {many} and {few} rows\n{differ:#?}",
            kind.name()
        );
    }
}

/// The rows of the server's table, by namespace and name, without what passes with time.
fn printed(table: &Value) -> Vec<String> {
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let definitions = items(&table["columnDefinitions"]);
    let heads: Vec<_> = definitions
        .iter()
        .map(|head| head["name"].as_str().unwrap_or_default())
        .collect();
    let rows = items(&table["rows"]).into_iter().map(|row| {
        let metadata = &row["object"]["metadata"];
        let (namespace, name) = (metadata["namespace"].as_str(), metadata["name"].as_str());
        let cells = items(&row["cells"]);
        let cells = heads
            .iter()
            .zip(&cells)
            .filter(|(head, _)| !PASSING.contains(head));
        let texts = cells.map(|(head, cell)| match cell {
            Value::Null => format!("{head}="),
            Value::String(text) => format!("{head}={text}"),
            other => format!("{head}={other}"),
        });
        let mut texts: Vec<_> = texts.collect();
        texts.sort_unstable();
        format!(
            "{}/{} {}",
            namespace.unwrap_or_default(),
            name.unwrap_or_default(),
            texts.join(" | ")
        )
    });
    let mut rows: Vec<String> = rows.collect();
    rows.sort_unstable();
    rows
}

/// The same of what the page shows.
fn shown(page: &Page) -> Vec<String> {
    let rows = page.rows.rows.iter().map(|row| {
        let cells = page.view.columns.iter().zip(&row.cells);
        // What was true when it was read says so.
        let passes =
            |title: &str| PASSING.contains(&title.strip_suffix(" (as read)").unwrap_or(title));
        let cells = cells.filter(|(column, _)| column.name != "ns" && !passes(&column.title));
        let mut texts: Vec<_> = cells
            .map(|(column, cell)| format!("{}={}", column.title, cell.text()))
            .collect();
        texts.sort_unstable();
        let mut path = row.path.splitn(3, '/').skip(1);
        let namespace = path
            .next()
            .filter(|namespace| *namespace != "-")
            .unwrap_or_default();
        format!(
            "{namespace}/{} {}",
            path.next().unwrap_or_default(),
            texts.join(" | ")
        )
    });
    let mut rows: Vec<String> = rows.collect();
    rows.sort_unstable();
    rows
}
