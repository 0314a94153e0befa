//! kubectl on a server.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::server::Server;
use crate::socket::Events;

const PATIENCE: Duration = Duration::from_secs(60);

/// What it prints: its output, its errors, and its exit code if that is not 0.
pub(crate) async fn run(server: &Server, user: &str, arguments: &str, input: &str) -> Vec<String> {
    let mut child = start(server, user, arguments);
    let mut stdin = child.stdin.take().expect("a pipe");
    // One that does not read its input is free to do so.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let done = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
    let done = done
        .unwrap_or_else(|_| panic!("kubectl {arguments} did not end"))
        .expect("kubectl ends");
    let mut lines: Vec<String> = Vec::new();
    for output in [&done.stdout, &done.stderr] {
        lines.extend(String::from_utf8_lossy(output).lines().map(str::to_owned));
    }
    if let Some(code) = done.status.code().filter(|code| *code != 0) {
        lines.push(format!("exit code {code}"));
    }
    lines
}

/// The lines that it prints until it is dropped: of `get --watch`, which does not end by itself.
pub(crate) fn watch(server: &Server, user: &str, arguments: &str) -> Events {
    let mut child = start(server, user, arguments);
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let lines = futures_util::stream::unfold((child, lines), async |(child, mut lines)| {
        let line = lines.next_line().await.ok()??;
        Some((line, (child, lines)))
    });
    Events::of_lines(lines)
}

fn start(server: &Server, user: &str, arguments: &str) -> Child {
    let program =
        kapi_tests::kubectl().expect("kubectl is there: scripts that need it are skipped without");
    Command::new(program)
        .env("KUBECONFIG", &server.kubeconfig)
        .env("KUBERC", "off")
        .args(["--context", &format!("kapi-{user}"), "--cache-dir"])
        .arg(server.files.path().join("kubectl"))
        .args(words(arguments))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("kubectl starts")
}

/// As a shell would split them, with single quotes only.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
