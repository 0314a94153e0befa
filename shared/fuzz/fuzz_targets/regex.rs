//! What is read as a regular expression is found where the library finds it: the first line is the
//! expression, and all is the text. What cannot be read is refused, and nothing takes long.
#![no_main]

use k8kat::value::regex::Regex;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (expression, within) = text.split_once('\n').unwrap_or((text, text));
    let Ok(own) = Regex::new(expression) else {
        return;
    };
    let found = own.is_match(within);
    assert_eq!(own.is_match(within), found);
    // Some of what is taken here the library refuses, such as two groups of one name.
    if let Ok(judge) = regex_lite::Regex::new(expression) {
        assert_eq!(found, judge.is_match(within), "/{expression}/ {within:?}");
    }
});
