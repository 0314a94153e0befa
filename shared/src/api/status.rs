//! What the API server says when it does not do what was asked: a `Status` object, or, from
//! something in between, anything else.

use crate::value::Value;

/// A refusal, by what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status, or the code of an `ERROR` event.
    pub code: u16,
    /// `Forbidden`, `Expired` …; empty when what answered is no API server.
    pub reason: String,
    /// What it said, in its own words.
    pub message: String,
}

impl Refusal {
    /// Reads the body of an answer that is not 200.
    #[must_use]
    pub fn read(code: u16, body: &[u8]) -> Self {
        Self::of(code, Value::enveloped(body)).unwrap_or_else(|| Self::foreign(code, body))
    }

    /// Reads a `Status`; nothing when the value is none.
    #[must_use]
    pub fn of(code: u16, status: Value<'_>) -> Option<Self> {
        if status.get("kind").text().as_deref() != Some("Status") {
            return None;
        }
        Some(Self {
            code: status
                .get("code")
                .integer()
                .and_then(|code| u16::try_from(code).ok())
                .filter(|code| *code != 0)
                .unwrap_or(code),
            reason: status.get("reason").text_or_empty().into_owned(),
            message: status.get("message").text_or_empty().into_owned(),
        })
    }

    /// Something that is not the API server answered: the title of its page, or its first words.
    #[must_use]
    pub fn foreign(code: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let title = text
            .split_once("<title>")
            .and_then(|(_, rest)| rest.split_once("</title>"))
            .map(|(title, _)| title);
        let words = title
            .unwrap_or(&text)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let mut short: String = words.chars().take(120).collect();
        if short.is_empty() {
            short = format!("HTTP {code} without a body");
        }
        Self {
            code,
            reason: String::new(),
            message: short,
        }
    }

    /// Whether the API server itself said so.
    #[must_use]
    pub const fn is_from_api_server(&self) -> bool {
        !self.reason.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_an_api_server_from_what_stands_before_it() {
        let forbidden = Refusal::read(
            403,
            br#"{"kind":"Status","reason":"Forbidden","message":"pods is forbidden","code":403}"#,
        );
        assert!(forbidden.is_from_api_server());
        assert_eq!(forbidden.message, "pods is forbidden");
        let page = Refusal::read(
            502,
            b"<html><head><title>502 Bad\n Gateway</title></head><body>nginx</body>",
        );
        assert!(!page.is_from_api_server());
        assert_eq!(page.message, "502 Bad Gateway");
        assert_eq!(Refusal::read(500, b"").message, "HTTP 500 without a body");
    }
}
