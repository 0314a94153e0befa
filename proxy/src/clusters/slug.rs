//! Slugs: the context names as they stand in addresses.
//!
//! A slug depends only on the set of context names, not on their order, so that a bookmark survives an added
//! context.

use std::collections::HashSet;

/// One slug per name, in the same order: unique, not empty, of `a-z`, `0-9` and `-`.
pub(super) fn slugs(names: &[&str]) -> Vec<String> {
    let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let shared = |slug: &String| plain.iter().filter(|other| *other == slug).count() > 1;
    // A name that is its own slug always keeps it; of others with the same slug each gets a mark of its full name.
    let marked = names
        .iter()
        .zip(&plain)
        .map(|(name, slug)| match shared(slug) && name != slug {
            true => format!("{slug}-{:06x}", fingerprint(name) & 0xff_ffff),
            false => slug.clone(),
        });
    let mut taken = HashSet::new();
    marked
        .map(|slug| {
            let mut unique = slug.clone();
            let mut count = 1;
            while !taken.insert(unique.clone()) {
                count += 1;
                unique = format!("{slug}-{count}");
            }
            unique
        })
        .collect()
}

fn plain(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        match letter.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9') => slug.push(letter),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    match slug.trim_end_matches('-') {
        "" => "cluster".to_owned(),
        slug => slug.to_owned(),
    }
}

/// FNV-1a: the standard library promises no hash that stays the same from one release to the next.
fn fingerprint(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(names: &[&str], expected: Expect) {
        expected.assert_eq(&slugs(names).join("\n"));
    }

    #[test]
    fn names_become_slugs() {
        check(
            &[
                "prod",
                "admin@Kind_1",
                "arn:aws:eks:eu-west-1:123:cluster/blue",
                "…",
                "--",
            ],
            expect![[r#"
                prod
                admin-kind-1
                arn-aws-eks-eu-west-1-123-cluster-blue
                cluster-8c119b
                cluster-cd1d0f"#]],
        );
    }

    #[test]
    fn equal_slugs_are_told_apart() {
        check(
            &["a_b", "a-b", "a.b"],
            expect![[r#"
            a-b-a46871
            a-b
            a-b-8bf50c"#]],
        );
        check(
            &["a.b", "a-b", "a_b"],
            expect![[r#"
            a-b-8bf50c
            a-b
            a-b-a46871"#]],
        );
    }
}
