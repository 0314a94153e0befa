use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::super::wire::{Envelope, Wire, put_bytes, put_varint};
use super::super::{Object, ObjectRef, Type, Value};

fn of(api_version: &str, kind: &str) -> Type {
    Type::named(api_version, kind).expect("a known type")
}

/// A message of text and other messages.
fn message(fields: &[(u32, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, payload) in fields {
        put_bytes(&mut out, *number, payload);
    }
    out
}

fn pod(metadata: &[(u32, &[u8])]) -> Vec<u8> {
    let container = message(&[(1, b"web"), (2, b"nginx")]);
    let spec = message(&[(2, &container), (10, b"node-1")]);
    let status = message(&[(1, b"Running")]);
    message(&[(1, &message(metadata)), (2, &spec), (3, &status)])
}

#[test]
fn reads_by_path_and_tolerates_oddity() {
    let label = message(&[(1, b"app"), (2, b"web")]);
    let bytes = pod(&[(1, b"a\xff"), (11, &label), (7, b"not a number")]);
    let pod = ObjectRef::protobuf(&bytes, of("v1", "Pod"));
    assert_eq!(pod.name(), "a\u{fffd}");
    assert_eq!(pod.metadata.at(&["labels", "app"]).text_or_empty(), "web");
    assert!(!pod.metadata.at(&["labels", "no"]).is_present());
    assert_eq!(pod.metadata.get("generation").integer(), None);
    assert_eq!(pod.spec.get("nodeName").text_or_empty(), "node-1");
    assert_eq!(pod.status.get("phase").text_or_empty(), "Running");
    assert_eq!(pod.whole().get("kind").text_or_empty(), "Pod");
    let mut containers = pod.spec.get("containers").items();
    let image = containers.next().map(|it| it.get("image").text_or_empty());
    assert_eq!(image.as_deref(), Some("nginx"));
    assert!(containers.next().is_none());
    for odd in ["", "metadata", "name", "é"] {
        assert!(!pod.spec.get(odd).is_present());
        assert!(!pod.status.at(&["phase", odd]).is_present());
    }
}

#[test]
fn an_empty_object_has_what_go_writes_of_it() {
    fn check(api_version: &str, kind: &str, json: Expect) {
        json.assert_eq(&Value::protobuf(b"", of(api_version, kind)).to_json());
    }
    check(
        "v1",
        "Pod",
        expect![[
            r#"{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":null},"status":{}}"#
        ]],
    );
    check(
        "v1",
        "PodList",
        expect![[r#"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}"#]],
    );
    check(
        "v1",
        "WatchEvent",
        expect![[r#"{"type":"","object":null}"#]],
    );
    check(
        "events.k8s.io/v1",
        "Event",
        expect![[
            r#"{"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{},"eventTime":null,"regarding":{},"deprecatedSource":{},"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null}"#
        ]],
    );
}

#[test]
fn drops_managed_fields_and_keeps_what_is_unknown() {
    let check = |received: &[(u32, &[u8])], kept: &[(u32, &[u8])]| {
        let object = Object::protobuf(&pod(received), of("v1", "Pod"));
        assert_eq!(object.bytes(), pod(kept));
    };
    // So long that the length of the metadata is written shorter afterwards.
    let long = [7; 300];
    check(&[(1, b"a"), (17, &long)], &[(1, b"a")]);
    check(
        &[(17, b""), (1, b"a"), (17, &long), (500, b"new")],
        &[(1, b"a"), (500, b"new")],
    );
    check(&[(17, b"x")], &[]);
    check(&[(500, b"new")], &[(500, b"new")]);
    // What is cut off is no field, and stays.
    let mut cut = message(&[(1, &message(&[(17, b"x"), (1, b"a")])), (2, b"")]);
    cut.extend([0x1a, 0x7f, 1]);
    let kept = Object::protobuf(&cut, of("v1", "Pod"));
    assert!(kept.bytes().ends_with(&[0x12, 0, 0x1a, 0x7f, 1]));
    assert_eq!(kept.as_ref().name(), "a");
}

#[test]
fn an_event_carries_an_object_in_an_envelope() {
    let mut object = Envelope::MAGIC.to_vec();
    put_bytes(&mut object, 1, &message(&[(1, b"v1"), (2, b"Pod")]));
    put_bytes(&mut object, 2, &pod(&[(1, b"a")]));
    let event = |object: &[u8]| message(&[(1, b"ADDED"), (2, &message(&[(1, object)]))]);

    let bytes = event(&object);
    let read = Value::protobuf(&bytes, of("v1", "WatchEvent"));
    assert_eq!(read.get("type").text_or_empty(), "ADDED");
    let carried = ObjectRef::of(read.get("object"));
    assert_eq!(carried.name(), "a");
    assert_eq!(
        carried.to_object(),
        Object::protobuf(&pod(&[(1, b"a")]), of("v1", "Pod"))
    );

    let bytes = event(br#"{"kind":"Gadget"}"#);
    let read = Value::protobuf(&bytes, of("v1", "WatchEvent"));
    assert_eq!(read.at(&["object", "kind"]).text_or_empty(), "Gadget");
}

#[test]
fn numbers_are_written_as_go_writes_them() {
    fn check(number: f64, text: &str) {
        let mut bytes = Vec::new();
        // `maximum` of a schema.
        put_varint(&mut bytes, 9 << 3 | 1);
        bytes.extend(number.to_le_bytes());
        let schema = message(&[(1, &bytes)]);
        let version = message(&[(4, &schema)]);
        let definition = message(&[(2, &message(&[(7, &version)]))]);
        let read = Value::protobuf(
            &definition,
            of("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
        );
        let version = read
            .at(&["spec", "versions"])
            .items()
            .next()
            .expect("a version");
        let maximum = version.at(&["schema", "openAPIV3Schema", "maximum"]);
        assert_eq!(maximum.to_json(), text);
    }
    check(0.0, "0");
    check(-0.0, "-0");
    check(-0.5, "-0.5");
    check(-2.5e-9, "-2.5e-9");
    check(-1e25, "-1e+25");
    check(f64::MAX, "1.7976931348623157e+308");
    check(5e-324, "5e-324");
    check(100.0, "100");
    check(0.000_001, "0.000001");
    check(0.000_000_12, "1.2e-7");
    check(1e20, "100000000000000000000");
    check(1e21, "1e+21");
    check(1.5e300, "1.5e+300");
    check(f64::from(u32::MAX), "4294967295");
    check(0.1 + 0.2, "0.30000000000000004");
    check(f64::NAN, "null");
}

#[test]
fn what_lies_deep_does_not_exhaust_the_stack() {
    // A schema in a schema (`not`) in a schema …
    let mut schema = message(&[(5, b"string")]);
    for _ in 0..3000 {
        schema = message(&[(28, &schema)]);
    }
    let version = message(&[(1, b"v1"), (4, &message(&[(1, &schema)]))]);
    let definition = message(&[(2, &message(&[(7, &version)]))]);
    let object = Object::protobuf(
        &definition,
        of("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    );
    assert!(object.to_json().contains(r#""not":{"not":{"not":"#));
    assert!(object.as_ref().to_yaml("v1", "Deep").contains("not"));

    // A list in a list …
    let list = of("v1", "List");
    let mut bytes = Vec::new();
    for _ in 0..1000 {
        let mut inner = Envelope::MAGIC.to_vec();
        put_bytes(&mut inner, 1, &message(&[(1, b"v1"), (2, b"List")]));
        put_bytes(&mut inner, 2, &bytes);
        bytes = message(&[(2, &message(&[(1, &inner)]))]);
    }
    assert!(Value::protobuf(&bytes, list).to_json().contains("items"));
}

/// Objects as the official serializers write them.
const PAIRS: [&[u8]; 6] = [
    include_bytes!("../../../schema/pairs/core.v1.Pod.1.pb"),
    include_bytes!("../../../schema/pairs/core.v1.Node.1.pb"),
    include_bytes!("../../../schema/pairs/core.v1.PodList.2.pb"),
    include_bytes!("../../../schema/pairs/core.v1.List.1.pb"),
    include_bytes!("../../../schema/pairs/autoscaling.v2.HorizontalPodAutoscaler.1.pb"),
    include_bytes!("../../../schema/pairs/apiextensions.k8s.io.v1.CustomResourceDefinition.1.pb"),
];

/// Reads everything in every way; gives how much was read.
fn read_all(bytes: &[u8], kind: Type) -> usize {
    let kept = Object::protobuf(bytes, kind);
    let object = kept.as_ref();
    let names = [object.name(), object.namespace(), object.uid()];
    let json = kept.to_json();
    walk(object.whole(), 0);
    super::super::sections::tests::check(object);
    names.len() + json.len() + kept.as_ref().to_yaml("v1", "Odd").len()
}

fn walk(value: Value<'_>, depth: usize) {
    let _ = (
        value.integer(),
        value.boolean(),
        value.time(),
        value.scalar_text(),
    );
    if depth < 20 {
        for (key, _) in value.entries() {
            walk(value.get(&key), depth + 1);
        }
        value.items().for_each(|item| walk(item, depth + 1));
    }
}

proptest! {
    /// Whatever is damaged: no panic, no endless work, and no more text than the bytes account for.
    #[test]
    fn damaged_objects_are_read_as_far_as_they_go(
        pair in 0..PAIRS.len(),
        end in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let envelope = Envelope::open(PAIRS[pair]).expect("an envelope");
        let kind = of(envelope.api_version, envelope.kind);
        let mut bytes = envelope.raw[..=end.index(envelope.raw.len() - 1)].to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        prop_assert!(read_all(&bytes, kind) < 10_000 + 400 * bytes.len());
    }

    /// A walk gives back exactly the bytes that it went over.
    #[test]
    fn a_walk_leaves_no_gap(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut wire = Wire::new(&bytes);
        let mut end = 0;
        while let Some(field) = wire.next() {
            prop_assert_eq!(field.start, end);
            end = wire.position();
            prop_assert!(bytes[field.start..end].ends_with(field.payload));
        }
        prop_assert_eq!(wire.position(), end);
    }

    /// Any bytes read as any type.
    #[test]
    fn anything_can_be_read_as_anything(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        kind in any::<prop::sample::Index>(),
    ) {
        let kinds: Vec<Type> = Type::all().collect();
        read_all(&bytes, kinds[kind.index(kinds.len())]);
        let _ = Value::enveloped(&bytes).to_json();
    }
}
