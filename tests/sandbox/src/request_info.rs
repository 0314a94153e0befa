//! What a path and its query ask for, before anything is looked up: the server's `RequestInfo`.

use percent_encoding::percent_decode_str;

use crate::resource::{self, Resource, Subresource};

/// A request for a resource.
#[derive(Debug)]
pub(crate) struct ResourcePath {
    pub(crate) resource: &'static Resource,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<Subresource>,
}

impl ResourcePath {
    /// Whether the path lies below a group and version that is served, whatever follows.
    pub(crate) fn is_of_known_group(path: &str) -> bool {
        match path
            .trim_matches('/')
            .split('/')
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["api", ..] => true,
            ["apis", group, version, ..] => {
                resource::group_versions().contains(&(*group, *version))
            }
            _ => false,
        }
    }

    /// None: no such path.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let mut parts = path
            .trim_matches('/')
            .split('/')
            .map(decode)
            .collect::<Vec<_>>()
            .into_iter();
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
        let resource = resource::find(&group, &version, plural)?;
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
            text => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(format!(
                    "strconv.ParseInt: parsing {text:?}: invalid syntax"
                )),
            },
        }
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
        let text = match ResourcePath::parse(path) {
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
