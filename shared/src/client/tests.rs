use std::cell::RefCell;
use std::collections::VecDeque;

use futures_util::{FutureExt, stream};

use super::*;

/// An API server that answers as it is told, and a clock that it moves.
#[derive(Debug, Default)]
struct Told {
    answers: RefCell<VecDeque<(u16, Option<&'static str>, &'static str)>>,
    log: RefCell<Vec<String>>,
}

impl Transport for Told {
    type Body = stream::Iter<std::vec::IntoIter<Result<Vec<u8>, String>>>;

    async fn send(&self, request: &Request) -> Result<(Head, Self::Body), String> {
        self.log.borrow_mut().push(request.path.clone());
        let answer = self.answers.borrow_mut().pop_front();
        let (status, retry_after, body) = answer.ok_or("nothing more was told")?;
        let head = Head {
            status,
            retry_after: retry_after.map(str::to_owned),
            ..Head::default()
        };
        Ok((head, stream::iter(vec![Ok(body.as_bytes().to_vec())])))
    }

    async fn wait(&self, ms: u64) {
        self.log.borrow_mut().push(format!("waits {ms} ms"));
    }
}

const BUSY: &str =
    r#"{"kind":"Status","reason":"TooManyRequests","message":"too many requests","code":429}"#;
const FAILED: &str = r#"{"kind":"Status","reason":"InternalError","message":"broken","code":500}"#;
const PAGE: &str = r#"{"metadata":{"resourceVersion":"5","continue":"next"},"items":[{"metadata":{"name":"a","uid":"1"}}]}"#;
const LAST: &str =
    r#"{"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"b","uid":"2"}}]}"#;

fn check(answers: Vec<(u16, Option<&'static str>, &'static str)>, expected: &expect_test::Expect) {
    let k8kat = K8Kat::new(Told {
        answers: RefCell::new(answers.into()),
        ..Told::default()
    });
    let found = k8kat
        .nodes()
        .all()
        .now_or_never()
        .expect("nothing else is waited for");
    let mut lines = k8kat.transport.log.take();
    lines.push(found.map_or_else(
        |error| error.to_string(),
        |found| format!("{} found", found.len()),
    ));
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn waits_as_long_as_the_server_asks() {
    check(
        vec![
            (429, Some("3"), BUSY),
            (200, None, PAGE),
            (429, None, BUSY),
            (503, Some("1"), FAILED),
            (200, None, LAST),
        ],
        &expect_test::expect![[r#"
            /api/v1/nodes?limit=500
            waits 3000 ms
            /api/v1/nodes?limit=500
            /api/v1/nodes?limit=2000&continue=next
            waits 1000 ms
            /api/v1/nodes?limit=2000&continue=next
            waits 2000 ms
            /api/v1/nodes?limit=2000&continue=next
            2 found"#]],
    );
}

#[test]
fn learns_a_kind_before_it_is_asked_for() {
    let groups = r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[{"resource":"widgets","responseKind":{"kind":"Widget"},"scope":"Cluster","verbs":["list"]}]}]}]}"#;
    let core = r#"{"kind":"APIGroupDiscoveryList","items":[]}"#;
    let table = r#"{"metadata":{"resourceVersion":"5"},"columnDefinitions":[{"name":"Name"},{"name":"Size","type":"integer"}],"rows":[{"cells":["a",7],"object":{"metadata":{"name":"a"}}},{"cells":["b",3],"object":{"metadata":{"name":"b"}}}]}"#;
    let answers = [core, groups, table, table, table].map(|body| (200, None, body));
    let k8kat = K8Kat::new(Told {
        answers: RefCell::new(answers.into()),
        ..Told::default()
    });
    let widgets = k8kat.kind("widgets.example.com").order("size");
    for _ in 0..2 {
        let found = widgets.all().now_or_never();
        let found = found
            .expect("nothing else is waited for")
            .expect("an answer");
        let names: Vec<_> = found.iter().map(|object| object.as_ref().name()).collect();
        assert_eq!(names, ["b", "a"]);
    }
    expect_test::expect![[r#"
        /api
        /apis
        /apis/example.com/v1/widgets?includeObject=None&limit=1
        /apis/example.com/v1/widgets?includeObject=Object&limit=500
        /apis/example.com/v1/widgets?includeObject=Object&limit=500"#]]
    .assert_eq(&k8kat.transport.log.take().join("\n"));
}

#[test]
fn learns_by_which_fields_a_kind_is_selected() {
    let groups = r#"{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"example.com"},"versions":[{"version":"v1","resources":[{"resource":"gears","responseKind":{"kind":"Gear"},"scope":"Cluster","verbs":["list"]}]}]}]}"#;
    let core = r#"{"kind":"APIGroupDiscoveryList","items":[]}"#;
    let table = r#"{"metadata":{"resourceVersion":"5"},"columnDefinitions":[{"name":"Name"},{"name":"Shape","type":"string","description":"Custom resource definition column (in JSONPath format): .spec.shape"}],"rows":[{"cells":["a","round"],"object":{"metadata":{"name":"a"}}}]}"#;
    let definition =
        r#"{"spec":{"versions":[{"name":"v1","selectableFields":[{"jsonPath":".spec.shape"}]}]}}"#;
    let answers = [core, groups, table, definition, table, table].map(|body| (200, None, body));
    let k8kat = K8Kat::new(Told {
        answers: RefCell::new(answers.into()),
        ..Told::default()
    });
    for _ in 0..2 {
        let gears = k8kat.kind("gears.example.com").r#where("shape:round");
        let found = gears.expect("a condition").all().now_or_never();
        let found = found.expect("nothing else is waited for");
        assert_eq!(found.expect("an answer").len(), 1);
    }
    expect_test::expect![[r#"
        /api
        /apis
        /apis/example.com/v1/gears?includeObject=None&limit=1
        /apis/apiextensions.k8s.io/v1/customresourcedefinitions/gears.example.com
        /apis/example.com/v1/gears?fieldSelector=spec.shape%3Dround&includeObject=Object&limit=500
        /apis/example.com/v1/gears?fieldSelector=spec.shape%3Dround&includeObject=Object&limit=500"#]].assert_eq(&k8kat.transport.log.take().join("\n"));
}

#[test]
fn does_not_try_for_ever_nor_what_fails_otherwise() {
    check(
        vec![(500, None, FAILED)],
        &expect_test::expect![[r#"
        /api/v1/nodes?limit=500
        the API server answered 500: broken"#]],
    );
    let k8kat = K8Kat::new(Told {
        answers: RefCell::new(vec![(429, Some("1"), BUSY); 50].into()),
        ..Told::default()
    });
    let found = k8kat
        .nodes()
        .all()
        .now_or_never()
        .expect("nothing else is waited for");
    assert!(matches!(found, Err(Error::Refused(refusal)) if refusal.code == 429));
    assert_eq!(k8kat.transport.answers.borrow().len(), 39);
}

mod cells;
mod queries;
mod streams;
