//! Lists: in pages, cut, refused, failed, and tried again.

use super::*;

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
