//! Regular expressions, by a library that is small rather than fast: none of its matches takes more
//! than the expression's size for each byte of the text, and that size is limited here.

use std::fmt;

/// What an expression takes when it is compiled, in bytes: enough for the digest of an image, or for
/// the names that DNS allows. The slowest that fits reads 150 kB in a second.
const LARGEST: usize = 16 << 10;

/// The longest text of an expression, in bytes.
const LONGEST: usize = 4 << 10;

/// A regular expression, which is found anywhere in a text. Two are equal when their texts are.
#[derive(Clone)]
pub struct Regex {
    compiled: regex_lite::Regex,
}

impl Regex {
    /// Compiles an expression, or says why that cannot be.
    ///
    /// # Errors
    ///
    /// When it is none, or too large.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a regular expression has at most {LONGEST} bytes"));
        }
        regex_lite::RegexBuilder::new(text)
            .size_limit(LARGEST)
            .build()
            .map(|compiled| Self { compiled })
            .map_err(|error| error.to_string())
    }

    /// Whether it is found in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.compiled.is_match(text)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.compiled.as_str()
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Regex {}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_anywhere() {
        let check = |text: &str, within: &str| Regex::new(text).unwrap().is_match(within);
        assert!(check("ngin?x:1\\.[0-9]+", "docker.io/nginx:1.25"));
        assert!(!check("^nginx", "docker.io/nginx:1.25"));
        assert!(check("(?i)NGINX$", "docker.io/nginx"));
        assert!(check("", "anything"));
    }

    #[test]
    fn what_would_take_too_long_is_refused() {
        for (text, why) in [
            ("(".to_owned(), "found open group without closing ')'"),
            ("a{99999}".to_owned(), "compiled regex exceeded size limit"),
            (
                "((a{0,1000}){0,1000}){0,1000}".to_owned(),
                "compiled regex exceeded size limit",
            ),
            ("(".repeat(4000), "pattern has too much nesting"),
            (
                "a".repeat(10 << 20),
                "a regular expression has at most 4096 bytes",
            ),
        ] {
            assert_eq!(Regex::new(&text).map(drop), Err(why.to_owned()));
        }
    }
}
