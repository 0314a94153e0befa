//! Carries requests: fetch for what ends, WebSockets for what goes on.
//!
//! A browser opens only six connections to an origin over HTTP/1.1, so watches that were sent
//! by fetch would starve everything else: they go as WebSockets. A WebSocket that fails before
//! it opens does not say why, so the same request is then sent by fetch, whose status does.
//! Where that succeeds, WebSockets are blocked on the way, and a few watches go by fetch.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use k8kat::engine::{Head, Request, RequestId};

use super::fetch::{self, Fetch};
use super::socket;
use crate::scope::now;

/// How a request goes on.
pub(crate) enum Event {
    Head(Head),
    Chunk(Vec<u8>),
    End,
    Failed(String),
}

/// Where events go.
pub(crate) type Sink = Rc<dyn Fn(RequestId, Event)>;

/// The most watches by fetch; two of the six connections stay free for lists.
const FETCH_STREAMS: usize = 4;
/// For how long WebSockets are taken to be blocked before one is tried again.
const BLOCKED_MS: u64 = 300_000;

/// All that requests to one cluster have in common.
#[derive(Clone)]
pub(crate) struct Way {
    /// `https://host/clusters/slug`
    pub(crate) base: String,
    pub(crate) token: Option<String>,
    pub(crate) sink: Sink,
}

/// The requests under way. Dropping it stops them.
pub(crate) struct Transport {
    way: Way,
    running: HashMap<RequestId, Rc<Running>>,
    blocked_until_ms: Rc<Cell<u64>>,
}

/// A request under way; dropping it stops it.
#[derive(Default)]
pub(crate) struct Running {
    fetch: Cell<Option<Fetch>>,
    socket: Cell<Option<socket::Socket>>,
    /// It is a watch that goes by fetch.
    fetch_stream: Cell<bool>,
}

impl Transport {
    pub(crate) fn new(base: String, token: Option<String>, sink: Sink) -> Self {
        Self {
            way: Way { base, token, sink },
            running: HashMap::new(),
            blocked_until_ms: Rc::default(),
        }
    }

    pub(crate) fn set_token(&mut self, token: Option<String>) {
        self.way.token = token;
    }

    pub(crate) fn send(&mut self, id: RequestId, request: Request) {
        let running = Rc::new(Running::default());
        self.running.insert(id, Rc::clone(&running));
        if !request.streams {
            return start_fetch(&self.way, id, request, &running);
        }
        if self.blocked_until_ms.get() > now().monotonic_ms {
            return self.send_as_fetch_stream(id, request, &running);
        }
        self.send_as_socket(id, request, &running);
    }

    pub(crate) fn cancel(&mut self, id: RequestId) {
        self.running.remove(&id);
    }

    /// Whether anybody still wants an event of this request; its last one ends it.
    pub(crate) fn settle(&mut self, id: RequestId, event: &Event) -> bool {
        match event {
            Event::End | Event::Failed(_) => self.running.remove(&id).is_some(),
            Event::Head(_) | Event::Chunk(_) => self.running.contains_key(&id),
        }
    }

    fn send_as_socket(&self, id: RequestId, request: Request, running: &Rc<Running>) {
        let way = self.way.clone();
        let blocked_until_ms = Rc::clone(&self.blocked_until_ms);
        let weak = Rc::downgrade(running);
        let (path, accept) = (request.path.clone(), request.accept);
        let never_opened = move || {
            let Some(running) = weak.upgrade() else {
                return;
            };
            running.fetch_stream.set(true);
            let answered = Rc::clone(&way.sink);
            let way = Way {
                sink: Rc::new(move |id, event| {
                    if matches!(&event, Event::Head(head) if head.status == 200) {
                        blocked_until_ms.set(now().monotonic_ms + BLOCKED_MS);
                    }
                    answered(id, event);
                }),
                ..way.clone()
            };
            start_fetch(&way, id, request, &running);
        };
        let socket = socket::Socket::open(&self.way, id, &path, accept, Box::new(never_opened));
        running.socket.set(Some(socket));
    }

    fn send_as_fetch_stream(&self, id: RequestId, request: Request, running: &Rc<Running>) {
        let streams = self
            .running
            .values()
            .filter(|running| running.fetch_stream.get())
            .count();
        if streams < FETCH_STREAMS {
            running.fetch_stream.set(true);
            return start_fetch(&self.way, id, request, running);
        }
        let sink = Rc::clone(&self.way.sink);
        wasm_bindgen_futures::spawn_local(async move {
            let error = "WebSockets do not get through to kapi, and without them only 4 lists \
                         can be followed at once"
                .to_owned();
            sink(id, Event::Failed(error));
        });
    }
}

fn start_fetch(way: &Way, id: RequestId, request: Request, running: &Rc<Running>) {
    running.fetch.set(Some(fetch::start(way, id, request)));
}
