//! Forwarding: an admitted request goes to its cluster's API server, once, and the answer comes back as it is.

use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;

use crate::audit::{Audited, Line};
use crate::body::{self, Body, Upload};
use crate::fault::{Fault, Kind};
use crate::request::{Exchange, Route, response};
use crate::site::Site;
use crate::websocket;

/// Answers a request for a path of a cluster. The line of the request lives as long as its answer.
pub(crate) async fn forward(
    exchange: &mut Exchange,
    body: Incoming,
    site: &Site,
    mut line: Line,
) -> Response<Body> {
    let browser = exchange.parts.extensions.remove::<OnUpgrade>();
    match answer(exchange, body, site).await {
        Ok(mut answer) if answer.status() == StatusCode::SWITCHING_PROTOCOLS => {
            let server = hyper::upgrade::on(&mut answer);
            let (Some(_), Some(browser)) = (&exchange.websocket, browser) else {
                return Fault::new(
                    Kind::Unreachable,
                    "the API server switched to a protocol that nobody asked for",
                )
                .into_response();
            };
            line.answered(StatusCode::SWITCHING_PROTOCOLS);
            tokio::spawn(websocket::relay(browser, server, site.stopped(), line));
            switched(answer)
        }
        Ok(answer) => {
            remark(&exchange.route, &answer);
            line.answered(answer.status());
            let (mut parts, body) = answer.into_parts();
            response::strip(&mut parts.headers);
            let body = body.map_err(Into::into).boxed_unsync();
            Response::from_parts(parts, Audited::new(body, line).boxed_unsync())
        }
        Err(fault) => {
            if matches!(
                fault.kind,
                Kind::Unreachable | Kind::Tls | Kind::Credentials | Kind::Redirect
            ) {
                tracing::warn!("{}", fault.message);
            }
            let response = fault.into_response();
            line.answered(response.status());
            response
        }
    }
}

/// Says in the terminal, too, what whoever started kapi can mend: credentials that are refused,
/// and something that is no API server.
fn remark(route: &Route, answer: &Response<Incoming>) {
    let Route::Cluster { slug, .. } = route else {
        return;
    };
    let content_type = answer.headers().get(CONTENT_TYPE);
    let is_page = content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if answer.status() == StatusCode::UNAUTHORIZED {
        tracing::warn!(
            "the API server of {slug} does not accept the credentials of the kubeconfig; renew them, for instance by kubectl get ns in that context"
        );
    } else if is_page {
        tracing::warn!(
            "what answers for {slug} is no API server but sends a web page; check server in the kubeconfig, and whether the network wants a sign-in"
        );
    }
}

/// The API server's answer, or why there is none.
async fn answer(
    exchange: &mut Exchange,
    body: Incoming,
    site: &Site,
) -> Result<Response<Incoming>, Fault> {
    let Route::Cluster { slug, target } = &exchange.route else {
        return Err(Fault::new(Kind::NotFound, "this is no path of a cluster"));
    };
    let cluster = site.clusters.current().find(slug)?;
    let upstream = cluster.upstream().await?;
    let mut request = Request::new(Upload::new(body).boxed_unsync());
    *request.method_mut() = exchange.parts.method.clone();
    *request.uri_mut() = Uri::from(target.clone());
    *request.headers_mut() = std::mem::take(&mut exchange.parts.headers);
    if exchange.websocket.is_some() {
        // Ours was checked; the API server refuses a watch without one, and knows only its own.
        let origin = HeaderValue::try_from(upstream.origin());
        let origin = origin.map_err(|_| {
            Fault::new(
                Kind::Credentials,
                "the server in the kubeconfig is malformed",
            )
        })?;
        request.headers_mut().insert(ORIGIN, origin);
    }
    let again = repeatable(&request);
    let mut answer = match upstream.send(request).await {
        Ok(answer) => answer,
        Err(fault) => {
            cluster.failed(&upstream, &fault).await;
            return Err(fault);
        }
    };
    if answer.status() == StatusCode::UNAUTHORIZED
        && let Some(again) = again
        && let Some(renewed) = cluster.renewed(&upstream).await
    {
        answer = renewed.send(again).await?;
    }
    let status = answer.status();
    if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
        // Whoever it wants us to go to must not see our credentials.
        return Err(Fault::new(
            Kind::Redirect,
            format!(
                "the API server of {slug} redirects ({status}), which kapi does not follow; correct server in the kubeconfig"
            ),
        ));
    }
    Ok(answer)
}

/// The same request once more, if it only reads and has no body, so that sending it twice does nothing twice.
fn repeatable(request: &Request<Body>) -> Option<Request<Body>> {
    if !request.method().is_safe() || !request.body().is_end_stream() {
        return None;
    }
    let mut again = Request::new(body::empty());
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.headers_mut() = request.headers().clone();
    Some(again)
}

/// The API server's agreement, for the browser.
fn switched(answer: Response<Incoming>) -> Response<Body> {
    let (mut parts, _) = answer.into_parts();
    response::strip(&mut parts.headers);
    parts.extensions.clear();
    parts.headers.insert(
        http::header::CONNECTION,
        HeaderValue::from_static("Upgrade"),
    );
    parts
        .headers
        .insert(http::header::UPGRADE, HeaderValue::from_static("websocket"));
    Response::from_parts(parts, body::empty())
}
