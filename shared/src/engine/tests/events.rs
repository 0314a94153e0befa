//! Whatever happens, the rows are those of the filter over what the server has.

use proptest::prelude::*;

use super::*;

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
