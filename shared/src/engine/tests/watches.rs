//! Watches: resumed, expired, silent, asleep; and what is said of it meanwhile.

use super::*;

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
