//! Queries and their answers as text, in `tests/queries/*.txt`: a world, then what is asked of it; behind
//! `<` what was requested, how that was planned, and the rows.
//!
//! Each file runs in namespaces of its own, on the sandbox and, with `KAPI_TEST_KUBECONFIG`, on a real API
//! server. Both must give the text that the file has. `UPDATE_EXPECT=1` writes what they give.
//! `tests/queries/README.md` says how files are written.

mod recorded;
mod world;

use std::path::{Path, PathBuf};

use k8kat::client::{Error, K8Kat};
use k8kat::engine::message::{Cell, Row};
use k8kat::plan::Shape;
use kapi_tests::{Page, System};

use recorded::Recorded;
use world::World;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")
}

async fn check(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let read = std::fs::read_to_string(&path);
    let text = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let updates = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut first: Option<String> = None;
    for system in System::all().await {
        let found = run(&system, name, &text).await;
        let expected = match &first {
            _ if !updates => &text,
            Some(first) => first,
            None => &found,
        };
        let difference = difference(expected, &found);
        assert!(
            difference.is_empty(),
            "{name}.txt on the {}:\n{difference}",
            system.name
        );
        first.get_or_insert(found);
    }
    if let Some(first) = first.filter(|_| updates) {
        std::fs::write(&path, first).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// The lines that differ: `-` for those of the file.
fn difference(expected: &str, found: &str) -> String {
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let lines = expected.len().max(found.len());
    let differs = (0..lines).filter(|line| expected.get(*line) != found.get(*line));
    let pair = |line: usize| {
        let text = |lines: &[&str]| lines.get(line).copied().unwrap_or_default().to_owned();
        format!(
            "{}: - {}\n{}: + {}\n",
            line + 1,
            text(&expected),
            line + 1,
            text(&found)
        )
    };
    differs.take(20).map(pair).collect()
}

/// The file's text with what this system answers.
async fn run(system: &System, name: &str, text: &str) -> String {
    let mut world = World::new(system, name);
    let mut out = Vec::new();
    for line in text.lines() {
        if line.starts_with('<') {
            continue;
        }
        out.push(line.to_owned());
        match line.strip_prefix("> ") {
            Some(query) => {
                let answer = world.hide(&answer(system, &world.fill(query)).await);
                out.extend(answer.lines().map(|line| format!("< {line}")));
            }
            None if line.is_empty() || line.starts_with('#') => {}
            None => world.create(line).await,
        }
    }
    world.delete().await;
    out.join("\n") + "\n"
}

/// Requests, plan and rows.
async fn answer(system: &System, query: &str) -> String {
    let recorded = Recorded::new(system.http());
    let k8kat = K8Kat::new(recorded.clone());
    let chain = match k8kat.text(query) {
        Ok(chain) => chain,
        Err(error) => return error.to_string(),
    };
    let plucked = match &chain.query().output {
        Some(_) => Some(chain.values().await),
        None => None,
    };
    let found = match &plucked {
        Some(plucked) => plucked.clone().map(|_| Vec::new()),
        None => chain.all().await,
    };
    let plan = match chain.explain() {
        Ok(explained) => explained.plan,
        Err(error) => return problems(&error),
    };
    let mut lines = recorded.asked();
    let shown = plan.to_string();
    let decided = shown
        .lines()
        .filter(|line| line.starts_with(' ') || line.starts_with("to decide"));
    lines.extend(decided.map(|line| format!("  {}", line.trim_start())));
    lines.extend(match found {
        Err(error) => vec![error.to_string()],
        Ok(_) if !matches!(plan.shape, Shape::Objects) => {
            let shown = cells(system, query).await;
            if let Some(Ok(plucked)) = plucked {
                let rows: Vec<String> = plucked.iter().map(|row| row.join(" | ")).collect();
                assert_eq!(rows, shown[1..], "what {query} is for a program");
            }
            shown
        }
        Ok(found) if found.is_empty() => vec!["none".to_owned()],
        Ok(found) => found
            .iter()
            .map(|object| {
                let object = object.as_ref();
                let place = match &*object.namespace() {
                    "" => String::new(),
                    namespace => format!("{namespace}/"),
                };
                format!("{place}{}", object.name())
            })
            .collect(),
    });
    lines.join("\n")
}

fn problems(error: &Error) -> String {
    match error {
        Error::Query(problems) => {
            let lines = problems
                .iter()
                .map(|problem| format!("! {}", problem.message));
            lines.collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

/// The table as the page shows it.
async fn cells(system: &System, query: &str) -> Vec<String> {
    let mut page = Page::open(system.http());
    page.ask(query);
    page.until(query, |page| page.query.answered && page.is_live())
        .await;
    let heads: Vec<&str> = page
        .view
        .columns
        .iter()
        .map(|column| &*column.title)
        .collect();
    let row = |row: &Row| {
        row.cells
            .iter()
            .map(Cell::text)
            .collect::<Vec<_>>()
            .join(" | ")
    };
    let rows = page.rows.rows.iter().map(row);
    std::iter::once(heads.join(" | ")).chain(rows).collect()
}

macro_rules! files {
    ($($name:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            check(stringify!($name)).await;
        })*

        #[test]
        fn every_file_is_run() {
            assert_eq!(kapi_tests::texts(&folder()), [$(stringify!($name)),*]);
        }
    };
}

files! {
    figures
    labels
    names
    paths
    relations
    states
}
