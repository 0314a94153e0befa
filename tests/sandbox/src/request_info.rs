//! What a path and its query ask for, before anything is looked up: the server's `RequestInfo`.

use std::num::{IntErrorKind, ParseIntError};

use http::Method;
use percent_encoding::percent_decode_str;

use crate::quoted::Quoted;
use crate::resource::{self, RESOURCES, Resource, Subresource};
use crate::status::Status;
use crate::store::Store;
use crate::user::User;

/// What a request wants to do, in the terms in which it is allowed or not. Whether there is such a thing does not matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attributes {
    Resource {
        verb: String,
        group: String,
        resource: String,
        subresource: String,
        namespace: String,
        name: String,
    },
    Path {
        verb: String,
        path: String,
    },
}

impl Attributes {
    pub(crate) fn of(method: &Method, path: &str, query: &Query) -> Self {
        Self::of_resource(method, path, query).unwrap_or_else(|| Self::Path {
            verb: method.as_str().to_lowercase(),
            path: path.to_owned(),
        })
    }

    fn of_resource(method: &Method, path: &str, query: &Query) -> Option<Self> {
        let path = decode(path);
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, mut rest) = match parts.as_slice() {
            ["api", _, rest @ ..] if !rest.is_empty() => ("", rest),
            ["apis", group, _, rest @ ..] if !rest.is_empty() => (*group, rest),
            _ => return None,
        };
        let mut verb = match *method {
            Method::POST => "create",
            Method::GET | Method::HEAD => "get",
            Method::PUT => "update",
            Method::PATCH => "patch",
            Method::DELETE => "delete",
            _ => "",
        };
        if let [special @ ("watch" | "proxy"), inner @ ..] = rest {
            verb = special;
            rest = inner;
        }
        let mut namespace = "";
        if let ["namespaces", of, ..] = rest {
            namespace = of;
            if let [_, _, plural, ..] = rest
                && !is_namespace_subresource(plural)
            {
                rest = &rest[2..];
            }
        }
        let part = |place: usize| rest.get(place).copied().unwrap_or_default().to_owned();
        let mut name = part(1);
        if name.is_empty() && verb == "get" {
            verb = if query.flag("watch") { "watch" } else { "list" };
            name = only_name(query.value("fieldSelector")).unwrap_or_default();
        } else if name.is_empty() && verb == "delete" {
            verb = "deletecollection";
        }
        Some(Self::Resource {
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: part(0),
            subresource: part(2),
            namespace: namespace.to_owned(),
            name,
        })
    }

    pub(crate) fn verb(&self) -> &str {
        match self {
            Self::Resource { verb, .. } | Self::Path { verb, .. } => verb,
        }
    }

    pub(crate) fn with_verb(&self, wanted: &str) -> Self {
        let mut changed = self.clone();
        match &mut changed {
            Self::Resource { verb, .. } | Self::Path { verb, .. } => wanted.clone_into(verb),
        }
        changed
    }

    /// 403, in the server's words.
    pub(crate) fn forbidden_to(&self, user: &User) -> Status {
        let user = Quoted(&user.name);
        match self {
            Self::Path { verb, path } => Status::forbidden_request(
                "",
                "",
                "",
                &format!("User {user} cannot {verb} path {}", Quoted(path)),
            ),
            Self::Resource {
                verb,
                group,
                resource,
                subresource,
                namespace,
                name,
            } => {
                let full = if subresource.is_empty() {
                    resource.clone()
                } else {
                    format!("{resource}/{subresource}")
                };
                let place = if namespace.is_empty() {
                    "at the cluster scope".to_owned()
                } else {
                    format!("in the namespace {}", Quoted(namespace))
                };
                let text = format!(
                    "User {user} cannot {verb} resource {} in API group {} {place}",
                    Quoted(&full),
                    Quoted(group),
                );
                Status::forbidden_request(group, resource, name, &text)
            }
        }
    }
}

/// The name that a field selector asks for, if it asks for one.
fn only_name(selector: &str) -> Option<String> {
    let term = selector
        .split(',')
        .find_map(|term| term.strip_prefix("metadata.name="))?;
    Some(term.trim_start_matches('=').to_owned())
}

/// A request for a resource.
#[derive(Debug)]
pub(crate) struct ResourcePath {
    pub(crate) resource: &'static Resource,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<Subresource>,
}

impl ResourcePath {
    /// Whether the path lies below a group that this program serves, whatever follows. Below groups that definitions
    /// add, nothing answers but what they define.
    pub(crate) fn is_of_own_group(path: &str) -> bool {
        let mut parts = path.strip_prefix('/').unwrap_or(path).split('/');
        match (parts.next(), parts.next()) {
            (Some("api"), _) => true,
            (Some("apis"), Some(group)) => RESOURCES.iter().any(|known| known.group == group),
            _ => false,
        }
    }

    /// None: no such path.
    pub(crate) fn parse(store: &Store, path: &str) -> Option<Self> {
        // Decoded before it is split: `a%2Fb` is two parts.
        let path = decode(path);
        let path = path.strip_prefix('/').unwrap_or(&path);
        let mut parts = path.trim_end_matches('/').split('/').map(str::to_owned);
        let group = match parts.next()?.as_str() {
            "api" => String::new(),
            "apis" => parts.next()?,
            _ => return None,
        };
        let version = parts.next()?;
        let rest: Vec<String> = parts.collect();
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        let (namespace, rest) = match rest.as_slice() {
            ["namespaces", namespace, plural, rest @ ..] if !is_namespace_subresource(plural) => {
                (Some(*namespace), (*plural, rest))
            }
            [plural, rest @ ..] => (None, (*plural, rest)),
            [] => return None,
        };
        let (plural, rest) = rest;
        let resource = resource::find(store, &group, &version, plural)?;
        if namespace.is_some() != resource.namespaced && (namespace.is_some() || !rest.is_empty()) {
            return None;
        }
        let (name, subresource) = match rest {
            [] => (None, None),
            [name] => (Some(*name), None),
            [name, subresource] => {
                let known = resource
                    .subresources
                    .iter()
                    .find(|known| known.name() == *subresource)?;
                (Some(*name), Some(*known))
            }
            _ => return None,
        };
        Some(Self {
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            subresource,
        })
    }

    /// The store's key; only for a path with a name.
    pub(crate) fn key(&self, name: &str) -> String {
        self.resource
            .key(self.namespace.as_deref().unwrap_or_default(), name)
    }
}

fn is_namespace_subresource(part: &str) -> bool {
    matches!(part, "status" | "finalize")
}

/// The parameters behind the `?`, in order; some may be there twice.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Self {
        let pairs = query
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (
                    decode(&name.replace('+', " ")),
                    decode(&value.replace('+', " ")),
                )
            });
        Self {
            pairs: pairs.collect(),
        }
    }

    /// The first value, "" if there is none.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// All values that are not empty.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// As the server reads booleans: absent, "0" and "false" are false, anything else is true.
    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.pairs.iter().find(|(key, _)| key == name) {
            None => false,
            Some((_, value)) => !matches!(value.to_ascii_lowercase().as_str(), "0" | "false"),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(key, _)| key == name)
    }

    /// The error is the server's text.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, String> {
        match self.value(name) {
            "" => Ok(None),
            text => match text.parse::<i64>() {
                Ok(number) => Ok(Some(number)),
                Err(error) => Err(format!(
                    "strconv.ParseInt: parsing {}: {}",
                    Quoted(text),
                    go_fault(&error)
                )),
            },
        }
    }
}

/// What Go finds wrong with a number.
pub(crate) fn go_fault(error: &ParseIntError) -> &'static str {
    match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "value out of range",
        _ => "invalid syntax",
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(path: &str, expected: Expect) {
        let text = match ResourcePath::parse(&Store::new(1), path) {
            None => "no such path".to_owned(),
            Some(path) => format!(
                "{} {:?} {:?} {:?}",
                path.resource.qualified(),
                path.namespace,
                path.name,
                path.subresource
            ),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn paths() {
        check("/api/v1/pods", expect!["pods None None None"]);
        check(
            "/api/v1/namespaces/shop/pods",
            expect![[r#"pods Some("shop") None None"#]],
        );
        check(
            "/api/v1/namespaces/shop/pods/web/log",
            expect![[r#"pods Some("shop") Some("web") Some(Log)"#]],
        );
        check(
            "/api/v1/namespaces/shop",
            expect![[r#"namespaces None Some("shop") None"#]],
        );
        check(
            "/api/v1/namespaces/shop/status",
            expect![[r#"namespaces None Some("shop") Some(Status)"#]],
        );
        check(
            "/api/v1/nodes/node%2Da",
            expect![[r#"nodes None Some("node-a") None"#]],
        );
        check(
            "/apis/apps/v1/deployments",
            expect!["deployments.apps None None None"],
        );
        check("/apis/apps/v2/deployments", expect!["no such path"]);
        check("/api/v1/pods/web", expect!["no such path"]);
        check("/api/v1/namespaces/shop/nodes", expect!["no such path"]);
        check(
            "/api/v1/namespaces/shop/pods/web/exec",
            expect!["no such path"],
        );
    }
}
