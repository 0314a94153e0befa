//! One file of the page: its bytes, its type, its tag, and the policy it is served under.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;

pub(super) struct Asset {
    /// The path below the root, without a leading slash.
    pub(super) key: String,
    pub(super) policy: HeaderValue,
    plain: Bytes,
    br: Option<Bytes>,
    gzip: Option<Bytes>,
    hash: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Encoding {
    Plain,
    Brotli,
    Gzip,
}

impl Encoding {
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
        }
    }
}

impl Asset {
    pub(super) fn new(key: String, plain: Bytes, br: Option<Bytes>, gzip: Option<Bytes>) -> Self {
        let policy = policy(&key, &plain);
        let hash = sha256(&plain);
        Self {
            key,
            policy,
            plain,
            br,
            gzip,
            hash,
        }
    }

    pub(super) fn has_variants(&self) -> bool {
        self.br.is_some() || self.gzip.is_some()
    }

    /// The smallest variant that the client takes.
    pub(super) fn variant(&self, accept_encoding: &str) -> (Encoding, &Bytes) {
        match (&self.br, &self.gzip) {
            (Some(br), _) if accepts(accept_encoding, "br") => (Encoding::Brotli, br),
            (_, Some(gzip)) if accepts(accept_encoding, "gzip") => (Encoding::Gzip, gzip),
            _ => (Encoding::Plain, &self.plain),
        }
    }

    /// A strong tag names exact bytes, so each variant has its own.
    pub(super) fn etag(&self, encoding: Encoding) -> HeaderValue {
        let tag = format!(
            "\"{}{}\"",
            self.hash.get(..22).unwrap_or_default(),
            encoding.name().unwrap_or_default()
        );
        // Base64 always fits into a header.
        HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// Whether the name changes with the content, as the bundler's `name-<16 hexadecimal digits>.ext` does;
    /// it leaves out zeros in front.
    pub(super) fn is_hashed(&self) -> bool {
        let name = self.key.rsplit('/').next().unwrap_or_default();
        name.split('-').skip(1).any(|piece| {
            let digits = piece.bytes().take_while(u8::is_ascii_hexdigit).count();
            (12..=16).contains(&digits) && piece[digits..].starts_with(['.', '_'])
        })
    }

    pub(super) fn mime(&self) -> &'static str {
        match self.key.rsplit_once('.').map(|(_, ending)| ending) {
            Some("html") => "text/html; charset=utf-8",
            Some("js" | "mjs") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("wasm") => "application/wasm",
            Some("json") => "application/json",
            Some("webmanifest") => "application/manifest+json",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("ico") => "image/x-icon",
            Some("woff2") => "font/woff2",
            Some("txt") => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}

/// The asset with this key below `dir`, found by looking through what there is.
pub(super) fn read(dir: &Path, key: &str) -> Option<Asset> {
    let path = find(dir, dir, key)?;
    let bytes = std::fs::read(path).ok()?;
    Some(Asset::new(key.to_owned(), bytes.into(), None, None))
}

fn find(root: &Path, dir: &Path, key: &str) -> Option<std::path::PathBuf> {
    std::fs::read_dir(dir)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find_map(|path| {
            let found = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
            if path.is_dir() {
                find(root, &path, key).filter(|_| !path.is_symlink())
            } else {
                (found == key).then_some(path)
            }
        })
}

/// Whether an `Accept-Encoding` takes a coding by name; `*` is not worth guessing at.
fn accepts(accept_encoding: &str, coding: &str) -> bool {
    accept_encoding.split(',').any(|item| {
        let mut pieces = item.split(';').map(str::trim);
        let is_named = pieces
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = pieces.find_map(|piece| piece.strip_prefix("q="));
        is_named
            && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

/// Scripts and workers run under the policy of their own answer, so every file has one.
fn policy(key: &str, bytes: &[u8]) -> HeaderValue {
    let hashes = match key.ends_with(".html") {
        true => inline_scripts(&String::from_utf8_lossy(bytes))
            .iter()
            .map(|script| format!(" 'sha256-{script}'"))
            .collect(),
        false => String::new(),
    };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; worker-src 'self'; style-src 'self'; \
         connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    // Words and base64 always fit into a header.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The hashes of the scripts within a page: what the bundler writes to start the program.
fn inline_scripts(html: &str) -> Vec<String> {
    let mut hashes = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("<script") {
        let Some((attributes, after)) = after.split_once('>') else {
            break;
        };
        let Some((script, after)) = after.split_once("</script>") else {
            break;
        };
        if !attributes.contains("src=") {
            hashes.push(sha256(script.as_bytes()));
        }
        rest = after;
    }
    hashes
}

/// SHA-256 in base64, by the TLS library's own hash.
fn sha256(bytes: &[u8]) -> String {
    let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
    let digest = suite
        .tls13()
        .map(|suite| suite.common.hash_provider.hash(bytes));
    digest
        .map(|digest| STANDARD.encode(digest))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(key: &str, text: &'static str) -> Asset {
        let bytes = Bytes::from_static(text.as_bytes());
        Asset::new(
            key.to_owned(),
            bytes.clone(),
            Some(bytes.clone()),
            Some(bytes),
        )
    }

    #[test]
    fn the_hash_is_sha256() {
        assert_eq!(
            sha256(b"abc"),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
    }

    #[test]
    fn only_names_with_a_hash_never_change() {
        for (key, is_hashed) in [
            ("mosaic-0123456789abcdef.js", true),
            ("mosaic-0123456789abcdef_bg.wasm", true),
            ("snippets/x-0123456789abcdef.js", true),
            ("index.html", false),
            ("worker-script.js", false),
            ("base-b255301f566d2db.css", true),
            ("mosaic-01234567.js", false),
            ("mosaic-0123456789abcdef0.js", false),
            ("mosaic-0123456789abcdefg.js", false),
        ] {
            assert_eq!(asset(key, "").is_hashed(), is_hashed, "{key}");
        }
    }

    #[test]
    fn the_best_accepted_variant_is_chosen() {
        for (accept, encoding) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip", Encoding::Gzip),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("", Encoding::Plain),
            ("*", Encoding::Plain),
            ("brotli", Encoding::Plain),
        ] {
            assert_eq!(asset("a.js", "").variant(accept).0, encoding, "{accept:?}");
        }
    }

    #[test]
    fn inline_scripts_are_allowed_by_hash() {
        let page = asset(
            "index.html",
            "<script src=\"a.js\"></script><script type=\"module\">abc</script>",
        );
        let policy = page.policy.to_str().unwrap();
        assert_eq!(policy.matches("'sha256-").count(), 1);
        assert!(
            policy.contains("'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"),
            "{policy}"
        );
    }
}
