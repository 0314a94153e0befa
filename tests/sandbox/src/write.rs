//! The writing verbs over HTTP: POST, PUT, PATCH and DELETE, on objects and their subresources.

pub(crate) mod scale;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api_server::{ApiServer, Asked};
use crate::body::{Response, json as respond, json_value};
use crate::clock::rfc3339;
use crate::list_options::ListOptions;
use crate::object::Object;
use crate::patch::PatchFormat;
use crate::protobuf;
use crate::quoted::Quoted;
use crate::registry::{DeleteOptions, Deleted, Part, Writer, check_shape, kind_of};
use crate::request_info::ResourcePath;
use crate::resource::{NAMESPACES, PODS, Subresource, served};
use crate::status::{FieldFault, Status, success};
use crate::store::KeyRange;

pub(crate) fn answer(
    server: &ApiServer,
    path: &ResourcePath,
    asked: &Asked,
) -> Result<Response, Status> {
    let writer = Writer {
        manager: asked.field_manager(),
        dry_run: dry_run(asked, options_kind(&asked.method))?,
    };
    if path.resource.namespaced && path.namespace.is_none() {
        return Err(Status::method_not_allowed());
    }
    // Before anything is written: who cannot be answered shall not write.
    asked.view()?.for_one(path.resource)?;
    match (&asked.method, path.name.as_deref(), path.subresource) {
        (&Method::POST, None, None) => create(server, path, asked, &writer),
        (&Method::POST, Some(name), Some(Subresource::Eviction)) => {
            evict(server, path, name, asked, &writer)
        }
        (&Method::POST, Some(name), Some(Subresource::Binding)) => {
            bind(server, path, name, asked, &writer)
        }
        (&Method::PUT, Some(name), None) => put(server, path, name, Part::Main, asked, &writer),
        (&Method::PUT, Some(name), Some(Subresource::Status)) => {
            put(server, path, name, Part::Status, asked, &writer)
        }
        (&Method::PATCH, Some(name), None) => patch(server, path, name, Part::Main, asked, &writer),
        (&Method::PATCH, Some(name), Some(Subresource::Status)) => {
            patch(server, path, name, Part::Status, asked, &writer)
        }
        (&Method::PUT | &Method::PATCH, Some(name), Some(Subresource::Scale)) => {
            scale::change(server, path, name, asked, &writer)
        }
        (&Method::DELETE, Some(name), None) => delete(server, path, name, asked, &writer),
        (&Method::DELETE, None, None) => delete_collection(server, path, asked, &writer),
        _ => Err(Status::method_not_allowed()),
    }
}

/// The kind of the options that a method takes, as errors name it.
fn options_kind(method: &Method) -> &'static str {
    match *method {
        Method::POST => "CreateOptions",
        Method::PUT => "UpdateOptions",
        Method::PATCH => "PatchOptions",
        _ => "DeleteOptions",
    }
}

fn dry_run(asked: &Asked, kind: &str) -> Result<bool, Status> {
    let wanted: Vec<&str> = asked.query.values("dryRun").collect();
    check_dry_run(&wanted, kind)
}

/// A stage that the server does not know shall not be mistaken for none.
fn check_dry_run(wanted: &[&str], kind: &str) -> Result<bool, Status> {
    if wanted.iter().all(|stage| *stage == "All") {
        return Ok(!wanted.is_empty());
    }
    let fault = FieldFault::not_supported("dryRun", &json!(wanted), &["All"]);
    Err(Status::invalid("meta.k8s.io", kind, "", &[fault]))
}

/// An object in the form in which its writer wants it back.
fn object(
    server: &ApiServer,
    path: &ResourcePath,
    asked: &Asked,
    object: &Object,
    code: StatusCode,
) -> Result<Response, Status> {
    let view = asked.view()?;
    Ok(respond(
        code,
        view.one(path.resource, object, server.clock.now()),
    ))
}

/// The object in the body, checked against the path.
fn body_object(server: &ApiServer, path: &ResourcePath, asked: &Asked) -> Result<Value, Status> {
    if !matches!(
        asked
            .content_type()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim(),
        "" | "application/json" | protobuf::MEDIA_TYPE
    ) {
        return Err(Status::unsupported_media_type());
    }
    let value = asked.json()?;
    if !value.is_object() {
        return Err(unrecognized(path, asked, &value));
    }
    let (resource, kind, version) = (
        path.resource,
        value["kind"].as_str(),
        value["apiVersion"].as_str(),
    );
    let expected = resource.api_version();
    let known = served(&server.store).into_iter().any(|known| {
        version == Some(&known.api_version()) && kind.is_none_or(|kind| kind == known.kind)
    });
    if let Some(version) = version.filter(|_| !known) {
        let kind = kind.unwrap_or_default();
        let short = version.rsplit('/').next().unwrap_or(version);
        return Err(Status::bad_request(format!(
            "{kind} in version {} cannot be handled as a {}: no kind {} is registered for version {} in scheme \
             \"pkg/runtime/scheme.go:111\"",
            Quoted(short),
            resource.kind,
            Quoted(kind),
            Quoted(version)
        )));
    }
    if let Some(version) = version
        && version != expected
    {
        let text = format!(
            "the API version in the data ({version}) does not match the expected API version ({expected})"
        );
        return Err(Status::bad_request(text));
    }
    if let Some(kind) = kind
        && kind != resource.kind
    {
        let internal = if resource.group.is_empty() {
            "core"
        } else {
            resource.group
        };
        let text = format!(
            "{kind} in version {:?} cannot be handled as a {}: converting ({}.{kind}) to ({internal}.{}): unknown \
             conversion",
            resource.version, resource.kind, resource.version, resource.kind
        );
        return Err(Status::bad_request(text));
    }
    if let (Some(given), Some(asked)) = (
        value["metadata"]["namespace"].as_str(),
        path.namespace.as_deref(),
    ) && resource.namespaced
        && !given.is_empty()
        && given != asked
    {
        let text =
            "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Status::bad_request(text));
    }
    check_shape(resource, &value)?;
    Ok(value)
}

/// 400 for a body that is JSON but no object, with the bytes it began with.
fn unrecognized(path: &ResourcePath, asked: &Asked, value: &Value) -> Status {
    let shown: String = asked
        .body
        .iter()
        .take(2048)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Status::bad_request(format!(
        "the object provided is unrecognized (must be of type {}): couldn't get version/kind; json parse error: json: \
         cannot unmarshal {} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; \
         Kind string \"json:\\\"kind,omitempty\\\"\" }} ({shown})",
        path.resource.kind,
        kind_of(value)
    ))
}

/// What a patch made of an object must still be that object.
fn check_name(path: &ResourcePath, name: &str, patched: &Value) -> Result<(), Status> {
    let metadata = &patched["metadata"];
    let given = metadata["name"].as_str().unwrap_or_default();
    if given.is_empty() {
        return Err(Status::bad_request(format!(
            "the name of the object ({name} based on URL) was undeterminable: name must be provided"
        )));
    }
    if given != name {
        return Err(Status::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        )));
    }
    let given = metadata["namespace"].as_str().unwrap_or_default();
    match path.namespace.as_deref() {
        Some(asked) if path.resource.namespaced && !given.is_empty() && given != asked => {
            Err(Status::bad_request(format!(
                "the namespace of the object ({given}) does not match the namespace on the request ({asked})"
            )))
        }
        _ => Ok(()),
    }
}

/// A whole object with another uid is a conflict; a patch that changes it is nonsense.
fn check_uid(path: &ResourcePath, name: &str, old: &Value, patched: &Value) -> Result<(), Status> {
    let uid = &patched["metadata"]["uid"];
    if uid.is_null() || *uid == old["metadata"]["uid"] {
        return Ok(());
    }
    let fault = || {
        FieldFault::invalid(
            "metadata.uid",
            uid.as_str().unwrap_or_default(),
            "field is immutable",
        )
    };
    // Both validations of an update say it.
    Err(Status::invalid(
        path.resource.group,
        path.resource.kind,
        name,
        &[fault(), fault()],
    ))
}

fn create(
    server: &ApiServer,
    path: &ResourcePath,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let value = body_object(server, path, asked)?;
    let namespace = path.namespace.as_deref().unwrap_or_default();
    let created = server
        .registry
        .create(path.resource, namespace, value, writer)?;
    object(server, path, asked, &created, StatusCode::CREATED)
}

fn put(
    server: &ApiServer,
    path: &ResourcePath,
    name: &str,
    part: Part,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let value = body_object(server, path, asked)?;
    check_name(path, name, &value)?;
    let updated = server
        .registry
        .update(path.resource, &path.key(name), part, writer, |_| Ok(value))?;
    object(server, path, asked, &updated, StatusCode::OK)
}

fn patch(
    server: &ApiServer,
    path: &ResourcePath,
    name: &str,
    part: Part,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let format = PatchFormat::of(asked.content_type())?;
    if format == PatchFormat::StrategicMerge && path.resource.definition.is_some() {
        return Err(Status::unknown_custom_patch_format());
    }
    if format == PatchFormat::Apply && asked.query.value("fieldManager").is_empty() {
        let fault = FieldFault::required("fieldManager", "is required for apply patch");
        return Err(Status::invalid("meta.k8s.io", "PatchOptions", "", &[fault]));
    }
    let patch: Value = serde_json::from_slice(&asked.body)
        .map_err(|error| Status::malformed("error decoding patch", &error))?;
    let key = path.key(name);
    let creates = format == PatchFormat::Apply
        && part == Part::Main
        && server.store.get(path.resource, &key).is_none();
    if creates {
        check_name(path, name, &patch)?;
        let namespace = path.namespace.as_deref().unwrap_or_default();
        let created = server
            .registry
            .create(path.resource, namespace, patch, writer)?;
        return object(server, path, asked, &created, StatusCode::CREATED);
    }
    let patched = server
        .registry
        .update(path.resource, &key, part, writer, |old| {
            let patched = format.apply(old, &patch)?;
            // What is no object at all has no name either, but that is not what is wrong with it.
            if patched.is_object() && matches!(patched["metadata"], Value::Null | Value::Object(_))
            {
                check_name(path, name, &patched)?;
                check_uid(path, name, old, &patched)?;
            }
            Ok(patched)
        })?;
    object(server, path, asked, &patched, StatusCode::OK)
}

fn delete_options(asked: &Asked) -> Result<DeleteOptions, Status> {
    let body = asked.json()?;
    let grace = asked
        .query
        .integer("gracePeriodSeconds")
        .map_err(Status::bad_request)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for policy in [
        asked.query.value("propagationPolicy"),
        body["propagationPolicy"].as_str().unwrap_or_default(),
    ] {
        if !matches!(policy, "" | "Foreground" | "Background" | "Orphan") {
            let supported = ["Foreground", "Background", "Orphan", "nil"];
            let fault = FieldFault::not_supported("propagationPolicy", &policy.into(), &supported);
            return Err(Status::invalid(
                "meta.k8s.io",
                "DeleteOptions",
                "",
                &[fault],
            ));
        }
    }
    Ok(DeleteOptions {
        grace_period_secs: body["gracePeriodSeconds"]
            .as_i64()
            .or(grace)
            .and_then(|secs| u64::try_from(secs).ok()),
        uid: text(&body["preconditions"]["uid"]),
        resource_version: text(&body["preconditions"]["resourceVersion"]),
    })
}

/// Options of a deletion may come in the body as well, and kubectl sends its dry run so.
fn delete_writer(options: &Value, writer: &Writer) -> Result<Writer, Status> {
    let wanted: Vec<&str> = options["dryRun"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|stage| stage.as_str().unwrap_or_default())
        .collect();
    Ok(Writer {
        dry_run: writer.dry_run || check_dry_run(&wanted, "DeleteOptions")?,
        ..writer.clone()
    })
}

fn delete(
    server: &ApiServer,
    path: &ResourcePath,
    name: &str,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let options = delete_options(asked)?;
    let writer = &delete_writer(&asked.json()?, writer)?;
    match server
        .registry
        .delete(path.resource, &path.key(name), &options, writer)?
    {
        Deleted::Announced(last) => object(server, path, asked, &last, StatusCode::OK),
        Deleted::Gone(last) if path.resource.answers_with_the_deleted => {
            let last = if path.resource.index == PODS.index {
                &with_grace_used_up(server, &last)
            } else {
                &last
            };
            object(server, path, asked, last, StatusCode::OK)
        }
        Deleted::Gone(last) => {
            let uid = last.value()["metadata"]["uid"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            Ok(json_value(
                StatusCode::OK,
                &success(path.resource, name, &uid),
            ))
        }
    }
}

/// A pod that is gone had, at the last moment, no more time.
fn with_grace_used_up(server: &ApiServer, pod: &Object) -> Object {
    let mut value = pod.value();
    let metadata = &mut value["metadata"];
    if metadata["deletionTimestamp"].is_null() {
        metadata["deletionTimestamp"] = rfc3339(server.clock.now()).into();
    }
    metadata["deletionGracePeriodSeconds"] = 0.into();
    Object::new(&PODS, pod.revision, &value)
}

/// One by one, as a real server does it too.
fn delete_collection(
    server: &ApiServer,
    path: &ResourcePath,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    if path.resource.index == NAMESPACES.index {
        return Err(Status::method_not_allowed());
    }
    let options = delete_options(asked)?;
    let writer = &delete_writer(&asked.json()?, writer)?;
    let selectors = ListOptions::parse(&asked.query, path.resource)?.selectors;
    let range = KeyRange::namespace(path.resource, path.namespace.as_deref());
    let mut deleted = Vec::new();
    for object in server
        .store
        .all(path.resource, &range)
        .iter()
        .filter(|object| selectors.matches(object))
    {
        if let Ok(Deleted::Announced(last) | Deleted::Gone(last)) =
            server
                .registry
                .delete(path.resource, &object.key, &options, writer)
        {
            deleted.push(last.value());
        }
    }
    let list = json!({
        "kind": format!("{}List", path.resource.kind),
        "apiVersion": path.resource.api_version(),
        "metadata": { "resourceVersion": server.store.revision().to_string() },
        "items": deleted,
    });
    Ok(json_value(StatusCode::OK, &list))
}

/// Nothing here has a disruption budget, so an eviction is a deletion.
fn evict(
    server: &ApiServer,
    path: &ResourcePath,
    name: &str,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let body = asked.json()?;
    let grace = body["deleteOptions"]["gracePeriodSeconds"].as_u64();
    let writer = &delete_writer(&body["deleteOptions"], writer)?;
    let options = DeleteOptions {
        grace_period_secs: grace,
        ..DeleteOptions::default()
    };
    server
        .registry
        .delete(path.resource, &path.key(name), &options, writer)?;
    let done = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 });
    Ok(json_value(StatusCode::CREATED, &done))
}

fn bind(
    server: &ApiServer,
    path: &ResourcePath,
    name: &str,
    asked: &Asked,
    writer: &Writer,
) -> Result<Response, Status> {
    let node = asked.json()?["target"]["name"].clone();
    if node.as_str().unwrap_or_default().is_empty() {
        return Err(Status::bad_request("target.name: Required value"));
    }
    server
        .registry
        .update(path.resource, &path.key(name), Part::Main, writer, |pod| {
            if let Some(bound) = pod["spec"]["nodeName"]
                .as_str()
                .filter(|bound| !bound.is_empty())
            {
                let because = format!("pod {name} is already assigned to node {bound:?}");
                return Err(Status::conflict(path.resource, name, &because));
            }
            let mut bound = pod.clone();
            bound["spec"]["nodeName"] = node;
            Ok(bound)
        })?;
    let done = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 });
    Ok(json_value(StatusCode::CREATED, &done))
}
