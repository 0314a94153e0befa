//! Reviews: questions about the asker's own identity and rights.

use std::time::SystemTime;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api_server::Asked;
use crate::body::{Response, json_value};
use crate::clock::rfc3339;
use crate::rbac;
use crate::request_info::Attributes;
use crate::resource::api_version;
use crate::status::{FieldFault, Status};
use crate::user::User;

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
pub(crate) fn answer(asked: &Asked, now: SystemTime) -> Result<Option<Response>, Status> {
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
    let mut document = json!({
        "kind": review.kind,
        "apiVersion": api_version(review.group, review.version),
        "metadata": {},
    });
    match review.kind {
        "SelfSubjectReview" => {
            document["metadata"]["creationTimestamp"] = rfc3339(now).into();
            document["status"] = json!({ "userInfo": asked.user.info() });
        }
        "SelfSubjectAccessReview" => {
            document["status"] = access(&spec, &asked.user)?;
            document["spec"] = spec;
        }
        _ => {
            document["status"] = rules(&spec, &asked.user)?;
            document["spec"] = json!({});
        }
    }
    Ok(Some(json_value(StatusCode::CREATED, &document)))
}

/// Whether the user may do what the review asks about.
fn access(spec: &Value, user: &User) -> Result<Value, Status> {
    let (resource, path) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let text = |of: &Value, member: &str| of[member].as_str().unwrap_or_default().to_owned();
    let fault = match (resource.is_object(), path.is_object()) {
        (false, false) => Some(FieldFault::invalid_json(
            "spec.resourceAttributes",
            &Value::Null,
            "exactly one of nonResourceAttributes or resourceAttributes must be specified",
        )),
        (true, true) => {
            let shown = json!({ "Path": text(path, "path"), "Verb": text(path, "verb") });
            let rule = "cannot be specified in combination with resourceAttributes";
            Some(FieldFault::invalid_json(
                "spec.nonResourceAttributes",
                &shown,
                rule,
            ))
        }
        _ => None,
    };
    if let Some(fault) = fault {
        return Err(Status::invalid("authorization.k8s.io", "", "", &[fault]));
    }
    let attributes = if path.is_object() {
        Attributes::Path {
            verb: text(path, "verb"),
            path: text(path, "path"),
        }
    } else {
        Attributes::Resource {
            verb: text(resource, "verb"),
            group: text(resource, "group"),
            resource: text(resource, "resource"),
            subresource: text(resource, "subresource"),
            namespace: text(resource, "namespace"),
            name: text(resource, "name"),
        }
    };
    let decision = rbac::decide(user, &attributes);
    let mut status = json!({ "allowed": decision.allowed });
    if !decision.reason.is_empty() {
        status["reason"] = decision.reason.into();
    }
    Ok(status)
}

/// All that the user may do in a namespace.
fn rules(spec: &Value, user: &User) -> Result<Value, Status> {
    let Some(namespace) = spec["namespace"]
        .as_str()
        .filter(|namespace| !namespace.is_empty())
    else {
        return Err(Status::bad_request("no namespace on request"));
    };
    let (resources, paths) = rbac::rules(user, namespace);
    Ok(json!({ "resourceRules": resources, "nonResourceRules": paths, "incomplete": false }))
}
