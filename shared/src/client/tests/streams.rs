//! Answers that come piece by piece, and those that are followed.

use std::cell::Cell;

use expect_test::expect;
use futures_util::{Stream, StreamExt};

use super::queries::{DEPLOYMENT, NOTHING, PODS, said, told};
use super::*;

const FIRST: &str = r#"{"metadata":{"resourceVersion":"7","continue":"next"},"items":[
    {"metadata":{"name":"b","namespace":"a-b","uid":"1"},"status":{"phase":"Failed"}},
    {"metadata":{"name":"a","namespace":"a","uid":"2"},"status":{"phase":"Running"}}]}"#;
const SECOND: &str = r#"{"metadata":{"resourceVersion":"7","continue":"more"},"items":[
    {"metadata":{"name":"b","namespace":"a","uid":"3"},"status":{"phase":"Running"}}]}"#;
const THIRD: &str = r#"{"metadata":{"resourceVersion":"7"},"items":[
    {"metadata":{"name":"c","namespace":"a","uid":"4"},"status":{"phase":"Failed"}}]}"#;
const EXPIRED: &str = r#"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#;

/// What was sent by the time that each of these was there.
async fn each<T: fmt::Debug>(
    k8kat: &K8Kat<Told>,
    rows: impl Stream<Item = Result<T, Error>>,
) -> String {
    let mut rows = std::pin::pin!(rows);
    let sent = || k8kat.transport.log.borrow().len();
    let mut lines = vec![format!("{} sent", sent())];
    while let Some(row) = rows.next().await {
        lines.push(format!("{} sent: {row:?}", sent()));
    }
    lines.join("\n")
}

#[test]
fn rows_are_given_as_they_are_read() {
    told(
        vec![(200, None, FIRST), (200, None, SECOND), (200, None, THIRD)],
        async |k8kat| each(k8kat, k8kat.pods().broken().stream()).await,
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/pods?limit=2000&continue=next
            /api/v1/pods?limit=2000&continue=more
            0 sent
            1 sent: Ok(pods/a-b/b)
            1 sent: Ok(pods/a/a)
            2 sent: Ok(pods/a/b)
            3 sent: Ok(pods/a/c)"#]],
    );
    told(
        vec![(200, None, FIRST), (200, None, SECOND), (200, None, THIRD)],
        async |k8kat| each(k8kat, k8kat.pods().in_batches(3)).await,
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/pods?limit=2000&continue=next
            /api/v1/pods?limit=2000&continue=more
            0 sent
            2 sent: Ok([pods/a-b/b, pods/a/a, pods/a/b])
            3 sent: Ok([pods/a/c])"#]],
    );
    // What has an order is read to its end first.
    told(
        vec![(200, None, FIRST), (200, None, SECOND), (200, None, THIRD)],
        async |k8kat| each(k8kat, k8kat.pods().order_desc("name").limit(2).stream()).await,
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/pods?limit=2000&continue=next
            /api/v1/pods?limit=2000&continue=more
            0 sent
            3 sent: Ok(pods/a/c)
            3 sent: Ok(pods/a/b)"#]],
    );
}

#[test]
fn what_decides_is_read_before_the_first_row() {
    told(
        vec![(200, None, DEPLOYMENT), (200, None, PODS)],
        async |k8kat| each(k8kat, k8kat.deps().pods().stream()).await,
        &expect![[r#"
            /apis/apps/v1/deployments?limit=500
            /api/v1/namespaces/shop/pods?labelSelector=app%3Dweb&limit=500
            0 sent
            2 sent: Ok(pods/shop/web-2)
            2 sent: Ok(pods/shop/web-1)"#]],
    );
}

#[test]
fn a_stream_of_several_lists_is_of_one_moment() {
    let (first, second) = ((200, None, PODS), (200, None, NOTHING));
    let either = async |k8kat: &K8Kat<Told>| {
        let pods = k8kat.pods().lbs_inc_any([("app", "web"), ("tier", "x")]);
        each(k8kat, pods.stream()).await
    };
    told(
        vec![first, second],
        either,
        &expect![[r#"
        /api/v1/pods?labelSelector=app%3Dweb&limit=500
        /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
        0 sent
        1 sent: Ok(pods/shop/web-2)
        1 sent: Ok(pods/shop/web-1)"#]],
    );
    // What was given away cannot be taken back.
    told(
        vec![first, (410, None, EXPIRED)],
        either,
        &expect![[r#"
        /api/v1/pods?labelSelector=app%3Dweb&limit=500
        /api/v1/pods?labelSelector=tier%3Dx%2Capp%21%3Dweb&limit=500&resourceVersion=7&resourceVersionMatch=Exact
        0 sent
        1 sent: Ok(pods/shop/web-2)
        1 sent: Ok(pods/shop/web-1)
        2 sent: Err(Refused(Refusal { code: 410, reason: "Expired", message: "too old" }))"#]],
    );
    told(
        vec![(200, None, FIRST), (410, None, EXPIRED), (200, None, FIRST)],
        async |k8kat| each(k8kat, k8kat.pods().stream()).await,
        &expect![[r#"
            /api/v1/pods?limit=500
            /api/v1/pods?limit=2000&continue=next
            0 sent
            1 sent: Ok(pods/a-b/b)
            1 sent: Ok(pods/a/a)
            2 sent: Err(Refused(Refusal { code: 410, reason: "Expired", message: "the list was forgotten before it was read to its end" }))"#]],
    );
}

#[test]
fn a_chain_sends_nothing_and_its_answer_is_iterated_as_often_as_one_likes() {
    told(
        vec![(200, None, PODS)],
        async |k8kat| {
            let chain = k8kat.pods().ns(["shop"]).running().order("age").limit(5);
            let (stream, batches, live) = (chain.stream(), chain.in_batches(2), chain.live());
            drop((chain.explain(), stream, batches, live));
            assert_eq!(*k8kat.transport.log.borrow(), Vec::<String>::new());
            let found = k8kat.pods().ns(["shop"]).await.expect("an answer");
            let names = || found.iter().map(Record::name).collect::<Vec<_>>();
            said((names(), names()))
        },
        &expect![[r#"
            /api/v1/namespaces/shop/pods?limit=500
            (["web-1", "web-2"], ["web-1", "web-2"])"#]],
    );
}

impl Clock for Told {
    fn now(&self) -> Now {
        Now::default()
    }
}

/// A server with one list and one watch, which says a line whenever time passes.
#[derive(Debug, Default)]
struct Watched {
    now: Cell<u64>,
    lines: RefCell<VecDeque<&'static str>>,
    log: RefCell<Vec<String>>,
}

impl Clock for &Watched {
    fn now(&self) -> Now {
        Now {
            monotonic_ms: self.now.get(),
            wall_ms: i64::try_from(self.now.get()).expect("it has just begun"),
        }
    }
}

impl Transport for &Watched {
    type Body = std::pin::Pin<Box<dyn Stream<Item = Result<Vec<u8>, String>>>>;

    async fn send(&self, request: &Request) -> Result<(Head, Self::Body), String> {
        self.log.borrow_mut().push(request.path.clone());
        let mut status = 200;
        let body: Self::Body = if request.streams {
            let lines = self.lines.take().into_iter();
            Box::pin(
                stream::iter(lines.map(|line| Ok(line.as_bytes().to_vec())))
                    .chain(stream::pending()),
            )
        } else if request.path.contains("/pods") {
            Box::pin(stream::iter([Ok(PODS.as_bytes().to_vec())]))
        } else {
            status = 404;
            Box::pin(stream::empty())
        };
        Ok((
            Head {
                status,
                ..Head::default()
            },
            body,
        ))
    }

    async fn wait(&self, ms: u64) {
        self.now.set(self.now.get() + ms);
    }
}

#[test]
fn news_is_what_changed() {
    let watched = Watched::default();
    watched.lines.borrow_mut().extend([
        r#"{"type":"DELETED","object":{"metadata":{"name":"web-2","namespace":"shop","uid":"p2","resourceVersion":"8"}}}
"#,
        r#"{"type":"MODIFIED","object":{"metadata":{"name":"web-1","namespace":"shop","uid":"p1","resourceVersion":"9"}}}
"#,
    ]);
    let k8kat = K8Kat::new(&watched);
    let mut live = k8kat.pods().ns(["shop"]).live();
    let mut lines = Vec::new();
    // The clock moves as soon as it is waited for, so what the watch says comes to an end.
    while lines.len() < 4 {
        let news = live.next().now_or_never().flatten();
        let news = news.expect("it goes on").expect("it makes sense");
        let word = news.freshness.word;
        lines.push(format!("{word}: {:?}, gone {:?}", news.changed, news.gone));
    }
    lines.push(said(live.records()));
    lines.extend(watched.log.take());
    expect![[r#"
        Live: [pods/shop/web-1, pods/shop/web-2], gone []
        Live: [pods/shop/web-1], gone ["pods/shop/web-2"]
        Stale: [], gone []
        Catching up: [], gone []
        [pods/shop/web-1]
        /version
        /apis/authentication.k8s.io/v1/selfsubjectreviews
        /api/v1/namespaces/shop/pods?limit=500
        /api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7
        /api/v1/namespaces/shop/pods?watch=true&allowWatchBookmarks=true&resourceVersion=9"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn what_makes_no_sense_is_no_live_answer() {
    let watched = Watched::default();
    let k8kat = K8Kat::new(&watched);
    let mut live = k8kat.pods().order("colour").live();
    let first = live.next().now_or_never().flatten();
    assert!(matches!(first, Some(Err(Error::Query(_)))), "{first:?}");
    assert!(live.next().now_or_never().expect("it is over").is_none());
}
