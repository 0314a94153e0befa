//! Whatever arrives in an envelope is read as far as it goes.
#![no_main]

use k8kat::value::wire::Envelope;
use k8kat::value::{Object, Type, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let whole = Value::enveloped(bytes);
    let json = whole.to_json();
    assert!(
        json.len() < 10_000 + 1000 * bytes.len(),
        "more text than bytes"
    );
    if let Some(envelope) = Envelope::open(bytes)
        && let Some(kind) = Type::named(envelope.api_version, envelope.kind)
    {
        let kept = Object::protobuf(envelope.raw, kind);
        let again = Object::protobuf(kept.bytes(), kind);
        assert_eq!(kept.to_json(), again.to_json());
        assert!(!kept.as_ref().metadata.get("managedFields").is_present());
        let _ = kept.as_ref().to_yaml(envelope.api_version, envelope.kind);
        let _ = (kept.as_ref().name(), kept.as_ref().is_terminating());
    }
});
