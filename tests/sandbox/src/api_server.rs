//! One request, from its headers to its answer. The order of `answer` is the order of a real server's filters.

use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use http::header::{CONTENT_TYPE, USER_AGENT, WARNING};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use serde_json::{Value, json};

use crate::body::{self, Response};
use crate::clock::RunningClock;
use crate::faults::{self, Faults};
use crate::list_options::{ListOptions, parse_version};
use crate::quoted::Quoted;
use crate::registry::{Registry, uid_of};
use crate::request_info::{Attributes, Query, ResourcePath};
use crate::resource::{ENDPOINTS, Subresource};
use crate::status::Status;
use crate::store::Store;
use crate::user::{Authentication, User, impersonated};
use crate::view::{Encoding, View, is_producible};
use crate::watch::web_socket::{self, Subprotocols};
use crate::watch::{self, Watch};
use crate::{discovery, list, logs, openapi, protobuf, rbac, reviews, write};

/// The largest body of a request.
const MOST_BODY: usize = 3 << 20;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct ApiServer {
    pub(crate) store: Arc<Store>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) clock: Arc<RunningClock>,
    pub(crate) authentication: Authentication,
    /// What shall go wrong, if that may be asked for.
    pub(crate) faults: Option<Faults>,
    /// Becomes true when the sandbox ends.
    pub(crate) ended: tokio::sync::watch::Sender<bool>,
}

/// A request whose user is known and whose body has been read.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) user: User,
    pub(crate) subprotocols: Subprotocols,
    /// There if the client asks for a WebSocket.
    pub(crate) upgrade: Option<OnUpgrade>,
}

impl ApiServer {
    /// Runs something beside the connection it came from, at most until the sandbox ends.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut ended = self.ended.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                () = task => {}
                _ = ended.wait_for(|ended| *ended) => {}
            }
        });
    }

    pub(crate) async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response {
        let Some(faults) = &self.faults else {
            return self.answer_well(request).await;
        };
        if request.uri().path() == faults::PATH {
            return faults.control(request).await;
        }
        match faults.due(&request) {
            Some(fault) => fault.befall(self.answer_well(request)).await,
            None => self.answer_well(request).await,
        }
    }

    async fn answer_well(self: Arc<Self>, request: Request<Incoming>) -> Response {
        // Reading must not change what is created later, so this is not drawn from the seed.
        let audit_id = uid_of(u128::from(chance()) << 64 | u128::from(chance()));
        // A panic shall cost one answer and not the connection, as in a real server.
        let answered = AssertUnwindSafe(self.answer_or_fail(request))
            .catch_unwind()
            .await;
        let mut response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(status)) => body::failure(&status),
            Err(_) => body::failure(&Status::panicked()),
        };
        let headers = response.headers_mut();
        if let Ok(audit_id) = HeaderValue::from_str(&audit_id) {
            headers.insert("audit-id", audit_id);
        }
        headers.insert(
            "cache-control",
            HeaderValue::from_static("no-cache, private"),
        );
        response
    }

    async fn answer_or_fail(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response, Status> {
        let mut asked = self.authenticated(request).await?;
        if let Some(answer) = health_or_version(&asked) {
            asked.authorize()?;
            return Ok(answer);
        }
        let encoding = asked.encoding();
        let answer = self.answer_asked(&mut asked).await;
        let answer = answer.unwrap_or_else(|status| body::failure(&status));
        Ok(match encoding {
            Encoding::Json => answer,
            Encoding::Protobuf => body::as_protobuf(answer).await,
        })
    }

    async fn answer_asked(self: Arc<Self>, asked: &mut Asked) -> Result<Response, Status> {
        asked.authorize()?;
        if let Some(answer) =
            discovery::answer(&self.store, asked).or_else(|| openapi::answer(&self.store, asked))
        {
            return Ok(answer);
        }
        if let Some(answer) = reviews::answer(asked, self.clock.now())? {
            return Ok(answer);
        }
        let path = match ResourcePath::parse(&self.store, &asked.path) {
            Some(path) => path,
            None if ResourcePath::is_of_own_group(&asked.path) => {
                return Err(Status::no_such_path());
            }
            None => return Ok(body::text(StatusCode::NOT_FOUND, "404 page not found\n")),
        };
        let served = self.serve_resource(&path, asked).await;
        let mut response = served.unwrap_or_else(|status| body::failure(&status));
        if path.resource.index == ENDPOINTS.index {
            let text = "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"";
            response
                .headers_mut()
                .insert(WARNING, HeaderValue::from_static(text));
        }
        Ok(response)
    }

    /// 401, or who asks and what. A body may be as large as a real server allows: 3 MiB.
    async fn authenticated(&self, request: Request<Incoming>) -> Result<Asked, Status> {
        let (mut parts, body) = request.into_parts();
        let upgrades = web_socket::is_upgrade(&parts.headers);
        let subprotocols = if upgrades {
            Subprotocols::of(&parts.headers)
        } else {
            Subprotocols::default()
        };
        let user = self
            .authentication
            .user(&parts.headers, subprotocols.bearer_token.as_deref());
        let user = user.ok_or_else(Status::unauthorized)?;
        let upgrade = if upgrades {
            parts.extensions.remove::<OnUpgrade>()
        } else {
            None
        };
        let body = Limited::new(body, MOST_BODY).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Status::body_too_large(MOST_BODY)
            } else {
                Status::bad_request(format!("the body could not be read: {error}"))
            }
        })?;
        Ok(Asked {
            path: parts.uri.path().to_owned(),
            query: Query::parse(parts.uri.query()),
            method: parts.method,
            headers: parts.headers,
            body: body.to_bytes().into(),
            user,
            subprotocols,
            upgrade,
        })
    }

    async fn serve_resource(
        self: &Arc<Self>,
        path: &ResourcePath,
        asked: &mut Asked,
    ) -> Result<Response, Status> {
        let can_stream = asked.method == Method::GET && path.name.is_none();
        if !is_producible(&asked.headers) {
            return Err(Status::no_route_produces(can_stream));
        }
        if let Some(name) = &path.name {
            check_path_segment(name)?;
        }
        match (&asked.method, &path.name, path.subresource) {
            (&Method::GET, Some(name), Some(Subresource::Log)) => {
                let name = name.clone();
                logs::answer(self, path, &name, asked)
            }
            // Even with `watch=1`: one object is only watched by a field selector.
            (&Method::GET, Some(name), subresource) => {
                self.serve_one(path, name, subresource, asked)
            }
            (&Method::GET, None, None) => self.serve_many(path, asked),
            (&Method::POST | &Method::PUT | &Method::PATCH | &Method::DELETE, _, _) => {
                write::answer(self, path, asked)
            }
            _ => Err(Status::method_not_allowed()),
        }
    }

    fn serve_one(
        &self,
        path: &ResourcePath,
        name: &str,
        subresource: Option<Subresource>,
        asked: &Asked,
    ) -> Result<Response, Status> {
        match asked.query.value("resourceVersion") {
            "" | "0" => {}
            text => {
                let version = parse_version(text).map_err(Status::unknown)?;
                let current = self.store.revision();
                if version > current {
                    return Err(Status::too_large_resource_version(version, current));
                }
            }
        }
        let object = self
            .store
            .get(path.resource, &path.key(name))
            .ok_or_else(|| Status::not_found(path.resource, name))?;
        match subresource {
            None | Some(Subresource::Status) => {
                let view = asked.view()?.for_one(path.resource)?;
                Ok(body::json(
                    StatusCode::OK,
                    view.one(path.resource, &object, self.clock.now()),
                ))
            }
            Some(Subresource::Scale) => Ok(body::json_value(
                StatusCode::OK,
                &write::scale::of(path.resource, &object.value()),
            )),
            Some(_) => Err(Status::method_not_allowed()),
        }
    }

    fn serve_many(
        self: &Arc<Self>,
        path: &ResourcePath,
        asked: &mut Asked,
    ) -> Result<Response, Status> {
        let view = asked.view()?;
        let options = ListOptions::parse(&asked.query, path.resource)?;
        let namespace = path
            .namespace
            .as_deref()
            .filter(|_| path.resource.namespaced);
        if !options.watch {
            let view = view.for_list(path.resource)?;
            return list::list(
                self,
                path.resource,
                namespace,
                &options,
                view,
                asked.encoding(),
            );
        }
        let form = (view, asked.encoding());
        let watch = Watch::start(self.clone(), path.resource, namespace, options, form);
        let Some(upgrade) = asked.upgrade.take() else {
            return Ok(watch::over_http(watch));
        };
        if asked.subprotocols.offered.len() > 1 {
            return Ok(web_socket::bare(StatusCode::BAD_REQUEST));
        }
        let protocol = asked.subprotocols.offered.first().map(String::as_str);
        Ok(web_socket::accept(
            self,
            &asked.headers,
            upgrade,
            protocol,
            |socket| web_socket::serve_watch(socket, watch),
        ))
    }
}

impl Asked {
    /// 403, or whom the request is for: itself or whomever it impersonates.
    fn authorize(&mut self) -> Result<(), Status> {
        let attributes = Attributes::of(&self.method, &self.path, &self.query);
        self.user = impersonated(self.user.clone(), &self.headers, &attributes)?;
        if rbac::decide(&self.user, &attributes).allowed {
            Ok(())
        } else {
            Err(attributes.forbidden_to(&self.user))
        }
    }

    /// In which form the answer is wanted.
    pub(crate) fn view(&self) -> Result<View, Status> {
        let (view, _) = View::negotiate(&self.headers, self.query.value("includeObject"))?;
        Ok(view)
    }

    /// In what the answer is to be written, whatever it is.
    fn encoding(&self) -> Encoding {
        let negotiated = View::negotiate(&self.headers, "");
        negotiated.map_or(Encoding::Json, |(_, encoding)| encoding)
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// As `managedFields` names a client that does not name itself: what stands before the `/` of its `User-Agent`.
    pub(crate) fn field_manager(&self) -> String {
        match self.query.value("fieldManager") {
            "" => {
                let agent = self
                    .headers
                    .get(USER_AGENT)
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or("unknown");
                agent.split('/').next().unwrap_or(agent).to_owned()
            }
            named => named.to_owned(),
        }
    }

    /// The body as JSON. An empty one is an empty object.
    pub(crate) fn json(&self) -> Result<Value, Status> {
        if self.body.is_empty() {
            return Ok(json!({}));
        }
        if self.content_type().starts_with(protobuf::MEDIA_TYPE) {
            return protobuf::decode(&self.body).ok_or_else(Status::unsupported_media_type);
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Status::malformed("the object provided is unrecognized", &error))
    }
}

/// A name in a path that could not be one of etcd's keys.
fn check_path_segment(name: &str) -> Result<(), Status> {
    let fault = if matches!(name, "." | "..") {
        format!("may not be '{name}'")
    } else if name.contains('%') {
        "may not contain '%'".to_owned()
    } else {
        return Ok(());
    };
    Err(Status::bad_request(format!(
        "Name parameter invalid: {}: {fault}",
        Quoted(name)
    )))
}

/// Bits that come from no seed.
pub(crate) fn chance() -> u64 {
    RandomState::new().hash_one(())
}

fn health_or_version(asked: &Asked) -> Option<Response> {
    match asked.path.as_str() {
        "/healthz" | "/livez" | "/readyz" => Some(body::text(StatusCode::OK, "ok")),
        "/version" | "/version/" if asked.method == Method::GET => {
            Some(body::json_value(StatusCode::OK, &version()))
        }
        _ => None,
    }
}

fn version() -> Value {
    json!({
        "major": "1",
        "minor": "36",
        "emulationMajor": "1",
        "emulationMinor": "36",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "35",
        "gitVersion": "v1.36.3+sandbox",
        "gitCommit": "0000000000000000000000000000000000000000",
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "go1.26.0",
        "compiler": "rustc",
        "platform": "sandbox/memory",
    })
}
