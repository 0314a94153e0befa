//! Parity: what a table shows is what the API server itself prints, and what `kubectl` shows of
//! that; over a world of odd objects, and over all that is in the cluster beside.
//!
//! The API server sends its cells and the object that they are of in one answer, so nothing is
//! compared with what it was a moment ago.

mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use k8kat::engine::message::Cell;
use k8kat::plan::Content;
use k8kat::resource::{Column, Datum, KINDS, Kind};
use k8kat::store::{Entry, Store};
use k8kat::value::ObjectRef;
use kapi_tests::{Page, System, chance};
use serde_json::{Value, json};
use world::{Drawn, WORLD};

const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";
/// Ages may differ by so much: reading and printing are not at one moment.
const SLACK_MS: i64 = 2000;
/// What comes by itself (controllers at work) is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Requests at one time.
const AT_ONCE: usize = 8;

/// What the API server prints of some objects, and the objects.
struct Table {
    kind: &'static Kind,
    /// Names of its columns, and whether only wide output shows them.
    heads: Vec<(String, bool)>,
    rows: Vec<Printed>,
    taken: Instant,
    now: i64,
}

struct Printed {
    cells: Vec<String>,
    /// Nothing but the object.
    store: Store,
    object: Value,
}

impl Printed {
    fn entry(&self) -> Entry<'_> {
        let mut entries = self.store.entries();
        entries.next().expect("objects have names").1
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_show_what_the_server_prints() {
    let mut wrong = Vec::new();
    for system in System::all().await {
        let namespace = system.namespace("parity").await;
        let mut world = World::create(&system, &namespace).await;
        for kind in KINDS {
            let table = Table::read(&system, kind, &kind.resource.collection(None)).await;
            world.look_at(&table);
        }
        let mut page = Page::open(system.http());
        for kind in KINDS {
            let wrong = compare_page(&system, &mut page, kind, &namespace).await;
            world.wrong.extend(wrong);
            world
                .wrong
                .extend(compare_plucked(&system, kind, &namespace).await);
        }
        world.delete(&system, &namespace).await;
        world.seen.assert_enough(system.name);
        let on_system = |wrong| format!("on the {}, {wrong}", system.name);
        wrong.extend(world.wrong.into_iter().map(on_system));
    }
    let first = wrong.iter().take(20).map(String::as_str);
    let first = first.collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} cells differ:\n{first}", wrong.len());
}

/// What was created, and what was seen of it.
struct World {
    made: Vec<(&'static Kind, String)>,
    wrong: Vec<String>,
    seen: Seen,
}

/// How much was compared: a test that saw nothing proves nothing.
#[derive(Default)]
struct Seen(BTreeMap<&'static str, (usize, BTreeSet<String>)>);

impl Seen {
    fn note(&mut self, table: &Table) {
        let state = table
            .kind
            .state_column()
            .map(|index| &table.kind.columns[index]);
        for printed in &table.rows {
            let seen = self.0.entry(table.kind.resource.plural).or_default();
            seen.0 += 1;
            seen.1
                .extend(state.and_then(|column| table.cell(printed, column)));
        }
    }

    fn assert_enough(&self, system: &str) {
        for kind in KINDS {
            let (count, states) = self
                .0
                .get(kind.resource.plural)
                .expect("some were compared");
            eprintln!(
                "{system}: {count} {} in {} states",
                kind.resource.plural,
                states.len()
            );
        }
        let (count, states) = &self.0["pods"];
        assert!(
            *count >= 300 && states.len() >= 40,
            "{count} pods in {states:?}"
        );
    }
}

impl World {
    /// Creates everything, and compares what controllers will soon write over at once.
    async fn create(system: &System, namespace: &str) -> Self {
        let mut random = chance();
        let mut world = Self {
            made: Vec::new(),
            wrong: Vec::new(),
            seen: Seen::default(),
        };
        for (number, (plural, count, draw)) in WORLD.iter().enumerate() {
            let kind = Kind::named(plural).expect("a kind that is known");
            let place = Some(namespace).filter(|_| kind.resource.namespaced);
            let drawn: Vec<_> = (0..*count)
                .map(|index| {
                    let name = format!("{namespace}-{number}-{index:03}");
                    let drawn = draw(&mut random, &name, place);
                    (name, drawn)
                })
                .collect();
            let create = drawn
                .iter()
                .map(|(name, drawn)| create(system, kind, place, name, drawn));
            let tables: Vec<_> = stream::iter(create).buffered(AT_ONCE).collect().await;
            for table in tables.into_iter().flatten() {
                world.look_at(&table);
            }
            world
                .made
                .extend(drawn.into_iter().map(|(name, _)| (kind, name)));
        }
        world
    }

    fn look_at(&mut self, table: &Table) {
        self.wrong.extend(table.differences());
        self.seen.note(table);
    }

    /// Lets go of what finalizers keep, and deletes all that is not in the namespace.
    async fn delete(&self, system: &System, namespace: &str) {
        let free = |(kind, name): &(&'static Kind, String)| {
            let path = format!("{}/{name}", kind.resource.collection(Some(namespace)));
            let namespaced = kind.resource.namespaced;
            async move {
                let free = json!({"metadata": {"finalizers": null}});
                system.send("PATCH", &path, Some(free)).await;
                if !namespaced {
                    system.send("DELETE", &path, None).await;
                }
            }
        };
        stream::iter(self.made.iter().map(free))
            .buffer_unordered(AT_ONCE)
            .collect::<()>()
            .await;
        system.delete_namespace(namespace).await;
    }
}

/// Creates an object in its state; and how the server printed it then, if it has a status.
async fn create(
    system: &System,
    kind: &'static Kind,
    namespace: Option<&str>,
    name: &str,
    drawn: &Drawn,
) -> Option<Table> {
    let own = kind.resource.collection(namespace);
    let collection = match (drawn.collection, namespace) {
        (Some(root), Some(namespace)) => {
            format!("{root}/namespaces/{namespace}/{}", kind.resource.plural)
        }
        _ => own.clone(),
    };
    let (code, answer) = system
        .send("POST", &collection, Some(drawn.object.clone()))
        .await;
    if code == 404 && drawn.collection.is_some() && system.sandbox.is_some() {
        return None; // The sandbox serves each kind by one API.
    }
    assert_eq!(code, 201, "{} {answer}", drawn.object);
    let mut table = None;
    if let Some(status) = &drawn.status {
        let path = format!("{own}/{name}/status");
        let body = json!({"status": status});
        let (code, answer) = system
            .send_for(
                TABLE,
                "PATCH",
                &format!("{path}?includeObject=Object"),
                Some(body),
            )
            .await;
        assert_eq!(code, 200, "{answer} {status}");
        table = if answer["kind"] == "Table" {
            Some(Table::of(system, kind, &answer).await)
        } else {
            Some(Table::read(system, kind, &format!("{own}/{name}")).await)
        };
    }
    if drawn.deleted {
        let (code, answer) = system.send("DELETE", &format!("{own}/{name}"), None).await;
        assert!(code == 200 || code == 202, "{code} {answer}");
    }
    table
}

impl Table {
    async fn read(system: &System, kind: &'static Kind, path: &str) -> Self {
        let (code, answer) = system
            .send_for(TABLE, "GET", &format!("{path}?includeObject=Object"), None)
            .await;
        assert_eq!(code, 200, "{path} {answer}");
        Self::of(system, kind, &answer).await
    }

    async fn of(system: &System, kind: &'static Kind, answer: &Value) -> Self {
        let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let rows = items(&answer["rows"]).into_iter().map(|row| {
            let object = row["object"].clone();
            let mut store = Store::new(kind);
            store.put(ObjectRef::new(object.to_string().as_bytes()));
            Printed {
                cells: items(&row["cells"]).iter().map(cell_text).collect(),
                store,
                object,
            }
        });
        let heads = items(&answer["columnDefinitions"])
            .into_iter()
            .map(|head| (cell_text(&head["name"]), head["priority"] != 0));
        Self {
            kind,
            heads: heads.collect(),
            rows: rows.collect(),
            taken: Instant::now(),
            now: system.server_time().await,
        }
    }

    /// The server's cell of one of our columns.
    fn cell(&self, printed: &Printed, column: &Column) -> Option<String> {
        let index = self
            .heads
            .iter()
            .position(|(head, _)| is_head_of(head, column))?;
        printed.cells.get(index).cloned()
    }

    /// Where the server's cells are not ours.
    fn differences(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (index, (head, _)) in self.heads.iter().enumerate() {
            let Some(column) = self.column(head) else {
                wrong.push(format!("{} have no column {head}", self.kind.title));
                continue;
            };
            for printed in &self.rows {
                let datum = printed.entry().datum(column);
                if !self.accepts(column, &datum, &printed.cells[index]) {
                    wrong.push(self.difference(
                        printed,
                        column,
                        "the server's table",
                        &printed.cells[index],
                    ));
                }
            }
        }
        wrong
    }

    fn column(&self, head: &str) -> Option<usize> {
        self.kind
            .columns
            .iter()
            .position(|column| is_head_of(head, column))
    }

    /// Whether a cell is what we print, at some moment near to now.
    fn accepts(&self, column: usize, datum: &Datum<'_>, cell: &str) -> bool {
        let since = i64::try_from(self.taken.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (mut at, end) = (self.now - SLACK_MS, self.now + since + SLACK_MS);
        while at <= end {
            if self.kind.columns[column].print(datum, at) == cell {
                return true;
            }
            at += 500;
        }
        false
    }

    fn difference(&self, printed: &Printed, column: usize, whose: &str, cell: &str) -> String {
        let (title, ours) = (
            self.kind.columns[column].title,
            self.kind.columns[column].print(&printed.entry().datum(column), self.now),
        );
        let mut object = printed.object.clone();
        object["metadata"]["managedFields"] = Value::Null;
        format!(
            "{} {}, {title}: ours {ours:?}, {whose} {cell:?}; of {object}",
            self.kind.singular,
            printed.entry().name()
        )
    }
}

/// `OS-IMAGE` is `OS image`.
fn is_head_of(head: &str, column: &Column) -> bool {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase()
    };
    plain(head) == plain(column.title)
}

fn cell_text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The page's rows, and what `kubectl get` prints, beside the server's table. Controllers may be
/// at work, so what differs is looked at again until it does not, or for too long.
async fn compare_page(
    system: &System,
    page: &mut Page,
    kind: &'static Kind,
    namespace: &str,
) -> Vec<String> {
    let place = Some(namespace).filter(|_| kind.resource.namespaced);
    let within = place.map_or_else(String::new, |namespace| format!(" ns:{namespace}"));
    page.ask(&format!("{}{within}", kind.resource.plural));
    page.until(kind.title, |page| {
        page.is_live() && page.view.plural == kind.resource.plural
    })
    .await;
    let path = kind.resource.collection(place);
    let end = Instant::now() + PATIENCE;
    loop {
        let table = Table::read(system, kind, &path).await;
        let kubectl = kubectl(system, kind, place);
        page.pass(Duration::from_millis(300)).await;
        let mut wrong = table.differences_of_page(page);
        for (wide, text) in &kubectl {
            wrong.extend(table.differences_of_kubectl(*wide, text));
        }
        if wrong.is_empty() || Instant::now() > end {
            return wrong;
        }
    }
}

fn columns_are_metadata(kind: &Kind) -> bool {
    kind.listed == Content::Metadata && !kind.columns.iter().any(|column| column.content)
}

/// Where what is plucked of the server's cells is not what is plucked of the objects.
async fn compare_plucked(system: &System, kind: &'static Kind, namespace: &str) -> Vec<String> {
    let k8kat = system.k8kat();
    let mut chain = k8kat.kind(kind.resource.plural).order("name");
    if kind.resource.namespaced {
        chain = chain.ns([namespace]);
    }
    let columns = kind.columns.iter();
    let columns = columns
        .filter(|column| column.is_identity() || kind.cell_of(column).is_some())
        .filter(|column| !column.tells_time());
    let cells: Vec<&str> = columns.map(|column| column.name).collect();
    // Once the server was asked, it is known whether it prints them as expected.
    chain.pluck(&cells).await.expect("an answer");
    let plucked = format!("{} | pluck {}", chain.query(), cells.join(","));
    let explained = k8kat.text(&plucked).and_then(|chain| chain.explain());
    let plan = explained.expect("it makes sense").plan;
    // Of those whose metadata says it all no more is read.
    let content = if columns_are_metadata(kind) {
        Content::Metadata
    } else {
        Content::Cells
    };
    assert!(plan.scans().all(|scan| scan.content == content), "{plan}");
    // What no cell says takes whole objects.
    let whole = [&*cells, &["{.metadata.uid}"]].concat();
    let end = Instant::now() + PATIENCE;
    loop {
        let printed = chain.pluck(&cells).await.expect("an answer");
        let mut read = chain.pluck(&whole).await.expect("an answer");
        for row in &mut read {
            row.pop();
        }
        if printed == read {
            return Vec::new();
        }
        if Instant::now() > end {
            let pairs = printed.iter().zip(&read);
            let mut pairs = pairs.filter(|(printed, read)| printed != read);
            let (plural, cells) = (kind.resource.plural, cells.join(","));
            return vec![format!(
                "{} and {} {plural} | pluck {cells} differ: cells and objects {:?}",
                printed.len(),
                read.len(),
                pairs.next()
            )];
        }
    }
}

impl Table {
    fn differences_of_page(&self, page: &Page) -> Vec<String> {
        let mut wrong = Vec::new();
        if page.rows.total != self.rows.len() {
            wrong.push(format!(
                "{} {} are shown of {}",
                page.rows.total,
                self.kind.resource.plural,
                self.rows.len()
            ));
        }
        let by_path: BTreeMap<_, _> = self
            .rows
            .iter()
            .map(|printed| {
                (
                    self.kind
                        .object_path(printed.entry().namespace(), printed.entry().name()),
                    printed,
                )
            })
            .collect();
        for row in &page.rows.rows {
            let Some(printed) = by_path.get(&row.path) else {
                wrong.push(format!("{} is shown and is not there", row.path));
                continue;
            };
            for (head, cell) in page
                .view
                .columns
                .iter()
                .zip(row.cells.iter().map(Cell::text))
            {
                let column = self.kind.column(&head.name).expect("columns of the kind");
                if !self.accepts(column, &printed.entry().datum(column), &cell) {
                    wrong.push(self.difference(printed, column, "shown as", &cell));
                }
            }
        }
        wrong
    }

    fn differences_of_kubectl(&self, wide: bool, text: &str) -> Vec<String> {
        let heads: Vec<_> = self
            .heads
            .iter()
            .filter(|(_, only_wide)| wide || !only_wide)
            .collect();
        // Of nothing kubectl shows no head either.
        if text.is_empty() && self.rows.is_empty() {
            return Vec::new();
        }
        let mut lines = text.lines();
        let names: Vec<_> = heads.iter().map(|(head, _)| head.to_uppercase()).collect();
        let starts = starts(lines.next().unwrap_or_default(), &names);
        let mut wrong = Vec::new();
        if lines.clone().count() != self.rows.len() {
            wrong.push(format!(
                "kubectl shows {} of {}",
                lines.clone().count(),
                self.rows.len()
            ));
        }
        for (printed, line) in self.rows.iter().zip(lines) {
            for (cell, (head, _)) in cut(line, &starts).iter().zip(&heads) {
                // That kubectl has no column of ours is said by `differences`.
                let Some(column) = self.column(head) else {
                    continue;
                };
                let datum = match printed.entry().datum(column) {
                    Datum::Text(text) => Datum::text(for_terminal(&text)),
                    datum => datum,
                };
                if !self.accepts(column, &datum, cell) {
                    wrong.push(self.difference(printed, column, "kubectl's", cell));
                }
            }
        }
        wrong
    }
}

/// kubectl shows the first line of a text, without what a terminal would obey.
fn for_terminal(text: &str) -> String {
    let first = text.split(['\n', '\r', '\u{c}']).next().unwrap_or_default();
    let cut = if first.len() < text.len() { "..." } else { "" };
    format!("{}{cut}", first.replace('\u{1b}', "^["))
        .trim_end()
        .to_owned()
}

/// Where the columns of a table start, in characters.
fn starts(head: &str, names: &[String]) -> Vec<usize> {
    let mut from = 0;
    names
        .iter()
        .map(|name| {
            let at = from
                + head[from..]
                    .find(name.as_str())
                    .expect("kubectl shows the server's columns");
            from = at + name.len();
            at
        })
        .collect()
}

fn cut(line: &str, starts: &[usize]) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let end = end.min(characters.len());
            let cell = characters.get(*start..end).unwrap_or_default();
            cell.iter().collect::<String>().trim_end().to_owned()
        })
        .collect()
}

/// What `kubectl get` and `kubectl get -o wide` print, where kubectl is and the API server is a
/// real one: the sandbox is there without a token for kubectl only when it is told so.
fn kubectl(system: &System, kind: &Kind, namespace: Option<&str>) -> Vec<(bool, String)> {
    let program = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../.cluster/bin/kubectl"
    ));
    if system.sandbox.is_some() || !program.exists() {
        return Vec::new();
    }
    let get = |wide: bool| {
        let mut command = std::process::Command::new(&program);
        if let Some(kubeconfig) = &system.kubeconfig {
            command.arg("--kubeconfig").arg(kubeconfig);
        }
        command.args(["get", &kind.resource.qualified()]);
        command.args(namespace.iter().flat_map(|namespace| ["-n", namespace]));
        command.args(wide.then_some("-owide"));
        let output = command.output().expect("kubectl runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        (wide, String::from_utf8_lossy(&output.stdout).into_owned())
    };
    vec![get(false), get(true)]
}
