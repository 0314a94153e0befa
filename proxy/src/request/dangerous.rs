//! Paths that lead through the API server to something else: kubelets, pods, services, its own logs.
//!
//! A GET there can run a command, and what comes back is not the API server's. Compared after decoding, as the API
//! server does.

use super::{Exchange, Route, Step};
use crate::fault::Fault;
use crate::site::Site;

pub(super) fn check(exchange: &mut Exchange, _: &Site) -> Step {
    let Route::Cluster { target, .. } = &exchange.route else {
        return Ok(());
    };
    match leads_elsewhere(target.path()) {
        true => Err(Fault::forbidden(format!(
            "kapi does not carry {}: it leads through the API server to something else; use port-forward or kubectl proxy",
            target.path()
        ))
        .into()),
        false => Ok(()),
    }
}

fn leads_elsewhere(path: &str) -> bool {
    let segments: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    matches!(
        segments[..],
        ["logs" | "debug", ..]
            | ["api", _, "proxy", ..]
            | ["api", _, "nodes" | "services" | "pods", _, "proxy", ..]
            | [
                "api",
                _,
                "namespaces",
                _,
                "nodes" | "services" | "pods",
                _,
                "proxy",
                ..
            ]
    )
}

/// Without escapes. Only malformed ones are kept, and the path check has refused those.
fn decoded(segment: &str) -> String {
    let mut pieces = segment.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match piece
            .split_at_checked(2)
            .and_then(|(digits, rest)| Some((u8::from_str_radix(digits, 16).ok()?, rest)))
        {
            Some((byte, rest)) => {
                bytes.push(byte);
                bytes.extend_from_slice(rest.as_bytes());
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(piece.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::leads_elsewhere;

    #[test]
    fn paths() {
        for path in [
            "/logs",
            "/logs/",
            "/logs/kube-apiserver.log",
            "/debug/pprof/",
            "/api/v1/proxy/nodes/n",
            "/api/v1/nodes/n/proxy",
            "/api/v1/nodes/n/proxy/run/ns/pod/c",
            "/api/v1/nodes/n/pro%78y/x",
            "/api/v1/%6eodes/n/proxy",
            "/api/v1/namespaces/ns/pods/p:80/proxy/",
            "/api/v1/namespaces/ns/services/https:s:web/proxy/x",
        ] {
            assert!(leads_elsewhere(path), "{path}");
        }
        for path in [
            "/api/v1/namespaces/ns/pods/p/log",
            "/api/v1/namespaces/ns/pods/proxy",
            "/api/v1/namespaces/proxy",
            "/api/v1/namespaces/ns/configmaps/proxy",
            "/api/v1/nodes/proxy",
            "/apis/x.dev/v1/namespaces/ns/logs/debug",
            "/version",
            "/",
        ] {
            assert!(!leads_elsewhere(path), "{path}");
        }
    }
}
