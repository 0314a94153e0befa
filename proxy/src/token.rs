//! The launch token: the secret that only the printed address carries.
//!
//! Loopback is no authentication: other users and any web page can reach it. The token is 256 random bits, new at
//! each start, and is neither logged nor given to another process.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

pub(crate) struct LaunchToken(String);

impl LaunchToken {
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits)?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bits)))
    }

    /// Takes the same time wherever the difference is.
    pub(crate) fn matches(&self, candidate: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(candidate).into()
    }

    /// For the address to open; nothing else may show it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_only_itself() {
        let (one, other) = (
            LaunchToken::generate().unwrap(),
            LaunchToken::generate().unwrap(),
        );
        assert_eq!(one.reveal().len(), 43);
        assert!(one.matches(one.reveal().as_bytes()));
        assert!(!one.matches(other.reveal().as_bytes()));
        assert!(!one.matches(b""));
        assert!(!one.matches(&one.reveal().as_bytes()[1..]));
    }
}
