//! Where the page is: the address, the history, and the intents that follow from them.
//!
//! Whoever wants to show something else asks here, so that the address is always right.

use std::time::Duration;

use k8kat::engine::message::{Intent, Link};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::live::{Live, is_answer};
use crate::route::Route;
use crate::state::State;

/// How long nobody types before the address follows: a browser fetches the page's icon anew at each change, and refuses
/// a hundred changes in half a minute.
const REST: Duration = Duration::from_millis(300);

/// What is shown when the address names no query.
const FIRST_QUERY: &str = "pods";

/// Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct Navigation {
    live: Live,
    route: State<Route>,
    /// The newest entry of the history holds a text that is still being typed.
    typing: State<bool>,
    /// How many letters were typed that the address does not have yet.
    unwritten: State<u32>,
    /// The rows the table shows, to ask for again.
    window: State<(usize, usize)>,
    /// Whether the opened object's text is shown.
    pub(crate) yaml: State<bool>,
}

impl Navigation {
    pub(crate) fn new(live: Live) -> Self {
        let navigation = Self {
            live,
            route: State::new(current()),
            typing: State::new(false),
            unwritten: State::new(0),
            window: State::new((0, 100)),
            yaml: State::new(false),
        };
        window_event_listener(ev::popstate, move |_| navigation.popped());
        window_event_listener(ev::pagehide, move |_| navigation.catch_up());
        // Counts that nobody watches grow old while the person is elsewhere.
        window_event_listener(ev::focus, move |_| live.intent(Intent::Count));
        Effect::new(move |_| {
            let (slug, times) = live.opened.get();
            if times > 0 {
                navigation.opened(slug);
            }
        });
        // Kinds are counted when the answer is there, so that they do not come in its way.
        let answered = Memo::new(move |_| live.view.with(is_answer));
        Effect::new(move |_| {
            if live.opened.with(|(_, times)| *times > 0) && answered.get() {
                live.intent(Intent::Count);
            }
        });
        Effect::new(move |_| navigation.settle_on_canonical());
        navigation
    }

    /// The query of the address.
    pub(crate) fn query(self) -> String {
        self.route.with(query_of)
    }

    /// The object of the address.
    pub(crate) fn object(self) -> Option<String> {
        self.route.with(|route| route.object.clone())
    }

    /// The cluster asked for by the address.
    pub(crate) fn cluster(self) -> Option<String> {
        self.route.with_untracked(|route| route.cluster.clone())
    }

    /// Runs a query.
    pub(crate) fn run(self, text: String) {
        let same = self.route.with_untracked(|route| query_of(route) == text);
        self.go(same || self.typing.get_untracked(), |route| {
            route.query = Some(text.clone());
            route.object = None;
        });
        self.typing.set(false);
        self.live.intent(Intent::Close);
        self.send_query(true);
    }

    /// Tries a query that is still being typed.
    pub(crate) fn try_out(self, text: String) {
        if self.typing.get_untracked() {
            self.route.update(|route| route.query = Some(text));
            self.unwritten.update(|letters| *letters += 1);
            let letters = self.unwritten.get_untracked();
            let rest = move || {
                if self.unwritten.get_untracked() == letters {
                    self.catch_up();
                }
            };
            set_timeout(rest, REST);
        } else {
            self.typing.set(true);
            self.go(false, |route| route.query = Some(text));
        }
        self.send_query(false);
    }

    /// Writes what was typed into the address.
    fn catch_up(self) {
        if self.unwritten.get_untracked() > 0 {
            self.go(true, |_| ());
        }
    }

    /// Opens an object.
    pub(crate) fn open(self, path: String) {
        let same = self
            .route
            .with_untracked(|route| route.object.as_ref() == Some(&path));
        if !same {
            self.go(false, |route| route.object = Some(path.clone()));
        }
        self.live.intent(Intent::Open { path });
        self.send_yaml();
    }

    /// Closes the object.
    pub(crate) fn close(self) {
        self.yaml.set(false);
        self.go(false, |route| route.object = None);
        self.live.intent(Intent::Close);
    }

    /// Shows the opened object's text, or no longer.
    pub(crate) fn show_yaml(self, shown: bool) {
        self.yaml.set(shown);
        self.send_yaml();
    }

    /// The address that a link leads to, for opening it elsewhere.
    pub(crate) fn href(self, link: &Link) -> String {
        let mut route = self.route.get_untracked();
        match link {
            Link::Object(path) => route.object = Some(path.clone()),
            Link::Query(text) => {
                route.query = Some(text.clone());
                route.object = None;
            }
        }
        route.href()
    }

    /// Opens another cluster with the same query.
    pub(crate) fn choose_cluster(self, slug: String) {
        self.go(false, |route| {
            route.cluster = Some(slug.clone());
            route.object = None;
        });
        self.live.choose(slug);
    }

    /// Asks for these rows.
    pub(crate) fn window(self, first: usize, count: usize) {
        self.window.set((first, count));
        self.live.intent(Intent::Window { first, count });
    }

    /// Asks for candidates at a place of a text.
    pub(crate) fn complete(self, text: String, cursor: usize) {
        self.live.intent(Intent::Complete { text, cursor });
    }

    /// Back (-1) or on (1).
    pub(crate) fn travel(self, steps: i32) {
        if let Ok(history) = window().history() {
            // A history that cannot be walked stays where it is.
            let _ = history.go_with_delta(steps);
        }
    }

    fn opened(self, slug: String) {
        if self.cluster().as_ref() != Some(&slug) {
            self.go(true, |route| route.cluster = Some(slug.clone()));
        }
        let (first, count) = self.window.get_untracked();
        self.live.intent(Intent::Window { first, count });
        self.send_query(true);
        self.send_object();
    }

    fn popped(self) {
        self.typing.set(false);
        self.unwritten.set(0);
        let before = self.route.get_untracked();
        let route = current();
        self.route.set(route.clone());
        if before.cluster != route.cluster
            && let Some(slug) = &route.cluster
        {
            return self.live.choose(slug.clone());
        }
        if query_of(&before) != query_of(&route) {
            self.send_query(true);
        }
        if before.object != route.object {
            self.send_object();
        }
    }

    fn send_query(self, committed: bool) {
        let text = self.route.with_untracked(query_of);
        self.live.intent(Intent::Query { text, committed });
    }

    fn send_object(self) {
        match self.route.with_untracked(|route| route.object.clone()) {
            Some(path) => {
                self.live.intent(Intent::Open { path });
                self.send_yaml();
            }
            None => self.live.intent(Intent::Close),
        }
    }

    fn send_yaml(self) {
        let shown = self.yaml.get_untracked();
        if !shown {
            self.live.yaml.set(String::new());
        }
        self.live.intent(Intent::Yaml { shown });
    }

    /// A committed query without problems stands in the address in its canonical form.
    fn settle_on_canonical(self) {
        let typing = self.typing.get();
        let canonical = self.live.query.with(|echo| {
            let clean = echo.problems.is_empty() && !echo.canonical.is_empty();
            let ours = self.route.with_untracked(query_of) == echo.text;
            (clean && ours && echo.answered).then(|| echo.canonical.clone())
        });
        if let Some(canonical) = canonical
            && !typing
        {
            let mut route = self.route.get_untracked();
            route.query = Some(canonical);
            write(&route, true);
        }
    }

    fn go(self, replace: bool, change: impl FnOnce(&mut Route)) {
        if !replace {
            self.catch_up();
        }
        self.unwritten.set(0);
        self.route.update(change);
        self.route.with_untracked(|route| write(route, replace));
    }
}

fn query_of(route: &Route) -> String {
    route
        .query
        .clone()
        .unwrap_or_else(|| FIRST_QUERY.to_owned())
}

fn current() -> Route {
    Route::parse(&window().location().search().unwrap_or_default())
}

fn write(route: &Route, replace: bool) {
    let Ok(history) = window().history() else {
        return;
    };
    if replace && current() == *route {
        return;
    }
    let href = route.href();
    // Refused only when asked too often; the next entry is right again.
    let _ = if replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&href))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(&href))
    };
}
