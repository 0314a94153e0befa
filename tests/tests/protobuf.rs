//! Protobuf reads as the JSON that the same server would have sent: pairs of both, written by the
//! official serializers, are the same to everybody who reads them. A selection is in the
//! repository; `./dev test cluster` names more folders in `KAPI_TEST_CORPUS`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use k8kat::value::encode::encode;
use k8kat::value::wire::{Envelope, Wire};
use k8kat::value::{Object, Type, Value};
use kapi_tests::System;

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
            let object = read(&protobuf);
            let difference = pair_difference(object, &json).or_else(|| {
                // Corpora of others have none.
                let written = std::fs::read(path.with_extension("written")).ok()?;
                written_difference(object.protobuf_type()?, &json, &written)
            });
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

/// What a real API server holds, of every kind that it lists.
#[tokio::test(flavor = "multi_thread")]
async fn every_object_of_an_api_server_is_the_same() {
    for system in System::all().await {
        // The sandbox stands for no other encoding than its own.
        if system.sandbox.is_some() {
            continue;
        }
        let mut objects = 0;
        for (path, api_version, kind) in lists(&system).await {
            match Type::named(&api_version, &format!("{kind}List")) {
                Some(list) => objects += compare_list(&system, &path, list).await,
                None => {
                    let (status, _) = system.get(&path, PROTOBUF).await;
                    assert_eq!(
                        status, 406,
                        "{path} has protobuf that the schema does not know"
                    );
                }
            }
        }
        println!("{objects} objects");
        assert!(objects > 500, "only {objects} objects");
    }
}

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// All that can be listed: path, version and kind.
async fn lists(system: &System) -> Vec<(String, String, String)> {
    let (_, groups) = system.send("GET", "/apis", None).await;
    let versions = groups["groups"].as_array().expect("groups").iter();
    let mut bases = vec!["/api/v1".to_owned()];
    for version in versions.flat_map(|group| group["versions"].as_array().expect("versions")) {
        bases.push(format!("/apis/{}", text(&version["groupVersion"])));
    }
    let mut lists = Vec::new();
    for base in bases {
        let (_, resources) = system.send("GET", &base, None).await;
        for resource in resources["resources"].as_array().expect("resources") {
            let verbs = resource["verbs"].as_array().expect("verbs");
            if verbs.iter().any(|verb| verb == "list") {
                let path = format!("{base}/{}", text(&resource["name"]));
                let version = text(&resources["groupVersion"]);
                lists.push((path, version, text(&resource["kind"])));
            }
        }
    }
    lists
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Compares each object of a list in the two encodings. Some change between the two requests;
/// they are asked for again.
async fn compare_list(system: &System, path: &str, list: Type) -> usize {
    let item = list.item().expect("a list has items");
    let mut compared = HashSet::new();
    for _ in 0..20 {
        let (status, json) = system.get(path, JSON).await;
        let (also, bytes) = system.get(path, PROTOBUF).await;
        assert_eq!((status, also), (200, 200), "{path}");
        let envelope = Envelope::open(&bytes).expect("an envelope");
        assert_eq!(
            (envelope.api_version, envelope.kind),
            (list.api_version(), list.kind())
        );
        let whole = Value::enveloped(&bytes);
        assert_eq!(whole.get("kind").text_or_empty(), list.kind());

        let json = Value::json(&json);
        let raw: Vec<&[u8]> = Wire::new(envelope.raw)
            .filter(|field| field.number() == 2)
            .map(|field| field.payload)
            .collect();
        assert_eq!(raw.len(), whole.get("items").items().count(), "{path}");
        let mut changed = false;
        let name = |value: Value<'_>| {
            ["namespace", "name", "resourceVersion"]
                .map(|key| value.at(&["metadata", key]).text_or_empty().into_owned())
        };
        let theirs = json.get("items").items();
        let theirs: HashMap<_, _> = theirs.map(|theirs| (name(theirs), theirs)).collect();
        for (ours, raw) in whole.get("items").items().zip(raw) {
            let Some(theirs) = theirs.get(&name(ours)).copied() else {
                changed = true;
                continue;
            };
            let difference = difference("", ours, theirs);
            assert_eq!(difference, None, "{path} {:?}", name(ours));
            // As it is kept, without managedFields.
            let yaml = |object: Object| object.as_ref().to_yaml(item.api_version(), item.kind());
            let kept = Object::received(theirs.to_json().as_bytes());
            assert_eq!(yaml(Object::protobuf(raw, item)), yaml(kept), "{path}");
            let [namespace, name, _] = name(ours);
            compared.insert((namespace, name));
        }
        if !changed {
            return compared.len();
        }
    }
    panic!("{path} did not stay the same for two requests in 20 tries");
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

/// How the protobuf that is written out of the JSON differs from what an API server makes of it.
fn written_difference(kind: Type, json: &str, theirs: &[u8]) -> Option<String> {
    let theirs = Envelope::open(theirs).expect("an envelope").raw;
    match encode(Value::json(json.as_bytes()), kind) {
        Ok(ours) if ours == theirs => None,
        Ok(ours) => {
            let [read, theirs] = [&ours, theirs].map(|bytes| Value::protobuf(bytes, kind));
            Some(format!("is written as\n{read:?}\nexpected\n{theirs:?}"))
        }
        Err(error) => Some(error.to_string()),
    }
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
