//! What the engine last said, and the intents that the page sends it.
//!
//! Updates are applied in an animation frame and answered with `Drawn`, so the engine never
//! runs ahead of the screen; in a hidden tab, where frames do not come, they are applied at
//! once.

use std::cell::RefCell;
use std::rc::Rc;

use k8kat::engine::message::{
    BlankState, Cluster, Completion, Detail, Freshness, FreshnessState, Intent, KindCount,
    QueryEcho, Rows, Update, View,
};
use leptos::ev;
use leptos::prelude::{
    LocalStorage, SetValue, StoredValue, UpdateValue, WithValue, document, request_animation_frame,
    window_event_listener,
};

use crate::driver::Driver;
use crate::message::{ClusterEntry, Start, ToPage, ToWorker};
use crate::state::State;
use crate::storage::{NAMESPACES, store, stored, with_names};

/// What to draw, and intents to send. Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    pub(crate) query: State<QueryEcho>,
    pub(crate) view: State<View>,
    pub(crate) rows: State<Rows>,
    pub(crate) detail: State<Detail>,
    pub(crate) yaml: State<String>,
    pub(crate) kinds: State<Vec<KindCount>>,
    pub(crate) freshness: State<Freshness>,
    pub(crate) cluster: State<Cluster>,
    pub(crate) completion: State<Completion>,
    /// Some while a credential is asked for; says why.
    pub(crate) sign_in: State<Option<String>>,
    pub(crate) clusters: State<Vec<ClusterEntry>>,
    /// The open cluster's slug, and how often one was opened.
    pub(crate) opened: State<(String, u32)>,
    /// Something the person should know, until it is dismissed.
    pub(crate) notice: State<Option<String>>,
    /// A new engine stands in for one that died, and has not all of the answer yet: the old one stays.
    reviving: State<bool>,
    /// What the new one gave meanwhile: it is not given again.
    held: StoredValue<(Option<View>, Option<Rows>), LocalStorage>,
    driver: StoredValue<Option<Driver>, LocalStorage>,
    undrawn: StoredValue<Rc<RefCell<Vec<Update>>>, LocalStorage>,
}

impl Live {
    pub(crate) fn new() -> Self {
        let live = Self {
            query: State::default(),
            view: State::default(),
            rows: State::default(),
            detail: State::default(),
            yaml: State::default(),
            kinds: State::default(),
            freshness: State::default(),
            cluster: State::default(),
            completion: State::default(),
            sign_in: State::default(),
            clusters: State::default(),
            opened: State::default(),
            notice: State::default(),
            reviving: State::default(),
            held: StoredValue::new_local((None, None)),
            driver: StoredValue::new_local(None),
            undrawn: StoredValue::new_local(Rc::default()),
        };
        // A tab that is hidden now gets no frame for what came before.
        window_event_listener(ev::visibilitychange, move |_| {
            if document().hidden() {
                live.draw();
            }
        });
        live
    }

    pub(crate) fn start(self, start: Start) {
        let driver = Driver::start(start, move |message| self.hear(message));
        self.driver.set_value(Some(driver));
    }

    pub(crate) fn intent(self, intent: Intent) {
        self.send(ToWorker::Intent(intent));
    }

    pub(crate) fn retry(self) {
        self.intent(Intent::Retry);
    }

    pub(crate) fn choose(self, slug: String) {
        self.send(ToWorker::Choose(slug));
    }

    pub(crate) fn sign_in(self, token: String) {
        self.sign_in.set(None);
        self.send(ToWorker::SignIn(token));
    }

    fn send(self, message: ToWorker) {
        let driver = self.driver.with_value(Clone::clone);
        if let Some(driver) = driver {
            driver.send(message);
        }
    }

    fn hear(self, message: ToPage) {
        match message {
            ToPage::Clusters(clusters) => {
                self.sign_in.set(None);
                self.clusters.set(clusters);
            }
            ToPage::Opened(slug) => self.open(slug),
            ToPage::Update { cluster, update } => {
                // What a cluster says that was just left is not shown under another's name.
                let open = self.opened.with_untracked(|(slug, _)| *slug == cluster);
                if open || cluster.is_empty() {
                    self.take(*update);
                }
            }
            ToPage::SignIn(reason) => self.sign_in.set(Some(reason)),
            ToPage::Died(words) => self.died(words),
            ToPage::Ready | ToPage::Pong(_) => {}
        }
    }

    /// Until an engine speaks again, nothing that is shown is known to be true.
    fn died(self, words: String) {
        self.freshness.set(Freshness {
            state: FreshnessState::Stale,
            word: "Stale".into(),
            detail: "engine stopped".into(),
            reason: words.clone(),
        });
        self.notice.set(Some(words));
    }

    fn open(self, slug: String) {
        let same = self.opened.with_untracked(|(open, _)| *open == slug);
        if !same {
            self.forget();
        }
        self.reviving.set(same);
        self.held.set_value((None, None));
        self.opened.update(|opened| {
            opened.0 = slug;
            opened.1 += 1;
        });
    }

    /// Another cluster's rows must not stand under this one's name for a moment.
    fn forget(self) {
        self.undrawn
            .with_value(|undrawn| undrawn.borrow_mut().clear());
        self.query.set(QueryEcho::default());
        self.view.set(View::default());
        self.rows.set(Rows::default());
        self.detail.set(Detail::default());
        self.yaml.set(String::new());
        self.kinds.set(Vec::new());
        self.freshness.set(Freshness::default());
        self.cluster.set(Cluster::default());
    }

    fn take(self, update: Update) {
        self.undrawn
            .with_value(|undrawn| undrawn.borrow_mut().push(update));
        if document().hidden() {
            self.draw();
        } else {
            request_animation_frame(move || self.draw());
        }
    }

    fn draw(self) {
        let updates = self.undrawn.with_value(|undrawn| undrawn.take());
        for update in updates {
            let serial = update.serial;
            self.apply(update);
            self.intent(Intent::Drawn { serial });
        }
    }

    fn apply(self, mut update: Update) {
        self.keep_old_answer(&mut update);
        let is_first = self.view.with_untracked(|view| view.columns.is_empty());
        set(self.query, update.query);
        set(self.view, update.view);
        set(self.detail, update.detail);
        set(self.yaml, update.yaml);
        set(self.freshness, update.freshness);
        set(self.completion, update.completion);
        set(self.sign_in, update.sign_in);
        if let Some(names) = update.read_namespaces {
            self.opened
                .with_untracked(|(slug, _)| keep_namespaces(slug, &names));
        }
        let rows = move || set(self.rows, update.rows);
        // What stands beside the answer may come a frame later, and is then no part of a task.
        let beside = move || {
            set(self.kinds, update.kinds);
            set(self.cluster, update.cluster);
        };
        if document().hidden() {
            rows();
            beside();
        } else if is_first {
            // All is drawn for the first time, and slowly: the rows have a frame of their own.
            request_animation_frame(move || {
                rows();
                request_animation_frame(beside);
            });
        } else {
            rows();
            request_animation_frame(beside);
        }
    }

    /// Until an engine that was started again has all of the answer, what its predecessor gave stays, and what it
    /// gives is held back.
    fn keep_old_answer(self, update: &mut Update) {
        if !self.reviving.get_untracked() {
            return;
        }
        let is_catching_up = |freshness: &Freshness| freshness.state == FreshnessState::CatchingUp;
        let catches_up = match &update.freshness {
            Some(freshness) => is_catching_up(freshness),
            None => self.freshness.with_untracked(is_catching_up),
        };
        self.held.update_value(|(view, rows)| {
            update.view = update.view.take().or_else(|| view.take());
            update.rows = update.rows.take().or_else(|| rows.take());
            let is_whole = |view: &View| is_answer(view) && (view.blank.is_some() || !catches_up);
            if update.view.as_ref().is_some_and(is_whole) {
                self.reviving.set(false);
            } else {
                *view = update.view.take();
                *rows = update.rows.take();
            }
        });
    }
}

fn keep_namespaces(slug: &str, names: &[String]) {
    let old = stored(NAMESPACES).unwrap_or_default();
    store(NAMESPACES, &with_names(&old, slug, names));
}

/// Whether it is more than that something is on its way.
pub(crate) fn is_answer(view: &View) -> bool {
    match &view.blank {
        Some(blank) => blank.state != BlankState::Loading,
        None => !view.columns.is_empty(),
    }
}

fn set<T: PartialEq>(state: State<T>, value: Option<T>) {
    if let Some(value) = value
        && state.with_untracked(|old| *old != value)
    {
        state.set(value);
    }
}
