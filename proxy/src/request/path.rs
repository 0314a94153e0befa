//! Path hygiene: a path that two readers could read differently is refused, never repaired.
//!
//! The API server decodes a path before it authorises it, we compare it as it is. Object names never need any of
//! these; `%3A` and `%20` pass.

use super::{Exchange, Step};
use crate::fault::Fault;
use crate::site::Site;

pub(super) fn check(exchange: &mut Exchange, _: &Site) -> Step {
    match problem(exchange.parts.uri.path()) {
        Some(problem) => Err(Fault::bad_request(format!(
            "the path has {problem}, which kapi does not carry"
        ))
        .into()),
        None => Ok(()),
    }
}

fn problem(path: &str) -> Option<&'static str> {
    if !path.starts_with('/') {
        return Some("no / at its start");
    }
    if path.contains("//") {
        return Some("an empty segment");
    }
    if path
        .split('/')
        .any(|segment| segment == "." || segment == "..")
    {
        return Some("a dot segment");
    }
    if path.contains('\\') {
        return Some("a backslash");
    }
    if path
        .bytes()
        .any(|byte| !byte.is_ascii() || byte.is_ascii_control())
    {
        return Some("raw bytes that must be escaped");
    }
    for (at, _) in path.match_indices('%') {
        let digits = path
            .get(at + 1..at + 3)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            None => return Some("a malformed escape"),
            Some(b'.' | b'/' | b'\\' | b'%' | 0x00..=0x1f | 0x7f) => {
                return Some("an escaped dot, slash, percent or control byte");
            }
            Some(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::problem;
    use expect_test::{Expect, expect};

    fn check(paths: &[&str], expected: Expect) {
        let lines = paths
            .iter()
            .map(|path| format!("{path}: {}\n", problem(path).unwrap_or("ok")));
        expected.assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn paths() {
        check(
            &[
                "/clusters/a/api/v1/namespaces/x/pods",
                "/clusters/a/api/v1/nodes/system%3Anode%20x",
                "/clusters/a/..",
                "/clusters/a/./b",
                "/clusters/a/.hidden",
                "/clusters/a//b",
                "/clusters/a/%2e%2e/b",
                "/clusters/a/%2Fb",
                "/clusters/a/%5c",
                "/clusters/a/%25",
                "/clusters/a/%00",
                "/clusters/a/%7F",
                "/clusters/a/%+1",
                "/clusters/a/%4",
                "/clusters/a\\b",
                "/clusters/é",
            ],
            expect![[r#"
                /clusters/a/api/v1/namespaces/x/pods: ok
                /clusters/a/api/v1/nodes/system%3Anode%20x: ok
                /clusters/a/..: a dot segment
                /clusters/a/./b: a dot segment
                /clusters/a/.hidden: ok
                /clusters/a//b: an empty segment
                /clusters/a/%2e%2e/b: an escaped dot, slash, percent or control byte
                /clusters/a/%2Fb: an escaped dot, slash, percent or control byte
                /clusters/a/%5c: an escaped dot, slash, percent or control byte
                /clusters/a/%25: an escaped dot, slash, percent or control byte
                /clusters/a/%00: an escaped dot, slash, percent or control byte
                /clusters/a/%7F: an escaped dot, slash, percent or control byte
                /clusters/a/%+1: a malformed escape
                /clusters/a/%4: a malformed escape
                /clusters/a\b: a backslash
                /clusters/é: raw bytes that must be escaped
            "#]],
        );
    }
}
