//! The Kubernetes API as HTTP: resources and their paths, label selectors, quantities, `Status`
//! answers and the two ways in which it writes times.

pub mod count;
pub mod label;
pub mod quantity;
pub mod status;
pub mod time;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a query parameter may hold unescaped (RFC 3986 unreserved characters).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A value as field selectors have it: the only three characters that their grammar escapes.
#[must_use]
pub fn field_value(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace(',', "\\,")
        .replace('=', "\\=")
}

/// A list or an object as the rows of a table, in `Accept`; from servers that make none, itself.
pub const TABLE: &str = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json";

/// A resource of the API: where its objects live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Resource {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// Version within the group.
    pub version: &'static str,
    /// Plural, as in paths.
    pub plural: &'static str,
    /// `Pod`
    pub kind: &'static str,
    /// Whether objects live in namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// `v1`, `apps/v1`
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `pods`, `deployments.apps`: the name that no other resource has.
    #[must_use]
    pub fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    /// The path of the collection: of one namespace, or of the whole cluster.
    #[must_use]
    pub fn collection(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() {
            format!("/api/{}", self.version)
        } else {
            format!("/apis/{}/{}", self.group, self.version)
        };
        match namespace {
            Some(namespace) if self.namespaced => {
                format!("{root}/namespaces/{}/{}", escape(namespace), self.plural)
            }
            _ => format!("{root}/{}", self.plural),
        }
    }
}

/// Appends query parameters to a path; parameters without a value are left out.
#[must_use]
pub fn with_parameters(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut url = path.to_owned();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(name);
        url.push('=');
        url.push_str(&escape(value));
    }
    url
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A DNS label (RFC 1123), which is what a namespace's name is; anything else has no place in a
/// path.
#[must_use]
pub fn is_namespace(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 63
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let deployments = Resource {
            group: "apps",
            version: "v1",
            plural: "deployments",
            kind: "Deployment",
            namespaced: true,
        };
        assert_eq!(deployments.collection(None), "/apis/apps/v1/deployments");
        assert_eq!(
            deployments.collection(Some("shop")),
            "/apis/apps/v1/namespaces/shop/deployments"
        );
        assert_eq!(deployments.qualified(), "deployments.apps");
        assert_eq!(
            with_parameters(
                "/api/v1/pods",
                &[
                    ("labelSelector", "a in (b,c)"),
                    ("continue", ""),
                    ("limit", "5")
                ]
            ),
            "/api/v1/pods?labelSelector=a%20in%20%28b%2Cc%29&limit=5"
        );
    }
}
