//! The contract with the API server: what is asked, and what comes back, as text in `tests/contract/*.txt`.
//!
//! Each script runs in a namespace of its own, directly against the sandbox and, with `KAPI_TEST_KUBECONFIG`, against
//! a real API server. Both must give the text that the file has. `UPDATE_EXPECT=1` writes what the real one gives.
//! `tests/contract/README.md` says how scripts are written.

mod json_text;
mod kubectl;
mod run;
mod script;
mod server;
mod socket;
mod volatile;

use std::path::{Path, PathBuf};

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use run::Run;
use script::Script;
use server::Server;

/// Who makes the server forget its past, or restarts it, is alone with it.
static HISTORY: RwLock<()> = RwLock::const_new(());

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract")
}

async fn check(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let script = Script::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let _alone_or_not = if script.forgets() {
        Turn::Alone(HISTORY.write().await)
    } else {
        Turn::Beside(HISTORY.read().await)
    };
    for server in Server::all(&script).await {
        let answer = Run::of(&script, &server, name).await;
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &answer)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        } else {
            let difference = difference(&text, &answer);
            assert!(
                difference.is_empty(),
                "{name}.txt on the {}:\n{difference}",
                server.name
            );
        }
    }
}

/// The steps whose answers differ, with the lines that do: `-` for those of the file.
fn difference(expected: &str, actual: &str) -> String {
    let mut out = String::new();
    for (expected, actual) in expected
        .trim_end()
        .split("\n\n")
        .zip(actual.trim_end().split("\n\n"))
    {
        if expected == actual {
            continue;
        }
        let (expected, actual): (Vec<_>, Vec<_>) =
            (expected.lines().collect(), actual.lines().collect());
        let same = |line: &&str| expected.contains(line) && actual.contains(line);
        out.extend(
            expected
                .iter()
                .filter(|line| same(line))
                .map(|line| format!("  {line}\n")),
        );
        out.extend(
            expected
                .iter()
                .filter(|line| !same(line))
                .map(|line| format!("- {line}\n")),
        );
        out.extend(
            actual
                .iter()
                .filter(|line| !same(line))
                .map(|line| format!("+ {line}\n")),
        );
        out.push('\n');
    }
    out
}

/// Held, not read.
enum Turn {
    Alone(#[expect(dead_code)] RwLockWriteGuard<'static, ()>),
    Beside(#[expect(dead_code)] RwLockReadGuard<'static, ()>),
}

macro_rules! scripts {
    ($($name:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            check(stringify!($name)).await;
        })*

        #[test]
        fn every_script_is_run() {
            let mut run = vec![$(stringify!($name)),*];
            run.sort_unstable();
            assert_eq!(kapi_tests::texts(&folder()), run);
        }
    };
}

scripts! {
    custom_resources
    discovery
    expired
    field_selectors
    initial_events
    kubectl
    kubectl_users
    label_selectors
    list
    logs
    negotiation
    paging
    patches
    paths
    reviews
    tables
    users
    versions
    watch
    web_sockets
    writes
}
