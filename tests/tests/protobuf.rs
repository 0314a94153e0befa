//! Protobuf reads as the JSON that the same server would have sent: pairs of both, written by the
//! official serializers, are the same to everybody who reads them. A selection is in the
//! repository; `./dev test cluster` names more folders in `KAPI_TEST_CORPUS`.

use std::path::{Path, PathBuf};

use k8kat::value::wire::Envelope;
use k8kat::value::{Type, Value};

const SELECTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/schema/pairs");

#[test]
fn every_pair_is_the_same_object() {
    let named = std::env::var_os("KAPI_TEST_CORPUS").unwrap_or_default();
    let folders = std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty());
    let mut wrong = Vec::new();
    for folder in folders.chain([SELECTION.into()]) {
        let pairs = pairs(&folder);
        println!("{}: {} pairs", folder.display(), pairs.len());
        assert!(!pairs.is_empty());
        for path in pairs {
            let protobuf = std::fs::read(&path).expect("protobuf");
            let json = std::fs::read_to_string(path.with_extension("json")).expect("JSON");
            let difference = pair_difference(read(&protobuf), &json);
            wrong.extend(difference.map(|difference| format!("{}: {difference}", path.display())));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The pairs of a folder.
fn pairs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder of a corpus");
    let mut pairs: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry of the corpus").path())
        .filter(|path| path.extension().is_some_and(|end| end == "pb"))
        .collect();
    pairs.sort();
    pairs
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

/// How a protobuf object differs from the JSON beside it, in text and to those who read it.
fn pair_difference(protobuf: Value<'_>, json: &str) -> Option<String> {
    let text = protobuf.to_json();
    let is_indented = json.starts_with("{\n");
    if is_indented {
        let parse = |text| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        if parse(&text) != parse(json) {
            return Some(format!("is {text}"));
        }
    } else if go_escaped(&text) != json.trim_end() {
        return Some(format!("is\n{text}\nexpected\n{json}"));
    }
    difference("", protobuf, Value::json(json.as_bytes()))
}

/// Go also escapes what would mean something in HTML or in old JavaScript.
fn go_escaped(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// Where two values read differently first.
fn difference(at: &str, protobuf: Value<'_>, json: Value<'_>) -> Option<String> {
    macro_rules! same {
        ($($read:ident)*) => {$(
            if protobuf.$read() != json.$read() {
                let (ours, theirs) = (protobuf.$read(), json.$read());
                let read = stringify!($read);
                return Some(format!("{read} of {at} is {ours:?}, expected {theirs:?}"));
            }
        )*};
    }
    same!(shape is_present text text_or_empty integer boolean time scalar_text);

    let keys = |value: Value<'_>| -> Vec<String> {
        value.entries().map(|(key, _)| key.into_owned()).collect()
    };
    if keys(protobuf) != keys(json) {
        return Some(format!(
            "{at} has {:?}, expected {:?}",
            keys(protobuf),
            keys(json)
        ));
    }
    if protobuf.items().count() != json.items().count() {
        return Some(format!("{at} is {protobuf:?}, expected {json:?}"));
    }
    for (key, value) in protobuf.entries() {
        let at = format!("{at}.{key}");
        // By name and by walking over all, which are two ways of reading.
        let found = difference(&at, protobuf.get(&key), json.get(&key))
            .or_else(|| (value.to_json() != protobuf.get(&key).to_json()).then(|| at.clone()));
        if found.is_some() {
            return found;
        }
    }
    if protobuf.get("no such key").is_present() {
        return Some(format!("{at} has what it has not"));
    }
    protobuf
        .items()
        .zip(json.items())
        .enumerate()
        .find_map(|(index, (ours, theirs))| difference(&format!("{at}[{index}]"), ours, theirs))
}
