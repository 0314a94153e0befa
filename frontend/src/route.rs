//! The address: `./?c=<cluster>&q=<query>&o=<object's path>`, read and written.

/// What the address says is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Route {
    /// A cluster's slug; without one the current cluster is opened.
    pub(crate) cluster: Option<String>,
    /// The query.
    pub(crate) query: Option<String>,
    /// The opened object.
    pub(crate) object: Option<String>,
}

impl Route {
    /// Reads `location.search`. What it does not know it leaves out.
    pub(crate) fn parse(search: &str) -> Self {
        let mut route = Self::default();
        for pair in search.trim_start_matches('?').split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = Some(decode(value)).filter(|value| !value.is_empty());
            match key {
                "c" => route.cluster = value,
                "q" => route.query = value,
                "o" => route.object = value,
                _ => {}
            }
        }
        route
    }

    /// A relative address, so the page may lie in any folder.
    pub(crate) fn href(&self) -> String {
        let parts = [
            ("c", &self.cluster),
            ("q", &self.query),
            ("o", &self.object),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", encode(value.as_ref()?))))
            .collect();
        format!("./?{}", parts.join("&"))
    }
}

/// The value of `token` in a fragment (`#token=…`).
pub(crate) fn token_of_fragment(fragment: &str) -> Option<String> {
    let mut pairs = fragment.trim_start_matches('#').split('&');
    let token = decode(pairs.find_map(|pair| pair.strip_prefix("token="))?);
    Some(token).filter(|token| !token.is_empty())
}

/// Leaves everything readable that browsers leave as it is in a query.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => encoded.push(char::from(byte)),
            b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b',' | b'!' | b'*' | b'(' | b')' | b'='
            | b'@' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(route: [&str; 3], href: &str) {
        let [cluster, query, object] =
            route.map(|part| Some(part.to_owned()).filter(|part| !part.is_empty()));
        let route = Route {
            cluster,
            query,
            object,
        };
        assert_eq!(route.href(), href);
        assert_eq!(Route::parse(href.trim_start_matches("./")), route);
    }

    #[test]
    fn what_is_written_is_read_again() {
        check(["", "", ""], "./?");
        check(
            [
                "local",
                "pods ns:prod app=web restarts:>5 sort:-age",
                "pods/prod/web-1",
            ],
            "./?c=local&q=pods+ns:prod+app=web+restarts:%3E5+sort:-age&o=pods/prod/web-1",
        );
        check(
            ["", "a+b&c=d%20 \"é\"", ""],
            "./?q=a%2Bb%26c=d%2520+%22%C3%A9%22",
        );
    }

    #[test]
    fn foreign_addresses_are_read_too() {
        let route = Route::parse("?x=1&q=pods%20ns%3Aprod&o=&%%%&c");
        assert_eq!(route.query.as_deref(), Some("pods ns:prod"));
        assert_eq!((route.cluster, route.object), (None, None));
    }

    #[test]
    fn tokens_come_in_the_fragment() {
        for (fragment, token) in [
            ("", None),
            ("#", None),
            ("#token=", None),
            ("#token=abc-_1", Some("abc-_1")),
            ("#x=1&token=a%2Fb", Some("a/b")),
        ] {
            assert_eq!(token_of_fragment(fragment).as_deref(), token, "{fragment}");
        }
    }
}
