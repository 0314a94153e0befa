//! Freshness under fire: pages follow queries while pods change and everything fails. Whenever a
//! page says that it is live, its rows are what was true a moment ago; whatever it says, rows do
//! not vanish; and when the faults are over, it comes to the truth by itself.
//!
//! The pages' clocks run fast, so that what they wait for in minutes comes in seconds.
//! `KAPI_TEST_SECONDS` says for how long they suffer.

mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use k8kat::engine::message::Intent;
use kapi_sandbox::Options;
use kapi_tests::{Page, Sockets, System, chance};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use world::{State, World, tag};

const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// The tests of this file take all the time that there is, so they run one after the other.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
/// How much faster the clocks of pages run.
const SPEED: u32 = 10;
/// For so long a page may not know yet what was made, and say that it is live: what it takes to
/// carry, read and draw a change on a machine that has other things to do, too.
const MOMENT: Duration = Duration::from_millis(1500);
/// For so long may be on its way what was missed, after a watch is open again, where nothing else
/// is slow: by the pages' clocks that is long.
const ON_ITS_WAY: Duration = Duration::from_millis(500);
/// A page that had no time for so long has had none to draw what happened meanwhile.
const STALL: Duration = Duration::from_millis(250);
/// For so long it may call a watch live of which nothing is heard (the engine's own limit is 75
/// seconds, by its clock).
const SILENCE: Duration = Duration::from_millis(75_000 / SPEED as u64);
/// How long the truth may take when the faults are over.
const RECOVERY: Duration = Duration::from_secs(30);

/// A query, and what it is about.
struct Asked {
    text: fn(&World) -> String,
    /// Whether a pod (namespace/name) is in its answer.
    matches: fn(&World, &str, &State) -> bool,
}

const QUERIES: &[Asked] = &[
    // In pages: there are more than one page's pods.
    Asked {
        text: |_| "pods".to_owned(),
        matches: |_, _, _| true,
    },
    // By two scans.
    Asked {
        text: |world| format!("pods ns:{}", world.namespaces.join(",")),
        matches: |_, _, _| true,
    },
    // Selected by the server.
    Asked {
        text: |world| format!("pods ns:{} app=web", world.namespaces[0]),
        matches: |world, pod, state| world.is_first(pod) && state.app == "web",
    },
    // Selected here.
    Asked {
        text: |world| format!("pods ns:{} image:*3,*5,*0", world.namespaces[0]),
        matches: |world, pod, state| world.is_first(pod) && [0, 3, 5].contains(&(state.tag % 10)),
    },
];

impl World {
    fn is_first(&self, pod: &str) -> bool {
        pod.starts_with(&format!("{}/", self.namespaces[0]))
    }
}

/// A page and what it was asked.
struct Watcher {
    page: Page,
    asked: &'static Asked,
    /// Whether it has shown a whole answer to that.
    answered: bool,
    /// When it was looked at last.
    looked: Instant,
    /// Since when it says that it is live and is not.
    wrong: Option<Instant>,
    /// What it said last.
    word: String,
    /// Whether it said anything else than that it is live.
    faltered: bool,
}

/// The pages, what is true, and what was done to them.
struct Trial {
    /// Who changes the world.
    writer: tokio::task::JoinHandle<()>,
    world: World,
    watchers: Vec<Watcher>,
    sockets: Sockets,
    random: ChaCha8Rng,
    /// When watches fell silent last.
    silent: Option<Instant>,
    began: Instant,
    live: u32,
    looks: u32,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_live_is_true() {
    let _alone = ALONE.lock().await;
    let options = Options {
        lively: false,
        pods: 530,
        faults: true,
        ..Options::default()
    };
    let mut trial = Trial::begin(System::sandbox(options).await).await;
    let end = Instant::now() + seconds(60);
    for round in 0.. {
        if Instant::now() > end {
            break;
        }
        trial.suffer_sandbox().await;
        if round % 4 == 1 {
            trial.suffer_silence().await;
        }
        trial.recover().await;
    }
    trial.end().await;
}

/// The API server of this checkout's own cluster is killed and started again, at times with its
/// history gone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_live_is_true_of_a_server_that_is_killed() {
    let _alone = ALONE.lock().await;
    let Some(system) = System::real().await else {
        return;
    };
    let ours = Path::new(CHECKOUT).join(".cluster/kubeconfig");
    if ours.canonicalize().ok()
        != system
            .kubeconfig
            .as_ref()
            .and_then(|file| file.canonicalize().ok())
    {
        eprintln!("skipped: this API server is not ours to kill");
        return;
    }
    // Pods on a node that does not exist are collected after a while.
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "nobody"}});
    system.send("POST", "/api/v1/nodes", Some(node)).await;
    let mut trial = Trial::begin(system).await;
    for forgetting in [false, true, true] {
        trial.suffer_restart(forgetting).await;
        trial.recover().await;
    }
    let system = Arc::clone(&trial.world.system);
    trial.end().await;
    system.send("DELETE", "/api/v1/nodes/nobody", None).await;
}

fn seconds(ordinary: u64) -> Duration {
    let asked = std::env::var("KAPI_TEST_SECONDS").ok();
    let asked = asked.map(|text| text.parse().expect("KAPI_TEST_SECONDS is a number"));
    Duration::from_secs(asked.unwrap_or(ordinary))
}

impl Trial {
    async fn begin(system: System) -> Self {
        let mut random = chance();
        let sockets = system.sockets();
        let world = World::create(Arc::new(system)).await;
        let of_world = ChaCha8Rng::from_rng(&mut random);
        let writer = tokio::spawn(world.clone().live(of_world));
        let mut trial = Self {
            writer,
            watchers: Vec::new(),
            sockets,
            random,
            silent: None,
            began: Instant::now(),
            live: 0,
            looks: 0,
            world,
        };
        for (index, asked) in QUERIES.iter().enumerate() {
            let mut page = Page::open_fast(trial.world.system.http(), SPEED);
            // Half of them watch as browsers do, half by HTTP as where WebSockets are blocked.
            if index % 2 == 0 {
                page = page.watching_by(trial.sockets.clone());
            }
            // All there is, also beside a thousand pods of others.
            let (first, count) = (0, 5000);
            page.intent(Intent::Window { first, count });
            trial.watchers.push(Watcher {
                page,
                asked,
                word: String::new(),
                faltered: false,
                answered: false,
                looked: Instant::now(),
                wrong: None,
            });
        }
        for watcher in &mut trial.watchers {
            watcher.ask(&trial.world, watcher.asked);
        }
        trial.recover().await;
        trial
    }

    /// Time passes for all.
    async fn pass(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            for watcher in &mut self.watchers {
                watcher.page.pass(Duration::from_millis(2)).await;
            }
            self.look();
        }
    }

    /// Looks at every page. One that stood still (because it was frozen, or this machine has too
    /// much to do) has had no time to draw what happened meanwhile, and is given it.
    fn look(&mut self) {
        for watcher in &mut self.watchers {
            // What was made before must be known a moment later, and what is sent by then may be.
            let before = Instant::now();
            let turn = before.duration_since(watcher.looked);
            watcher.page.catch_up();
            watcher.looked = Instant::now();
            if turn > STALL || before.elapsed() > STALL {
                watcher.wrong = None;
            }
            self.looks += 1;
            watcher.note_word(self.began, &self.world);
            if watcher.page.is_live() {
                self.live += 1;
                watcher.answered = true;
                watcher.assert_true(&self.world, self.silent, before);
            } else {
                watcher.faltered = true;
                watcher.wrong = None;
            }
            if watcher.answered {
                watcher.assert_that_rows_stay(&self.world);
            }
        }
    }

    /// The world stands still and nothing fails: every page comes to the truth.
    async fn recover(&mut self) {
        assert!(!self.writer.is_finished(), "nothing is written any more");
        self.world.changes.send_replace(false);
        let end = Instant::now() + RECOVERY;
        loop {
            self.pass(Duration::from_millis(100)).await;
            // Anew each time: a last change may have been under way.
            let listed = self.world.listed().await;
            let wrong: Vec<_> = self
                .watchers
                .iter()
                .flat_map(|watcher| watcher.differs(&self.world, &listed))
                .collect();
            if wrong.is_empty() {
                break;
            }
            assert!(
                Instant::now() < end,
                "not recovered within {RECOVERY:?}:\n{}",
                wrong.join("\n")
            );
        }
        self.silent = None;
        self.world.changes.send_replace(true);
    }

    async fn end(self) {
        let share = format!("{} of {} looks found a page live", self.live, self.looks);
        eprintln!("{share}");
        assert!(self.live >= 100, "only {share}");
        assert_ne!(self.sockets.opened(), 0, "no watch was a WebSocket");
        self.world.delete().await;
    }
}

impl Watcher {
    fn ask(&mut self, world: &World, asked: &'static Asked) {
        self.asked = asked;
        self.answered = false;
        self.page.ask(&(asked.text)(world));
    }

    /// The pods shown, with the tags of their images.
    fn shown(&self, world: &World) -> BTreeMap<String, u64> {
        let image = self
            .page
            .view
            .columns
            .iter()
            .position(|column| column.name == "image");
        let rows = self.page.rows.rows.iter().filter_map(|row| {
            let pod = row.path.strip_prefix("pods/")?;
            let ours = world
                .namespaces
                .iter()
                .any(|namespace| pod.starts_with(&format!("{namespace}/")));
            let image = row.cells.get(image?)?.text();
            ours.then(|| (pod.to_owned(), tag(&image)))
        });
        rows.collect()
    }

    /// It says that it is live: then it shows what was made until a moment ago, or until watches
    /// fell silent, if that was not long ago.
    fn assert_true(&mut self, world: &World, silent: Option<Instant>, now: Instant) {
        let silent = silent.filter(|silent| now < *silent + SILENCE + MOMENT);
        let known = silent.map_or(now, |silent| silent.min(now));
        let since = known.checked_sub(MOMENT).unwrap_or(known);
        let matches = |pod: &str, state: &State| (self.asked.matches)(world, pod, state);
        let lies = world
            .history()
            .lies(&self.shown(world), matches, since, self.looked);
        if lies.is_empty() {
            self.wrong = None;
            return;
        }
        let wrong = *self.wrong.get_or_insert(now);
        let on_its_way = ON_ITS_WAY + world.history().slowness(now) * 2;
        assert!(
            now < wrong + on_its_way,
            "says {}, and is not since {:?}:\n{}\n{}",
            self.head(world),
            now - wrong,
            lies.join("\n"),
            self.page.heard()
        );
    }

    /// What it said when, for whoever reads why this failed.
    fn note_word(&mut self, began: Instant, world: &World) {
        let word = &self.page.freshness.word;
        if self.word != *word {
            self.word.clone_from(word);
            eprintln!("{:?} {}", began.elapsed(), self.head(world));
        }
    }

    /// Some pods never change.
    fn assert_that_rows_stay(&self, world: &World) {
        let stay = self
            .page
            .rows
            .rows
            .iter()
            .filter(|row| row.path.contains("/stays-"))
            .count();
        let expected = if (self.asked.text)(world).contains("image") {
            2
        } else {
            5
        };
        assert_eq!(stay, expected, "rows vanished from {}", self.head(world));
    }

    fn head(&self, world: &World) -> String {
        let freshness = &self.page.freshness;
        format!(
            "{} {} {} | {} ({} rows)",
            freshness.word,
            freshness.detail,
            freshness.reason,
            (self.asked.text)(world),
            self.page.rows.total
        )
    }

    /// What keeps it from being live and true.
    fn differs(&self, world: &World, listed: &BTreeMap<String, State>) -> Option<String> {
        let expected: BTreeMap<_, _> = listed
            .iter()
            .filter(|(pod, state)| (self.asked.matches)(world, pod, state))
            .map(|(pod, state)| (pod.clone(), state.tag))
            .collect();
        let shown = self.shown(world);
        let right = self.page.is_live() && shown == expected;
        (!right).then(|| {
            format!(
                "{}: shown {shown:?}, expected {expected:?}",
                self.head(world)
            )
        })
    }
}

// ---- the sandbox

impl Trial {
    /// Some seconds of faults, each of them at random.
    async fn suffer_sandbox(&mut self) {
        for _ in 0..self.random.random_range(3..9) {
            match self.random.random_range(0..10) {
                0 => self.sleep(),
                1 => self.freeze().await,
                2 => self.ask_something_else(),
                3..6 => self.befall_reads().await,
                _ => self.befall_watches().await,
            }
            let pause = self.random.random_range(20..600);
            self.pass(Duration::from_millis(pause)).await;
        }
        self.control("PUT", json!([])).await;
    }

    /// Open watches fall silent, until it must have been noticed, and beyond.
    async fn suffer_silence(&mut self) {
        self.silent = Some(Instant::now());
        self.control("POST", json!({"watches": "silence"})).await;
        self.pass(SILENCE + MOMENT * 2).await;
    }

    async fn befall_reads(&mut self) {
        let random = &mut self.random;
        let fault = match random.random_range(0..9) {
            0 => json!({"status": {"code": 429, "retryAfter": random.random_range(1..4)}}),
            1 => json!({"status": {"code": (*[500, 503, 504].choose(random).unwrap_or(&500))}}),
            2 | 3 => json!({"status": {"code": 410}}),
            4 => json!({"status": {"code": 401}}),
            5 => json!({"delay": {"ms": random.random_range(10..1500)}}),
            6 => json!({"slow": {"bytes": random.random_range(100..5000), "ms": 1}}),
            _ => json!({"cut": {"after": random.random_range(0..200_000)}}),
        };
        // A watch that is slower than the world is late without end, which nobody can tell.
        let of = match fault.get("slow") {
            Some(_) => ["lists", "pages"].choose(random),
            None => ["all", "lists", "pages", "watches"].choose(random),
        };
        let rule = json!({"of": of,
            "times": random.random_range(1..6), "fault": fault});
        self.control("PUT", json!([rule])).await;
        if self.random.random_range(0..2) == 0 {
            self.befall_watches().await;
        }
    }

    async fn befall_watches(&mut self) {
        let fault = ["drop", "cut", "end", "expire"].choose(&mut self.random);
        if self.random.random_range(0..4) == 0 {
            eprintln!("compact");
            self.sandbox().compact();
        }
        self.control("POST", json!({"watches": fault})).await;
    }

    fn sandbox(&self) -> &kapi_sandbox::Sandbox {
        self.world.system.sandbox.as_ref().expect("a sandbox")
    }

    async fn control(&self, method: &str, faults: serde_json::Value) {
        eprintln!("{:?} {method} {faults}", self.began.elapsed());
        let url = format!("{}/sandbox/faults", self.sandbox().url());
        let method = method.parse().expect("a method");
        let request = reqwest::Client::new()
            .request(method, url)
            .body(faults.to_string());
        let answer = request.send().await.expect("the sandbox answers");
        assert_eq!(answer.status(), 200, "{faults}");
    }

    /// The laptop is closed for a while.
    fn sleep(&mut self) {
        eprintln!("sleep");
        let time = Duration::from_secs(self.random.random_range(20..4000));
        for watcher in &mut self.watchers {
            watcher.page.sleep(time);
        }
    }

    /// No page gets any time, while the world goes on.
    async fn freeze(&mut self) {
        eprintln!("freeze");
        let time = Duration::from_millis(self.random.random_range(500..3000));
        tokio::time::sleep(time).await;
    }

    fn ask_something_else(&mut self) {
        let (index, asked) = (
            self.random.random_range(0..self.watchers.len()),
            QUERIES.choose(&mut self.random),
        );
        if let Some(asked) = asked {
            eprintln!("ask {}", (asked.text)(&self.world));
            self.watchers[index].ask(&self.world, asked);
        }
    }
}

// ---- a real API server

impl Trial {
    /// It is killed, and comes back after some seconds. No page goes on calling itself live.
    async fn suffer_restart(&mut self, forgetting: bool) {
        let time = Duration::from_millis(self.random.random_range(1000..3000));
        self.pass(time).await;
        if forgetting {
            self.cluster("compact").await;
        }
        for watcher in &mut self.watchers {
            watcher.faltered = false;
        }
        self.cluster("restart-apiserver").await;
        for watcher in &self.watchers {
            assert!(
                watcher.faltered,
                "never said that the server was away: {}",
                watcher.head(&self.world)
            );
        }
    }

    /// Runs a command of the cluster, while the pages go on.
    async fn cluster(&mut self, command: &'static str) {
        eprintln!("{:?} {command}", self.began.elapsed());
        let program = Path::new(CHECKOUT).join("tests/cluster/cluster");
        let run = move || Command::new(program).arg(command).output();
        let running = tokio::task::spawn_blocking(run);
        while !running.is_finished() {
            self.pass(Duration::from_millis(20)).await;
        }
        let output = running
            .await
            .expect("it does not panic")
            .expect("it can be run");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
