//! Who asks. For now everybody with the sandbox's token is `admin` and may do everything.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

/// An authenticated user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    pub(crate) groups: &'static [&'static str],
}

pub(crate) static ADMIN: User = User {
    name: "admin",
    groups: &["system:masters", "system:authenticated"],
};

/// How requests prove who they are.
#[derive(Clone, Debug)]
pub(crate) struct Authentication {
    pub(crate) token: String,
    /// Whether a request without any credentials is refused.
    pub(crate) required: bool,
}

impl Authentication {
    /// None is a 401.
    pub(crate) fn user(
        &self,
        headers: &HeaderMap,
        web_socket_token: Option<&str>,
    ) -> Option<&'static User> {
        let bearer = headers
            .get(AUTHORIZATION)
            .map(|value| bearer_token(value.to_str().unwrap_or_default()));
        match bearer.or_else(|| web_socket_token.map(Some)) {
            Some(token) => (token == Some(self.token.as_str())).then_some(&ADMIN),
            // kubectl never sends credentials over plain HTTP, and this is plain HTTP on loopback.
            None => (!self.required).then_some(&ADMIN),
        }
    }
}

fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl User {
    pub(crate) fn info(&self) -> Value {
        json!({ "username": self.name, "groups": self.groups })
    }
}
