//! LIST: a page of a snapshot.

use http::StatusCode;
use serde_json::{Map, Value};

use crate::api_server::ApiServer;
use crate::body::{Response, answer, chunked};
use crate::list_options::{ListOptions, Revision};
use crate::object::Object;
use crate::protobuf;
use crate::resource::Resource;
use crate::status::Status;
use crate::store::continue_token::ContinueToken;
use crate::store::{Compacted, KeyRange, Page};
use crate::view::{Encoding, View};

/// Answers a list; `namespace` is None for a list of all.
pub(crate) fn list(
    server: &ApiServer,
    resource: &'static Resource,
    namespace: Option<&str>,
    options: &ListOptions,
    view: View,
    encoding: Encoding,
) -> Result<Response, Status> {
    let range = key_range(resource, namespace, options);
    let page = page(server, resource, &range, options)?;
    let metadata = Value::Object(list_metadata(&page, &range.prefix, options));
    let in_protobuf = match encoding {
        Encoding::Json => None,
        Encoding::Protobuf => view.protobuf_list(resource, &metadata, &page.objects),
    };
    if let Some(pieces) = in_protobuf {
        return Ok(answer(
            StatusCode::OK,
            protobuf::MEDIA_TYPE,
            chunked(pieces),
        ));
    }
    let items = view.list(resource, &metadata, page.objects, server.clock.now());
    Ok(answer(StatusCode::OK, "application/json", chunked(items)))
}

fn key_range(resource: &Resource, namespace: Option<&str>, options: &ListOptions) -> KeyRange {
    let mut range = KeyRange::namespace(resource, namespace);
    if let Some(token) = &options.continue_token {
        range.start = Some(format!("{}{}", range.prefix, token.start));
    }
    range
}

fn page(
    server: &ApiServer,
    resource: &'static Resource,
    range: &KeyRange,
    options: &ListOptions,
) -> Result<Page, Status> {
    let at = match &options.continue_token {
        Some(token) => token.revision,
        None => snapshot_revision(server, options.revision)?,
    };
    // The watch cache, which answers "any revision will do", does not cut its lists.
    let uncut = options.revision == Revision::Any;
    let limit = options.limit.filter(|_| !uncut);
    let matches = |object: &Object| options.selectors.matches(object);
    server
        .store
        .page(resource, range, at, limit, matches)
        .map_err(|Compacted { .. }| too_old(options))
}

/// None: now.
fn snapshot_revision(server: &ApiServer, revision: Revision) -> Result<Option<u64>, Status> {
    let current = server.store.revision();
    match revision {
        Revision::MostRecent | Revision::Any => Ok(None),
        Revision::NotOlderThan(asked) | Revision::Exactly(asked) if asked > current => {
            Err(Status::too_large_resource_version(asked, current))
        }
        Revision::NotOlderThan(_) => Ok(None),
        Revision::Exactly(asked) => Ok(Some(asked)),
    }
}

fn too_old(options: &ListOptions) -> Status {
    match &options.continue_token {
        Some(token) => {
            let latest = ContinueToken {
                revision: None,
                start: token.start.clone(),
            };
            Status::continue_expired(latest.encode())
        }
        None => Status::expired("The resourceVersion for the provided list is too old."),
    }
}

fn list_metadata(page: &Page, prefix: &str, options: &ListOptions) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert(
        "resourceVersion".to_owned(),
        page.revision.to_string().into(),
    );
    if let Some(next) = &page.next {
        let start = next.strip_prefix(prefix).unwrap_or(next).to_owned();
        let token = ContinueToken {
            revision: Some(page.revision),
            start,
        };
        metadata.insert("continue".to_owned(), token.encode().into());
        if options.selectors.is_empty() {
            metadata.insert("remainingItemCount".to_owned(), page.remaining.into());
        }
    }
    metadata
}
