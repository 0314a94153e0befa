//! Label requirements: the grammar of `kubectl -l`, and what the API server makes of it
//! (k8s.io/apimachinery `labels.Selector`).

use std::fmt;

/// One requirement on an object's labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    /// The label's key.
    pub key: String,
    /// What must hold for it.
    pub test: Test,
}

/// What must hold for a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Test {
    /// `k=v`, `k in (v,w)`: it is there and has one of the values.
    In(Vec<String>),
    /// `k!=v`, `k notin (v,w)`: it is absent, or has another value.
    NotIn(Vec<String>),
    /// `k`
    Exists,
    /// `!k`
    Absent,
    /// `k>5`: it is a whole number above.
    Above(i64),
    /// `k<5`: it is a whole number below.
    Below(i64),
}

impl Requirement {
    /// A requirement on a key.
    #[must_use]
    pub fn new(key: impl Into<String>, test: Test) -> Self {
        Self {
            key: key.into(),
            test,
        }
    }

    /// Whether a value of the label, or its absence, meets the requirement.
    #[must_use]
    pub fn matches(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.test {
            Test::In(values) => value.is_some_and(|value| values.iter().any(|v| v == value)),
            Test::NotIn(values) => value.is_none_or(|value| values.iter().all(|v| v != value)),
            Test::Exists => value.is_some(),
            Test::Absent => value.is_none(),
            Test::Above(limit) => number().is_some_and(|number| number > *limit),
            Test::Below(limit) => number().is_some_and(|number| number < *limit),
        }
    }

    /// The requirement that holds exactly when this one does not, where one exists.
    #[must_use]
    pub fn negated(&self) -> Option<Self> {
        let test = match &self.test {
            Test::In(values) => Test::NotIn(values.clone()),
            Test::NotIn(values) => Test::In(values.clone()),
            Test::Exists => Test::Absent,
            Test::Absent => Test::Exists,
            // An absent label is neither above nor below.
            Test::Above(_) | Test::Below(_) => return None,
        };
        Some(Self::new(self.key.clone(), test))
    }

    /// Whether the API server takes it: it answers 400 to keys and values that no label can
    /// have, so those must be decided locally.
    #[must_use]
    pub fn is_sendable(&self) -> bool {
        let values = match &self.test {
            Test::In(values) | Test::NotIn(values) => values.as_slice(),
            _ => &[],
        };
        // A sign is no part of a value, so the server refuses negative limits.
        let limit = match self.test {
            Test::Above(limit) | Test::Below(limit) => limit,
            _ => 0,
        };
        limit >= 0 && is_key(&self.key) && values.iter().all(|value| is_value(value))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.test {
            Test::In(values) if values.len() == 1 => write!(f, "{key}={}", values[0]),
            Test::NotIn(values) if values.len() == 1 => write!(f, "{key}!={}", values[0]),
            Test::In(values) => write!(f, "{key} in ({})", values.join(",")),
            Test::NotIn(values) => write!(f, "{key} notin ({})", values.join(",")),
            Test::Exists => f.write_str(key),
            Test::Absent => write!(f, "!{key}"),
            Test::Above(limit) => write!(f, "{key}>{limit}"),
            Test::Below(limit) => write!(f, "{key}<{limit}"),
        }
    }
}

/// The requirements as one `labelSelector`.
#[must_use]
pub fn selector(requirements: &[Requirement]) -> String {
    requirements
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// A key: an optional DNS prefix and a name, as the API server checks it.
#[must_use]
pub fn is_key(key: &str) -> bool {
    let (prefix, name) = key
        .split_once('/')
        .map_or((None, key), |(prefix, name)| (Some(prefix), name));
    !name.is_empty() && is_value(name) && prefix.is_none_or(is_dns_subdomain)
}

/// A value: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
#[must_use]
pub fn is_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_none_or(u8::is_ascii_alphanumeric)
        && bytes.last().is_none_or(u8::is_ascii_alphanumeric)
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|part| {
            let bytes = part.as_bytes();
            bytes
                .first()
                .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                && bytes
                    .last()
                    .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                && bytes
                    .iter()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_is_decided_as_the_server_does() {
        let check = |test: Test, value: Option<&str>| Requirement::new("k", test).matches(value);
        assert!(!check(Test::In(vec!["a".into()]), None));
        assert!(check(Test::NotIn(vec!["a".into()]), None));
        assert!(!check(Test::Above(1), None));
        assert!(check(Test::Above(1), Some("2")));
        assert!(!check(Test::Above(1), Some("two")));
        assert!(check(Test::In(vec![String::new()]), Some("")));
    }

    #[test]
    fn knows_what_the_server_would_refuse() {
        for (key, value, sendable) in [
            ("app", "web", true),
            ("app", "", true),
            ("app.kubernetes.io/name", "a_b.c-d", true),
            ("app", "-web", false),
            ("app", "a b", false),
            ("App.io/x", "a", false),
            ("", "a", false),
            ("a/b/c", "a", false),
        ] {
            let requirement = Requirement::new(key, Test::In(vec![value.to_owned()]));
            assert_eq!(requirement.is_sendable(), sendable, "{requirement}");
        }
    }
}
