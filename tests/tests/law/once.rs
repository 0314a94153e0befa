//! The law for what is read once, by the client.

use std::cell::RefCell;
use std::collections::VecDeque;

use futures_util::{FutureExt, TryStreamExt, stream};
use k8kat::client::{K8Kat, Record, Transport};
use k8kat::engine::{Head, Request};
use k8kat::query::Query;
use rand::Rng;

use crate::ask;
use crate::chance::Chance;
use crate::reference::{EVERYTHING, Reference};
use crate::server::{Fault, Server};
use crate::state::{NAMESPACES, State};

/// How many cases there are: so many, unless somebody has the time for more.
pub(crate) fn cases(usual: u64) -> u64 {
    let cases = std::env::var("KAPI_LAW_CASES").ok();
    cases.map_or(usual, |cases| {
        cases.parse().expect("KAPI_LAW_CASES is a number")
    })
}

/// The seed of the first case; those of the others follow.
pub(crate) fn seed() -> u64 {
    kapi_tests::chance().random_range(0..1 << 40)
}

/// A state, a query and what goes wrong.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) state: State,
    pub(crate) text: String,
    page: usize,
    faults: Vec<Fault>,
}

impl Case {
    pub(crate) fn random(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let state = State::random(&mut chance);
        let text = ask::query(&mut chance);
        let page = 1 + chance.below(7);
        let faults = (0..chance.below(3))
            .map(|_| *chance.pick(&[&Fault::Busy, &Fault::Expired, &Fault::Behind]));
        Self {
            state,
            text,
            page,
            faults: faults.collect(),
        }
    }

    pub(crate) fn server(&self) -> Server {
        let mut server = Server::new(self.state.clone());
        server.page = self.page;
        server.faults = VecDeque::from(self.faults.clone()).into();
        server
    }

    pub(crate) fn query(&self) -> Query {
        let parsed = Query::parse(&self.text);
        assert_eq!(parsed.problems, [], "{}", self.text);
        parsed.query
    }

    pub(crate) fn expected(&self) -> Vec<String> {
        let reference = Reference {
            state: &self.state,
            visible: EVERYTHING,
        };
        reference.answer(&self.query())
    }

    /// The same with as few objects as still fail.
    pub(crate) fn smallest(&self, fails: impl Fn(&Self) -> bool) -> Self {
        let mut small = self.clone();
        small.faults.clear();
        if !fails(&small) {
            small.faults.clone_from(&self.faults);
        }
        for key in self.state.objects.keys() {
            let mut smaller = small.clone();
            smaller.state.objects.remove(key);
            if fails(&smaller) {
                small = smaller;
            }
        }
        small
    }
}

/// The paths of the client's answer.
fn read(case: &Case) -> Result<Vec<String>, String> {
    read_from(&case.server(), case)
}

fn read_from(server: &Server, case: &Case) -> Result<Vec<String>, String> {
    let k8kat = K8Kat::new(server);
    let found = k8kat
        .query(case.query())
        .all()
        .now_or_never()
        .expect("nothing is waited for");
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.iter().map(place).collect())
}

/// `a/x`
fn place<T>(object: &Record<'_, T>) -> String {
    let object = object.as_ref();
    format!("{}/{}", object.namespace(), object.name())
}

/// Paths without the kind.
fn bare(paths: Vec<String>) -> Vec<String> {
    let bare = |path: &String| {
        let (_, rest) = path.split_once('/').unwrap_or_default();
        rest.strip_prefix('-')
            .map_or_else(|| rest.to_owned(), str::to_owned)
    };
    paths.iter().map(bare).collect()
}

fn fails(case: &Case) -> bool {
    read(case) != Ok(bare(case.expected()))
}

#[test]
fn what_is_read_once_is_the_whole_query_evaluated() {
    let first = seed();
    for seed in first..first + cases(2000) {
        let case = Case::random(seed);
        if case.query().is_grouped() || !fails(&case) {
            continue;
        }
        let case = case.smallest(fails);
        panic!(
            "case {seed}: {}\n{}\nexpected {:?}\n   found {:?}",
            case.text,
            print(&case.state),
            bare(case.expected()),
            read(&case)
        );
    }
}

#[test]
fn what_is_streamed_is_what_is_read() {
    let first = seed();
    for seed in first..first + cases(1000) {
        let mut case = Case::random(seed);
        // What was given away cannot be taken back when the list is forgotten.
        case.faults.retain(|fault| *fault == Fault::Busy);
        if case.query().is_grouped() {
            continue;
        }
        let server = case.server();
        let k8kat = K8Kat::new(&server);
        let chain = k8kat.query(case.query());
        let streamed: Result<Vec<_>, _> = chain
            .stream()
            .try_collect()
            .now_or_never()
            .expect("nothing is waited for");
        let mut found: Vec<String> = streamed.expect("an answer").iter().map(place).collect();
        let mut expected = bare(case.expected());
        if case.query().sort.is_empty() && case.query().limit.is_none() {
            found.sort();
            expected.sort();
        }
        assert_eq!(
            found,
            expected,
            "case {seed}: {}\n{}",
            case.text,
            print(&case.state)
        );
    }
}

/// What is visible of a cluster that may be listed in some namespaces only, and what is missing.
fn visible(server: &Server, case: &Case) -> Option<(Vec<String>, Option<String>)> {
    let k8kat = K8Kat::new(server);
    let found = k8kat.query(case.query()).visible().now_or_never();
    let (found, missing) = found.expect("nothing is waited for").ok()?;
    Some((found.iter().map(place).collect(), missing))
}

#[test]
fn what_is_visible_is_told_from_what_there_is() {
    let first = seed();
    for seed in first..first + cases(500) {
        let case = Case::random(seed);
        if case.query().is_grouped() {
            continue;
        }
        let mut chance = Chance::new(!seed);
        let allowed = chance.some(&NAMESPACES);
        let mut server = case.server();
        server.rights.namespaces = Some(allowed.clone());
        let found = visible(&server, &case);
        let reference = Reference {
            state: &case.state,
            visible: &|kind, namespace| !kind.namespaced || allowed.contains(&namespace),
        };
        let text = format!(
            "case {seed}: {} in {allowed:?}\n{}",
            case.text,
            print(&case.state)
        );
        // Where a namespace is forbidden that was named, that is the answer.
        if let Some((found, missing)) = found {
            assert!(
                missing.is_some() || found == bare(case.expected()),
                "{text}"
            );
            assert_eq!(found, bare(reference.answer(&case.query())), "{text}");
        }
        // Without saying that less is enough, less is no answer.
        let whole = read_from(&server, &case);
        assert!(
            whole.is_err() || whole == Ok(bare(case.expected())),
            "{text}"
        );
    }
}

#[test]
fn what_is_counted_is_what_would_be_read() {
    let first = seed();
    for seed in first..first + cases(500) {
        let case = Case::random(seed);
        let server = case.server();
        let k8kat = K8Kat::new(&server);
        let counted = k8kat.query(case.query()).count().now_or_never();
        let counted = counted
            .expect("nothing is waited for")
            .map_err(|error| error.to_string());
        if !case.query().is_grouped() {
            let text = format!("case {seed}: {}\n{}", case.text, print(&case.state));
            assert_eq!(counted, Ok(case.expected().len()), "{text}");
        }
    }
}

/// A body.
type Chunks = stream::Iter<std::vec::IntoIter<Result<Vec<u8>, String>>>;

/// A server to which something happens after each request.
struct Changing {
    server: RefCell<Server>,
    chance: RefCell<Chance>,
}

impl Transport for &Changing {
    type Body = Chunks;

    async fn send(&self, request: &Request) -> Result<(Head, Self::Body), String> {
        let mut server = self.server.borrow_mut();
        let answer = server.answer(request);
        server.change(&mut self.chance.borrow_mut());
        let body = answer.body.as_bytes().to_vec();
        Ok((answer.head(), stream::iter(vec![Ok(body)])))
    }

    async fn wait(&self, _: u64) {}
}

/// Whether one list after the other is enough, of one kind and of nothing that others decide.
fn is_of_one_kind(query: &Query) -> bool {
    let text = query.to_string();
    let joins = ["->", "with:", "without:", "owner:"];
    query.kinds.len() < 2 && !joins.iter().any(|word| text.contains(word))
}

#[test]
fn what_is_read_while_things_happen_is_of_one_moment() {
    let first = seed();
    for seed in first..first + cases(1000) {
        let case = Case::random(seed);
        let query = case.query();
        if query.is_grouped() || !is_of_one_kind(&query) {
            continue;
        }
        let mut server = case.server();
        server.forgetful = seed % 3 == 0;
        let changing = Changing {
            server: server.into(),
            chance: Chance::new(!seed).into(),
        };
        let k8kat = K8Kat::new(&changing);
        let found = k8kat.query(query).all().now_or_never();
        let found = found.expect("nothing is waited for").expect("an answer");
        let found: Vec<String> = found.iter().map(place).collect();
        let server = changing.server.borrow();
        let mut moments = server.past.iter().chain([&server.state]).map(|state| {
            let reference = Reference {
                state,
                visible: EVERYTHING,
            };
            bare(reference.answer(&case.query()))
        });
        assert!(
            moments.any(|expected| expected == found),
            "case {seed}: {} was never {found:?}\n{:#?}\n{}",
            case.text,
            server.asked.borrow(),
            print(&case.state)
        );
    }
}

/// The objects of a state, one a line.
pub(crate) fn print(state: &State) -> String {
    let objects = state.objects.values().map(ToString::to_string);
    objects.collect::<Vec<_>>().join("\n")
}
