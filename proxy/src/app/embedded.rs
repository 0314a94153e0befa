//! The files that the build script found.

use bytes::Bytes;

use super::asset::Asset;

struct Embedded {
    key: &'static str,
    plain: &'static [u8],
    br: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<title>Kapi</title>
<h1>The page is not built in</h1>
<p>The proxy runs, but it was built before the page. Run <code>./dev build</code> and start it again, or name a built
page with <code>--app DIR</code>.</p>
</html>
";

pub(super) fn assets() -> Vec<Asset> {
    if EMBEDDED.is_empty() {
        return vec![Asset::new(
            "index.html".to_owned(),
            Bytes::from_static(PLACEHOLDER.as_bytes()),
            None,
            None,
        )];
    }
    let asset = |file: &Embedded| {
        let variant = |bytes: Option<&'static [u8]>| bytes.map(Bytes::from_static);
        Asset::new(
            file.key.to_owned(),
            Bytes::from_static(file.plain),
            variant(file.br),
            variant(file.gzip),
        )
    };
    EMBEDDED.iter().map(asset).collect()
}
