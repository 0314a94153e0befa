//! Reviews: questions about the asker's own identity and rights. For now everybody may do everything.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api_server::Asked;
use crate::body::{Response, json_value};
use crate::resource::api_version;
use crate::status::Status;

/// A resource that can only be created, and is answered at once.
pub(crate) struct Review {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
}

pub(crate) const GROUP_VERSIONS: [(&str, &str); 2] = [
    ("authentication.k8s.io", "v1"),
    ("authorization.k8s.io", "v1"),
];

pub(crate) static REVIEWS: [Review; 3] = [
    Review {
        group: "authentication.k8s.io",
        version: "v1",
        kind: "SelfSubjectReview",
        plural: "selfsubjectreviews",
        singular: "selfsubjectreview",
    },
    Review {
        group: "authorization.k8s.io",
        version: "v1",
        kind: "SelfSubjectAccessReview",
        plural: "selfsubjectaccessreviews",
        singular: "selfsubjectaccessreview",
    },
    Review {
        group: "authorization.k8s.io",
        version: "v1",
        kind: "SelfSubjectRulesReview",
        plural: "selfsubjectrulesreviews",
        singular: "selfsubjectrulesreview",
    },
];

/// None: not a review.
pub(crate) fn answer(asked: &Asked) -> Result<Option<Response>, Status> {
    let Some(review) = REVIEWS.iter().find(|review| {
        asked.path.trim_end_matches('/')
            == format!(
                "/apis/{}/{}/{}",
                review.group, review.version, review.plural
            )
    }) else {
        return Ok(None);
    };
    if asked.method != Method::POST {
        return Err(Status::method_not_allowed());
    }
    let spec = asked.json()?["spec"].clone();
    let status = match review.kind {
        "SelfSubjectReview" => json!({ "userInfo": asked.user.info() }),
        "SelfSubjectAccessReview" => {
            json!({ "allowed": true, "reason": "the sandbox allows everything" })
        }
        _ => json!({
            "resourceRules": [{ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }],
            "nonResourceRules": [{ "verbs": ["*"], "nonResourceURLs": ["*"] }],
            "incomplete": false,
        }),
    };
    let mut document = json!({
        "kind": review.kind,
        "apiVersion": api_version(review.group, review.version),
        "metadata": { "creationTimestamp": null },
        "status": status,
    });
    if review.kind != "SelfSubjectReview" {
        document["spec"] = if spec.is_null() {
            Value::Object(serde_json::Map::new())
        } else {
            spec
        };
    }
    Ok(Some(json_value(StatusCode::CREATED, &document)))
}
