//! What is true: pods that change at random, and the states that each has been in.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kapi_tests::{System, pod};
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// At most so many pods come and go.
const MOST: usize = 60;
/// What happened within this time tells how it is now.
const LATELY: Duration = Duration::from_secs(3);
/// Between two changes.
const PAUSE: Duration = Duration::from_millis(15);

/// A pod, as far as queries and rows tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// The tag of its image; each change of the image has another.
    pub(crate) tag: u64,
    /// Its label `app`.
    pub(crate) app: String,
}

/// A change of one pod.
#[derive(Debug)]
struct Change {
    sent: Instant,
    /// When the server said that it was made; not yet, or it is not known whether it ever was.
    made: Option<Instant>,
    /// Nothing: it was deleted.
    state: Option<State>,
}

/// All changes so far, by namespace and name.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<String, Vec<Change>>);

/// The pods.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) system: Arc<System>,
    pub(crate) namespaces: [String; 2],
    history: Arc<Mutex<History>>,
    /// Whether it changes.
    pub(crate) changes: tokio::sync::watch::Sender<bool>,
}

impl History {
    /// How long a change took to be made lately: what everything takes here and now, by the same
    /// way as what is watched.
    pub(crate) fn slowness(&self, now: Instant) -> Duration {
        let lately = now.checked_sub(LATELY).unwrap_or(now);
        let newest = self.0.values().filter_map(|changes| changes.last());
        let took = newest
            .filter(|change| change.made.is_some_and(|made| made > lately))
            .filter_map(|change| Some(change.made? - change.sent));
        took.max().unwrap_or_default()
    }

    /// What a pod may be shown as by whoever knows all that was made until `since`, and perhaps
    /// more.
    fn possible(&self, pod: &str, since: Instant, now: Instant) -> Vec<Option<&State>> {
        let changes = self.0.get(pod).map(Vec::as_slice).unwrap_or_default();
        let known = changes
            .iter()
            .rposition(|change| change.made.is_some_and(|made| made <= since));
        let later = changes[known.unwrap_or(0)..]
            .iter()
            .filter(|change| change.sent <= now)
            .map(|change| change.state.as_ref());
        known
            .map_or_else(|| Some(None), |_| None)
            .into_iter()
            .chain(later)
            .collect()
    }

    /// Where what is shown (pods with their tags) is not what was true lately.
    pub(crate) fn lies(
        &self,
        shown: &BTreeMap<String, u64>,
        matches: impl Fn(&str, &State) -> bool,
        since: Instant,
        now: Instant,
    ) -> Vec<String> {
        let mut lies = Vec::new();
        for pod in self.0.keys() {
            let seen = shown.get(pod);
            let possible = self.possible(pod, since, now);
            let fits = |state: &Option<&State>| {
                state
                    .filter(|state| matches(pod, state))
                    .map(|state| &state.tag)
                    == seen
            };
            if !possible.iter().any(fits) {
                lies.push(format!("{pod}: shown {seen:?}, was {possible:?}"));
            }
        }
        let unknown = shown.keys().filter(|pod| !self.0.contains_key(*pod));
        lies.extend(unknown.map(|pod| format!("{pod}: shown, and never was")));
        lies
    }
}

impl World {
    /// Pods that stay, and the will to change.
    pub(crate) async fn create(system: Arc<System>) -> Self {
        let namespaces = [
            system.namespace("faults-a").await,
            system.namespace("faults-b").await,
        ];
        let world = Self {
            system,
            namespaces,
            history: Arc::default(),
            changes: tokio::sync::watch::Sender::new(true),
        };
        for number in 0..5 {
            let state = State {
                tag: number,
                app: "web".to_owned(),
            };
            world
                .change(0, &format!("stays-{number}"), Some(state))
                .await;
        }
        world
    }

    pub(crate) fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes pods at random until it is dropped.
    pub(crate) async fn live(self, mut random: ChaCha8Rng) {
        let mut changes = self.changes.subscribe();
        for tag in 1000.. {
            if changes.wait_for(|changes| *changes).await.is_err() {
                return;
            }
            self.change_something(&mut random, tag).await;
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn change_something(&self, random: &mut ChaCha8Rng, tag: u64) {
        let (place, number) = (random.random_range(0..2), random.random_range(0..MOST / 2));
        let name = format!("pod-{number}");
        let now = self.newest(&format!("{}/{name}", self.namespaces[place]));
        let app = ["web", "db"].choose(random).copied().unwrap_or_default();
        let next = match now {
            Some(_) if random.random_range(0..4) == 0 => None,
            Some(now) if random.random_range(0..2) == 0 => Some(State { tag, ..now }),
            Some(now) => Some(State {
                app: app.to_owned(),
                ..now
            }),
            None => Some(State {
                tag,
                app: app.to_owned(),
            }),
        };
        self.change(place, &name, next).await;
    }

    fn newest(&self, pod: &str) -> Option<State> {
        self.history().0.get(pod)?.last()?.state.clone()
    }

    /// Makes a change, and notes when it was sent and made. Of one that is not answered as it
    /// should be, the server is asked what became of it.
    async fn change(&self, place: usize, name: &str, next: Option<State>) {
        let namespace = &self.namespaces[place];
        let key = format!("{namespace}/{name}");
        let path = format!("/api/v1/namespaces/{namespace}/pods");
        let exists = self.newest(&key).is_some();
        let sent = Instant::now();
        self.note(
            &key,
            Change {
                sent,
                made: None,
                state: next.clone(),
            },
        );
        let (code, _) = match &next {
            None => {
                let path = format!("{path}/{name}?gracePeriodSeconds=0");
                self.send("DELETE", &path, None).await
            }
            Some(state) if exists => {
                let patch =
                    json!({"metadata": {"labels": {"app": state.app}}, "spec": spec(state)});
                self.send("PATCH", &format!("{path}/{name}"), Some(patch))
                    .await
            }
            Some(state) => {
                let mut pod = pod(namespace, name, &json!({"app": state.app}));
                pod["spec"]["containers"] = spec(state)["containers"].clone();
                self.send("POST", &path, Some(pod)).await
            }
        };
        let state = if code < 300 {
            next
        } else {
            self.ask(&format!("{path}/{name}")).await
        };
        let made = Some(Instant::now());
        self.note(&key, Change { sent, made, state });
    }

    /// What is answered; nothing, by a status that there is not, when a fault cuts it short.
    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let system = &self.system;
        let sent = system
            .try_to_send("application/json", method, path, body)
            .await;
        sent.unwrap_or((999, Value::Null))
    }

    fn note(&self, pod: &str, change: Change) {
        self.history()
            .0
            .entry(pod.to_owned())
            .or_default()
            .push(change);
    }

    /// What the server has, as soon as it says.
    async fn ask(&self, path: &str) -> Option<State> {
        loop {
            match self.send("GET", path, None).await {
                (200, pod) => return Some(state(&pod)),
                (404, answer) if answer["kind"] == "Status" => return None,
                _ => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// The pods as the server lists them, with their states.
    pub(crate) async fn listed(&self) -> BTreeMap<String, State> {
        let mut listed = BTreeMap::new();
        for namespace in &self.namespaces {
            let path = format!("/api/v1/namespaces/{namespace}/pods");
            let (code, list) = self.system.send("GET", &path, None).await;
            assert_eq!(code, 200, "{list}");
            for pod in list["items"].as_array().into_iter().flatten() {
                let name = pod["metadata"]["name"].as_str().unwrap_or_default();
                listed.insert(format!("{namespace}/{name}"), state(pod));
            }
        }
        listed
    }

    pub(crate) async fn delete(&self) {
        for namespace in &self.namespaces {
            self.system.delete_namespace(namespace).await;
        }
    }
}

fn spec(state: &State) -> Value {
    let image = format!("example.com/none:{}", state.tag);
    json!({"containers": [{"name": "c", "image": image}]})
}

fn state(pod: &Value) -> State {
    let image = pod["spec"]["containers"][0]["image"].as_str();
    State {
        tag: tag(image.unwrap_or_default()),
        app: pod["metadata"]["labels"]["app"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    }
}

/// The tag of an image.
pub(crate) fn tag(image: &str) -> u64 {
    let tag = image.rsplit(':').next().unwrap_or_default();
    tag.parse().expect("tags are numbers here")
}
