//! Reading protobuf bodies, for the few types that kubectl and client-go send so: the ones of `kubectl create …`,
//! `kubectl auth` and `kubectl drain`. Answers are JSON, which the same clients accept.
//!
//! The field numbers are those of the `generated.proto` files beside the Go types. Fields that are not listed are left
//! out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

pub(crate) const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// A message's fields: number, JSON name, type.
type Message = &'static [(u64, &'static str, Type)];

#[derive(Clone, Copy)]
enum Type {
    Text,
    Bytes,
    Number,
    Flag,
    /// `Quantity` and the like: a message whose first field is the text.
    Quantity,
    IntOrText,
    One(Message),
    List(&'static Self),
    Map(&'static Self),
}

use Type::{Bytes, Flag, IntOrText, List, Number, One, Quantity, Text};

const TEXTS: Type = List(&Text);
const TEXT_MAP: Type = Type::Map(&Text);

const METADATA: Message = &[
    (1, "name", Text),
    (2, "generateName", Text),
    (3, "namespace", Text),
    (5, "uid", Text),
    (6, "resourceVersion", Text),
    (11, "labels", TEXT_MAP),
    (12, "annotations", TEXT_MAP),
    (14, "finalizers", TEXTS),
];
const NAMESPACE: Message = &[(1, "metadata", One(METADATA))];
const CONFIG_MAP: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "data", TEXT_MAP),
    (3, "binaryData", Type::Map(&Bytes)),
    (4, "immutable", Flag),
];
const SECRET: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "data", Type::Map(&Bytes)),
    (3, "type", Text),
    (4, "stringData", TEXT_MAP),
    (5, "immutable", Flag),
];
const SERVICE_ACCOUNT: Message = &[(1, "metadata", One(METADATA))];
const SERVICE_PORT: Message = &[
    (1, "name", Text),
    (2, "protocol", Text),
    (3, "port", Number),
    (4, "targetPort", IntOrText),
    (5, "nodePort", Number),
];
const SERVICE_SPEC: Message = &[
    (1, "ports", List(&One(SERVICE_PORT))),
    (2, "selector", TEXT_MAP),
    (3, "clusterIP", Text),
    (4, "type", Text),
    (5, "externalIPs", TEXTS),
    (10, "externalName", Text),
];
const SERVICE: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "spec", One(SERVICE_SPEC)),
];
const CONTAINER_PORT: Message = &[
    (1, "name", Text),
    (2, "hostPort", Number),
    (3, "containerPort", Number),
    (4, "protocol", Text),
];
const ENV: Message = &[(1, "name", Text), (2, "value", Text)];
const RESOURCES: Message = &[
    (1, "limits", Type::Map(&Quantity)),
    (2, "requests", Type::Map(&Quantity)),
];
const CONTAINER: Message = &[
    (1, "name", Text),
    (2, "image", Text),
    (3, "command", TEXTS),
    (4, "args", TEXTS),
    (5, "workingDir", Text),
    (6, "ports", List(&One(CONTAINER_PORT))),
    (7, "env", List(&One(ENV))),
    (8, "resources", One(RESOURCES)),
    (14, "imagePullPolicy", Text),
];
const POD_SPEC: Message = &[
    (2, "containers", List(&One(CONTAINER))),
    (3, "restartPolicy", Text),
    (4, "terminationGracePeriodSeconds", Number),
    (6, "dnsPolicy", Text),
    (7, "nodeSelector", TEXT_MAP),
    (8, "serviceAccountName", Text),
    (20, "initContainers", List(&One(CONTAINER))),
];
const POD: Message = &[(1, "metadata", One(METADATA)), (2, "spec", One(POD_SPEC))];
const LABEL_SELECTOR: Message = &[(1, "matchLabels", TEXT_MAP)];
const DEPLOYMENT_SPEC: Message = &[
    (1, "replicas", Number),
    (2, "selector", One(LABEL_SELECTOR)),
    (3, "template", One(POD)),
    (7, "paused", Flag),
];
const DEPLOYMENT: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "spec", One(DEPLOYMENT_SPEC)),
];
const PRECONDITIONS: Message = &[(1, "uid", Text), (2, "resourceVersion", Text)];
const DELETE_OPTIONS: Message = &[
    (1, "gracePeriodSeconds", Number),
    (2, "preconditions", One(PRECONDITIONS)),
    (4, "propagationPolicy", Text),
    (5, "dryRun", TEXTS),
];
const EVICTION: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "deleteOptions", One(DELETE_OPTIONS)),
];
const RESOURCE_ATTRIBUTES: Message = &[
    (1, "namespace", Text),
    (2, "verb", Text),
    (3, "group", Text),
    (4, "version", Text),
    (5, "resource", Text),
    (6, "subresource", Text),
    (7, "name", Text),
];
const PATH_ATTRIBUTES: Message = &[(1, "path", Text), (2, "verb", Text)];
const ACCESS_REVIEW_SPEC: Message = &[
    (1, "resourceAttributes", One(RESOURCE_ATTRIBUTES)),
    (2, "nonResourceAttributes", One(PATH_ATTRIBUTES)),
];
const ACCESS_REVIEW: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "spec", One(ACCESS_REVIEW_SPEC)),
];
const RULES_REVIEW_SPEC: Message = &[(1, "namespace", Text)];
const RULES_REVIEW: Message = &[
    (1, "metadata", One(METADATA)),
    (2, "spec", One(RULES_REVIEW_SPEC)),
];
const SELF_REVIEW: Message = &[(1, "metadata", One(METADATA))];
const TYPE_META: Message = &[(1, "apiVersion", Text), (2, "kind", Text)];
const UNKNOWN: Message = &[(1, "typeMeta", One(TYPE_META)), (2, "raw", Bytes)];

fn message_of(kind: &str) -> Option<Message> {
    Some(match kind {
        "Namespace" => NAMESPACE,
        "ConfigMap" => CONFIG_MAP,
        "Secret" => SECRET,
        "ServiceAccount" => SERVICE_ACCOUNT,
        "Service" => SERVICE,
        "Pod" => POD,
        "Deployment" => DEPLOYMENT,
        "DeleteOptions" => DELETE_OPTIONS,
        "Eviction" => EVICTION,
        "SelfSubjectAccessReview" => ACCESS_REVIEW,
        "SelfSubjectRulesReview" => RULES_REVIEW,
        "SelfSubjectReview" => SELF_REVIEW,
        _ => return None,
    })
}

/// The object in a protobuf body: four bytes of magic, then an envelope. None: malformed, or of another type.
pub(crate) fn decode(body: &[u8]) -> Option<Value> {
    let envelope = message(body.strip_prefix(b"k8s\0")?, UNKNOWN)?;
    let kind = envelope["typeMeta"]["kind"].as_str()?;
    let raw = STANDARD
        .decode(envelope["raw"].as_str().unwrap_or_default())
        .ok()?;
    let mut object = message(&raw, message_of(kind)?)?;
    object["kind"] = kind.into();
    object["apiVersion"] = envelope["typeMeta"]["apiVersion"].clone();
    Some(object)
}

enum Wire<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

fn message(mut bytes: &[u8], fields: Message) -> Option<Value> {
    let mut object = Map::new();
    while !bytes.is_empty() {
        let (number, wire) = field(&mut bytes)?;
        let Some((_, name, kind)) = fields.iter().find(|(known, ..)| *known == number) else {
            continue;
        };
        insert(&mut object, name, *kind, &wire)?;
    }
    Some(Value::Object(object))
}

fn insert(object: &mut Map<String, Value>, name: &str, kind: Type, wire: &Wire<'_>) -> Option<()> {
    match (kind, wire) {
        (List(item), _) => {
            let list = object.entry(name).or_insert_with(|| json!([]));
            list.as_array_mut()?.push(value(*item, wire)?);
        }
        (Type::Map(item), Wire::Bytes(entry)) => {
            let mut entry = *entry;
            let (mut key, mut content) = (Value::Null, value(*item, &Wire::Bytes(b""))?);
            while !entry.is_empty() {
                match field(&mut entry)? {
                    (1, wire) => key = value(Text, &wire)?,
                    (2, wire) => content = value(*item, &wire)?,
                    _ => {}
                }
            }
            let map = object.entry(name).or_insert_with(|| json!({}));
            map.as_object_mut()?
                .insert(key.as_str().unwrap_or_default().to_owned(), content);
        }
        _ => {
            let value = value(kind, wire)?;
            // gogo writes scalars even when they are empty; JSON leaves them out.
            if value != "" {
                object.insert(name.to_owned(), value);
            }
        }
    }
    Some(())
}

fn value(kind: Type, wire: &Wire<'_>) -> Option<Value> {
    Some(match (kind, wire) {
        (Text, Wire::Bytes(bytes)) => String::from_utf8_lossy(bytes).into(),
        (Bytes, Wire::Bytes(bytes)) => STANDARD.encode(bytes).into(),
        (Number, Wire::Number(number)) => number.cast_signed().into(),
        (Flag, Wire::Number(number)) => (*number != 0).into(),
        (Quantity, Wire::Bytes(bytes)) => {
            let inner = message(bytes, &[(1, "text", Text)])?;
            inner.get("text").cloned().unwrap_or_else(|| "".into())
        }
        (IntOrText, Wire::Bytes(bytes)) => {
            let inner = message(
                bytes,
                &[
                    (1, "type", Number),
                    (2, "number", Number),
                    (3, "text", Text),
                ],
            )?;
            let text = inner["type"] == 1;
            inner
                .get(if text { "text" } else { "number" })
                .cloned()
                .unwrap_or(Value::Null)
        }
        (One(fields), Wire::Bytes(bytes)) => message(bytes, fields)?,
        _ => return None,
    })
}

fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Wire<'a>)> {
    let tag = varint(bytes)?;
    let wire = match tag & 7 {
        0 => Wire::Number(varint(bytes)?),
        1 => Wire::Bytes(take(bytes, 8)?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            Wire::Bytes(take(bytes, length)?)
        }
        5 => Wire::Bytes(take(bytes, 4)?),
        _ => return None,
    };
    Some((tag >> 3, wire))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = *take(bytes, 1)?.first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(number: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).expect("a short test message");
        [&[number << 3 | 2, length], content].concat()
    }

    #[test]
    fn config_map() {
        let metadata = chunk(1, &[chunk(1, b"a"), chunk(2, b"")].concat());
        let entry = chunk(2, &[chunk(1, b"key"), chunk(2, b"value")].concat());
        let kind = chunk(1, &[chunk(1, b"v1"), chunk(2, b"ConfigMap")].concat());
        let raw = chunk(2, &[metadata, entry].concat());
        let body = [b"k8s\0".as_slice(), &kind, &raw].concat();
        let object = json!({ "kind": "ConfigMap", "apiVersion": "v1", "metadata": { "name": "a" }, "data": { "key": "value" } });
        assert_eq!(decode(&body), Some(object));
        assert_eq!(decode(&body[..body.len() - 1]), None);
    }
}
