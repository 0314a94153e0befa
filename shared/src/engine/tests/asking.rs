//! What is typed and committed, what completes it, and how often the page is told.

use super::*;

#[test]
fn a_committed_query_for_nothing_shows_nothing() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.ask("secretz");
    assert_eq!(stage.names(), "");
    assert!(stage.shown.view.clone().unwrap().blank.is_some());
    for path in ["/api", "/apis"] {
        stage.answer(path, 200, r#"{"kind":"APIGroupDiscoveryList","items":[]}"#);
    }
    stage.intent(Intent::Open {
        path: "frobs/a/b".to_owned(),
    });
    let detail = stage.shown.detail.clone().unwrap();
    assert!(matches!(detail.state, message::DetailState::Missing(_)));
}

#[test]
fn typing_over_a_live_scan_sends_nothing() {
    let mut stage = Stage::new();
    stage.live(
        "pods",
        "/api/v1/pods",
        &[pod("web-1", r#""app":"web""#, 7), pod("db-1", "", 0)],
    );
    stage.log.clear();
    stage.typed("pods ns:shop app=web restarts:>5 we");
    stage.check(&expect![[r#"
        web-1 | 1/1 | Running | 7 | 100s | <none> | n1 | i:1
        Live 0.0 s |"#]]);
    // Nothing covers services: they are asked for after a rest.
    stage.typed("svc");
    assert_eq!(stage.log, Vec::<String>::new());
    assert_eq!(stage.rows().len(), 1, "the last good answer stays");
    stage.pass(299);
    assert_eq!(stage.log, Vec::<String>::new());
    stage.pass(1);
    stage.check(&expect![[r#"
        > GET /api/v1/services?limit=500
        [Loading] Reading services | 
        Catching up  |"#]]);
}

#[test]
fn a_bad_clause_keeps_the_rest() {
    let mut stage = Stage::new();
    stage.live(
        "pods nod:x web",
        "/api/v1/pods",
        &[pod("web-1", "", 0), pod("db-1", "", 0)],
    );
    stage.pass(200);
    assert_eq!(stage.names(), "pods/shop/web-1");
    let echo = stage.shown.query.clone().unwrap();
    assert_eq!(echo.problems.len(), 1);
    assert_eq!(echo.canonical, "pods nod:x web");
    stage.typed("pids");
    assert_eq!(
        stage.names(),
        "pods/shop/web-1",
        "the last good answer stays"
    );
    assert!(!stage.shown.query.clone().unwrap().answered);
}

#[test]
fn at_most_one_update_is_undrawn() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[]);
    stage.pass(1000);
    stage.draws = false;
    let mut serials = Vec::new();
    for name in ["a", "b", "c"] {
        stage.advance(500);
        let bytes = event("ADDED", &pod(name, "", 0)).into_bytes();
        for effect in stage
            .engine
            .handle(Input::Chunk { id: watch, bytes }, stage.now)
        {
            if let Effect::Update(update) = effect {
                serials.push((update.serial, update.rows.map(|rows| rows.rows.len())));
            }
        }
    }
    assert_eq!(serials.len(), 1);
    let serial = serials[0].0;
    stage.advance(500);
    stage.draws = true;
    stage.intent(Intent::Drawn { serial });
    // However long the page took: some time is for taking in what comes.
    stage.pass(99);
    stage.chunk(watch, &event("ADDED", &pod("d", "", 0)));
    assert_eq!(stage.names(), "");
    stage.pass(1);
    let all = "pods/shop/a pods/shop/b pods/shop/c pods/shop/d";
    assert_eq!(stage.names(), all);
}

#[test]
fn completes_from_what_is_there() {
    let mut stage = Stage::new();
    stage.live(
        "pods",
        "/api/v1/pods",
        &[
            pod("web-1", r#""app":"web""#, 7),
            pod("db-1", r#""app":"db""#, 0),
        ],
    );
    let mut check = |text: &str, expected: &str| {
        let cursor = text.len();
        let text = text.to_owned();
        stage.intent(Intent::Complete { text, cursor });
        let completion = stage.shown.completion.take().unwrap();
        let inserts: Vec<_> = completion
            .candidates
            .iter()
            .take(4)
            .map(|c| c.insert.as_str())
            .collect();
        assert_eq!(
            format!("{} = {}", completion.title, inserts.join(" ")),
            expected
        );
    };
    check("de", "Kind that starts with de = deployments");
    check("pods sta", "Clause that starts with sta = status:");
    check(
        "pods status:R",
        "Value of status that starts with R = Running",
    );
    check("pods app=", "Value of the label app = db web");
    check("pods -ns:", "Value of ns = shop");
    check("pods sort:-re", "Field to sort by = ready restarts");
}
