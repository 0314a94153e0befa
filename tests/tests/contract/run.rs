//! Runs a script on a server and prints it with the answers it got.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use kube::Client;
use kube::client::Body;
use serde_json::Value;

use crate::json_text::{at, one_line, print};
use crate::kubectl;
use crate::script::{Action, Options, Script, Step};
use crate::server::Server;
use crate::socket::Events;
use crate::volatile::{Names, settle, settle_text};

const PATIENCE: Duration = Duration::from_secs(40);

pub(crate) struct Run<'a> {
    server: &'a Server,
    clients: HashMap<String, Client>,
    names: Names,
    watches: HashMap<String, Events>,
}

impl<'a> Run<'a> {
    /// The script's text with what this server answers.
    pub(crate) async fn of(script: &Script, server: &'a Server, name: &str) -> String {
        let mut run = Self {
            server,
            clients: HashMap::new(),
            names: Names::default(),
            watches: HashMap::new(),
        };
        for user in ["viewer", "developer", "nobody"] {
            if let Some(bearer) = server.bearer(user) {
                run.names.set(&format!("{user}_bearer"), bearer);
            }
        }
        // Just more than a body may hold: of much more, the server would not read the end.
        run.names.set("long", "x".repeat(3 << 20));
        run.names.set("team", server.team());
        let namespace = format!(
            "kapi-test-{}-{}",
            name.replace('_', "-"),
            std::process::id()
        );
        run.names.set("ns", namespace.clone());
        run.create_namespace(&namespace).await;
        let text = run.steps(script).await;
        run.request_text(
            "admin",
            "DELETE",
            &format!("/api/v1/namespaces/{namespace}"),
            &[],
            String::new(),
        )
        .await;
        text
    }

    /// Waits for what controllers put into a namespace, too.
    async fn create_namespace(&mut self, name: &str) {
        let body = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        let json = [("content-type".to_owned(), "application/json".to_owned())];
        let (head, text) = self
            .request_text(
                "admin",
                "POST",
                "/api/v1/namespaces",
                &json,
                body.to_string(),
            )
            .await;
        assert_eq!(head.status().as_u16(), 201, "{text}");
        for path in ["serviceaccounts/default", "configmaps/kube-root-ca.crt"] {
            let path = format!("/api/v1/namespaces/{name}/{path}");
            let started = Instant::now();
            while self
                .request_text("admin", "GET", &path, &[], String::new())
                .await
                .0
                .status()
                != 200
            {
                assert!(
                    started.elapsed() < PATIENCE,
                    "{path} is not there after {PATIENCE:?}"
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn steps(&mut self, script: &Script) -> String {
        let mut blocks = Vec::new();
        for block in &script.blocks {
            let mut lines = block.source.clone();
            if let Some(step) = &block.step {
                let answer = self.step(step).await;
                lines.extend(
                    answer
                        .iter()
                        .map(|line| format!("< {line}").trim_end().to_owned()),
                );
            }
            blocks.push(lines.join("\n"));
        }
        blocks.join("\n\n") + "\n"
    }

    async fn step(&mut self, step: &Step) -> Vec<String> {
        match &step.action {
            Action::Request { method, path } => self.request(step, method, path).await,
            Action::Watch { name, path } => self.open(step, name, path, false).await,
            Action::WebSocket { name, path } => self.open(step, name, path, true).await,
            Action::Events { name, count } => self.events(step, name, *count).await,
            Action::End { name } => self.events(step, name, usize::MAX).await,
            Action::Kubectl { arguments } => {
                let arguments = self.names.fill(arguments);
                let input = self.names.fill(&step.body);
                let lines = kubectl::run(self.server, &step.user, &arguments, &input).await;
                lines.iter().map(|line| self.plain(line)).collect()
            }
            Action::KubectlWatch { name, arguments } => {
                let arguments = self.names.fill(arguments);
                let lines = kubectl::watch(self.server, &step.user, &arguments);
                self.watches.insert(name.clone(), lines);
                Vec::new()
            }
            Action::Compact => {
                self.server.compact().await;
                self.clients.clear();
                Vec::new()
            }
        }
    }

    /// A line of kubectl's. The width of columns depends on what was in them, so it does not count.
    fn plain(&self, line: &str) -> String {
        let line = settle_text(line, &self.names);
        let indent = line.len() - line.trim_start().len();
        let columns: Vec<&str> = line[indent..]
            .split("  ")
            .map(str::trim)
            .filter(|column| !column.is_empty())
            .collect();
        format!("{}{}", &line[..indent], columns.join("  "))
    }

    async fn request(&mut self, step: &Step, method: &str, path: &str) -> Vec<String> {
        let (path, body) = (self.names.fill(path), self.names.fill(&step.body));
        let headers = self.headers(step, method, &body);
        let started = Instant::now();
        loop {
            let (head, text) = self
                .request_text(&step.user, method, &path, &headers, body.clone())
                .await;
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            let wanted = step.options.until.as_ref();
            let there = wanted.is_none_or(|(path, wanted)| {
                shown_at(&value, head.status().as_u16(), path) == *wanted
            });
            if there || started.elapsed() > PATIENCE {
                self.save(&step.options, &value);
                return self.answer(&head, &step.options, value);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn headers(&self, step: &Step, method: &str, body: &str) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> = step
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), self.names.fill(value)))
            .collect();
        let typed = headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !body.is_empty() && !typed {
            let kind = if method == "PATCH" {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        headers
    }

    fn save(&mut self, options: &Options, value: &Value) {
        for (name, path) in &options.save {
            let found = at(value, path).first().map(|found| text_of(found));
            self.names.set(
                name,
                found.unwrap_or_else(|| panic!("there is no {path} to save in {value}")),
            );
        }
    }

    fn answer(&self, head: &Response<()>, options: &Options, mut value: Value) -> Vec<String> {
        let mut lines = vec![first_line(head)];
        let wanted = [
            "warning",
            "retry-after",
            "location",
            "allow",
            "sec-websocket-protocol",
        ];
        for name in wanted
            .into_iter()
            .chain(options.headers.iter().map(String::as_str))
        {
            lines.extend(
                header_values(head.headers(), name)
                    .map(|value| format!("{name}: {}", self.names.hide(value))),
            );
        }
        settle(&mut value, &self.names);
        match failure(&value, head.status().as_u16()) {
            Some(failure) if options.show.is_none() => lines.extend(failure),
            _ => lines.extend(self.shown(&value, options)),
        }
        lines
    }

    fn shown(&self, value: &Value, options: &Options) -> Vec<String> {
        let Some(paths) = &options.show else {
            return match value {
                Value::String(text) => text.lines().map(str::to_owned).collect(),
                value => print(value).lines().map(str::to_owned).collect(),
            };
        };
        let lines = paths.iter().map(|path| {
            let mut found: Vec<Value> = at(value, path).into_iter().cloned().collect();
            if options.sort.contains(path) {
                found
                    .iter_mut()
                    .filter_map(Value::as_array_mut)
                    .for_each(|list| list.sort_by_key(one_line));
            }
            let text = match (found.as_slice(), path.contains('*')) {
                ([], false) => "absent".to_owned(),
                ([only], false) => print(only),
                (many, _) => print(&many.to_vec().into()),
            };
            format!("{path}: {text}")
        });
        lines
            .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }

    async fn open(
        &mut self,
        step: &Step,
        name: &str,
        path: &str,
        over_socket: bool,
    ) -> Vec<String> {
        let path = self.names.fill(path);
        let mut headers = self.headers(step, "GET", "");
        if over_socket {
            let handshake = [
                ("connection", "Upgrade"),
                ("upgrade", "websocket"),
                ("sec-websocket-version", "13"),
                ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ];
            let missing = handshake
                .iter()
                .filter(|(name, _)| !headers.iter().any(|(known, _)| known == name));
            let missing: Vec<_> = missing
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            headers.extend(missing);
        }
        let response = self
            .send(&step.user, "GET", &path, &headers, String::new())
            .await;
        let (parts, body) = response.into_parts();
        let head = Response::from_parts(parts.clone(), ());
        if parts.status == 101 {
            let events = Events::of_socket(Response::from_parts(parts, body)).await;
            self.watches.insert(name.to_owned(), events);
        } else if parts.status == 200 {
            self.watches.insert(name.to_owned(), Events::of_body(body));
        } else {
            let text = body_text(body).await;
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            return self.answer(&head, &step.options, value);
        }
        let nothing = Options {
            show: Some(Vec::new()),
            ..Options::default()
        };
        self.answer(&head, &nothing, Value::Null)
    }

    /// Up to `count` events, or to the end.
    async fn events(&mut self, step: &Step, name: &str, count: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for _ in 0..count {
            let events = self
                .watches
                .get_mut(name)
                .unwrap_or_else(|| panic!("there is no watch {name}"));
            let Some(line) = events.next().await else {
                lines.push("the end".to_owned());
                break;
            };
            let Ok(value) = serde_json::from_str::<Value>(&line) else {
                lines.push(self.plain(&line));
                continue;
            };
            self.save(&step.options, &value);
            lines.extend(self.event(value, &step.options));
        }
        lines
    }

    fn event(&self, mut value: Value, options: &Options) -> Vec<String> {
        settle(&mut value, &self.names);
        let kind = value["type"]
            .as_str()
            .unwrap_or("without a type")
            .to_owned();
        let shown = self
            .shown(&value["object"], options)
            .join(if options.show.is_some() { "  " } else { "\n" });
        format!("{kind} {shown}")
            .lines()
            .map(str::to_owned)
            .collect()
    }

    async fn request_text(
        &mut self,
        user: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: String,
    ) -> (Response<()>, String) {
        let response = self.send(user, method, path, headers, body).await;
        let (parts, body) = response.into_parts();
        (Response::from_parts(parts, ()), body_text(body).await)
    }

    async fn send(
        &mut self,
        user: &str,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: String,
    ) -> Response<Body> {
        if !self.clients.contains_key(user) {
            self.clients
                .insert(user.to_owned(), self.server.client(user).await);
        }
        let mut request = Request::builder().method(method).uri(uri(path));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Body::from(body.into_bytes()))
            .expect("a well-formed request");
        let answer = tokio::time::timeout(PATIENCE, self.clients[user].send(request)).await;
        let answer =
            answer.unwrap_or_else(|_| panic!("{method} {path}: no answer within {PATIENCE:?}"));
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }
}

/// A failure has much that is the same in all of them. What is so is left out; None: something is not.
fn failure(value: &Value, code: u16) -> Option<Vec<String>> {
    let mut members = value.as_object()?.clone();
    let always = serde_json::json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
    });
    for (name, value) in always.as_object()? {
        if members.remove(name).as_ref() != Some(value) {
            return None;
        }
    }
    let mut text = |name: &str| {
        members
            .remove(name)
            .map_or_else(|| "none".to_owned(), |value| text_of(&value))
    };
    let mut lines: Vec<String> = format!("{}: {}", text("reason"), text("message"))
        .lines()
        .map(str::to_owned)
        .collect();
    let mut causes = Value::Null;
    if let Some(Value::Object(details)) = members.get_mut("details") {
        causes = details.remove("causes").unwrap_or_default();
    }
    for (name, member) in members {
        lines.extend(
            format!("{name}: {}", print(&member))
                .lines()
                .map(str::to_owned),
        );
    }
    let causes = causes.as_array().into_iter().flatten();
    lines.extend(causes.map(|cause| format!("cause: {}", one_line(cause))));
    Some(lines)
}

async fn body_text(body: Body) -> String {
    let bytes = tokio::time::timeout(PATIENCE, body.collect())
        .await
        .expect("an end of the body")
        .expect("a whole body");
    String::from_utf8_lossy(&bytes.to_bytes()).into_owned()
}

fn first_line(head: &Response<()>) -> String {
    let kind = header_values(head.headers(), "content-type")
        .collect::<Vec<_>>()
        .join(", ");
    format!("{} {kind}", head.status().as_u16())
        .trim_end()
        .to_owned()
}

fn header_values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
}

fn shown_at(value: &Value, status: u16, path: &str) -> String {
    if path == "status" {
        return status.to_string();
    }
    at(value, path)
        .first()
        .map(|found| text_of(found))
        .unwrap_or_default()
}

fn text_of(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What a URI cannot hold is encoded; `%`, `&`, `+` and `#` are as the script has them.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
