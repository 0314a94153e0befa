//! Whatever JSON is written as protobuf, or refused; what was written and read is written alike.
#![no_main]

use k8kat::value::encode::encode;
use k8kat::value::{Type, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Objects carry other JSON as it is, so it must be some to begin with.
    if serde_json::from_slice::<serde_json::Value>(bytes).is_err() {
        return;
    }
    let json = Value::json(bytes);
    let (version, kind) = (json.get("apiVersion"), json.get("kind"));
    let Some(kind) = Type::named(&version.text_or_empty(), &kind.text_or_empty()) else {
        return;
    };
    if let Ok(written) = encode(json, kind) {
        let read = Value::protobuf(&written, kind).to_json();
        let again = encode(Value::json(read.as_bytes()), kind);
        let reread = again.map(|again| Value::protobuf(&again, kind).to_json());
        assert_eq!(reread.as_ref(), Ok(&read));
    }
});
