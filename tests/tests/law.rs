//! The law, on a server: whatever is pushed, the answer equals evaluating the whole query over
//! everything visible. The server's own selectors decide what comes.

use k8kat::plan::{Context, Known, Plan};
use k8kat::query::Query;
use k8kat::store::Store;
use kapi_tests::{System, pod};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const QUERIES: usize = 150;

fn clause() -> impl Strategy<Value = String> {
    let label = prop_oneof![
        ("[a-c]", "=|!=", "[x-z]|-bad|")
            .prop_map(|(key, sign, value)| format!("{key}{sign}{value}")),
        ("[a-c]", "in|notin", "[x-z]", "[x-z]")
            .prop_map(|(key, word, one, two)| format!("{key} {word} ({one},{two})")),
        "[a-c]".prop_map(|key| format!("has:{key}")),
        "[a-c]".prop_map(|key| format!("!{key}")),
        ("n", "<|>", 0..4).prop_map(|(key, sign, value)| format!("{key}{sign}{value}")),
    ];
    let clause = prop_oneof![
        3 => label,
        1 => "p[0-9]|p1*|x".prop_map(|name| format!("name:{name}")),
        1 => "nobody|somebody|<none>".prop_map(|node| format!("node:{node}")),
        1 => "Pending|Running".prop_map(|phase| format!("phase:{phase}")),
        1 => "[p0-9]".prop_map(|word| word),
    ];
    clause.prop_recursive(2, 5, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("-({inner})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a} OR {b})")),
        ]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_planned_result_is_the_whole_query_evaluated_locally() {
    for system in System::all().await {
        let namespace = system.namespace("law").await;
        let labels = [
            serde_json::json!({}),
            serde_json::json!({"a": "x"}),
            serde_json::json!({"a": "y", "b": "x"}),
            serde_json::json!({"a": "", "c": "z", "n": "2"}),
            serde_json::json!({"b": "y", "n": "many"}),
        ];
        for index in 0..15 {
            let pod = pod(
                &namespace,
                &format!("p{index}"),
                &labels[index % labels.len()],
            );
            let path = format!("/api/v1/namespaces/{namespace}/pods");
            let (status, answer) = system.send("POST", &path, Some(pod)).await;
            assert_eq!(status, 201, "{answer}");
        }
        let k8kat = system.k8kat();
        let mut runner = TestRunner::deterministic();
        let queries = prop::collection::vec(clause(), 0..4);
        for _ in 0..QUERIES {
            let clauses = queries.new_tree(&mut runner).expect("a query").current();
            let text = format!("pods ns:{namespace} {} sort:-name", clauses.join(" "));
            let planned = k8kat
                .text(&text)
                .expect("a good query")
                .all()
                .await
                .expect("an answer");
            let planned: Vec<String> = planned
                .iter()
                .map(|object| object.as_ref().name().into_owned())
                .collect();
            let everything = k8kat
                .pods()
                .ns([&*namespace])
                .all()
                .await
                .expect("an answer");
            let plan = Plan::of(&Query::parse(&text).query, &Known::default())
                .0
                .expect("a plan");
            let part = &plan.parts[0];
            let mut store = Store::new(part.kind);
            for object in everything {
                store.put(object.object);
            }
            let mut local: Vec<String> = store
                .entries()
                .filter(|(_, entry)| part.filter.holds(*entry, &Context::default()))
                .map(|(_, entry)| entry.name().to_owned())
                .collect();
            local.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(planned, local, "{text} on the {}\n{plan}", system.name);
        }
        system.delete_namespace(&namespace).await;
    }
}
