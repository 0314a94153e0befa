//! The patch formats: merge, strategic merge, JSON patch, and server-side apply without its bookkeeping.

mod json_patch;
mod strategic_merge;

use serde_json::Value;

use crate::registry::kind_of;
use crate::status::Status;

/// How a patch is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatchFormat {
    Merge,
    StrategicMerge,
    Json,
    Apply,
}

impl PatchFormat {
    pub(crate) fn of(content_type: &str) -> Result<Self, Status> {
        match content_type.split(';').next().unwrap_or_default().trim() {
            "application/merge-patch+json" => Ok(Self::Merge),
            "application/strategic-merge-patch+json" => Ok(Self::StrategicMerge),
            "application/json-patch+json" => Ok(Self::Json),
            "application/apply-patch+yaml" => Ok(Self::Apply),
            _ => Err(Status::unknown_patch_format()),
        }
    }

    /// The patched object.
    pub(crate) fn apply(self, object: &Value, patch: &Value) -> Result<Value, Status> {
        let mut patched = object.clone();
        match self {
            Self::Json => json_patch::apply(&mut patched, patch)?,
            _ if !patch.is_object() => {
                return Err(Status::bad_request(format!(
                    "error decoding patch: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
                    kind_of(patch)
                )));
            }
            Self::Merge => merge(&mut patched, patch),
            Self::StrategicMerge | Self::Apply => {
                strategic_merge::merge(&mut patched, patch, "").map_err(Status::unknown)?;
            }
        }
        Ok(patched)
    }
}

/// RFC 7396: null removes, objects merge, anything else replaces.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(target) = target.as_object_mut() else {
        return;
    };
    for (member, value) in members {
        if value.is_null() {
            target.remove(member);
        } else {
            merge(target.entry(member.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::json;

    use super::*;

    fn check(format: PatchFormat, patch: Value, expected: Expect) {
        let object = json!({
            "metadata": { "labels": { "a": "1", "b": "2" } },
            "spec": { "containers": [{ "name": "one", "image": "x:1" }, { "name": "two", "image": "y:1" }] },
        });
        let text = match format.apply(&object, &patch) {
            Ok(patched) => patched.to_string(),
            Err(status) => status.message().to_owned(),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn merge_patch() {
        check(
            PatchFormat::Merge,
            json!({ "metadata": { "labels": { "a": null, "c": "3" } }, "spec": { "containers": [] } }),
            expect![[r#"{"metadata":{"labels":{"b":"2","c":"3"}},"spec":{"containers":[]}}"#]],
        );
    }

    #[test]
    fn strategic_merge_patch() {
        check(
            PatchFormat::StrategicMerge,
            json!({ "spec": { "containers": [
                { "name": "two", "image": "y:2" }, { "name": "one", "$patch": "delete" }, { "name": "three" },
            ] } }),
            expect![[
                r#"{"metadata":{"labels":{"a":"1","b":"2"}},"spec":{"containers":[{"image":"y:2","name":"two"},{"name":"three"}]}}"#
            ]],
        );
    }

    #[test]
    fn json_patch() {
        check(
            PatchFormat::Json,
            json!([
                { "op": "test", "path": "/metadata/labels/a", "value": "1" },
                { "op": "replace", "path": "/spec/containers/0/image", "value": "x:2" },
                { "op": "remove", "path": "/spec/containers/1" },
                { "op": "add", "path": "/metadata/labels/c~1d", "value": "3" },
            ]),
            expect![[
                r#"{"metadata":{"labels":{"a":"1","b":"2","c/d":"3"}},"spec":{"containers":[{"image":"x:2","name":"one"}]}}"#
            ]],
        );
        check(
            PatchFormat::Json,
            json!([{ "op": "test", "path": "/metadata/labels/a", "value": "2" }]),
            expect!["the server rejected our request due to an error in our request"],
        );
    }
}
