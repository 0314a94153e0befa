//! The scale of a deployment or replica set: its replicas, and how to find them.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api_server::{ApiServer, Asked};
use crate::body::{Response, json_value};
use crate::patch::PatchFormat;
use crate::registry::{Part, Writer, check_scale_shape};
use crate::request_info::ResourcePath;
use crate::resource::Resource;
use crate::status::{FieldFault, Status};

/// The `Scale` of an object.
pub(crate) fn of(resource: &Resource, object: &Value) -> Value {
    let metadata = &object["metadata"];
    debug_assert!(resource.has(crate::resource::Subresource::Scale));
    // None are told by silence.
    let replicas = object["spec"]["replicas"]
        .as_i64()
        .filter(|replicas| *replicas != 0);
    let spec = replicas.map_or_else(|| json!({}), |replicas| json!({ "replicas": replicas }));
    json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
            "creationTimestamp": metadata["creationTimestamp"],
        },
        "spec": spec,
        "status": {
            "replicas": object["status"]["replicas"].as_i64().unwrap_or(0),
            "selector": selector_text(&object["spec"]["selector"]),
        },
    })
}

/// The selector in the form of a query, sorted by key.
fn selector_text(selector: &Value) -> String {
    let labels = selector["matchLabels"].as_object().into_iter().flatten();
    let mut terms: Vec<(&str, String)> = labels
        .map(|(key, value)| {
            let term = format!("{key}={}", value.as_str().unwrap_or_default());
            (key.as_str(), term)
        })
        .collect();
    let expressions = selector["matchExpressions"].as_array();
    for expression in expressions.into_iter().flatten() {
        let key = expression["key"].as_str().unwrap_or_default();
        let values = expression["values"].as_array().into_iter().flatten();
        let mut values: Vec<&str> = values.filter_map(Value::as_str).collect();
        values.sort_unstable();
        let values = values.join(",");
        terms.push((
            key,
            match expression["operator"].as_str().unwrap_or_default() {
                "In" => format!("{key} in ({values})"),
                "NotIn" => format!("{key} notin ({values})"),
                "DoesNotExist" => format!("!{key}"),
                _ => key.to_owned(),
            },
        ));
    }
    terms.sort_unstable();
    let terms: Vec<String> = terms.into_iter().map(|(_, term)| term).collect();
    terms.join(",")
}

/// PUT or PATCH of the scale.
pub(super) fn change(
    server: &ApiServer,
    path: &ResourcePath,
    name: &str,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let body = asked.json()?;
    let format = if asked.method == Method::PUT {
        None
    } else {
        Some(PatchFormat::of(asked.content_type())?)
    };
    let updated =
        server
            .registry
            .update(path.resource, &path.key(name), Part::Main, writer, |old| {
                let wanted = match format {
                    None => body,
                    Some(format) => format.apply(&of(path.resource, old), &body)?,
                };
                check_scale_shape(&wanted, format.is_some())?;
                let replicas = wanted["spec"]["replicas"].as_i64().unwrap_or(0);
                if replicas < 0 {
                    let fault = FieldFault::negative("spec.replicas", replicas);
                    return Err(Status::invalid("autoscaling", "Scale", name, &[fault]));
                }
                let mut new = old.clone();
                if !wanted["metadata"]["resourceVersion"].is_null() {
                    new["metadata"]["resourceVersion"] =
                        wanted["metadata"]["resourceVersion"].clone();
                }
                new["spec"]["replicas"] = replicas.into();
                Ok(new)
            })?;
    Ok(json_value(
        StatusCode::OK,
        &of(path.resource, &updated.value()),
    ))
}
