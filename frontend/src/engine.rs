//! The worker's side: an engine, the requests it wants, and its one timer.
//!
//! The same [`Driver`] runs in the page where no worker can start. It keeps no state of a
//! cluster: that is the engine's. Inputs come one by one, effects are begun at once and report
//! back later, so nothing here calls the engine while it works.

mod clusters;
mod fetch;
mod socket;
mod transport;

use std::cell::RefCell;
use std::rc::Rc;

use k8kat::engine::message::{
    Blank, BlankState, Freshness, FreshnessState, Intent, Offer, Update, View,
};
use k8kat::engine::{Effect, Engine, Input, RequestId, Settings};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::message::{ClusterEntry, Start, ToPage, ToWorker, decode, encode};
use crate::scope::{self, Timer, now};
use crate::storage::{names_of, with_names};
use clusters::Listing;
use transport::{Event, Transport};

/// Listens for the page's messages for as long as the worker lives.
pub(crate) fn run_in_worker() {
    let scope = js_sys::global().unchecked_into::<web_sys::DedicatedWorkerGlobalScope>();
    let out = scope.clone();
    let post = move |message: ToPage| {
        // Fails only when the message cannot be cloned, and bytes always can.
        let _ = out.post_message(&encode(&message));
    };
    let last_words = scope.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let died = ToPage::Died(panic.to_string());
        let _ = last_words.post_message(&encode(&died));
    }));
    post(ToPage::Ready);
    let driver = Driver::new(post);
    let on_message = Closure::<dyn Fn(_)>::new(move |event: web_sys::MessageEvent| {
        if let Some(message) = decode(&event.data()) {
            driver.receive(message);
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
}

/// An engine with its surroundings. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Driver(Rc<Inner>);

struct Inner {
    post: Box<dyn Fn(ToPage)>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    start: Start,
    clusters: Vec<ClusterEntry>,
    open: Option<Open>,
    retry_clusters: Option<Timer>,
}

/// The cluster looked at.
struct Open {
    slug: String,
    engine: Engine,
    transport: Transport,
    timer: Option<(u64, Timer)>,
}

impl Driver {
    pub(crate) fn new(post: impl Fn(ToPage) + 'static) -> Self {
        Self(Rc::new(Inner {
            post: Box::new(post),
            state: RefCell::default(),
        }))
    }

    /// The one entry for the page.
    pub(crate) fn receive(&self, message: ToWorker) {
        match message {
            ToWorker::Start(start) => {
                self.0.state.borrow_mut().start = start;
                self.list_clusters();
            }
            ToWorker::Intent(intent) => self.intent(intent),
            ToWorker::Choose(slug) => {
                self.0.state.borrow_mut().start.cluster = Some(slug);
                self.open_cluster();
            }
            ToWorker::SignIn(token) => self.sign_in(token),
            ToWorker::Ping(number) => (self.0.post)(ToPage::Pong(number)),
        }
    }

    fn intent(&self, intent: Intent) {
        if self.0.state.borrow().open.is_some() {
            self.input(Input::Intent(intent));
        } else if intent == Intent::Retry {
            self.list_clusters();
        }
        // Whatever else comes before a cluster is open is said again by the page when it is.
    }

    fn sign_in(&self, token: String) {
        let open = {
            let mut state = self.0.state.borrow_mut();
            state.start.token = Some(token.clone());
            if let Some(open) = &mut state.open {
                open.transport.set_token(Some(token));
            }
            state.open.is_some()
        };
        if open {
            self.input(Input::Intent(Intent::Retry));
        } else {
            self.list_clusters();
        }
    }

    fn list_clusters(&self) {
        let this = self.clone();
        let start = {
            let mut state = self.0.state.borrow_mut();
            state.retry_clusters = None;
            state.start.clone()
        };
        spawn_local(async move {
            match clusters::list(&start.api, start.token.as_deref()).await {
                Listing::Clusters(clusters) => this.listed(clusters),
                Listing::SignIn(reason) => {
                    this.say(None, "signed out");
                    (this.0.post)(ToPage::SignIn(reason));
                }
                Listing::Failed(error) => this.unreachable(error),
            }
        });
    }

    fn listed(&self, clusters: Vec<ClusterEntry>) {
        self.0.state.borrow_mut().clusters.clone_from(&clusters);
        (self.0.post)(ToPage::Clusters(clusters));
        self.open_cluster();
    }

    fn unreachable(&self, error: String) {
        self.say_blank(Blank {
            state: BlankState::Unreachable,
            title: "Kapi does not answer".into(),
            text: "The list of clusters could not be read. It is asked for again every 5 s; \
                   the program may have been stopped, or the network may be down."
                .into(),
            evidence: Some(error),
            offers: vec![("Try now".into(), Offer::Retry)],
        });
        let this = self.clone();
        let again = Timer::after(5_000.0, move || this.list_clusters());
        self.0.state.borrow_mut().retry_clusters = Some(again);
    }

    /// Opens the cluster asked for, and leaves the one that was open.
    fn open_cluster(&self) {
        let (start, clusters) = {
            let mut state = self.0.state.borrow_mut();
            state.open = None;
            (state.start.clone(), state.clusters.clone())
        };
        let Some(entry) = clusters::pick(&clusters, start.cluster.as_deref()) else {
            return self.say_blank(clusters::nothing_to_open(
                &clusters,
                start.cluster.as_deref(),
            ));
        };
        let this = self.clone();
        let transport = Transport::new(
            format!("{}/clusters/{}", start.api, entry.slug),
            start.token,
            Rc::new(move |id, event| this.event(id, event)),
        );
        let usual = Settings::default();
        let budget = start
            .store_budget_mb
            .map(|megabytes| (megabytes as usize) << 20);
        let engine = Engine::new(Settings {
            namespace: entry.namespace.clone(),
            read_namespaces: names_of(&start.read_namespaces, &entry.slug),
            cluster: entry.name().to_owned(),
            store_budget: budget.unwrap_or(usual.store_budget),
        });
        self.0.state.borrow_mut().open = Some(Open {
            slug: entry.slug.clone(),
            engine,
            transport,
            timer: None,
        });
        (self.0.post)(ToPage::Opened(entry.slug.clone()));
    }

    /// Something happened to a request that may be cancelled by now.
    fn event(&self, id: RequestId, event: Event) {
        let wanted = {
            let mut state = self.0.state.borrow_mut();
            state
                .open
                .as_mut()
                .is_some_and(|open| open.transport.settle(id, &event))
        };
        if wanted {
            self.input(match event {
                Event::Head(head) => Input::Head { id, head },
                Event::Chunk(bytes) => Input::Chunk { id, bytes },
                Event::End => Input::End { id },
                Event::Failed(error) => Input::Failed { id, error },
            });
        }
    }

    fn input(&self, input: Input) {
        let mut updates = Vec::new();
        {
            let mut state = self.0.state.borrow_mut();
            let State { open, start, .. } = &mut *state;
            let Some(open) = open else { return };
            let begun = scope::microseconds();
            let effects = open.engine.handle(input, now());
            let took_us = scope::microseconds().saturating_sub(begun);
            for effect in effects {
                match effect {
                    Effect::Send { id, request } => open.transport.send(id, request),
                    Effect::Cancel { id } => open.transport.cancel(id),
                    Effect::Update(mut update) => {
                        if let Some(view) = &mut update.view {
                            view.took_us = u32::try_from(took_us).unwrap_or(u32::MAX);
                        }
                        if let Some(names) = &update.read_namespaces {
                            start.read_namespaces =
                                with_names(&start.read_namespaces, &open.slug, names);
                        }
                        updates.push((open.slug.clone(), update));
                    }
                }
            }
            self.wind_timer(open);
        }
        for (cluster, update) in updates {
            (self.0.post)(ToPage::Update { cluster, update });
        }
    }

    fn wind_timer(&self, open: &mut Open) {
        let Some(deadline) = open.engine.deadline() else {
            open.timer = None;
            return;
        };
        if open.timer.as_ref().is_some_and(|(set, _)| *set == deadline) {
            return;
        }
        let wait = deadline.saturating_sub(now().monotonic_ms);
        let this = self.clone();
        let tick = move || {
            if let Some(open) = &mut this.0.state.borrow_mut().open {
                open.timer = None;
            }
            this.input(Input::Tick);
        };
        // Longer waits than a day wrap in browsers; the engine only finds that it is early.
        let timer = Timer::after((wait as f64).min(86_400_000.0), tick);
        open.timer = Some((deadline, timer));
    }

    fn say_blank(&self, blank: Blank) {
        let view = View {
            title: "Kapi".into(),
            blank: Some(blank),
            ..View::default()
        };
        self.say(Some(view), "no cluster");
    }

    /// What the page shows while no engine can speak; without a view, what it shows stays.
    fn say(&self, view: Option<View>, why: &str) {
        let freshness = Freshness {
            state: FreshnessState::Offline,
            word: "Offline".into(),
            detail: why.into(),
            reason: String::new(),
        };
        (self.0.post)(ToPage::Update {
            cluster: String::new(),
            update: Box::new(Update {
                view,
                freshness: Some(freshness),
                ..Update::default()
            }),
        });
    }
}
