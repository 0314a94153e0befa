//! Protobuf in and out, by the schema by which Kapi reads it; JSON is what is kept.

use bytes::Bytes;
use k8kat::value::encode::{encode, envelop};
use k8kat::value::wire::{Envelope, Wire, put_bytes};
use k8kat::value::{self, Type};
use serde_json::Value;

pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";
pub(crate) const WATCH_MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf;stream=watch";

/// The field of every list that holds an item.
const ITEMS: u32 = 2;

/// The object in a protobuf body. None: malformed, or of a type without protobuf.
pub(crate) fn decode(body: &[u8]) -> Option<Value> {
    let envelope = Envelope::open(body)?;
    let is_whole = |message: &[u8]| {
        let mut wire = Wire::new(message);
        wire.by_ref().for_each(drop);
        wire.position() == message.len()
    };
    let is_known = Type::named(envelope.api_version, envelope.kind).is_some();
    let fields = &body[Envelope::MAGIC.len()..];
    if !is_known || !is_whole(fields) || !is_whole(envelope.raw) {
        return None;
    }
    serde_json::from_str(&value::Value::enveloped(body).to_json()).ok()
}

/// JSON that says its `kind` and `apiVersion`, in its envelope. None: it is of a type without protobuf.
pub(crate) fn enveloped(json: &[u8]) -> Option<Vec<u8>> {
    let object = value::Value::json(json);
    let text = |field: &str| object.get(field).text_or_empty();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let raw = encode(object, Type::named(&api_version, &kind)?).ok()?;
    Some(envelop(&raw, &api_version, &kind))
}

/// The message of an object of a built-in type, without envelope.
pub(crate) fn message(json: &[u8], api_version: &str, kind: &str) -> Option<Vec<u8>> {
    encode(value::Value::json(json), Type::named(api_version, kind)?).ok()
}

/// A list of messages, piece by piece: its length stands before it.
pub(crate) fn list(
    api_version: &str,
    kind: &str,
    metadata: &Value,
    items: Vec<Bytes>,
) -> Option<impl Iterator<Item = Bytes> + Send + use<>> {
    let head = serde_json::json!({ "metadata": metadata }).to_string();
    let head = message(head.as_bytes(), api_version, kind)?;
    let tags: Vec<Vec<u8>> = items.iter().map(|item| tag(ITEMS, item.len())).collect();
    let inner: usize = tags.iter().map(Vec::len).sum();
    let length = head.len() + inner + items.iter().map(Bytes::len).sum::<usize>();
    // An envelope around nothing, cut where the list belongs.
    let mut envelope = envelop(b"", api_version, kind);
    let rest = envelope.split_off(envelope.len() - 4);
    envelope.truncate(envelope.len() - 2);
    envelope.extend(tag(2, length));
    envelope.extend(head);
    let items = tags.into_iter().map(Bytes::from).zip(items);
    let items = items.flat_map(|(tag, item)| [tag, item]);
    let whole = std::iter::once(Bytes::from(envelope)).chain(items);
    Some(whole.chain(std::iter::once(Bytes::from(rest))))
}

/// What stands before so many bytes of a field.
fn tag(field: u32, length: usize) -> Vec<u8> {
    let mut tag = Vec::new();
    value::wire::put_varint(&mut tag, u64::from(field) << 3 | 2);
    value::wire::put_varint(&mut tag, length as u64);
    tag
}

/// An event of a watch, about an object in its envelope.
pub(crate) fn event(kind: &str, object: &[u8]) -> Vec<u8> {
    let (mut extension, mut event) = (Vec::new(), Vec::new());
    put_bytes(&mut extension, 1, object);
    put_bytes(&mut event, 1, kind.as_bytes());
    put_bytes(&mut event, 2, &extension);
    event
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let object = json!({ "kind": "ConfigMap", "apiVersion": "v1",
            "metadata": { "name": "a" }, "data": { "key": "value" } });
        let body = enveloped(object.to_string().as_bytes()).expect("a built-in type");
        assert_eq!(decode(&body), Some(object));
        assert_eq!(decode(&body[..body.len() - 5]), None);
        assert_eq!(decode(b"{}"), None);
        assert_eq!(
            enveloped(br#"{"kind":"Mine","apiVersion":"example.com/v1"}"#),
            None
        );
    }

    #[test]
    fn a_list_in_pieces_is_the_list_at_once() {
        let json = json!({ "kind": "ConfigMapList", "apiVersion": "v1", "metadata": { "resourceVersion": "7" },
            "items": [{ "metadata": { "name": "a" } }, { "metadata": { "name": "b" }, "data": { "k": "v" } }] });
        let items = json["items"].as_array().expect("items").iter();
        let items = items.map(|item| {
            let item = item.to_string();
            message(item.as_bytes(), "v1", "ConfigMap")
                .expect("a built-in type")
                .into()
        });
        let pieces = list("v1", "ConfigMapList", &json["metadata"], items.collect());
        let pieces: Vec<Bytes> = pieces.expect("a built-in type").collect();
        assert_eq!(
            pieces.concat(),
            enveloped(json.to_string().as_bytes()).expect("a built-in type")
        );
    }
}
