//! The engine on a stage: inputs in, and what it wants done and shows as text.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::message::{FreshnessState, Intent, Update};
use super::*;

mod asking;
mod beside;
mod credentials;
mod events;
mod learning;
mod lists;
mod queries;
mod watches;

/// An engine, a clock, and a page that draws at once.
struct Stage {
    engine: Engine,
    now: Now,
    running: BTreeMap<RequestId, Request>,
    log: Vec<String>,
    shown: Update,
    /// Draws what it is told as soon as it is told.
    draws: bool,
}

impl Stage {
    fn new() -> Self {
        let mut stage = Self {
            engine: Engine::new(Settings {
                cluster: "demo".to_owned(),
                namespace: None,
                ..Settings::default()
            }),
            now: Now {
                monotonic_ms: 10_000,
                wall_ms: 10_000_000,
            },
            running: BTreeMap::new(),
            log: Vec::new(),
            shown: Update::default(),
            draws: true,
        };
        stage.intent(Intent::Window {
            first: 0,
            count: 50,
        });
        stage.log.clear();
        stage
    }

    fn input(&mut self, input: Input) {
        let effects = self.engine.handle(input, self.now);
        for effect in effects {
            match effect {
                Effect::Send { id, request } => {
                    let body = request.body.as_ref().map_or("", |_| " with a body");
                    self.log
                        .push(format!("> {} {}{body}", request.method, request.path));
                    self.running.insert(id, request);
                }
                Effect::Cancel { id } => {
                    let request = self
                        .running
                        .remove(&id)
                        .expect("only what runs is cancelled");
                    self.log.push(format!("x {}", request.path));
                }
                Effect::Update(update) => self.show(*update),
            }
        }
    }

    fn show(&mut self, update: Update) {
        let serial = update.serial;
        macro_rules! take { ($($part:ident),*) => { $(if update.$part.is_some() { self.shown.$part = update.$part; })* } }
        take!(
            query,
            view,
            rows,
            detail,
            yaml,
            kinds,
            freshness,
            cluster,
            completion,
            sign_in,
            read_namespaces
        );
        if self.draws {
            self.intent(Intent::Drawn { serial });
        }
    }

    fn intent(&mut self, intent: Intent) {
        self.input(Input::Intent(intent));
    }

    fn ask(&mut self, text: &str) {
        self.intent(Intent::Query {
            text: text.to_owned(),
            committed: true,
        });
    }

    fn typed(&mut self, text: &str) {
        self.intent(Intent::Query {
            text: text.to_owned(),
            committed: false,
        });
    }

    /// The request that runs and whose path begins and ends so.
    fn request(&self, start: &str) -> RequestId {
        let found = self
            .running
            .iter()
            .filter(|(_, request)| request.path.starts_with(start))
            .min_by_key(|(_, request)| request.path.len());
        let paths: Vec<_> = self.running.values().map(|request| &request.path).collect();
        *found
            .unwrap_or_else(|| panic!("{start} is not among {paths:?}"))
            .0
    }

    fn head(&mut self, start: &str, status: u16) -> RequestId {
        let id = self.request(start);
        let head = Head {
            status,
            date: Some("Thu, 01 Jan 1970 02:46:40 GMT".to_owned()),
            content_type: Some("application/json".to_owned()),
            ..Head::default()
        };
        self.input(Input::Head { id, head });
        id
    }

    fn answer(&mut self, start: &str, status: u16, body: &str) {
        let id = self.head(start, status);
        self.running.remove(&id);
        self.input(Input::Chunk {
            id,
            bytes: body.as_bytes().to_vec(),
        });
        self.input(Input::End { id });
    }

    fn chunk(&mut self, id: RequestId, text: &str) {
        self.input(Input::Chunk {
            id,
            bytes: text.as_bytes().to_vec(),
        });
    }

    /// Time passes, with a tick at each deadline.
    fn pass(&mut self, ms: u64) {
        let end = self.now.monotonic_ms + ms;
        while let Some(deadline) = self.engine.deadline().filter(|deadline| *deadline <= end) {
            let step = deadline.max(self.now.monotonic_ms) - self.now.monotonic_ms;
            self.advance(step);
            self.input(Input::Tick);
        }
        let rest = end - self.now.monotonic_ms;
        self.advance(rest);
    }

    /// Time passes until a request runs whose path begins so.
    fn until_asked(&mut self, start: &str) {
        while !self
            .running
            .values()
            .any(|request| request.path.starts_with(start))
        {
            self.pass(500);
        }
    }

    fn advance(&mut self, ms: u64) {
        self.now.monotonic_ms += ms;
        self.now.wall_ms += i64::try_from(ms).expect("a short time");
    }

    fn live(&mut self, query: &str, path: &str, items: &[String]) -> RequestId {
        self.ask(query);
        let sign = if path.contains('?') { '&' } else { '?' };
        self.answer(&format!("{path}{sign}limit"), 200, &list(items, "5", ""));
        self.head(&format!("{path}{sign}watch"), 200)
    }

    fn rows(&self) -> Vec<String> {
        let rows = self.shown.rows.iter().flat_map(|rows| &rows.rows);
        rows.map(|row| {
            row.cells
                .iter()
                .map(message::Cell::text)
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .collect()
    }

    fn names(&self) -> String {
        let rows = self.shown.rows.iter().flat_map(|rows| &rows.rows);
        rows.map(|row| row.path.clone())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn badge(&self) -> String {
        let freshness = self.shown.freshness.clone().unwrap_or_default();
        let line = format!(
            "{} {} | {}",
            freshness.word, freshness.detail, freshness.reason
        );
        line.trim_end().to_owned()
    }

    fn check(&mut self, expected: &Expect) {
        let mut lines = std::mem::take(&mut self.log);
        lines.extend(self.rows());
        if let Some(blank) = self
            .shown
            .view
            .as_ref()
            .and_then(|view| view.blank.as_ref())
        {
            lines.push(format!(
                "[{:?}] {} | {}",
                blank.state, blank.title, blank.text
            ));
        }
        lines.push(self.badge());
        expected.assert_eq(&lines.join("\n"));
    }
}

fn pod(name: &str, labels: &str, restarts: i64) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","uid":"u-{name}","labels":{{{labels}}},"creationTimestamp":"1970-01-01T02:45:00Z","resourceVersion":"7","managedFields":[{{"a":1}}]}},"spec":{{"nodeName":"n1","containers":[{{"name":"c","image":"i:1"}}]}},"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}],"containerStatuses":[{{"name":"c","ready":true,"restartCount":{restarts},"state":{{"running":{{}}}}}}]}}}}"#
    )
}

fn list(items: &[String], version: &str, token: &str) -> String {
    format!(
        r#"{{"kind":"PodList","metadata":{{"resourceVersion":"{version}","continue":"{token}"}},"items":[{}]}}"#,
        items.join(",")
    )
}

fn event(kind: &str, object: &str) -> String {
    format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")
}

fn status(code: u16, reason: &str, message: &str) -> String {
    format!(r#"{{"kind":"Status","reason":"{reason}","message":"{message}","code":{code}}}"#)
}
