//! Embeds the built page: every file of `dist/`, with compressed variants, as a table for `src/app/embedded.rs`.
//!
//! Without a built page the table holds one that says how to build it, so that the proxy always builds.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What compresses; images and fonts already are.
const TEXTUAL: [&str; 9] = [
    "html",
    "js",
    "mjs",
    "css",
    "json",
    "svg",
    "wasm",
    "txt",
    "webmanifest",
];

fn main() -> io::Result<()> {
    let dist = Path::new(&variable("CARGO_MANIFEST_DIR")?).join("../dist");
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    // What is not there counts as changed, so that every build would compile the proxy again; an empty directory is
    // there, and changes when the page is built. Where it cannot be made, builds are slower and still right.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &mut files)?;
        files.sort();
    }
    let mut table = String::from("static EMBEDDED: &[Embedded] = &[\n");
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        let key = file
            .strip_prefix(&dist)
            .map_err(io::Error::other)?
            .to_string_lossy()
            .replace('\\', "/");
        entry(&mut table, &key, file, &out)?;
    }
    table.push_str("];\n");
    fs::write(out.join("embedded.rs"), table)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(io::Error::other)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() {
            // So that a file added there is seen.
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn entry(table: &mut String, key: &str, file: &Path, out: &Path) -> io::Result<()> {
    let bytes = fs::read(file)?;
    let is_textual = file
        .extension()
        .is_some_and(|ending| TEXTUAL.iter().any(|textual| *textual == ending));
    let plain = store(out, key, "plain", &bytes)?;
    let variant = |name: &str, compressed: Vec<u8>| -> io::Result<String> {
        // A variant that saves nothing is not worth its bytes.
        if !is_textual || compressed.len() >= bytes.len() {
            return Ok("None".to_owned());
        }
        Ok(format!(
            "Some(include_bytes!({:?}))",
            store(out, key, name, &compressed)?
        ))
    };
    let br = if is_textual {
        variant("br", brotli(&bytes)?)?
    } else {
        "None".to_owned()
    };
    let gzip = if is_textual {
        variant("gz", gzip(&bytes)?)?
    } else {
        "None".to_owned()
    };
    writeln!(
        table,
        "    Embedded {{ key: {key:?}, plain: include_bytes!({plain:?}), br: {br}, gzip: {gzip} }},"
    )
    .map_err(io::Error::other)
}

fn store(out: &Path, key: &str, variant: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    let path = out.join(variant).join(key);
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(&path, bytes)?;
    Ok(path)
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    // The best takes long in an unoptimised build script, and only a release is sent over networks.
    let quality = if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        11
    } else {
        5
    };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
