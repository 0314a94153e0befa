//! Why a request got no answer, in words: the one place that reads error chains.

use std::error::Error;
use std::io::ErrorKind;

use http::Uri;
use kube::client::AuthError;
use kube::config::ExecConfig;
use rustls::{AlertDescription, CertificateError};

use super::credentials;
use crate::body::UploadError;
use crate::fault::{Fault, Kind};

/// What to tell the user about a failed request to `server`.
pub(super) fn explain(
    error: &(dyn Error + 'static),
    server: &Uri,
    context: &str,
    plugin: Option<&ExecConfig>,
) -> Fault {
    let at = address(server);
    if let Some(error) = find::<UploadError>(error) {
        return match error {
            UploadError::TooLarge => Fault::new(Kind::TooLarge, error.to_string()),
            UploadError::Stalled => {
                Fault::bad_request(error.to_string()).with_status(http::StatusCode::REQUEST_TIMEOUT)
            }
        };
    }
    if let Some(error) = find::<AuthError>(error) {
        return credentials::explain(error, plugin, context);
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return Fault::new(
            Kind::Tls,
            format!("no secure connection to {at}: {}", tls(error)),
        );
    }
    let (cause, advice) =
        match find::<std::io::Error>(error).map(|error| (error.kind(), error.to_string())) {
            Some((ErrorKind::ConnectionRefused, _)) => (
                "connection refused".to_owned(),
                "check that the cluster runs and that the kubeconfig has its current port",
            ),
            Some((ErrorKind::TimedOut, _)) => {
                ("timed out".to_owned(), "check network, VPN and firewall")
            }
            Some((ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable, _)) => {
                ("no route to it".to_owned(), "check network and VPN")
            }
            Some((_, text)) if text.contains("lookup address") => (
                "no such host".to_owned(),
                "check the name in the kubeconfig, and VPN or DNS",
            ),
            Some((
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof,
                _,
            )) => ("it closed the connection".to_owned(), "try again"),
            Some((_, text)) => (text, "check network and kubeconfig"),
            None if is_lost(error) => (
                "it closed the connection before answering".to_owned(),
                "try again",
            ),
            None => (in_words(error), "check network and kubeconfig"),
        };
    Fault::new(
        Kind::Unreachable,
        format!("cannot reach {at}: {cause}; {advice}"),
    )
}

/// The chain of causes as one line, each said once.
pub(super) fn in_words(error: &(dyn Error + 'static)) -> String {
    let mut words = String::new();
    for cause in causes(error) {
        let cause = cause.to_string();
        if !words.contains(&cause) {
            if !words.is_empty() {
                words.push_str(": ");
            }
            words.push_str(&cause);
        }
    }
    words
}

fn address(server: &Uri) -> String {
    let usual = if server.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    let port = server.port_u16().unwrap_or(usual);
    format!("{}:{port}", server.host().unwrap_or_default())
}

fn tls(error: &rustls::Error) -> String {
    let cause = match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired; renew it, or check this machine's clock"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet; check this machine's clock"
            }
            CertificateError::UnknownIssuer => {
                "its certificate is signed by an unknown authority; check certificate-authority in the kubeconfig"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name; check server and tls-server-name in the kubeconfig"
            }
            CertificateError::Revoked => "its certificate was revoked",
            error => return format!("its certificate is not acceptable: {error}"),
        },
        rustls::Error::InvalidMessage(_) => {
            "it does not speak TLS; check whether server in the kubeconfig should be http://"
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "it wants a client certificate, and the user in the kubeconfig has none"
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateExpired) => {
            "it refused the client certificate as expired; renew the credentials in the kubeconfig"
        }
        rustls::Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied,
        ) => "it refused the client certificate; renew the credentials in the kubeconfig",
        error => return error.to_string(),
    };
    cause.to_owned()
}

fn is_lost(error: &(dyn Error + 'static)) -> bool {
    find::<hyper::Error>(error).is_some_and(|error| {
        error.is_incomplete_message() || error.is_closed() || error.is_canceled()
    })
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The error and its causes, outermost first. An io error hides the error it wraps from `source`, so it is opened.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| {
        let cause: &'a (dyn Error + 'static) = *cause;
        let wrapped = cause
            .downcast_ref::<std::io::Error>()
            .and_then(|error| error.get_ref());
        wrapped
            .map(|wrapped| wrapped as &(dyn Error + 'static))
            .or_else(|| cause.source())
    })
}
