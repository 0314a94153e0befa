//! What the proxy itself has to say about an API request: the kinds, their status codes, and their shape.
//!
//! A fault is a Kubernetes `Status`, so that a client needs one way to read an error, plus the header `kapi-fault`,
//! so that it knows that the API server never said this. A message names what was attempted, on what, and what to do.

use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::body::{self, Body};

pub(crate) static KAPI_FAULT: HeaderName = HeaderName::from_static("kapi-fault");

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// No launch token, or a wrong one.
    SignIn,
    /// The request is malformed, or one that the proxy does not carry.
    BadRequest,
    /// The page or the path is not allowed.
    Forbidden,
    /// There is no such cluster.
    NotFound,
    /// The request was meant for another host.
    Misdirected,
    /// Address, headers or body are too large.
    TooLarge,
    /// The API server cannot be reached.
    Unreachable,
    /// The API server's certificate is not to be trusted, or it speaks no TLS.
    Tls,
    /// The credentials of the kubeconfig cannot be loaded.
    Credentials,
    /// The API server wants to send us elsewhere.
    Redirect,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::BadRequest => "bad-request",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Misdirected => "misdirected",
            Self::TooLarge => "too-large",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Credentials => "credentials",
            Self::Redirect => "redirect",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreachable | Self::Tls | Self::Credentials | Self::Redirect => {
                StatusCode::BAD_GATEWAY
            }
        }
    }

    /// The `reason` of the `Status`, in the API server's own words where it has one.
    fn reason(self) -> &'static str {
        match self {
            Self::SignIn => "Unauthorized",
            Self::BadRequest | Self::Misdirected => "BadRequest",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "NotFound",
            Self::TooLarge => "RequestEntityTooLarge",
            Self::Unreachable | Self::Tls | Self::Credentials | Self::Redirect => "BadGateway",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    status: StatusCode,
}

impl Fault {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: kind.status(),
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(Kind::BadRequest, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, message)
    }

    /// The same kind under a more exact code, such as 414 for an address that is too large.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.kind.reason(),
            "code": self.status.as_u16(),
        });
        let mut response = Response::new(body::full(status.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(
            KAPI_FAULT.clone(),
            HeaderValue::from_static(self.kind.word()),
        );
        response
    }
}
