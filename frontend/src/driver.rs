//! The page's side of the worker: starts it, speaks with it, notices its death.
//!
//! Where no worker can start, the engine runs in the page behind the same messages. A worker
//! that died is started again by itself, a few times; the page then opens its view anew,
//! because [`ToPage::Opened`] comes again.

mod watchdog;

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use leptos::prelude::{document, set_interval, set_timeout};
use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlLinkElement, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::engine;
use crate::message::{Start, ToPage, ToWorker, decode, encode};
use crate::storage::{NAMESPACES, stored};
use watchdog::{Verdict, Watchdog};

const PING: Duration = Duration::from_secs(3);
const START: Duration = Duration::from_secs(20);
/// So many deaths within so long, and the worker stays dead.
const LIVES: usize = 4;
const LIVES_WITHIN_MS: f64 = 600_000.0;

/// A running engine, wherever it runs.
#[derive(Clone)]
pub(crate) struct Driver(Rc<Inner>);

struct Inner {
    listener: Box<dyn Fn(ToPage)>,
    state: RefCell<State>,
}

struct State {
    start: Start,
    link: Link,
    watchdog: Watchdog,
    /// When it died, by the clock.
    deaths: Vec<f64>,
}

enum Link {
    /// It does not listen yet.
    Starting(Hands),
    Worker(Hands),
    InPage(engine::Driver),
    Dead,
}

/// A worker, its handlers and when it was made.
struct Hands {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Drop for Hands {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Driver {
    /// Starts an engine; `listener` hears all it says.
    pub(crate) fn start(start: Start, listener: impl Fn(ToPage) + 'static) -> Self {
        let driver = Self(Rc::new(Inner {
            listener: Box::new(listener),
            state: RefCell::new(State {
                start,
                link: Link::Dead,
                watchdog: Watchdog::default(),
                deaths: Vec::new(),
            }),
        }));
        driver.begin();
        let weak = Rc::downgrade(&driver.0);
        set_interval(move || ping(&weak), PING);
        driver
    }

    /// Says something to the engine. While it starts nothing is kept: the page says again what
    /// it wants to see when the cluster is open.
    pub(crate) fn send(&self, message: ToWorker) {
        let in_page = {
            let mut state = self.0.state.borrow_mut();
            match &message {
                ToWorker::Choose(slug) => state.start.cluster = Some(slug.clone()),
                ToWorker::SignIn(token) => state.start.token = Some(token.clone()),
                _ => {}
            }
            match &state.link {
                Link::Worker(hands) => return post(&hands.worker, &message),
                Link::InPage(engine) => engine.clone(),
                Link::Starting(_) | Link::Dead => return,
            }
        };
        in_page.receive(message);
    }

    fn begin(&self) {
        match self.hire() {
            Some(hands) => {
                self.0.state.borrow_mut().link = Link::Starting(hands);
                let this = self.clone();
                set_timeout(move || this.give_up_waiting(), START);
            }
            None => self.run_in_page(),
        }
    }

    fn hire(&self) -> Option<Hands> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options("./worker.js", &options).ok()?;
        let this = Rc::downgrade(&self.0);
        let on_message = Closure::<dyn Fn(_)>::new(move |event: MessageEvent| {
            if let (Some(inner), Some(message)) = (this.upgrade(), decode(&event.data())) {
                Self(inner).hear(message);
            }
        });
        let this = Rc::downgrade(&self.0);
        let on_error = Closure::<dyn Fn(_)>::new(move |event: Event| {
            if let Some(inner) = this.upgrade() {
                Self(inner).failed(said(&event));
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let begin = js_sys::Array::of2(&glue()?.into(), &wasm_bindgen::module());
        worker.post_message(&begin).ok()?;
        Some(Hands {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    fn hear(&self, message: ToPage) {
        match message {
            ToPage::Ready => self.ready(),
            ToPage::Pong(number) => self.0.state.borrow_mut().watchdog.pong(number),
            ToPage::Died(reason) => self.died(reason),
            message => (self.0.listener)(message),
        }
    }

    fn ready(&self) {
        let mut state = self.0.state.borrow_mut();
        state.watchdog = Watchdog::default();
        match std::mem::replace(&mut state.link, Link::Dead) {
            Link::Starting(hands) | Link::Worker(hands) => {
                state.start.read_namespaces = stored(NAMESPACES).unwrap_or_default();
                post(&hands.worker, &ToWorker::Start(state.start.clone()));
                state.link = Link::Worker(hands);
            }
            other => state.link = other,
        }
    }

    /// An error that no panic announced: a script that does not load, memory that ran out.
    fn failed(&self, reason: String) {
        let starting = matches!(self.0.state.borrow().link, Link::Starting(_));
        if starting {
            self.run_in_page();
        } else {
            self.died(reason);
        }
    }

    fn give_up_waiting(&self) {
        let starting = matches!(self.0.state.borrow().link, Link::Starting(_));
        if starting {
            self.run_in_page();
        }
    }

    fn died(&self, reason: String) {
        let again = {
            let mut state = self.0.state.borrow_mut();
            if matches!(state.link, Link::Dead) {
                return;
            }
            state.link = Link::Dead;
            let now_ms = js_sys::Date::now();
            state
                .deaths
                .retain(|death_ms| now_ms - death_ms < LIVES_WITHIN_MS);
            state.deaths.push(now_ms);
            state.deaths.len() < LIVES
        };
        leptos::logging::error!("the engine stopped: {reason}");
        let reason = reason.lines().next().unwrap_or_default();
        let then = if again {
            "It is started again; what you see is from before."
        } else {
            "It keeps stopping and is not started again: reload the page to try once more."
        };
        (self.0.listener)(ToPage::Died(format!(
            "The engine stopped ({reason}). {then}"
        )));
        if again {
            self.begin();
        }
    }

    fn run_in_page(&self) {
        let weak = Rc::downgrade(&self.0);
        let engine = engine::Driver::new(move |message| {
            if let Some(inner) = Weak::upgrade(&weak) {
                Self(inner).hear(message);
            }
        });
        let start = {
            let mut state = self.0.state.borrow_mut();
            state.link = Link::InPage(engine.clone());
            state.start.clone()
        };
        engine.receive(ToWorker::Start(start));
    }
}

fn ping(weak: &Weak<Inner>) {
    let Some(inner) = weak.upgrade() else { return };
    let verdict = {
        let mut state = inner.state.borrow_mut();
        if !matches!(state.link, Link::Worker(_)) {
            return;
        }
        let hidden = document().hidden();
        state
            .watchdog
            .tick(js_sys::Date::now(), hidden, PING.as_millis() as f64)
    };
    let driver = Driver(inner);
    match verdict {
        Verdict::Ping(number) => driver.send(ToWorker::Ping(number)),
        Verdict::Wait => {}
        Verdict::Dead => driver.died("it no longer answers".to_owned()),
    }
}

fn post(worker: &Worker, message: &ToWorker) {
    // Bytes can always be cloned, and a terminated worker is silent.
    let _ = worker.post_message(&encode(message));
}

/// A script that does not load gives an event without a message.
fn said(event: &Event) -> String {
    let message = js_sys::Reflect::get(event, &"message".into()).ok();
    let message = message.and_then(|message| message.as_string());
    message.unwrap_or_else(|| "its script did not load".to_owned())
}

/// The address of the script that this very module was loaded by.
fn glue() -> Option<String> {
    let link = document()
        .query_selector("link[rel=modulepreload]")
        .ok()??;
    Some(link.dyn_into::<HtmlLinkElement>().ok()?.href())
}
