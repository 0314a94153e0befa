//! The law for what is followed: after everything that happens, the rows are the whole query evaluated
//! over what there is then.

use std::collections::{BTreeMap, VecDeque};

use k8kat::engine::message::{Cell, Freshness, FreshnessState, Intent, Row, Update};
use k8kat::engine::{Effect, Engine, Head, Input, Now, Request, RequestId, Settings};

use crate::chance::Chance;
use crate::once::{Case, cases, print, seed};
use crate::reference::{EVERYTHING, Reference};
use crate::server::{Asked, Rights, Server};
use crate::state::{NAMESPACES, NOW};

/// A page before a model of the API server.
struct Page {
    engine: Engine,
    server: Server,
    now: Now,
    wanted: VecDeque<(RequestId, Request)>,
    /// The watches that are open, and what each was told of so far.
    watches: BTreeMap<RequestId, (Asked, usize)>,
    rows: Vec<Row>,
    freshness: Freshness,
}

impl Page {
    fn open(server: Server, text: &str) -> Self {
        let since = NOW.as_millis();
        let mut page = Self {
            engine: Engine::new(Settings::default()),
            server,
            now: Now {
                monotonic_ms: 1000,
                wall_ms: i64::try_from(since).expect("a time of ours"),
            },
            wanted: VecDeque::new(),
            watches: BTreeMap::new(),
            rows: Vec::new(),
            freshness: Freshness::default(),
        };
        page.input(Input::Intent(Intent::Window {
            first: 0,
            count: 1000,
        }));
        page.input(Input::Intent(Intent::Query {
            text: text.to_owned(),
            committed: true,
        }));
        page.pass(2000);
        page
    }

    fn input(&mut self, input: Input) {
        for effect in self.engine.handle(input, self.now) {
            match effect {
                Effect::Send { id, request } => self.wanted.push_back((id, request)),
                Effect::Cancel { id } => {
                    self.wanted.retain(|(wanted, _)| *wanted != id);
                    self.watches.remove(&id);
                }
                Effect::Update(update) => self.draw(*update),
            }
        }
    }

    fn draw(&mut self, update: Update) {
        if let Some(rows) = update.rows {
            self.rows = rows.rows;
        }
        if let Some(freshness) = update.freshness {
            self.freshness = freshness;
        }
        self.input(Input::Intent(Intent::Drawn {
            serial: update.serial,
        }));
    }

    /// Answers what is wanted, but for watches, which stay open.
    fn answer(&mut self) {
        while let Some((id, request)) = self.wanted.pop_front() {
            let asked = self.server.read(&request).filter(|asked| asked.watches);
            let Some(asked) = asked else {
                let answer = self.server.answer(&request);
                self.input(Input::Head {
                    id,
                    head: answer.head(),
                });
                for chunk in answer.body.as_bytes().chunks(4096) {
                    self.input(Input::Chunk {
                        id,
                        bytes: chunk.to_vec(),
                    });
                }
                self.input(Input::End { id });
                continue;
            };
            let since = Server::since(&asked);
            let content_type = Some("application/json".to_owned());
            self.input(Input::Head {
                id,
                head: Head {
                    status: 200,
                    content_type,
                    ..Head::default()
                },
            });
            self.watches.insert(id, (asked, since));
            self.tell(id);
        }
    }

    /// Tells a watch what it has not heard yet.
    fn tell(&mut self, id: RequestId) {
        let Some((asked, since)) = self.watches.get_mut(&id) else {
            return;
        };
        let lines = self.server.events(asked, *since).unwrap_or_default();
        *since = self.server.now();
        for line in lines {
            self.input(Input::Chunk {
                id,
                bytes: line.into_bytes(),
            });
        }
    }

    /// Time passes, with a tick whenever the engine wants one.
    fn pass(&mut self, ms: u64) {
        let end = self.now.monotonic_ms + ms;
        self.answer();
        while self.now.monotonic_ms < end {
            let next = self
                .engine
                .deadline()
                .unwrap_or(end)
                .clamp(self.now.monotonic_ms + 1, end);
            self.now.wall_ms += i64::try_from(next - self.now.monotonic_ms).expect("a short time");
            self.now.monotonic_ms = next;
            self.input(Input::Tick);
            self.answer();
        }
    }

    /// Time passes until the badge says that everything is known again: a past that is gone again and
    /// again is waited for.
    fn recover(&mut self) {
        for _ in 0..30 {
            if self.freshness.state == FreshnessState::Live {
                break;
            }
            self.pass(1000);
        }
        self.pass(250);
    }

    /// Something happens in the cluster, of which the watches hear in any order.
    fn happen(&mut self, chance: &mut Chance) {
        self.server.change(chance);
        let mut ids: Vec<RequestId> = self.watches.keys().copied().collect();
        while !ids.is_empty() {
            let id = ids.swap_remove(chance.below(ids.len()));
            self.tell(id);
        }
    }

    /// A watch ends, or says that its past is gone.
    fn disturb(&mut self, chance: &mut Chance) {
        let ids: Vec<RequestId> = self.watches.keys().copied().collect();
        if ids.is_empty() {
            return;
        }
        let id = ids[chance.below(ids.len())];
        self.watches.remove(&id);
        if chance.one_in(2) {
            let gone = r#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","message":"too old resource version","code":410}}"#;
            self.input(Input::Chunk {
                id,
                bytes: format!("{gone}\n").into_bytes(),
            });
        } else {
            self.input(Input::End { id });
        }
    }

    /// The rows, as the reference has them.
    fn rows(&self) -> Vec<String> {
        let row = |row: &Row| {
            if row.path.is_empty() {
                row.cells
                    .iter()
                    .map(Cell::text)
                    .collect::<Vec<_>>()
                    .join(" | ")
            } else {
                row.path.clone()
            }
        };
        self.rows.iter().map(row).collect()
    }
}

fn expected(case: &Case, page: &Page) -> Vec<String> {
    let reference = Reference {
        state: &page.server.state,
        visible: EVERYTHING,
    };
    reference.answer(&case.query())
}

#[test]
fn what_is_followed_is_the_whole_query_evaluated() {
    let first = seed();
    for seed in first..first + cases(300) {
        let case = Case::random(seed);
        let mut chance = Chance::new(!seed);
        let mut server = case.server();
        server.minor = [30, 34][chance.below(2)];
        if chance.one_in(3) {
            server.refused = vec!["spec.nodeName", "type", "metadata.namespace"];
        }
        let mut page = Page::open(server, &case.text);
        // Whatever went wrong at first is tried again.
        page.pass(10_000);
        for step in 0..8 {
            let text = || {
                format!(
                    "case {seed}, step {step}: {}
{}
{:?}",
                    case.text,
                    print(&page.server.state),
                    page.freshness
                )
            };
            assert_eq!(page.rows(), expected(&case, &page), "{}", text());
            assert_eq!(page.freshness.state, FreshnessState::Live, "{}", text());
            for _ in 0..=chance.below(3) {
                page.happen(&mut chance);
            }
            if chance.one_in(4) {
                page.disturb(&mut chance);
                page.happen(&mut chance);
                page.pass(3000);
            }
            page.pass(250);
            page.recover();
        }
    }
}

#[test]
fn who_may_see_less_is_told_so() {
    let first = seed();
    for seed in first..first + cases(200) {
        let case = Case::random(seed);
        let mut chance = Chance::new(!seed);
        let allowed = chance.some(&NAMESPACES);
        let mut server = case.server();
        server.rights = Rights {
            namespaces: Some(allowed.clone()),
            ..Rights::default()
        };
        let mut page = Page::open(server, &case.text);
        page.pass(10_000);
        for step in 0..4 {
            let visible = Reference {
                state: &page.server.state,
                visible: &|kind, namespace| !kind.namespaced || allowed.contains(&namespace),
            };
            let text = || {
                let state = &page.server.state;
                format!(
                    "case {seed}, step {step}: {} in {allowed:?}\n{}\n{:?}",
                    case.text,
                    print(state),
                    page.freshness
                )
            };
            let is_whole = page.rows() == expected(&case, &page);
            assert!(
                is_whole || page.freshness.state != FreshnessState::Live,
                "{}",
                text()
            );
            if page.freshness.state == FreshnessState::Live {
                assert_eq!(page.rows(), visible.answer(&case.query()), "{}", text());
            }
            page.happen(&mut chance);
            page.pass(250);
        }
    }
}
