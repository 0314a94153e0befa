use proptest::prelude::*;
use regex_lite::Regex as Judge;

use super::Regex;

fn finds(text: &str, within: &str) -> bool {
    Regex::new(text).unwrap().is_match(within)
}

/// Each expression, texts that it is found in, and others.
#[test]
fn syntax() {
    let check = |text: &str, found: &[&str], others: &[&str]| {
        for within in found {
            assert!(finds(text, within), "/{text}/ {within:?}");
        }
        for within in others {
            assert!(!finds(text, within), "/{text}/ {within:?}");
        }
    };
    check("", &["", "anything"], &[]);
    check(
        "ngin?x:1\\.[0-9]+",
        &["docker.io/nginx:1.25"],
        &["nginx:1x2"],
    );
    check("^nginx", &["nginx:1"], &["docker.io/nginx:1"]);
    check("nginx$", &["docker.io/nginx"], &["nginx:1"]);
    check("a|bc|", &[""], &[]);
    check("^(a|bc|d)$", &["a", "bc", "d"], &["", "b", "ad"]);
    check("^(?:ab)*c", &["c", "ababc"], &["abac"]);
    check("^a{2,3}$", &["aa", "aaa"], &["a", "aaaa"]);
    check("^(ab){2}$", &["abab"], &["ab", "ababab"]);
    check("^a{ 2 , 3 }$", &["aa", "aaa"], &["a"]);
    check("^a{0}b{0,0}$", &[""], &["a", "b"]);
    check("^a{0,2}?b+?c??$", &["b", "aabbc"], &["aaab"]);
    check("^.$", &["a", "é", "\u{1F600}"], &["", "\n", "ab"]);
    check("(?s)^.$", &["\n"], &["\n\n"]);
    check("(?m)^b$", &["a\nb\nc"], &["ab"]);
    check("\\Ab\\z", &["b"], &["a\nb", "b\n"]);
    check("(?i)NGINX-é", &["nginx-é"], &["nginx-É"]);
    check("(?i:A)b", &["ab"], &["aB"]);
    check("((?i)a)b", &["Ab"], &["AB"]);
    check("(?i)[^a]", &["b"], &["a", "A"]);
    check("(?x) a b # both\n [ c d ] {2}", &["abcd"], &["a b cd"]);
    check("(?x)(?-x)a b", &["a b"], &["ab"]);
    check("^[\\w-]+$", &["a-1_B"], &["a b", "é"]);
    check("^\\W\\D\\S$", &["- é"], &["- 1 "]);
    check("[]a]", &["]"], &["b"]);
    check("[^]a]", &["b"], &["]"]);
    check("^[a-c-e]$", &["-", "e"], &["d"]);
    check("^[[:upper:][:^ascii:]]$", &["A", "é"], &["a"]);
    check("\\bweb\\b", &["a web b", "web-1"], &["website"]);
    check("we\\Bb", &["web"], &["we b"]);
    check("\\<a\\>", &["b a"], &["ba", "ab"]);
    check("\\x41\\u00e9\\x{1F600}", &["Aé\u{1F600}"], &["A"]);
    check("\\.\\/\\-\\ \\t", &["./- \t"], &["a/- \t"]);
    check("(?<name>a)(?P<_b>b)", &["ab"], &["ba"]);
}

#[test]
fn problems() {
    let long = "a".repeat(5000);
    let deep = "(".repeat(4000);
    for (text, why) in [
        ("(", "a parenthesis is not closed"),
        ("(?i", "a parenthesis is not closed"),
        ("(?<a", "a parenthesis is not closed"),
        ("a)", "a parenthesis is closed that is not open"),
        ("[a", "a bracket is not closed"),
        ("[]", "a bracket is not closed"),
        ("*", "there is nothing before it that could be repeated"),
        ("a|{2}", "there is nothing before it that could be repeated"),
        ("a{", "a number is missing in a brace"),
        ("a{,2}", "a number is missing in a brace"),
        ("a{2", "a brace is not closed"),
        ("a{2,1}", "the most is less than the least"),
        (
            "[z-a]",
            "a range in brackets goes from one character to a later one",
        ),
        (
            "[a-\\d]",
            "a range in brackets goes from one character to a later one",
        ),
        ("[\\b]", "a place between characters stands in brackets"),
        ("[[:all:]]", "no set of characters has this name"),
        (
            "[a[b]]",
            "sets of characters cannot be nested, intersected or subtracted",
        ),
        (
            "[a&&b]",
            "sets of characters cannot be nested, intersected or subtracted",
        ),
        ("a\\", "a backslash ends it"),
        (
            "\\1",
            "a backslash stands before what has no meaning with one",
        ),
        (
            "\\pL",
            "a backslash stands before what has no meaning with one",
        ),
        (
            "\\xZ",
            "a number of a character is none, as in \\x7F or \\x{1F600}",
        ),
        (
            "\\x{110000}",
            "a number of a character is none, as in \\x7F or \\x{1F600}",
        ),
        ("(?<1>a)", "a group has a name that is none"),
        ("(?=a)", "it cannot look ahead or behind"),
        (
            "(?)",
            "its flags are none of i, m, s, x, U and u, as in (?i) or (?m-s:…)",
        ),
        (
            "(?i-)",
            "its flags are none of i, m, s, x, U and u, as in (?i) or (?m-s:…)",
        ),
        ("a{99999}", "it is too large"),
        ("a{0,99999999999999999999}", "it is too large"),
        ("((a{0,1000}){0,1000}){0,1000}", "it is too large"),
        (&deep, "its groups are nested too deeply"),
        (&long, "a regular expression has at most 4096 bytes"),
    ] {
        assert_eq!(Regex::new(text).map(drop), Err(why.to_owned()), "{text}");
    }
}

/// The text needs more states than are kept at once.
#[test]
fn what_was_forgotten_is_made_again() {
    let regex = Regex::new("^(a|b)*a(a|b){99}$").unwrap();
    let mut text = String::new();
    let mut chance = 1u32;
    for _ in 0..20_000 {
        chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(if chance >> 31 == 0 { 'a' } else { 'b' });
    }
    for wanted in ["a", "b"] {
        let at = text.len() - 100;
        text.replace_range(at..=at, wanted);
        assert_eq!(regex.is_match(&text), wanted == "a");
    }
}

/// Texts of what decides something.
fn within() -> impl Strategy<Value = String> {
    "[aAbBzZ09_\\-. \n\té\u{17f}\u{212a}\u{1F600}]{0,12}"
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "B", "0", "-", "_", "é", "\n", "ab", "-0"]),
        3 => prop::sample::select(vec![".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S"]),
        3 => prop::sample::select(vec!["^", "$", "\\A", "\\z", "\\b", "\\B", "\\<", "\\>"]),
        3 => prop::sample::select(vec![
            "[ab]", "[^ab]", "[a-z]", "[^A-Z0-9]", "[\\w.]", "[\\W]", "[^\\S]", "[]a]", "[^-a]",
            "[[:alpha:]]", "[[:^upper:]-]", "[^[:punct:]\\n]", "[ a ]",
        ]),
        1 => prop::sample::select(vec!["\\.", "\\x41", "\\u00e9", "\\x{1F600}", "\\n", " ", "#"]),
        1 => Just(""),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 4, |inner| {
        let times = prop::sample::select(vec![
            "*",
            "+",
            "?",
            "*?",
            "+?",
            "??",
            "{2}",
            "{0}",
            "{1,}",
            "{0,2}",
            "{2,3}?",
            "{ 1 , 2 }",
        ]);
        let open = prop::sample::select(vec![
            "(", "(?:", "(?i:", "(?s:", "(?m:", "(?x:", "(?-i:", "(?im-s:", "(?U:", "((?i)",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join("|")),
            (open.clone(), inner.clone()).prop_map(|(open, inner)| [open, &inner, ")"].concat()),
            (open, inner, times)
                .prop_map(|(open, inner, times)| [open, &inner, ")", times].concat()),
        ]
    })
}

/// Pieces in no order: most of this is no expression.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "B",
        "0",
        "é",
        "-",
        " ",
        "#",
        "\n",
        "(",
        "(",
        ")",
        ")",
        "(?:",
        "(?i)",
        "(?x)",
        "(?",
        ":",
        "i",
        "(?m-",
        "|",
        "*",
        "+",
        "?",
        "{",
        "}",
        "{2}",
        "{1,",
        ",",
        "[",
        "[",
        "]",
        "]",
        "^",
        "$",
        ".",
        "\\",
        "\\d",
        "\\W",
        "\\b",
        "\\A",
        "[:alpha:]",
        "[:^digit:]",
        "&",
        "~",
        "\\x",
        "41",
        "\\u{e9}",
        "(?<n>",
        "<",
        ">",
        "=",
    ]);
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

/// What the other refuses and this takes, which hurts nobody.
const LENIENT: [&str; 3] = [
    // Of a letter by its number, where cases are the same.
    "character class ranges must start and end with a single character",
    "duplicate capture group name",
    "pattern has too much nesting",
];

fn compare(text: &str, texts: &[String]) -> Result<(), TestCaseError> {
    match (Regex::new(text), Judge::new(text)) {
        (Ok(own), Ok(judge)) => {
            for within in texts {
                let found = judge.is_match(within);
                prop_assert_eq!(own.is_match(within), found, "/{}/ {:?}", text, within);
            }
        }
        (Ok(_), Err(error)) => prop_assert!(
            LENIENT.contains(&error.to_string().as_str()),
            "/{}/ {}",
            text,
            error
        ),
        (Err(error), Ok(_)) => prop_assert_eq!(error, "it is too large", "/{}/", text),
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn finds_what_the_library_finds(text in expression(), texts in prop::collection::vec(within(), 8)) {
        compare(&text, &texts)?;
    }

    #[test]
    fn reads_what_the_library_reads(text in pieces(), texts in prop::collection::vec(within(), 2)) {
        compare(&text, &texts)?;
    }
}
