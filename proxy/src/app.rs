//! The page: its files by exact key, and the policy under which a browser runs them.
//!
//! The key of a request is looked up in a list of what there is, never joined to a directory. The page has one
//! address, `/`; every other unknown path is 404, so that a mistyped asset is not answered with HTML.

mod asset;
mod embedded;

use std::path::{Path, PathBuf};

use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HeaderValue, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::request::Parts;
use http::{Method, Response, StatusCode};

use crate::body::{self, Body};
use crate::serve::StartError;
use asset::Asset;

/// Where the files come from.
pub(crate) struct App {
    files: Files,
}

enum Files {
    Embedded(Vec<Asset>),
    /// Read anew for every request: someone is working on it.
    Directory(PathBuf),
}

impl App {
    /// The files of `dir`, or those built into the program.
    pub(crate) fn open(dir: Option<&Path>) -> Result<Self, StartError> {
        let files = match dir {
            None => Files::Embedded(embedded::assets()),
            Some(dir) if dir.join("index.html").is_file() => Files::Directory(dir.to_owned()),
            Some(dir) => {
                let dir = dir.display();
                return Err(StartError(format!(
                    "--app {dir}: there is no index.html; name the directory of the built page"
                )));
            }
        };
        Ok(Self { files })
    }

    pub(crate) fn answer(&self, parts: &Parts) -> Response<Body> {
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
            response
                .headers_mut()
                .insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let key = match parts.uri.path() {
            "/" => "index.html",
            path => path.strip_prefix('/').unwrap_or(path),
        };
        match &self.files {
            Files::Embedded(assets) => match assets.iter().find(|asset| asset.key == key) {
                Some(asset) => serve(asset, parts),
                None => not_found(),
            },
            Files::Directory(dir) => match asset::read(dir, key) {
                Some(asset) => serve(&asset, parts),
                None => not_found(),
            },
        }
    }
}

fn serve(asset: &Asset, parts: &Parts) -> Response<Body> {
    let accepted = parts
        .headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let (encoding, bytes) = asset.variant(&accepted.collect::<Vec<_>>().join(","));
    let etag = asset.etag(encoding);
    let known = parts
        .headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|value| value.split(',')).any(|tag| {
        let tag = tag.trim();
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
    });
    let mut response = match is_known {
        true => Response::new(body::empty()),
        false => Response::new(body::full(bytes.clone())),
    };
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.mime()));
    headers.insert(ETAG, etag);
    let caching = if asset.is_hashed() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Some(name) = encoding.name() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    if asset.has_variants() {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    protect(response, asset.policy.clone())
}

fn not_found() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "no such file; the page is at /\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    protect(response, HeaderValue::from_static("default-src 'none'"))
}

/// A small JSON file of the page that is made on the fly.
pub(crate) fn json(text: String) -> Response<Body> {
    let mut response = Response::new(body::full(text));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    protect(response, HeaderValue::from_static("default-src 'none'"))
}

fn protect(mut response: Response<Body>, policy: HeaderValue) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    response
}
