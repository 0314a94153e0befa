//! What the API server answers when it does not answer with an object: `Status`, with its texts, reasons and details.
//!
//! The texts are those of `k8s.io/apimachinery/pkg/api/errors`; clients, ours too, recognise errors by them.

use serde::Serialize;
use serde_json::{Value, json};

use crate::quoted::Quoted;
use crate::resource::Resource;

/// A failure. Boxed, because every function that can fail returns one.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Status(Box<Failure>);

/// As it goes over the wire.
#[derive(Clone, Debug, Serialize)]
struct Failure {
    kind: &'static str,
    #[serde(rename = "apiVersion")]
    api_version: &'static str,
    metadata: Value,
    status: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Value>,
    code: u16,
}

/// In the order in which the server lists what it can write.
const MEDIA_TYPES: &str = "application/json, application/yaml, application/vnd.kubernetes.protobuf";

impl Status {
    fn failure(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self(Box::new(Failure {
            kind: "Status",
            api_version: "v1",
            metadata: json!({}),
            status: "Failure",
            message: message.into(),
            reason,
            details: None,
            code,
        }))
    }

    fn with_details(mut self, details: Value) -> Self {
        self.0.details = Some(details);
        self
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::failure(400, "BadRequest", message)
    }

    pub(crate) fn unauthorized() -> Self {
        Self::failure(401, "Unauthorized", "Unauthorized")
    }

    /// For a path that no resource serves.
    pub(crate) fn no_such_path() -> Self {
        Self::failure(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
        .with_details(json!({}))
    }

    pub(crate) fn not_found(resource: &Resource, name: &str) -> Self {
        let message = format!("{} {} not found", resource.qualified(), Quoted(name));
        Self::failure(404, "NotFound", message).with_details(resource.details(name))
    }

    pub(crate) fn already_exists(resource: &Resource, name: &str) -> Self {
        let message = format!("{} {} already exists", resource.qualified(), Quoted(name));
        Self::failure(409, "AlreadyExists", message).with_details(resource.details(name))
    }

    pub(crate) fn conflict(resource: &Resource, name: &str, because: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} {}: {because}",
            resource.qualified(),
            Quoted(name)
        );
        Self::failure(409, "Conflict", message).with_details(resource.details(name))
    }

    pub(crate) fn modified(resource: &Resource, name: &str) -> Self {
        let because = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(resource, name, because)
    }

    pub(crate) fn forbidden(resource: &Resource, name: &str, because: &str) -> Self {
        let message = format!(
            "{} {} is forbidden: {because}",
            resource.qualified(),
            Quoted(name)
        );
        Self::failure(403, "Forbidden", message).with_details(resource.details(name))
    }

    /// What the asker may not do, to whatever resource the path names; none of them: a path that is no resource's.
    pub(crate) fn forbidden_request(
        group: &str,
        resource: &str,
        name: &str,
        because: &str,
    ) -> Self {
        let qualified = if group.is_empty() {
            resource.to_owned()
        } else {
            format!("{resource}.{group}")
        };
        let mut subject = qualified;
        let mut details = json!({});
        for (member, value) in [("name", name), ("group", group), ("kind", resource)] {
            if !value.is_empty() {
                details[member] = value.into();
            }
        }
        if !name.is_empty() {
            subject = format!("{subject} {}", Quoted(name));
        }
        let message = if subject.is_empty() {
            format!("forbidden: {because}")
        } else {
            format!("{subject} is forbidden: {because}")
        };
        Self::failure(403, "Forbidden", message).with_details(details)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::failure(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )
        .with_details(json!({}))
    }

    /// A form of a known media type that cannot be had.
    pub(crate) fn not_acceptable() -> Self {
        let message = format!("only the following media types are accepted: {MEDIA_TYPES}");
        Self::failure(406, "NotAcceptable", message)
    }

    /// What is asked for is of no known media type; said by the router, before it looks for anything.
    pub(crate) fn no_route_produces(can_stream: bool) -> Self {
        let streams = if can_stream {
            ", application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch"
        } else {
            ""
        };
        let message =
            format!("406: Not Acceptable\n\nAvailable representations: {MEDIA_TYPES}{streams}");
        Self::failure(406, "NotAcceptable", message).with_details(json!({}))
    }

    /// A list was asked for as one object, or one object as a list.
    pub(crate) fn not_convertible(why: impl Into<String>) -> Self {
        Self::failure(406, "NotAcceptable", why)
    }

    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!("Request entity too large: limit is {limit}");
        Self::failure(413, "RequestEntityTooLarge", message)
    }

    pub(crate) fn unsupported_media_type() -> Self {
        let message = "the body of the request was in an unknown format - accepted media types include: \
                       application/json, application/yaml, application/vnd.kubernetes.protobuf";
        Self::failure(415, "UnsupportedMediaType", message)
    }

    /// JSON that cannot be read, in the words of Go where they are known.
    pub(crate) fn malformed(attempt: &str, error: &serde_json::Error) -> Self {
        let why = if error.is_eof() {
            "unexpected end of JSON input".to_owned()
        } else {
            error.to_string()
        };
        Self::bad_request(format!("{attempt}: {why}"))
    }

    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::failure(410, "Expired", message)
    }

    /// The page's snapshot is gone; the token goes on at the newest state instead.
    pub(crate) fn continue_expired(inconsistent_token: String) -> Self {
        let mut status = Self::expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list \
             without the continue parameter, or use the continue token in this response to retrieve the remainder of \
             the results. Continuing with the provided token results in an inconsistent list - objects that were \
             created, modified, or deleted between the time the first chunk was returned and now may show up in the \
             list.",
        );
        status.0.metadata = json!({ "continue": inconsistent_token });
        status
    }

    pub(crate) fn too_large_resource_version(asked: u64, current: u64) -> Self {
        let message = format!("Timeout: Too large resource version: {asked}, current: {current}");
        Self::failure(504, "Timeout", message).with_details(json!({
            "causes": [{ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" }],
            "retryAfterSeconds": 1,
        }))
    }

    /// A value the validation refuses: field, kind of fault ("FieldValueInvalid"), and its text.
    pub(crate) fn invalid(group: &str, kind: &str, name: &str, faults: &[FieldFault]) -> Self {
        let qualified = if group.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}.{group}")
        };
        let mut texts: Vec<String> = Vec::new();
        for fault in faults {
            let text = format!("{}: {}", fault.field, fault.message);
            // Two causes of the same words are told as one.
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        let text = match texts.as_slice() {
            [only] => only.clone(),
            many => format!("[{}]", many.join(", ")),
        };
        let causes: Vec<Value> = faults
            .iter()
            .map(|fault| json!({ "reason": fault.reason, "message": fault.message, "field": fault.field }))
            .collect();
        let mut details = json!({ "causes": causes });
        if !kind.is_empty() {
            details["kind"] = kind.into();
        }
        if !group.is_empty() {
            details["group"] = group.into();
        }
        if !name.is_empty() {
            details["name"] = name.into();
        }
        Self::failure(
            422,
            "Invalid",
            format!("{qualified} {} is invalid: {text}", Quoted(name)),
        )
        .with_details(details)
    }

    /// An object in a body that is not of the shape of its kind; `fault` is the decoder's text.
    pub(crate) fn undecodable(kind: &str, version: &str, fault: &str) -> Self {
        Self::bad_request(format!(
            "{kind} in version {version:?} cannot be handled as a {kind}: {fault}"
        ))
    }

    /// A patch that would make of an object what cannot be decoded as its kind.
    pub(crate) fn undecodable_patch(patched: &Value, fault: &str) -> Self {
        let fault = FieldFault::invalid("patch", &patched.to_string(), fault);
        Self::invalid("", "", "", &[fault])
    }

    /// An error that the server has no reason for.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::failure(500, "", message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::failure(
            500,
            "InternalError",
            format!("Internal error occurred: {message}"),
        )
        .with_details(json!({ "causes": [{ "message": message }] }))
    }

    /// The answer of a handler that panicked.
    pub(crate) fn panicked() -> Self {
        Self::internal("the request could not be served because of a fault in the sandbox itself")
    }

    /// A deletion's precondition that does not hold; the server names the kind here, not the resource.
    pub(crate) fn precondition(resource: &Resource, name: &str, because: &str) -> Self {
        let kind = if resource.group.is_empty() {
            resource.kind.to_owned()
        } else {
            format!("{}.{}", resource.kind, resource.group)
        };
        let mut details = resource.details(name);
        details["kind"] = resource.kind.into();
        Self::failure(
            409,
            "Conflict",
            format!(
                "Operation cannot be fulfilled on {kind} {}: {because}",
                Quoted(name)
            ),
        )
        .with_details(details)
    }

    /// A JSON patch that cannot be applied; the server does not tell why.
    pub(crate) fn unprocessable() -> Self {
        Self::failure(
            422,
            "Invalid",
            "the server rejected our request due to an error in our request",
        )
        .with_details(json!({}))
    }

    /// A patch format nobody knows.
    pub(crate) fn unknown_patch_format() -> Self {
        Self::failure(415, "UnsupportedMediaType", "415: Unsupported Media Type")
            .with_details(json!({}))
    }

    /// The same of a custom resource, of which nothing says how its lists merge.
    pub(crate) fn unknown_custom_patch_format() -> Self {
        const FORMATS: &str = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
        let text = format!(
            "the body of the request was in an unknown format - accepted media types include: {FORMATS}"
        );
        Self::failure(415, "UnsupportedMediaType", &text)
    }

    /// Goes into a header, too.
    pub(crate) fn retry_after_secs(&self) -> Option<u64> {
        self.0.details.as_ref()?["retryAfterSeconds"].as_u64()
    }

    pub(crate) fn code(&self) -> u16 {
        self.0.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a Status holds only strings and JSON values")
    }
}

/// One fault that validation found.
pub(crate) struct FieldFault {
    pub(crate) field: String,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl FieldFault {
    pub(crate) fn forbidden(field: impl Into<String>, text: &str) -> Self {
        Self {
            field: field.into(),
            reason: "FieldValueForbidden",
            message: format!("Forbidden: {text}"),
        }
    }

    /// Required, and no more to say of it.
    pub(crate) fn missing(field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: "FieldValueRequired",
            message: "Required value".to_owned(),
        }
    }

    pub(crate) fn required(field: impl Into<String>, text: &str) -> Self {
        Self {
            field: field.into(),
            reason: "FieldValueRequired",
            message: format!("Required value: {text}"),
        }
    }

    pub(crate) fn invalid(field: impl Into<String>, value: &str, text: &str) -> Self {
        Self {
            field: field.into(),
            reason: "FieldValueInvalid",
            message: format!("Invalid value: {}: {text}", Quoted(value)),
        }
    }

    /// What is not a text is shown as JSON.
    pub(crate) fn invalid_json(field: impl Into<String>, value: &Value, text: &str) -> Self {
        Self {
            field: field.into(),
            reason: "FieldValueInvalid",
            message: format!("Invalid value: {value}: {text}"),
        }
    }

    pub(crate) fn negative(field: impl Into<String>, value: i64) -> Self {
        Self::invalid_json(field, &value.into(), "must be greater than or equal to 0")
    }

    pub(crate) fn duplicate(field: impl Into<String>, value: &str) -> Self {
        Self {
            field: field.into(),
            reason: "FieldValueDuplicate",
            message: format!("Duplicate value: {}", Quoted(value)),
        }
    }

    pub(crate) fn not_supported(
        field: impl Into<String>,
        value: &Value,
        supported: &[&str],
    ) -> Self {
        let supported: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
        Self {
            field: field.into(),
            reason: "FieldValueNotSupported",
            message: format!(
                "Unsupported value: {value}: supported values: {}",
                supported.join(", ")
            ),
        }
    }
}

/// What a finished deletion answers.
pub(crate) fn success(resource: &Resource, name: &str, uid: &str) -> Value {
    let mut details = resource.details(name);
    if !uid.is_empty() {
        details["uid"] = uid.into();
    }
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::resource::{DEPLOYMENTS, PODS};

    fn check(status: &Status, expected: Expect) {
        expected.assert_eq(&String::from_utf8_lossy(&status.to_json()));
    }

    #[test]
    fn not_found() {
        check(
            &Status::not_found(&DEPLOYMENTS, "web"),
            expect![[
                r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"deployments.apps \"web\" not found","reason":"NotFound","details":{"group":"apps","kind":"deployments","name":"web"},"code":404}"#
            ]],
        );
    }

    #[test]
    fn conflict() {
        check(
            &Status::modified(&PODS, "web-1"),
            expect![[
                r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Operation cannot be fulfilled on pods \"web-1\": the object has been modified; please apply your changes to the latest version and try again","reason":"Conflict","details":{"kind":"pods","name":"web-1"},"code":409}"#
            ]],
        );
    }

    #[test]
    fn invalid() {
        let fault = FieldFault::forbidden("resourceVersionMatch", "no");
        check(
            &Status::invalid("meta.k8s.io", "ListOptions", "", &[fault]),
            expect![[
                r#"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: no","reason":"Invalid","details":{"causes":[{"field":"resourceVersionMatch","message":"Forbidden: no","reason":"FieldValueForbidden"}],"group":"meta.k8s.io","kind":"ListOptions"},"code":422}"#
            ]],
        );
    }
}
