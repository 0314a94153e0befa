//! The engine on a stage: inputs in, and what it wants done and shows as text.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::message::{FreshnessState, Intent, Update};
use super::*;

mod credentials;
mod learning;

/// An engine, a clock, and a page that draws at once.
struct Stage {
    engine: Engine,
    now: Now,
    running: BTreeMap<RequestId, Request>,
    log: Vec<String>,
    shown: Update,
    /// Draws what it is told as soon as it is told.
    draws: bool,
}

impl Stage {
    fn new() -> Self {
        let mut stage = Self {
            engine: Engine::new(Settings {
                cluster: "demo".to_owned(),
                namespace: None,
                ..Settings::default()
            }),
            now: Now {
                monotonic_ms: 10_000,
                wall_ms: 10_000_000,
            },
            running: BTreeMap::new(),
            log: Vec::new(),
            shown: Update::default(),
            draws: true,
        };
        stage.intent(Intent::Window {
            first: 0,
            count: 50,
        });
        stage.log.clear();
        stage
    }

    fn input(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.now);
        for effect in effects {
            match effect {
                Effect::Send { id, request } => {
                    let body = request.body.as_ref().map_or("", |_| " with a body");
                    self.log
                        .push(format!("> {} {}{body}", request.method, request.path));
                    self.running.insert(id, request);
                }
                Effect::Cancel { id } => {
                    let request = self
                        .running
                        .remove(&id)
                        .expect("only what runs is cancelled");
                    self.log.push(format!("x {}", request.path));
                }
                Effect::Update(update) => self.show(*update),
            }
        }
    }

    fn show(&mut self, update: Update) {
        let serial = update.serial;
        macro_rules! take { ($($part:ident),*) => { $(if update.$part.is_some() { self.shown.$part = update.$part; })* } }
        take!(
            query, view, rows, detail, yaml, kinds, freshness, cluster, completion, sign_in
        );
        if self.draws {
            self.intent(Intent::Drawn { serial });
        }
    }

    fn intent(&mut self, intent: Intent) {
        self.input(Input::Intent(intent));
    }

    fn ask(&mut self, text: &str) {
        self.intent(Intent::Query {
            text: text.to_owned(),
            committed: true,
        });
    }

    fn typed(&mut self, text: &str) {
        self.intent(Intent::Query {
            text: text.to_owned(),
            committed: false,
        });
    }

    /// The request that runs and whose path begins and ends so.
    fn request(&self, start: &str) -> RequestId {
        let found = self
            .running
            .iter()
            .filter(|(_, request)| request.path.starts_with(start))
            .min_by_key(|(_, request)| request.path.len());
        let paths: Vec<_> = self.running.values().map(|request| &request.path).collect();
        *found
            .unwrap_or_else(|| panic!("{start} is not among {paths:?}"))
            .0
    }

    fn head(&mut self, start: &str, status: u16) -> RequestId {
        let id = self.request(start);
        let head = Head {
            status,
            date: Some("Thu, 01 Jan 1970 02:46:40 GMT".to_owned()),
            content_type: Some("application/json".to_owned()),
            ..Head::default()
        };
        self.input(Input::Head { id, head });
        id
    }

    fn answer(&mut self, start: &str, status: u16, body: &str) {
        let id = self.head(start, status);
        self.running.remove(&id);
        self.input(Input::Chunk {
            id,
            bytes: body.as_bytes().to_vec(),
        });
        self.input(Input::End { id });
    }

    fn chunk(&mut self, id: RequestId, text: &str) {
        self.input(Input::Chunk {
            id,
            bytes: text.as_bytes().to_vec(),
        });
    }

    /// Time passes, with a tick at each deadline.
    fn pass(&mut self, ms: u64) {
        let end = self.now.monotonic_ms + ms;
        while let Some(deadline) = self.engine.deadline().filter(|deadline| *deadline <= end) {
            let step = deadline.max(self.now.monotonic_ms) - self.now.monotonic_ms;
            self.advance(step);
            self.input(Input::Tick);
        }
        let rest = end - self.now.monotonic_ms;
        self.advance(rest);
    }

    /// Time passes until a request runs whose path begins so.
    fn until_asked(&mut self, start: &str) {
        while !self
            .running
            .values()
            .any(|request| request.path.starts_with(start))
        {
            self.pass(500);
        }
    }

    fn advance(&mut self, ms: u64) {
        self.now.monotonic_ms += ms;
        self.now.wall_ms += i64::try_from(ms).expect("a short time");
    }

    fn live(&mut self, query: &str, path: &str, items: &[String]) -> RequestId {
        self.ask(query);
        let sign = if path.contains('?') { '&' } else { '?' };
        self.answer(&format!("{path}{sign}limit"), 200, &list(items, "5", ""));
        self.head(&format!("{path}{sign}watch"), 200)
    }

    fn rows(&self) -> Vec<String> {
        let rows = self.shown.rows.iter().flat_map(|rows| &rows.rows);
        rows.map(|row| {
            row.cells
                .iter()
                .map(message::Cell::text)
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .collect()
    }

    fn names(&self) -> String {
        let rows = self.shown.rows.iter().flat_map(|rows| &rows.rows);
        rows.map(|row| row.path.clone())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn badge(&self) -> String {
        let freshness = self.shown.freshness.clone().unwrap_or_default();
        let line = format!(
            "{} {} | {}",
            freshness.word, freshness.detail, freshness.reason
        );
        line.trim_end().to_owned()
    }

    fn check(&mut self, expected: &Expect) {
        let mut lines = std::mem::take(&mut self.log);
        lines.extend(self.rows());
        if let Some(blank) = self
            .shown
            .view
            .as_ref()
            .and_then(|view| view.blank.as_ref())
        {
            lines.push(format!(
                "[{:?}] {} | {}",
                blank.state, blank.title, blank.text
            ));
        }
        lines.push(self.badge());
        expected.assert_eq(&lines.join("\n"));
    }
}

fn pod(name: &str, labels: &str, restarts: i64) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","uid":"u-{name}","labels":{{{labels}}},"creationTimestamp":"1970-01-01T02:45:00Z","resourceVersion":"7","managedFields":[{{"a":1}}]}},"spec":{{"nodeName":"n1","containers":[{{"name":"c","image":"i:1"}}]}},"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}],"containerStatuses":[{{"name":"c","ready":true,"restartCount":{restarts},"state":{{"running":{{}}}}}}]}}}}"#
    )
}

fn list(items: &[String], version: &str, token: &str) -> String {
    format!(
        r#"{{"kind":"PodList","metadata":{{"resourceVersion":"{version}","continue":"{token}"}},"items":[{}]}}"#,
        items.join(",")
    )
}

fn event(kind: &str, object: &str) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
}

fn status(code: u16, reason: &str, message: &str) -> String {
    format!(r#"{{"kind":"Status","reason":"{reason}","message":"{message}","code":{code}}}"#)
}

#[test]
fn lists_in_pages_then_watches() {
    let mut stage = Stage::new();
    stage.ask("pods ns:shop");
    stage.check(&expect![[r#"
        > GET /api/v1/namespaces/shop/pods?limit=500
        [Loading] Reading pods in shop | 
        Catching up  |"#]]);
    stage.answer(
        "/api/v1/namespaces/shop/pods?limit",
        200,
        &list(&[pod("b", "", 0)], "5", "next"),
    );
    // The first rows are drawn before the rest is asked for.
    stage.pass(120);
    stage.check(&expect![[r#"
        > GET /api/v1/namespaces/shop/pods?limit=2000&continue=next
        b | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Catching up 1 |"#]]);
    stage.answer(
        "/api/v1/namespaces/shop/pods?limit=2000&continue=next",
        200,
        &list(&[pod("a", "", 3)], "5", ""),
    );
    stage.check(&expect![[r#"
        > GET /api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        a | 1/1 | Running | 3 | 100s | <none> | n1 | i:1
        b | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Live 0.0 s |"#]]);
    let watch = stage.head("/api/v1/namespaces/shop/pods?watch", 200);
    stage.chunk(watch, &event("ADDED", &pod("c", "", 0)));
    stage.chunk(watch, &event("MODIFIED", &pod("b", "", 9)));
    stage.chunk(watch, &event("DELETED", &pod("a", "", 3)));
    stage.pass(200);
    stage.check(&expect![[r#"
        b | 1/1 | Running | 9 | 100s | <none> | n1 | i:1
        c | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Live 0.1 s |"#]]);
}

#[test]
fn rows_stay_while_it_reconnects() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.chunk(
        watch,
        "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"42\"}}}\n",
    );
    stage.log.clear();
    // The server closes it as it does every half hour: goes on from where it was, at once.
    stage.pass(2000);
    stage.running.remove(&watch);
    stage.input(Input::End { id: watch });
    stage.check(&expect![[r#"
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=42
        shop | a | 1/1 | Running | 0 | 102s | <none> | n1 | i:1
        Live 0.0 s |"#]]);
    let watch = stage.request("/api/v1/pods?watch");
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "connection reset".to_owned(),
    });
    stage.pass(100);
    stage.check(&expect![[r#"
        shop | a | 1/1 | Running | 0 | 102s | <none> | n1 | i:1
        Stale for 0s, trying again | As of 02:46:42 UTC. The connection dropped: connection reset. Try 2 in 1 s."#]]);
    stage.pass(3000);
    stage.check(&expect![[r#"
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=42
        shop | a | 1/1 | Running | 0 | 102s | <none> | n1 | i:1
        Stale for 3s, trying again | As of 02:46:42 UTC. The connection dropped: connection reset. Trying now."#]]);
    // The past is gone: a new list; what it does not show goes at its end.
    stage.answer(
        "/api/v1/pods?watch",
        410,
        &status(410, "Expired", "too old"),
    );
    stage.check(&expect![[r#"
        > GET /api/v1/pods?limit=500
        shop | a | 1/1 | Running | 0 | 102s | <none> | n1 | i:1
        Stale for 3s, trying again | As of 02:46:42 UTC. The connection dropped: connection reset. Trying now."#]]);
    stage.answer(
        "/api/v1/pods?limit",
        200,
        &list(&[pod("b", "", 0)], "90", ""),
    );
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(200);
    stage.check(&expect![[r#"
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=90
        shop | b | 1/1 | Running | 0 | 101s | <none> | n1 | i:1
        Live 0.1 s |"#]]);
}

#[test]
fn a_watch_that_resumes_is_live_once_it_has_told_what_was_missed() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "connection reset".to_owned(),
    });
    stage.until_asked("/api/v1/pods?watch");
    stage.pass(5000);
    let watch = stage.head("/api/v1/pods?watch", 200);
    stage.pass(200);
    assert_eq!(stage.badge(), "Catching up 1 |");
    stage.chunk(watch, &event("MODIFIED", &pod("a", "", 7)));
    stage.pass(200);
    assert_eq!(stage.badge(), "Live 0.1 s |");
    // One that is closed and opened again at once misses nothing.
    stage.pass(1000);
    stage.running.remove(&watch);
    stage.input(Input::End { id: watch });
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(200);
    assert_eq!(stage.badge(), "Live 0.1 s |");
}

#[test]
fn an_expired_watch_is_an_event_too() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.log.clear();
    stage.chunk(
        watch,
        &event("ERROR", &status(410, "Expired", "too old resource version")),
    );
    stage.check(&expect![[r#"
        x /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/pods?limit=500
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Live 0.0 s |"#]]);
}

#[test]
fn a_server_that_was_away_is_listed_anew() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.pass(11_000);
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "reset".to_owned(),
    });
    stage.pass(600);
    // It is not merely the connection: the server is not there, and may return as another.
    let watch = stage.request("/api/v1/pods?watch");
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "refused".to_owned(),
    });
    stage.pass(2000);
    stage.answer(
        "/api/v1/pods?limit",
        200,
        &list(&[pod("z", "", 0)], "2", ""),
    );
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(200);
    assert_eq!(stage.names(), "pods/shop/z");
    // Nor does a version from the future resume.
    stage.answer(
        "/api/v1/pods?watch",
        504,
        &status(504, "Timeout", "Too large resource version"),
    );
    stage.pass(2000);
    stage.request("/api/v1/pods?limit");
}

/// How many lists are asked for in a minute when the list works and no watch ever does.
#[test]
fn a_watch_that_never_opens_is_no_storm_of_lists() {
    let mut stage = Stage::new();
    stage.ask("pods");
    let end = stage.now.monotonic_ms + 60_000;
    while stage.now.monotonic_ms < end {
        let lists: Vec<_> = stage
            .running
            .iter()
            .map(|(id, request)| (*id, request.path.clone()))
            .collect();
        for (id, path) in lists {
            if path.contains("pods?limit") {
                stage.answer(
                    "/api/v1/pods?limit",
                    200,
                    &list(&[pod("a", "", 0)], "5", ""),
                );
            } else if path.contains("pods?watch") {
                stage.running.remove(&id);
                stage.input(Input::Failed {
                    id,
                    error: "blocked".to_owned(),
                });
            }
        }
        stage.pass(100);
    }
    let asked = |what: &str| stage.log.iter().filter(|line| line.contains(what)).count();
    assert_eq!(asked("pods?limit"), 1);
    assert!(asked("pods?watch") < 12, "{}", asked("pods?watch"));
}

#[test]
fn a_list_cut_by_a_refused_token_is_listed_again() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0), pod("z", "", 0)]);
    stage.chunk(watch, &event("ERROR", &status(410, "Expired", "too old")));
    stage.answer(
        "/api/v1/pods?limit=500",
        200,
        &list(&[pod("a", "", 0)], "90", "next"),
    );
    let id = stage.request("/api/v1/pods?limit=2000");
    let fault = Some("sign-in".to_owned());
    stage.input(Input::Head {
        id,
        head: Head {
            status: 401,
            fault,
            ..Head::default()
        },
    });
    stage.log.clear();
    stage.intent(Intent::Retry);
    assert!(
        stage.log.iter().any(|line| line.contains("pods?limit=500")),
        "{:?}",
        stage.log
    );
}

/// A user who may read one namespace only asks for it while the forbidden list is on its way.
#[test]
fn a_refused_scan_takes_nobody_with_it() {
    let mut stage = Stage::new();
    stage.ask("pods");
    stage.ask("pods ns:shop");
    stage.answer("/api/v1/pods?limit", 403, &status(403, "Forbidden", "no"));
    stage.answer(
        "/api/v1/namespaces/shop/pods?limit",
        200,
        &list(&[pod("a", "", 0)], "5", ""),
    );
    stage.pass(300);
    assert_eq!(stage.names(), "pods/shop/a");
}

#[test]
fn retry_after_nothing_is_no_tight_loop() {
    let mut stage = Stage::new();
    stage.ask("pods");
    let id = stage.request("/api/v1/pods?limit");
    let retry_after = Some("0".to_owned());
    stage.input(Input::Head {
        id,
        head: Head {
            status: 429,
            retry_after,
            ..Head::default()
        },
    });
    stage.running.remove(&id);
    stage.log.clear();
    stage.chunk(id, &status(429, "TooManyRequests", "slow down"));
    stage.input(Input::End { id });
    assert!(stage.log.is_empty(), "{:?}", stage.log);
}

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
fn a_cut_list_is_no_list() {
    let mut stage = Stage::new();
    stage.ask("pods");
    let whole = list(&[pod("a", "", 0), pod("b", "", 0)], "5", "");
    stage.answer("/api/v1/pods?limit", 200, &whole[..whole.len() - 40]);
    stage.pass(200);
    stage.check(&expect![[r#"
        > GET /api/v1/pods?limit=500
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Stale for 0s, trying again | As of 02:46:40 UTC. The connection dropped: the answer was cut off. Try 2 in 1 s."#]]);
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut stage = Stage::new();
    stage.ask("pods ns:a,b");
    stage.answer(
        "/api/v1/namespaces/a/pods",
        403,
        &status(403, "Forbidden", "pods is forbidden: User x cannot list"),
    );
    stage.answer(
        "/api/v1/namespaces/b/pods?limit",
        200,
        &list(&[pod("z", "", 0).replace("shop", "b")], "5", ""),
    );
    stage.head("/api/v1/namespaces/b/pods?watch", 200);
    stage.pass(1000);
    stage.log.clear();
    stage.check(&expect![[r#"
        b | z | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Partial 1 of 2 namespaces | Not read: pods in a. Totals and "none" speak for the rest only. pods is forbidden: User x cannot list"#]]);
    stage.ask("nodes");
    stage.answer(
        "/api/v1/nodes?limit=500",
        403,
        &status(403, "Forbidden", "nodes is forbidden"),
    );
    stage.pass(1000);
    stage.log.clear();
    stage.check(&expect![[r#"
        [Forbidden] You may not list nodes | Missing right: list nodes. Ask who administers the cluster for it.
        Partial nothing may be read | Not read: nodes. Totals and "none" speak for the rest only. nodes is forbidden"#]]);
    stage.ask("services");
    stage.answer(
        "/api/v1/services",
        502,
        "<html><title>502 Bad Gateway</title></html>",
    );
    stage.pass(300);
    stage.log.clear();
    stage.check(&expect![[r#"
        [Unreachable] Something else answers in place of demo | It is no API server: a proxy, a sign-in page, or a wrong address. Sign in to the network, or check the server of this context in the kubeconfig. Try 2 in 1 s.
        Offline no API server answers | Something that is no API server answers: 502 502 Bad Gateway. Try 2 in 1 s."#]]);
}

#[test]
fn an_empty_view_counts_down_to_the_next_try() {
    let mut stage = Stage::new();
    stage.ask("pods");
    for _ in 0..4 {
        stage.until_asked("/api/v1/pods?limit");
        let id = stage.request("/api/v1/pods?limit");
        stage.running.remove(&id);
        let error = "connection refused".to_owned();
        stage.input(Input::Failed { id, error });
    }
    stage.pass(1100);
    stage.log.clear();
    stage.check(&expect![[r#"
        [Unreachable] demo does not answer | It may be down, or the network or a VPN on the way to it. Try 5 in 3 s.
        Offline never answered | No answer: connection refused. Try 5 in 3 s."#]]);
    stage.pass(1000);
    stage.log.clear();
    stage.check(&expect![[r#"
        [Unreachable] demo does not answer | It may be down, or the network or a VPN on the way to it. Try 5 in 2 s.
        Offline never answered | No answer: connection refused. Try 5 in 2 s."#]]);
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
fn a_refused_token_stops_everything_until_there_is_another() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "closed".to_owned(),
    });
    stage.pass(600);
    stage.log.clear();
    let id = stage.request("/api/v1/pods?watch");
    let head = Head {
        status: 401,
        fault: Some("sign-in".to_owned()),
        ..Head::default()
    };
    stage.input(Input::Head { id, head });
    stage.pass(60_000);
    assert!(stage.shown.sign_in.clone().flatten().is_some());
    stage.log.retain(|line| line.starts_with('>'));
    stage.check(&expect![[r#"
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Offline signed out | the token is missing, or not the one of this start of kapi"#]]);
    assert!(stage.running.is_empty());
    stage.intent(Intent::Retry);
    stage.log.retain(|line| line.contains("pods?watch"));
    assert_eq!(stage.log.len(), 1, "goes on where it was");
    assert_eq!(stage.shown.sign_in, Some(None));
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
fn a_silent_watch_is_doubted_and_opened_anew() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.log.clear();
    stage.pass(70_000);
    assert_eq!(
        stage.shown.freshness.as_ref().unwrap().state,
        FreshnessState::Live
    );
    stage.pass(10_000);
    stage.check(&expect![[r#"
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Stale for 79s | The watch of pods has said nothing for 79s; it may be dead. It is opened anew by itself."#]]);
    stage.pass(25_000);
    stage.check(&expect![[r#"
        x /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Stale for 104s | The watch of pods has said nothing for 104s; it may be dead. It is opened anew by itself."#]]);
}

#[test]
fn a_try_comes_by_itself_or_when_asked_for() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.running.remove(&watch);
    let error = "connection reset".to_owned();
    stage.input(Input::Failed { id: watch, error });
    stage.log.clear();
    stage.pass(100);
    assert!(
        stage.badge().ends_with("Try 2 in 1 s."),
        "{}",
        stage.badge()
    );
    stage.intent(Intent::Retry);
    stage.log.retain(|line| line.contains("pods?watch"));
    assert_eq!(stage.log.len(), 1, "at once: {:?}", stage.log);

    let watch = stage.request("/api/v1/pods?watch");
    stage.running.remove(&watch);
    let error = "connection refused".to_owned();
    stage.input(Input::Failed { id: watch, error });
    stage.log.clear();
    stage.pass(990);
    stage.log.retain(|line| line.contains("pods?"));
    assert!(stage.log.is_empty(), "not before its time: {:?}", stage.log);
    stage.pass(20);
    stage.request("/api/v1/pods?limit");
    assert_eq!(stage.names(), "pods/shop/a");
}

#[test]
fn a_silent_watch_is_opened_anew_when_asked_for() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.pass(80_000);
    assert!(stage.badge().starts_with("Stale"), "{}", stage.badge());
    stage.intent(Intent::Retry);
    assert!(!stage.running.contains_key(&watch));
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(400);
    assert!(stage.badge().starts_with("Live"), "{}", stage.badge());
    // One of which nothing is doubted goes on.
    let watch = stage.request("/api/v1/pods?watch");
    stage.intent(Intent::Retry);
    assert!(stage.running.contains_key(&watch));
}

#[test]
fn sleep_is_noticed() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.log.clear();
    stage.now.wall_ms += 3_600_000;
    stage.input(Input::Tick);
    stage.check(&expect![[r#"
        x /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /version
        > POST /apis/authentication.k8s.io/v1/selfsubjectreviews with a body
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Stale for 60m | The watch of pods has said nothing for 60m; it may be dead. It is opened anew by itself."#]]);
}

#[test]
fn opens_an_object_with_what_it_belongs_with() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[]);
    stage.log.clear();
    let owned = pod("web-5d-x", r#""app":"web","pod-template-hash":"5d""#, 0).replace(
        r#""uid":"u-web-5d-x""#,
        r#""uid":"u1","ownerReferences":[{"kind":"ReplicaSet","apiVersion":"apps/v1","name":"web-5d","uid":"r1"}]"#,
    );
    let watch = stage.request("/api/v1/pods?watch");
    stage.chunk(watch, &event("ADDED", &owned));
    stage.intent(Intent::Open {
        path: "pods/shop/web-5d-x".to_owned(),
    });
    stage.log.sort();
    assert_eq!(
        stage.log,
        [
            "> GET /api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Dweb-5d-x%2CinvolvedObject.kind%3DPod&limit=500",
            "> GET /api/v1/namespaces/shop/services?limit=500",
            "> GET /apis/apps/v1/namespaces/shop/replicasets?fieldSelector=metadata.name%3Dweb-5d&limit=500",
        ]
    );
    stage.answer(
        "/apis/apps/v1/namespaces/shop/replicasets",
        200,
        r#"{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"web-5d","namespace":"shop","uid":"r1",
        "ownerReferences":[{"kind":"Deployment","apiVersion":"apps/v1","name":"web","uid":"d1"}]}}]}"#,
    );
    stage.answer(
        "/api/v1/namespaces/shop/services",
        200,
        r#"{"metadata":{"resourceVersion":"1"},"items":[
        {"metadata":{"name":"web","namespace":"shop","uid":"s1"},"spec":{"selector":{"app":"web"}}},
        {"metadata":{"name":"db","namespace":"shop","uid":"s2"},"spec":{"selector":{"app":"db"}}}]}"#,
    );
    stage.pass(500);
    stage.answer(
        "/apis/apps/v1/namespaces/shop/deployments",
        200,
        r#"{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"web","namespace":"shop","uid":"d1"}}]}"#,
    );
    stage.pass(500);
    let detail = stage.shown.detail.clone().unwrap();
    let related: Vec<_> = detail
        .related
        .iter()
        .map(|related| {
            let items: Vec<_> = related
                .items
                .iter()
                .map(|item| item.path.as_str())
                .collect();
            format!("{}: {}", related.title, items.join(" "))
        })
        .collect();
    assert_eq!(
        related,
        [
            "Owner: replicasets.apps/shop/web-5d deployments.apps/shop/web",
            "Services: services/shop/web"
        ]
    );
    stage.intent(Intent::Yaml { shown: true });
    assert!(
        stage
            .shown
            .yaml
            .clone()
            .unwrap()
            .starts_with("apiVersion: v1\nkind: Pod\n")
    );
    stage.chunk(watch, &event("DELETED", &owned));
    stage.pass(1000);
    let gone = stage.shown.detail.clone().unwrap();
    assert!(
        matches!(gone.state, message::DetailState::Gone(_)),
        "{:?}",
        gone.state
    );
    assert!(!gone.facts.is_empty(), "its last state is kept");
}

#[test]
fn counts_what_is_not_watched() {
    let mut stage = Stage::new();
    stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.intent(Intent::Count);
    stage.answer(
        "/apis/apps/v1/deployments?limit=1",
        200,
        r#"{"metadata":{"remainingItemCount":41},"items":[{"metadata":{"name":"x"}}]}"#,
    );
    stage.answer(
        "/api/v1/nodes?limit=1",
        403,
        &status(403, "Forbidden", "no"),
    );
    stage.pass(3000);
    let kinds = stage.shown.kinds.clone().unwrap();
    let line = |plural: &str| {
        let kind = kinds.iter().find(|kind| kind.plural == plural).unwrap();
        format!(
            "{:?} {} {:?} {:?}",
            kind.count, kind.live, kind.age, kind.problem
        )
    };
    assert_eq!(line("pods"), "Some(1) true \"\" None");
    assert_eq!(line("deployments"), "Some(42) false \"2s\" None");
    assert_eq!(line("nodes"), "None false \"\" Some(\"forbidden\")");
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

const WATCH: &str = "/api/v1/pods?labelSelector=app%3Dweb&watch";

/// What happens to a pod of the model.
#[derive(Clone, Debug)]
enum Change {
    Put(u8, bool, i64),
    Delete(u8),
    Cut,
    /// While the connection is cut this is put and that deleted, and the past is forgotten.
    Away(u8, bool, i64, u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0u8..6, any::<bool>(), 0i64..4).prop_map(|(name, web, restarts)| Change::Put(name, web, restarts)),
        2 => (0u8..6).prop_map(Change::Delete),
        1 => Just(Change::Cut),
        1 => (0u8..6, any::<bool>(), 0i64..4, 0u8..6).prop_map(|(name, web, restarts, gone)| Change::Away(name, web, restarts, gone)),
    ]
}

proptest! {
    /// After any sequence of events, in chunks of any size and over any cuts, the rows are those
    /// of the whole filter evaluated over what the server has.
    #[test]
    fn a_live_answer_equals_the_filter_over_the_cluster(changes in prop::collection::vec(change(), 0..30), size in 1usize..90) {
        let mut stage = Stage::new();
        let mut watch = stage.live("pods app=web restarts:<3 sort:-restarts", "/api/v1/pods?labelSelector=app%3Dweb", &[]);
        let mut cluster: BTreeMap<u8, (bool, i64)> = BTreeMap::new();
        let mut lives = 0;
        for change in changes {
            // Who was away finds everything made anew.
            lives += u32::from(matches!(change, Change::Away(..)));
            let text = |name: u8, web: bool, restarts| {
                let labels = if web { r#""app":"web""# } else { "" };
                pod(&format!("p{name}"), labels, restarts).replace("\"u-", &format!("\"u{lives}-"))
            };
            let mut stream = String::new();
            match change {
                // The server's own selector decides what the watch shows.
                Change::Put(name, web, restarts) => {
                    let was = cluster.insert(name, (web, restarts));
                    match (was.is_some_and(|(web, _)| web), web) {
                        (false, true) => stream = event("ADDED", &text(name, web, restarts)),
                        (true, true) => stream = event("MODIFIED", &text(name, web, restarts)),
                        (true, false) => stream = event("DELETED", &text(name, true, restarts)),
                        (false, false) => {}
                    }
                }
                Change::Delete(name) => {
                    if let Some((true, restarts)) = cluster.remove(&name) {
                        stream = event("DELETED", &text(name, true, restarts));
                    }
                }
                Change::Cut => {
                    stage.running.remove(&watch);
                    stage.input(Input::Failed { id: watch, error: "cut".to_owned() });
                    stage.until_asked(WATCH);
                    watch = stage.head(WATCH, 200);
                }
                Change::Away(name, web, restarts, gone) => {
                    stage.running.remove(&watch);
                    stage.input(Input::Failed { id: watch, error: "cut".to_owned() });
                    cluster.insert(name, (web, restarts));
                    cluster.remove(&gone);
                    stage.until_asked(WATCH);
                    // The past is not forgotten twice within a moment.
                    stage.pass(6_000);
                    let expired = status(410, "Expired", "too old");
                    stage.answer(WATCH, 410, &expired);
                    let shown: Vec<_> = cluster.iter().filter(|(_, (web, _))| *web).map(|(name, (web, restarts))| text(*name, *web, *restarts)).collect();
                    let (first, rest) = shown.split_at(shown.len() / 2);
                    stage.answer("/api/v1/pods?labelSelector=app%3Dweb&limit=500", 200, &list(first, "8", "more"));
                    stage.answer("/api/v1/pods?labelSelector=app%3Dweb&limit=2000", 200, &list(rest, "8", ""));
                    watch = stage.head(WATCH, 200);
                }
            }
            for chunk in stream.as_bytes().chunks(size) {
                stage.input(Input::Chunk { id: watch, bytes: chunk.to_vec() });
            }
        }
        stage.pass(500);
        let mut expected: Vec<_> = cluster.iter().filter(|(_, (web, restarts))| *web && *restarts < 3).collect();
        expected.sort_by_key(|(name, (_, restarts))| (std::cmp::Reverse(*restarts), **name));
        let expected: Vec<_> = expected.iter().map(|(name, _)| format!("pods/shop/p{name}")).collect();
        prop_assert_eq!(stage.names(), expected.join(" "));
    }
}

#[test]
fn a_wider_scan_that_is_refused_by_now_answers_nobody() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.ask("pods ns:shop");
    stage.log.clear();
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "connection reset".to_owned(),
    });
    stage.pass(1000);
    let refusal = status(403, "Forbidden", "pods is forbidden");
    stage.answer("/api/v1/pods?watch", 403, &refusal);
    stage.answer(
        "/api/v1/namespaces/shop/pods?limit",
        200,
        &list(&[pod("a", "", 7)], "9", ""),
    );
    stage.head("/api/v1/namespaces/shop/pods?watch", 200);
    stage.pass(200);
    stage.check(&expect![[r#"
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/namespaces/shop/pods?limit=500
        > GET /api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&resourceVersion=9
        a | 1/1 | Running | 7 | 100s | <none> | n1 | i:1
        Live 0.1 s |"#]]);
}

#[test]
fn after_sleep_nothing_is_called_live_until_it_is_heard_of() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.pass(1000);
    assert!(stage.badge().starts_with("Live"), "{}", stage.badge());
    // The monotonic clock of a browser may stand still meanwhile.
    stage.now.wall_ms += 3_600_000;
    stage.advance(150);
    stage.input(Input::Tick);
    stage.pass(1000);
    assert!(!stage.running.contains_key(&watch), "it is opened anew");
    stage.check(&expect![[r#"
        > GET /api/v1/pods?limit=500
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        x /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /version
        > POST /apis/authentication.k8s.io/v1/selfsubjectreviews with a body
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Stale for 60m | The watch of pods has said nothing for 60m; it may be dead. It is opened anew by itself."#]]);
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(1000);
    assert!(stage.badge().starts_with("Live"), "{}", stage.badge());
}

#[test]
fn a_watch_that_ends_as_it_should_leaves_no_doubt() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.pass(50_000);
    stage.running.remove(&watch);
    stage.input(Input::End { id: watch });
    stage.pass(1000);
    assert!(stage.badge().starts_with("Live"), "{}", stage.badge());
    stage.pass(1000);
    assert!(stage.badge().starts_with("Stale"), "{}", stage.badge());
}

#[test]
fn a_page_that_fails_is_asked_for_again_and_one_that_expired_is_not() {
    let mut stage = Stage::new();
    stage.ask("pods");
    stage.answer(
        "/api/v1/pods?limit",
        200,
        &list(&[pod("a", "", 0)], "5", "t1"),
    );
    stage.pass(120);
    stage.log.clear();
    stage.answer(
        "/api/v1/pods?limit=2000&continue=t1",
        429,
        &status(429, "TooManyRequests", "slow down"),
    );
    stage.pass(1000);
    stage.answer(
        "/api/v1/pods?limit=2000&continue=t1",
        200,
        &list(&[pod("b", "", 0)], "5", "t2"),
    );
    stage.answer(
        "/api/v1/pods?limit=2000&continue=t2",
        410,
        &status(410, "Expired", "too old"),
    );
    stage.answer(
        "/api/v1/pods",
        200,
        &list(&[pod("a", "", 0), pod("c", "", 0)], "9", ""),
    );
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(200);
    stage.check(&expect![[r#"
        > GET /api/v1/pods?limit=2000&continue=t1
        > GET /api/v1/pods?limit=2000&continue=t2
        > GET /api/v1/pods
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=9
        shop | a | 1/1 | Running | 0 | 101s | <none> | n1 | i:1
        shop | c | 1/1 | Running | 0 | 101s | <none> | n1 | i:1
        Live 0.1 s |"#]]);
}

#[test]
fn what_was_heard_of_a_moment_ago_does_not_age_out() {
    let mut stage = Stage::new();
    let watch = stage.live("pods age:<2m", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.pass(1000);
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "connection reset".to_owned(),
    });
    stage.pass(600);
    stage.input(Input::Failed {
        id: stage.request("/api/v1/pods?watch"),
        error: "connection refused".to_owned(),
    });
    stage.advance(60_000);
    stage.input(Input::Tick);
    assert_eq!(stage.names(), "pods/shop/a");
}

#[test]
fn counts_say_how_old_they_are_when_the_scan_has_stopped() {
    let mut stage = Stage::new();
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    let pods = |stage: &Stage| {
        let kinds = stage.shown.kinds.iter().flatten();
        let mut pods = kinds.filter(|kind| kind.plural == "pods");
        let pods = pods.next().expect("pods are counted");
        format!("{:?} live: {} age: {}", pods.count, pods.live, pods.age)
    };
    stage.pass(1000);
    assert_eq!(pods(&stage), "Some(1) live: true age: ");
    stage.running.remove(&watch);
    stage.input(Input::Failed {
        id: watch,
        error: "connection reset".to_owned(),
    });
    stage.pass(400);
    stage.pass(1000);
    stage.pass(9000);
    assert_eq!(pods(&stage), "Some(1) live: false age: 11s");
}

#[test]
fn what_belongs_with_an_object_follows_its_selector() {
    let service = |app: &str| {
        format!(
            r#"{{"metadata":{{"name":"s","namespace":"shop","uid":"u-s"}},"spec":{{"selector":{{"app":"{app}"}}}}}}"#
        )
    };
    let mut stage = Stage::new();
    let watch = stage.live("svc", "/api/v1/services", &[service("a")]);
    stage.intent(Intent::Open {
        path: "services/shop/s".to_owned(),
    });
    stage.request("/api/v1/namespaces/shop/pods?labelSelector=app%3Da");
    stage.chunk(watch, &event("MODIFIED", &service("b")));
    stage.request("/api/v1/namespaces/shop/pods?labelSelector=app%3Db");
}

mod queries;
