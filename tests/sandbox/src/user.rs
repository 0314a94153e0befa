//! Who asks: the four users that a test control plane has too, and whomever an administrator impersonates.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::quoted::Quoted;
use crate::request_info::Attributes;
use crate::status::Status;

/// An authenticated user, or the one that stands for those who do not say who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: String,
    pub(crate) groups: Vec<String>,
}

/// Members of it may do everything, whatever any role says.
pub(crate) const MASTERS: &str = "system:masters";
pub(crate) const AUTHENTICATED: &str = "system:authenticated";
pub(crate) const UNAUTHENTICATED: &str = "system:unauthenticated";

/// Those with a token, each with a context of its own in the kubeconfig. What they may do is in `rbac`.
pub(crate) const NAMES: [&str; 4] = ["admin", "viewer", "developer", "nobody"];

/// The token of a user.
pub(crate) fn token(name: &str) -> String {
    format!("sandbox-{name}-token")
}

impl User {
    fn named(name: &str) -> Self {
        let groups: &[&str] = match name {
            "admin" => &[MASTERS, AUTHENTICATED],
            _ => &[AUTHENTICATED],
        };
        Self {
            name: name.to_owned(),
            uid: name.to_owned(),
            groups: groups.iter().copied().map(str::to_owned).collect(),
        }
    }

    fn anonymous() -> Self {
        Self {
            name: "system:anonymous".to_owned(),
            uid: String::new(),
            groups: vec![UNAUTHENTICATED.to_owned()],
        }
    }

    pub(crate) fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|known| known == group)
    }

    pub(crate) fn info(&self) -> Value {
        let mut info = json!({ "username": self.name, "groups": self.groups });
        if !self.uid.is_empty() {
            info["uid"] = self.uid.as_str().into();
        }
        info
    }
}

/// How requests prove who they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Authentication {
    /// Whether a request without any credentials is nobody's. Otherwise it is the administrator's.
    pub(crate) required: bool,
}

impl Authentication {
    /// None is a 401.
    pub(crate) fn user(self, headers: &HeaderMap, web_socket_token: Option<&str>) -> Option<User> {
        let bearer = headers
            .get(AUTHORIZATION)
            .and_then(|value| bearer_token(value.to_str().unwrap_or_default()));
        match bearer.or(web_socket_token) {
            Some(given) => {
                let name = NAMES.iter().find(|name| token(name) == given)?;
                Some(User::named(name))
            }
            None if self.required => Some(User::anonymous()),
            // kubectl never sends credentials over plain HTTP, and this is plain HTTP on loopback.
            None => Some(User::named("admin")),
        }
    }
}

fn bearer_token(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The user that a request is to be taken for, if it says so. Whoever has a user's token may also be asked to be that
/// user: so kubeconfigs name both, and kubectl, which keeps tokens to itself over plain HTTP, is the right one.
pub(crate) fn impersonated(
    user: User,
    headers: &HeaderMap,
    attributes: &Attributes,
) -> Result<User, Status> {
    let values = |name: &str| -> Vec<String> {
        let values = headers.get_all(name).iter();
        values
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect()
    };
    let (names, groups) = (values("impersonate-user"), values("impersonate-group"));
    let Some(name) = names.first().filter(|name| !name.is_empty()) else {
        return if groups.is_empty() {
            Ok(user)
        } else {
            let groups: Vec<String> = groups
                .iter()
                .map(|group| Quoted(group).to_string())
                .collect();
            Err(Status::bad_request(format!(
                "requested &user.DefaultInfo{{Name:\"\", UID:\"\", Groups:[]string{{{}}}, Extra:map[string][]string(nil)}} \
                 without impersonating a user name",
                groups.join(", ")
            )))
        };
    };
    if *name == user.name && groups.is_empty() {
        return Ok(user);
    }
    if !user.is_in(MASTERS) {
        let verb = format!("impersonate-on:user-info:{}", attributes.verb());
        return Err(attributes.with_verb(&verb).forbidden_to(&user));
    }
    let known = NAMES.contains(&name.as_str()) && groups.is_empty();
    let mut wanted = if known {
        User::named(name)
    } else {
        User {
            name: name.clone(),
            uid: String::new(),
            groups,
        }
    };
    // An impersonated user is known by name only.
    wanted.uid.clear();
    wanted.groups.retain(|group| group != AUTHENTICATED);
    wanted.groups.push(AUTHENTICATED.to_owned());
    Ok(wanted)
}
