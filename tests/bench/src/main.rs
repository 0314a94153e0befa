//! Writes lists of pods, reads one in one way, and asks queries of them: each in a process of its own,
//! whose memory is then nothing but that.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, ValueEnum};
use kapi_bench::engine::{Bench, MEASURES, Measure};
use kapi_bench::pods::{Size, bodies};
use kapi_bench::{Reading, Way};

/// As many bytes at a time as a browser hands over.
const CHUNK: usize = 64 * 1024;

/// Of so many runs the quickest is told: whatever else the machine does only adds to it.
const RUNS: usize = 7;

#[derive(Parser)]
enum Command {
    /// Write a list of pods in both encodings.
    Write {
        /// The folder to write `COUNT-SIZE.json` and `COUNT-SIZE.pb` into.
        folder: PathBuf,
        /// How many pods.
        count: usize,
        /// How large they are.
        size: PodSize,
    },
    /// Read a list in one way and print what it took, as JSON.
    Read {
        /// `store-protobuf`, `store-json`, `serde-lean`, `serde-json-value` or `k8s-openapi`.
        way: String,
        /// The file.
        file: PathBuf,
    },
    /// Ask queries and print what they took, as lines of JSON.
    Ask {
        /// A list of pods in protobuf.
        pods: PathBuf,
        /// One of fewer pods, which are joined with services.
        fewer: PathBuf,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum PodSize {
    Small,
    Large,
}

fn main() -> ExitCode {
    match run(Command::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kapi-bench-objects: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Write {
            folder,
            count,
            size,
        } => {
            let (size, name) = match size {
                PodSize::Small => (Size::Small, "small"),
                PodSize::Large => (Size::Large, "large"),
            };
            let bodies = bodies(count, size);
            let write = |ending: &str, body: &[u8]| {
                let path = folder.join(format!("{count}-{name}.{ending}"));
                fs::write(&path, body).map_err(|error| format!("{}: {error}", path.display()))
            };
            write("json", &bodies.json)?;
            write("pb", &bodies.protobuf)
        }
        Command::Read { way, file } => {
            let way = Way::named(&way).ok_or_else(|| format!("there is no way called {way}"))?;
            read(way, &file).map_err(|error| format!("{}: {error}", file.display()))
        }
        Command::Ask { pods, fewer } => {
            let read = |path: &PathBuf| {
                fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
            };
            ask(&mut Bench::new(&read(&pods)?, &read(&fewer)?));
            Ok(())
        }
    }
}

#[allow(clippy::print_stdout, reason = "the report is what it is for")]
fn read(way: Way, file: &PathBuf) -> std::io::Result<()> {
    let mut file = File::open(file)?;
    let mut chunk = vec![0; CHUNK];
    let mut reading = Reading::new(way);
    let before = memory("VmRSS:")?;
    let mut seconds = 0.0;
    let mut bytes = 0;
    loop {
        let length = file.read(&mut chunk)?;
        if length == 0 {
            break;
        }
        bytes += length;
        let start = Instant::now();
        reading.push(&chunk[..length]);
        seconds += start.elapsed().as_secs_f64();
    }
    let start = Instant::now();
    let report = reading.finish();
    seconds += start.elapsed().as_secs_f64();
    let peak = memory("VmHWM:")?.saturating_sub(before);
    println!(
        "{}",
        serde_json::json!({
            "objects": report.objects, "bytes": bytes, "ms": seconds * 1000.0, "peak": peak,
            "objectBytes": report.object_bytes, "columnBytes": report.column_bytes,
        })
    );
    drop(reading);
    Ok(())
}

/// Each measure runs so often that the clock can tell it.
#[allow(clippy::print_stdout, reason = "the report is what it is for")]
fn ask(bench: &mut Bench) {
    for measure in &MEASURES {
        let runs = (0..RUNS).map(|_| time(bench, measure));
        let quickest = runs.fold(f64::INFINITY, f64::min);
        let rows = bench.run(measure, 1);
        println!(
            "{}",
            serde_json::json!({
                "name": measure.name(), "us": quickest, "most": measure.most_us, "rows": rows,
            })
        );
    }
}

/// Microseconds.
fn time(bench: &mut Bench, measure: &Measure) -> f64 {
    let start = Instant::now();
    bench.run(measure, measure.times());
    start.elapsed().as_secs_f64() * 1e6 / measure.times() as f64
}

/// A line of `/proc/self/status`, in bytes.
fn memory(name: &str) -> std::io::Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    Ok(kilobytes.unwrap_or_default() * 1024)
}
