//! The verbs for labels, by their truth table: how many keys of an object have one of the values given
//! for them, of how many.

use futures_util::FutureExt;
use k8kat::client::{Chain, K8Kat};
use serde_json::Value;

use crate::chance::Chance;
use crate::once::{cases, print, seed};
use crate::server::Server;
use crate::state::{KEYS, State, VALUES};

type Pairs = Vec<(&'static str, &'static str)>;

/// How many keys match, of so many that were given. The values given for one key form a set.
fn matching(pairs: &Pairs, labels: &Value) -> (usize, usize) {
    let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| *key).collect();
    keys.sort_unstable();
    keys.dedup();
    let has = |key: &&&str| {
        pairs
            .iter()
            .any(|(of, value)| of == *key && labels[key] == *value)
    };
    (keys.iter().filter(has).count(), keys.len())
}

type Verb = for<'a, 'b> fn(Chain<'a, &'b Server>, Pairs) -> Chain<'a, &'b Server>;

/// Whether an object is asked for, of which so many keys match of so many.
type Asks = fn(usize, usize) -> bool;

const VERBS: [(Verb, Asks); 4] = [
    (
        |chain, pairs| chain.lbs_inc_each(pairs),
        |has, of| has == of,
    ),
    (|chain, pairs| chain.lbs_inc_any(pairs), |has, _| has > 0),
    (|chain, pairs| chain.lbs_exc_any(pairs), |has, _| has == 0),
    (|chain, pairs| chain.lbs_exc_each(pairs), |has, of| has < of),
];

#[test]
fn verbs_do_as_their_truth_table_says() {
    let first = seed();
    for seed in first..first + cases(1000) {
        let mut chance = Chance::new(seed);
        let state = State::random(&mut chance);
        let server = Server::new(state.clone());
        let k8kat = K8Kat::new(&server);
        let mut asked = Vec::new();
        let mut chain = k8kat.pods();
        for _ in 0..=chance.below(2) {
            let verb = chance.below(VERBS.len());
            let pairs: Pairs = (0..chance.below(4))
                .map(|_| (chance.pick(&KEYS), chance.pick(&VALUES)))
                .collect();
            chain = VERBS[verb].0(chain, pairs.clone());
            asked.push((verb, pairs));
        }
        let found = chain
            .all()
            .now_or_never()
            .expect("nothing is waited for")
            .expect("an answer");
        let found: Vec<(String, String)> = found
            .iter()
            .map(|object| {
                (
                    object.as_ref().namespace().into_owned(),
                    object.as_ref().name().into_owned(),
                )
            })
            .collect();
        let matches = |object: &Value| {
            asked.iter().all(|(verb, pairs)| {
                let (has, of) = matching(pairs, &object["metadata"]["labels"]);
                VERBS[*verb].1(has, of)
            })
        };
        let pods = state
            .objects
            .iter()
            .filter(|((plural, ..), object)| *plural == "pods" && matches(object));
        let expected: Vec<(String, String)> = pods
            .map(|((_, namespace, name), _)| (namespace.clone(), name.clone()))
            .collect();
        assert_eq!(
            found,
            expected,
            "case {seed}: {}\n{}",
            chain
                .explain()
                .map_or_else(|error| error.to_string(), |plan| plan.to_string()),
            print(&state)
        );
    }
}
