//! Credentials that the API server accepts no longer.

use super::*;

impl Stage {
    /// A request is answered with nothing but a status.
    fn refuse(&mut self, start: &str, status: u16) {
        let id = self.request(start);
        let head = Head {
            status,
            ..Head::default()
        };
        self.input(Input::Head { id, head });
    }
}

const REVIEW: &str = "/apis/authentication";

#[test]
fn one_401_of_the_api_server_stops_everything_until_it_accepts_them() {
    let mut stage = Stage::new();
    stage.live("nodes", "/api/v1/nodes", &[]);
    let watch = stage.live("pods", "/api/v1/pods", &[pod("a", "", 0)]);
    stage.pass(2000);
    stage.running.remove(&watch);
    stage.input(Input::End { id: watch });
    stage.log.clear();
    stage.refuse("/api/v1/pods?watch", 401);
    stage.pass(1000);
    stage.check(&expect![[r#"
        x /api/v1/nodes?watch=true&allowWatchBookmarks=true&resourceVersion=5
        x /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        x /version
        x /apis/authentication.k8s.io/v1/selfsubjectreviews
        shop | a | 1/1 | Running | 0 | 102s | <none> | n1 | i:1
        Offline credentials refused | As of 02:46:42 UTC. The credentials are no longer accepted (Unauthorized). Renew them, then try again. Try 2 in 30 s."#]]);
    assert!(stage.running.is_empty());
    assert_eq!(stage.shown.sign_in, Some(None), "no token would help");
    stage.ask("services");
    stage.check(&expect![[r#"
        [Forbidden] demo does not accept the credentials | They have expired or were revoked. Renew them, for instance by kubectl --context demo get ns, then try again.
        Offline credentials refused | The credentials are no longer accepted (Unauthorized). Renew them, then try again. Try 2 in 29 s."#]]);
    stage.ask("pods");
    stage.log.clear();
    // Now and then one request finds out whether they were renewed.
    stage.pass(29_000);
    stage.refuse(REVIEW, 401);
    stage.pass(1000);
    stage.check(&expect![[r#"
        > POST /apis/authentication.k8s.io/v1/selfsubjectreviews with a body
        x /apis/authentication.k8s.io/v1/selfsubjectreviews
        shop | a | 1/1 | Running | 0 | 102s | <none> | n1 | i:1
        Offline credentials refused | As of 02:46:42 UTC. The credentials are no longer accepted (Unauthorized). Renew them, then try again. Try 3 in 30 s."#]]);
    stage.pass(29_000);
    stage.answer(REVIEW, 201, "{}");
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(1000);
    stage.log.sort();
    stage.check(&expect![[r#"
        > GET /api
        > GET /api/v1/configmaps?limit=1
        > GET /api/v1/events?limit=1
        > GET /api/v1/namespaces?limit=1
        > GET /api/v1/nodes?limit=1
        > GET /api/v1/nodes?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/pods?limit=1
        > GET /api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=5
        > GET /api/v1/secrets?limit=1
        > GET /api/v1/services?limit=1
        > GET /api/v1/services?limit=500
        > GET /apis
        > GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=1
        > GET /apis/apps/v1/deployments?limit=1
        > GET /apis/apps/v1/replicasets?limit=1
        > GET /version
        > POST /apis/authentication.k8s.io/v1/selfsubjectreviews with a body
        > POST /apis/authentication.k8s.io/v1/selfsubjectreviews with a body
        shop | a | 1/1 | Running | 0 | 101s | <none> | n1 | i:1
        Live 0.3 s |"#]]);
}

#[test]
fn whoever_tries_again_tries_everything() {
    let mut stage = Stage::new();
    stage.ask("pods");
    stage.refuse("/api/v1/pods", 401);
    stage.pass(1000);
    stage.log.clear();
    stage.check(&expect![[r#"
        [Forbidden] demo does not accept the credentials | They have expired or were revoked. Renew them, for instance by kubectl --context demo get ns, then try again.
        Offline credentials refused | The credentials are no longer accepted (Unauthorized). Renew them, then try again. Try 2 in 30 s."#]]);
    stage.intent(Intent::Retry);
    stage.answer(
        "/api/v1/pods?limit=500",
        200,
        &list(&[pod("a", "", 0)], "5", ""),
    );
    stage.head("/api/v1/pods?watch", 200);
    stage.pass(1000);
    stage.log.clear();
    stage.check(&expect![[r#"
        shop | a | 1/1 | Running | 0 | 100s | <none> | n1 | i:1
        Live 0.1 s |"#]]);
}

#[test]
fn what_is_not_from_the_api_server_does_not_speak_for_it() {
    let mut stage = Stage::new();
    stage.ask("pods");
    stage.refuse("/api/v1/pods", 401);
    stage.pass(30_000);
    let id = stage.request(REVIEW);
    let head = Head {
        status: 502,
        fault: Some("unreachable".to_owned()),
        ..Head::default()
    };
    stage.input(Input::Head { id, head });
    stage.running.remove(&id);
    stage.input(Input::End { id });
    assert!(stage.running.is_empty());
    stage.pass(30_000);
    stage.request(REVIEW);
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
