//! OpenAPI v3, just enough: paths with their kinds, so that kubectl sees that the server validates fields itself,
//! and schemas that accept anything. There is no v2 document.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::api_server::Asked;
use crate::body::{Response, json_value};
use crate::resource::{Resource, group_versions, served};
use crate::store::Store;

pub(crate) fn answer(store: &Store, asked: &Asked) -> Option<Response> {
    if asked.method != Method::GET {
        return None;
    }
    let path = asked
        .path
        .trim_end_matches('/')
        .strip_prefix("/openapi/v3")?;
    let document = match path.trim_start_matches('/') {
        "" => index(store),
        path => {
            let (group, version) = group_versions(store)
                .into_iter()
                .find(|(group, version)| prefix(group, version) == path)?;
            describe(store, group, version)
        }
    };
    let mut response = json_value(StatusCode::OK, &document);
    if asked.path.trim_end_matches('/').ends_with("/v3") {
        // The index is served as a file would be.
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
    }
    Some(response)
}

fn prefix(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("api/{version}")
    } else {
        format!("apis/{group}/{version}")
    }
}

fn index(store: &Store) -> Value {
    let paths: Map<String, Value> = group_versions(store)
        .into_iter()
        .map(|(group, version)| {
            let prefix = prefix(group, version);
            let address = format!("/openapi/v3/{prefix}?hash=sandbox");
            (prefix, json!({ "serverRelativeURL": address }))
        })
        .collect();
    json!({ "paths": paths })
}

fn describe(store: &Store, group: &str, version: &str) -> Value {
    let served = served(store);
    let resources = || {
        let mut served = served.iter();
        std::iter::from_fn(move || {
            served.find(|resource| resource.group == group && resource.version == version)
        })
    };
    let paths: Map<String, Value> = resources().flat_map(|resource| paths(resource)).collect();
    let schemas: Map<String, Value> = resources()
        .map(|resource| (schema_name(resource), schema(resource)))
        .collect();
    json!({
        "openapi": "3.0.0",
        "info": { "title": "Kubernetes", "version": "v1.36.3+sandbox" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn paths(resource: &Resource) -> [(String, Value); 2] {
    let prefix = prefix(resource.group, resource.version);
    let scope = if resource.namespaced {
        "namespaces/{namespace}/"
    } else {
        ""
    };
    let collection = format!("/{prefix}/{scope}{}", resource.plural);
    let operation = |action: &str| {
        let query = |name: &str| json!({ "name": name, "in": "query", "schema": { "type": "string", "uniqueItems": true } });
        json!({
            "tags": ["sandbox"],
            "operationId": format!("{action}{}", resource.kind),
            "parameters": [query("dryRun"), query("fieldManager"), query("fieldValidation")],
            "responses": { "200": { "description": "OK" } },
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": kind(resource),
        })
    };
    let one = json!({
        "get": operation("get"),
        "put": operation("put"),
        "patch": operation("patch"),
        "delete": operation("delete"),
    });
    let all = json!({ "get": operation("list"), "post": operation("post") });
    [(format!("{collection}/{{name}}"), one), (collection, all)]
}

fn kind(resource: &Resource) -> Value {
    json!({ "group": resource.group, "version": resource.version, "kind": resource.kind })
}

fn schema_name(resource: &Resource) -> String {
    let package = match resource.group {
        "" => "core",
        group => group.split('.').next().unwrap_or(group),
    };
    format!(
        "io.k8s.api.{package}.{}.{}",
        resource.version, resource.kind
    )
}

fn schema(resource: &Resource) -> Value {
    json!({
        "type": "object",
        "description": format!("{} of the sandbox, which does not describe its fields.", resource.kind),
        "x-kubernetes-preserve-unknown-fields": true,
        "x-kubernetes-group-version-kind": [kind(resource)],
    })
}
