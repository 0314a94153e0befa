//! Whatever is read as a path or as a template is followed and filled in, and a path's canonical
//! text reads as the same path.
#![no_main]

use k8kat::value::jsonpath::{Path, Template};
use k8kat::value::Value;
use libfuzzer_sys::fuzz_target;

const SECRET: &[u8] = include_bytes!("../../schema/pairs/core.v1.Secret.1.pb");

const JSON: &[u8] = br#"{"a":[{"b":"c","n":1},{"b":"d","n":2.5,"l":[[0,1],[],[null,true]]}],"b":{"a.b/c":"x","n":null},"c":"text"}"#;

fuzz_target!(|text: &str| {
    let values = [Value::json(JSON), Value::enveloped(SECRET)];
    match Path::parse(text) {
        Ok(path) => {
            let written = path.to_string();
            assert_eq!(Path::parse(&written), Ok(path.clone()), "{written}");
            for value in values {
                let found = path.values(value);
                assert!(found.iter().all(|value| value.is_present()));
            }
        }
        Err(problem) => assert!(text.get(problem.range).is_some()),
    }
    if let Ok((path, end)) = Path::parse_braced(text) {
        let braced = text.get(..end).map(Path::parse);
        assert_eq!(braced, Some(Ok(path)));
    }
    if let Ok(template) = Template::parse(text) {
        for value in values {
            let _ = template.print(value);
        }
    }
});
