//! What the engine takes to read a query and to answer it, each beside the most that it may take.
//! `./dev bench engine` prints all, natively and in Chromium.

use std::hint::black_box;

use k8kat::engine::message::{Intent, Update};
use k8kat::engine::{Effect, Engine, Head, Input, Now, RequestId, Settings};
use k8kat::plan::{Context, Known, Plan, Shape};
use k8kat::query::Query;
use k8kat::resource::Kind;
use k8kat::store::{Entry, Store};
use k8kat::value::stream::ListReader;

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// Services beside the fewer pods.
const SERVICES: usize = 1000;

/// What is done with a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    /// Its text is parsed, and the tree printed.
    Read,
    /// It is bound and pushed down.
    Plan,
    /// Every pod is held against it.
    Filter,
    /// The pods that match are put in order.
    Sort,
    /// They are made into groups.
    Group,
    /// The fewer pods and the services are joined.
    Join,
    /// It is typed above an answer that is there, until the page has its rows.
    Type,
    /// It is completed at its end.
    Complete,
}

/// Something measured.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    work: Work,
    /// The query.
    pub query: &'static str,
    /// Microseconds that it may take, natively and in a browser.
    pub most_us: f64,
}

const fn measure(work: Work, most_us: f64, query: &'static str) -> Measure {
    Measure {
        work,
        query,
        most_us,
    }
}

const LONG: &str = "pods ns:shop,till app=web tier!=front -is:system (status:Failed OR restarts:>5) sort:-restarts limit:20";

/// All that is measured.
pub const MEASURES: [Measure; 21] = [
    measure(Work::Read, 20.0, "pods"),
    measure(Work::Read, 20.0, LONG),
    measure(Work::Plan, 50.0, "pods"),
    measure(Work::Plan, 50.0, LONG),
    measure(Work::Plan, 50.0, "svc ns:shop with:(pods is:broken)"),
    measure(Work::Filter, 10_000.0, "pods ns:team-007"),
    measure(Work::Filter, 10_000.0, "pods app=app-7"),
    measure(Work::Filter, 10_000.0, "pods app-77"),
    measure(Work::Filter, 10_000.0, "pods restarts:>1"),
    measure(Work::Filter, 10_000.0, "pods node:node-7*"),
    measure(Work::Filter, 10_000.0, "pods is:broken"),
    measure(Work::Filter, 50_000.0, "pods name:~^app-1.*7$"),
    measure(Work::Filter, 50_000.0, "pods image:~app-(7|8)[0-9]:"),
    measure(Work::Sort, 100_000.0, "pods sort:-restarts"),
    measure(Work::Group, 50_000.0, "pods group:ns"),
    measure(Work::Group, 50_000.0, "pods group:node sum:restarts"),
    measure(Work::Join, 20_000.0, "svc with:pods"),
    measure(Work::Join, 20_000.0, "svc -> pods"),
    measure(Work::Type, 100_000.0, "pods ns:team-007 app"),
    measure(Work::Complete, 50_000.0, "pods app"),
    measure(Work::Complete, 50_000.0, "pods app=app-1"),
];

impl Measure {
    /// What it is called in reports.
    #[must_use]
    pub fn name(&self) -> String {
        let what = match self.work {
            Work::Read => "parse and print",
            Work::Plan => "plan",
            Work::Filter => "filter",
            Work::Sort => "filter and sort",
            Work::Group => "filter and group",
            Work::Join => "join",
            Work::Type => "type",
            Work::Complete => "complete",
        };
        format!("{what} {}", self.query)
    }

    /// How often it is to be done for a clock to tell how long it takes.
    #[must_use]
    pub const fn times(&self) -> usize {
        if self.most_us < 1000.0 { 1000 } else { 1 }
    }
}

/// Pods, services, and an engine that has answered `pods`.
pub struct Bench {
    pods: Store,
    fewer: Store,
    services: Store,
    page: Page,
}

impl Bench {
    /// Of two lists of pods in protobuf, of which the second is joined with services.
    ///
    /// # Panics
    /// When one is no such list.
    #[must_use]
    pub fn new(pods: &[u8], fewer: &[u8]) -> Self {
        Self {
            pods: store("pods", PROTOBUF, pods),
            fewer: store("pods", PROTOBUF, fewer),
            services: store("services", "application/json", services().as_bytes()),
            page: Page::showing(pods),
        }
    }

    /// Does one of [`MEASURES`] so many times; says how many rows came of it.
    pub fn run(&mut self, measure: &Measure, times: usize) -> usize {
        let mut rows = 0;
        for _ in 0..times {
            rows = black_box(self.once(black_box(measure)));
        }
        rows
    }

    fn once(&mut self, measure: &Measure) -> usize {
        let text = measure.query;
        match measure.work {
            Work::Read => Query::parse(text).query.to_string().len(),
            Work::Plan => plan(&Query::parse(text).query).every_part().count(),
            Work::Filter => {
                let plan = plan(&Query::parse(text).query);
                let (context, filter) = (Context::at(NOW), &plan.parts[0].filter);
                let pods = self.pods.entries();
                pods.filter(|(_, pod)| filter.holds(*pod, &context)).count()
            }
            Work::Sort | Work::Group | Work::Join => self.answer(text, measure.work == Work::Join),
            Work::Type => self.page.typed(text),
            Work::Complete => self.page.complete(text),
        }
    }

    fn answer(&self, text: &str, joins: bool) -> usize {
        let plan = plan(&Query::parse(text).query);
        let kinds: Vec<&Kind> = plan.every_part().map(|part| part.kind).collect();
        let read = |part: usize| -> Vec<Entry<'_>> {
            let store = match (kinds[part].resource.plural, joins) {
                ("services", _) => &self.services,
                (_, true) => &self.fewer,
                (_, false) => &self.pods,
            };
            store.entries().map(|(_, entry)| entry).collect()
        };
        let context = plan.context(NOW, &read);
        let rows = plan.select(&context, &read);
        match plan.shape {
            Shape::Groups(..) => plan.groups(&rows, NOW).len(),
            _ => rows.len(),
        }
    }
}

/// The server's time: a day after the pods were made.
const NOW: i64 = 1_795_777_200_000;

fn plan(query: &Query) -> Plan {
    let (plan, problems) = Plan::of(query, &Known::default());
    assert!(problems.is_empty(), "{problems:?}");
    plan.expect("the kinds are known")
}

fn store(kind: &str, content_type: &str, body: &[u8]) -> Store {
    let mut store = Store::new(Kind::named(kind).expect("the kind is known"));
    let mut reader = ListReader::new(Some(content_type));
    reader.push(body, |object| {
        store.receive(object);
    });
    reader.finish().expect("a whole list");
    store.take_changes();
    store
}

/// Most select five pods of one app in its namespace; every fifth selects none.
fn services() -> String {
    let service = |number: usize| {
        let (namespace, app) = (number % 50, number % 200);
        let word = if number.is_multiple_of(5) {
            "gone"
        } else {
            "app"
        };
        format!(
            r#"{{"metadata":{{"name":"service-{number}","namespace":"team-{namespace:03}","uid":"s-{number}"}},"spec":{{"selector":{{"tier":"back","app":"{word}-{app}"}}}}}}"#
        )
    };
    let services: Vec<String> = (0..SERVICES).map(service).collect();
    format!(
        r#"{{"kind":"ServiceList","metadata":{{"resourceVersion":"4711"}},"items":[{}]}}"#,
        services.join(",")
    )
}

/// A page that draws at once, and the engine behind it.
struct Page {
    engine: Engine,
    now: Now,
    shown: Update,
}

impl Page {
    fn showing(pods: &[u8]) -> Self {
        let mut page = Self {
            engine: Engine::new(Settings::default()),
            now: Now {
                monotonic_ms: 10_000,
                wall_ms: NOW,
            },
            shown: Update::default(),
        };
        let (first, count) = (0, 50);
        page.input(Input::Intent(Intent::Window { first, count }));
        let asked = page.input(Input::Intent(Intent::Query {
            text: "pods".to_owned(),
            committed: true,
        }));
        let list = asked
            .into_iter()
            .find(|(_, path)| path.contains("/pods?limit=500"));
        let (id, _) = list.expect("pods are listed");
        let head = Head {
            status: 200,
            content_type: Some(PROTOBUF.to_owned()),
            ..Head::default()
        };
        page.input(Input::Head { id, head });
        let bytes = pods.to_vec();
        page.input(Input::Chunk { id, bytes });
        page.input(Input::End { id });
        page
    }

    /// What happens, and what is asked for because of it.
    fn input(&mut self, input: Input) -> Vec<(RequestId, String)> {
        let mut asked = Vec::new();
        for effect in self.engine.handle(input, self.now) {
            match effect {
                Effect::Send { id, request } => asked.push((id, request.path)),
                Effect::Cancel { .. } => {}
                Effect::Update(update) => {
                    let serial = update.serial;
                    self.shown = *update;
                    asked.extend(self.input(Input::Intent(Intent::Drawn { serial })));
                }
            }
        }
        asked
    }

    /// The rows in all of what is typed. What was typed before is forgotten, or nothing would be new.
    fn typed(&mut self, text: &str) -> usize {
        let committed = false;
        for text in ["pods limit:1", text] {
            let text = text.to_owned();
            self.input(Input::Intent(Intent::Query { text, committed }));
        }
        self.shown.view.as_ref().map_or(0, |view| view.matched)
    }

    fn complete(&mut self, text: &str) -> usize {
        let (text, cursor) = (text.to_owned(), text.len());
        self.input(Input::Intent(Intent::Complete { text, cursor }));
        let completion = self.shown.completion.as_ref();
        completion.map_or(0, |completion| completion.candidates.len())
    }
}
