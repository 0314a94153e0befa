//! Whatever is typed is read, and its canonical text reads as the same query. Pasted label selectors
//! are queries, too.
#![no_main]

use k8kat::query::Query;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = Query::parse(text);
    for problem in &parsed.problems {
        assert!(text.get(problem.span.start..problem.span.end).is_some());
    }
    let mut end = 0;
    for tile in &parsed.tiles {
        assert!(text.get(tile.span.start..tile.span.end).is_some());
        assert!(tile.span.start >= end, "tiles overlap");
        end = tile.span.end;
    }
    let written = parsed.query.to_string();
    let again = Query::parse(&written);
    assert_eq!(again.problems, [], "{written}");
    assert_eq!(again.query, parsed.query, "{written}");
    assert_eq!(again.query.to_string(), written);
});
