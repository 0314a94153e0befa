//! Discovery: which groups, versions and resources there are, in the old form and in the aggregated one.

use http::header::{ACCEPT, HOST};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api_server::Asked;
use crate::body::{Response, answer as respond, failure, full, json_value, text};
use crate::resource::{Resource, Subresource, api_version, group_versions, served};
use crate::reviews;
use crate::status::Status;
use crate::store::Store;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

pub(crate) fn answer(store: &Store, asked: &Asked) -> Option<Response> {
    let path: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    if asked.method != Method::GET {
        let documented = match path.as_slice() {
            ["api" | "apis" | "version"] => true,
            ["api", version] => resource_list(store, "", version).is_some(),
            ["apis", group, version] => resource_list(store, group, version).is_some(),
            _ => false,
        };
        return documented.then(|| failure(&Status::method_not_allowed()));
    }
    let accept = asked
        .headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let aggregated = accept.split(',').any(|range| {
        let range = range.replace(' ', "");
        range.contains("as=APIGroupDiscoveryList")
            && range.contains("v=v2")
            && !range.contains("v=v2beta1")
    });
    if matches!(path.as_slice(), ["api" | "apis"]) && !aggregated && !accepts_plain(accept) {
        return Some(failure(&Status::not_acceptable()));
    }
    let document = match path.as_slice() {
        [""] => paths(store),
        ["api" | "apis"] if aggregated => {
            let core = path == ["api"];
            let list = aggregated_groups(store, core).to_string();
            return Some(respond(StatusCode::OK, AGGREGATED, full(list)));
        }
        ["api"] => json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": server_address(asked) }],
        }),
        ["apis"] => json!({
            "kind": "APIGroupList",
            "apiVersion": "v1",
            "groups": groups(store).into_iter().filter(|(group, _)| !group.is_empty()).map(|(group, versions)| api_group(group, &versions)).collect::<Vec<_>>(),
        }),
        ["apis", group] => {
            let mut groups = groups(store).into_iter();
            let (group, versions) = groups.find(|(name, _)| name == group && !name.is_empty())?;
            let mut document = api_group(group, &versions);
            document["kind"] = "APIGroup".into();
            document["apiVersion"] = "v1".into();
            document
        }
        ["api", version] => resource_list(store, "", version)?,
        ["apis", group, version] => resource_list(store, group, version)?,
        ["metrics"] => return Some(text(StatusCode::OK, "")),
        _ => return None,
    };
    Some(json_value(StatusCode::OK, &document))
}

/// As the client knows it.
fn server_address(asked: &Asked) -> &str {
    let host = asked.headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or("127.0.0.1")
}

/// Whether the old form will do.
fn accepts_plain(accept: &str) -> bool {
    accept.is_empty()
        || accept.split(',').any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let known = matches!(
                parts.next(),
                Some("application/json" | "application/*" | "*/*")
            );
            known && !parts.any(|parameter| parameter.starts_with("as="))
        })
}

/// Those of objects, and those that only answer reviews, each with its versions.
fn groups(store: &Store) -> Vec<(&'static str, Vec<&'static str>)> {
    let all = group_versions(store).into_iter();
    let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
    for (group, version) in all.chain(reviews::GROUP_VERSIONS) {
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, versions)) => versions.push(version),
            None => groups.push((group, vec![version])),
        }
    }
    groups
}

fn paths(store: &Store) -> Value {
    let mut paths = vec!["/api".to_owned(), "/api/v1".to_owned(), "/apis".to_owned()];
    for (group, versions) in groups(store) {
        if group.is_empty() {
            continue;
        }
        paths.push(format!("/apis/{group}"));
        paths.extend(
            versions
                .iter()
                .map(|version| format!("/apis/{group}/{version}")),
        );
    }
    paths.extend(["/healthz", "/livez", "/openapi/v3", "/readyz", "/version"].map(str::to_owned));
    json!({ "paths": paths })
}

fn api_group(group: &str, versions: &[&str]) -> Value {
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| json!({ "groupVersion": api_version(group, version), "version": version }))
        .collect();
    json!({ "name": group, "versions": versions, "preferredVersion": versions.first() })
}

fn resource_list(store: &Store, group: &str, version: &str) -> Option<Value> {
    let mut resources = Vec::new();
    for resource in served(store)
        .into_iter()
        .filter(|resource| resource.group == group && resource.version == version)
    {
        resources.push(plain_resource(resource));
        resources.extend(resource.subresources.iter().map(|subresource| {
            let (group, version, kind) = response_kind(resource, *subresource);
            let mut described = json!({
                "name": format!("{}/{}", resource.plural, subresource.name()),
                "singularName": "",
                "namespaced": resource.namespaced,
                "kind": kind,
                "verbs": subresource.verbs(),
            });
            if !version.is_empty() {
                described["group"] = group.into();
                described["version"] = version.into();
            }
            described
        }));
    }
    resources.extend(
        reviews::REVIEWS
            .iter()
            .filter(|review| review.group == group && review.version == version)
            .map(|review| {
                json!({
                    "name": review.plural,
                    "singularName": review.singular,
                    "namespaced": false,
                    "kind": review.kind,
                    "verbs": ["create"],
                })
            }),
    );
    let list = json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version(group, version),
        "resources": resources,
    });
    (!resources.is_empty()).then_some(list)
}

fn plain_resource(resource: &Resource) -> Value {
    let mut described = json!({
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": resource.verbs(),
    });
    if !resource.short_names.is_empty() {
        described["shortNames"] = json!(resource.short_names);
    }
    if !resource.categories.is_empty() {
        described["categories"] = json!(resource.categories);
    }
    described
}

/// Group, version and kind of what a subresource answers; the first two are told only where they are not its own.
fn response_kind(
    resource: &Resource,
    subresource: Subresource,
) -> (&'static str, &'static str, &'static str) {
    match subresource {
        Subresource::Status | Subresource::Log => ("", "", resource.kind),
        Subresource::Scale => ("autoscaling", "v1", "Scale"),
        Subresource::Binding => ("", "", "Binding"),
        Subresource::Eviction => ("policy", "v1", "Eviction"),
    }
}

fn aggregated_groups(store: &Store, core: bool) -> Value {
    let items: Vec<Value> = groups(store)
        .into_iter()
        .filter(|(group, _)| group.is_empty() == core)
        .map(|(group, versions)| {
            let metadata = if core {
                json!({})
            } else {
                json!({ "name": group })
            };
            let versions: Vec<Value> = versions
                .iter()
                .map(|version| {
                    json!({
                        "version": version,
                        "resources": aggregated_resources(store, group, version),
                        "freshness": "Current",
                    })
                })
                .collect();
            json!({ "metadata": metadata, "versions": versions })
        })
        .collect();
    json!({ "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items })
}

fn aggregated_resources(store: &Store, group: &str, version: &str) -> Vec<Value> {
    let kind = |group: &str, version: &str, kind: &str| json!({ "group": group, "version": version, "kind": kind });
    let objects = served(store)
        .into_iter()
        .filter(|resource| resource.group == group && resource.version == version)
        .map(|resource| {
            // Of custom resources the server says in full what it answers.
            let own = match resource.definition {
                Some(_) => (resource.group, resource.version),
                None => ("", ""),
            };
            let mut described = json!({
                "resource": resource.plural,
                "responseKind": kind(own.0, own.1, resource.kind),
                "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
                "singularResource": resource.singular,
                "verbs": resource.verbs(),
            });
            if !resource.short_names.is_empty() {
                described["shortNames"] = json!(resource.short_names);
            }
            if !resource.categories.is_empty() {
                described["categories"] = json!(resource.categories);
            }
            let subresources: Vec<Value> = resource
                .subresources
                .iter()
                .map(|subresource| {
                    let (group, version, name) = match response_kind(resource, *subresource) {
                        ("", "", name) => (own.0, own.1, name),
                        other => other,
                    };
                    json!({
                        "subresource": subresource.name(),
                        "responseKind": kind(group, version, name),
                        "verbs": subresource.verbs(),
                    })
                })
                .collect();
            if !subresources.is_empty() {
                described["subresources"] = json!(subresources);
            }
            described
        });
    let reviews = reviews::REVIEWS
        .iter()
        .filter(|review| review.group == group && review.version == version)
        .map(|review| {
            json!({
                "resource": review.plural,
                "responseKind": kind("", "", review.kind),
                "scope": "Cluster",
                "singularResource": review.singular,
                "verbs": ["create"],
            })
        });
    objects.chain(reviews).collect()
}
