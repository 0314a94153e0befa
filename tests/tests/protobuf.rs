//! Protobuf reads as the JSON that the same server would have sent: pairs of both, written by the
//! official serializers, from the folders named in `KAPI_TEST_CORPUS` (`./dev test cluster` sets
//! it).

use std::path::{Path, PathBuf};

use k8kat::value::wire::Envelope;
use k8kat::value::{Type, Value};

/// The pairs of a folder, by what stands before `.pb` and `.json`.
fn pairs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of a corpus");
    let mut pairs: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the corpus").path())
        .filter(|path| path.extension().is_some_and(|end| end == "pb"))
        .collect();
    pairs.sort();
    pairs
}

fn json_of(path: &Path) -> serde_json::Value {
    let text = std::fs::read(path.with_extension("json")).expect("the JSON beside it");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn every_pair_of_the_corpus_is_the_same_object() {
    let Some(folders) = std::env::var_os("KAPI_TEST_CORPUS") else {
        eprintln!("skipped: no KAPI_TEST_CORPUS");
        return;
    };
    let (mut count, mut wrong) = (0, Vec::new());
    for path in std::env::split_paths(&folders).flat_map(|folder| pairs(&folder)) {
        let bytes = std::fs::read(&path).expect("protobuf");
        let read = read(&bytes).to_json();
        count += 1;
        let read: serde_json::Value = serde_json::from_str(&read).expect("JSON");
        let difference = difference("", &read, &json_of(&path));
        wrong.extend(difference.map(|difference| format!("{}: {difference}", path.display())));
    }
    assert!(count > 0, "the corpus is empty");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    println!("{count} pairs");
}

/// Events of watches do not say what they are, neither in JSON nor in an envelope.
fn read(bytes: &[u8]) -> Value<'_> {
    match Envelope::open(bytes) {
        Some(event) if event.kind.is_empty() => {
            let kind = Type::named("v1", "WatchEvent").expect("a known type");
            Value::protobuf(event.raw, kind)
        }
        _ => Value::enveloped(bytes),
    }
}

/// Where two values differ first.
fn difference(at: &str, ours: &serde_json::Value, theirs: &serde_json::Value) -> Option<String> {
    use serde_json::Value::{Array, Object};
    match (ours, theirs) {
        (Object(ours), Object(theirs)) => {
            let keys = ours.keys().chain(theirs.keys());
            keys.map(|key| (key, ours.get(key), theirs.get(key)))
                .find_map(|(key, ours, theirs)| match (ours, theirs) {
                    (Some(ours), Some(theirs)) => difference(&format!("{at}.{key}"), ours, theirs),
                    _ => Some(format!("{at}.{key} is {ours:?}, expected {theirs:?}")),
                })
        }
        (Array(ours), Array(theirs)) if ours.len() == theirs.len() => (0..ours.len())
            .find_map(|item| difference(&format!("{at}[{item}]"), &ours[item], &theirs[item])),
        _ => (ours != theirs).then(|| format!("{at} is {ours}, expected {theirs}")),
    }
}
