//! The token that goes on with a list: the revision it shows, and the key to start from.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::{DecodeError, Engine};
use serde::{Deserialize, Serialize};

/// Where a list goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ContinueToken {
    /// None: at the newest state, though the pages before it showed an older one.
    pub(crate) revision: Option<u64>,
    pub(crate) start: String,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(default)]
    v: String,
    #[serde(default)]
    rv: i64,
    #[serde(default)]
    start: String,
}

const VERSION: &str = "meta.k8s.io/v1";
const LATEST: i64 = -1;

impl ContinueToken {
    pub(crate) fn encode(&self) -> String {
        let rv = self.revision.map_or(LATEST, |revision| {
            i64::try_from(revision).unwrap_or(i64::MAX)
        });
        let wire = Wire {
            v: VERSION.to_owned(),
            rv,
            start: self.start.clone(),
        };
        URL_SAFE_NO_PAD
            .encode(serde_json::to_vec(&wire).expect("three plain members can be written"))
    }

    /// The error is the server's text for a 400.
    pub(crate) fn decode(text: &str) -> Result<Self, String> {
        let invalid = |reason: String| format!("continue key is not valid: {reason}");
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| {
            invalid(format!(
                "illegal base64 data at input byte {}",
                place(text, &error)
            ))
        })?;
        let wire: Wire =
            serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        if wire.v != VERSION {
            return Err(invalid(format!(
                "server does not recognize this encoded version {}",
                wire.v
            )));
        }
        if wire.start.is_empty() {
            return Err(invalid(format!(
                "encoded start key empty (version {VERSION})"
            )));
        }
        let revision = match wire.rv {
            LATEST => None,
            rv => match u64::try_from(rv) {
                Ok(rv) if rv > 0 => Some(rv),
                _ => {
                    return Err(invalid(format!(
                        "incorrect encoded start resourceVersion (version {VERSION})"
                    )));
                }
            },
        };
        let start = wire.start.trim_start_matches('/');
        if start.split('/').any(|part| matches!(part, "." | "..")) {
            return Err(invalid(wire.start));
        }
        Ok(Self {
            revision,
            start: start.to_owned(),
        })
    }
}

/// Where Go's decoder stops.
fn place(text: &str, error: &DecodeError) -> usize {
    match error {
        DecodeError::InvalidByte(place, _) | DecodeError::InvalidLastSymbol(place, _) => *place,
        _ => text.len() / 4 * 4,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let decoded = ContinueToken::decode(&URL_SAFE_NO_PAD.encode(text));
        expected.assert_eq(&match decoded {
            Ok(token) => format!("{token:?}"),
            Err(error) => error,
        });
    }

    #[test]
    fn round_trip() {
        let token = ContinueToken {
            revision: Some(7),
            start: "shop/web-1\0".to_owned(),
        };
        assert_eq!(ContinueToken::decode(&token.encode()), Ok(token));
    }

    #[test]
    fn decoding() {
        let good = r#"{"v":"meta.k8s.io/v1","rv":-1,"start":"a/b"}"#;
        check(
            good,
            expect![[r#"ContinueToken { revision: None, start: "a/b" }"#]],
        );
        check(
            r#"{"v":"meta.k8s.io/v1","start":"a"}"#,
            expect![
                "continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)"
            ],
        );
        check(
            r#"{"v":"meta.k8s.io/v1","rv":1}"#,
            expect!["continue key is not valid: encoded start key empty (version meta.k8s.io/v1)"],
        );
        check(
            r#"{"v":"v9","rv":1,"start":"a"}"#,
            expect!["continue key is not valid: server does not recognize this encoded version v9"],
        );
    }
}
