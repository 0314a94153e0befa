//! A model of the API server, after what its documentation and source say of lists and watches: paths,
//! rights, selectors, pages, tokens, what is refused and when. It knows nothing of queries.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::time::UNIX_EPOCH;

use futures_util::stream;
use k8kat::client::Transport;
use k8kat::engine::{Head, Request};
use serde_json::{Value, json};

use crate::chance::Chance;
use crate::selectors::{fields_match, labels_match};
use crate::state::{Key, NOW, RESOURCES, Resource, State};

/// What a user may list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rights {
    /// Where these are set, only in these namespaces.
    pub(crate) namespaces: Option<Vec<&'static str>>,
    /// Kinds that are forbidden, by their plural.
    pub(crate) denied: BTreeSet<&'static str>,
}

/// Something that may go wrong with the next list, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 429, with `Retry-After`.
    Busy,
    /// 410, if it continues another, or is of a moment that has passed.
    Expired,
    /// 504, if it is of a given moment, which is not there yet.
    Behind,
}

/// An API server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) state: State,
    /// Of 1.x.
    pub(crate) minor: u32,
    pub(crate) rights: Rights,
    /// Fields that it does not select by, though others do.
    pub(crate) refused: Vec<&'static str>,
    /// Whether it knows nothing of lists of a given moment.
    pub(crate) forgetful: bool,
    /// It gives no larger pages.
    pub(crate) page: usize,
    /// What goes wrong with the lists to come; a fault that does not apply to one waits.
    pub(crate) faults: RefCell<VecDeque<Fault>>,
    /// What was asked.
    pub(crate) asked: RefCell<Vec<String>>,
    /// What has happened: object before, object after.
    history: Vec<(Key, Option<Value>, Option<Value>)>,
    /// What there was before each of that.
    pub(crate) past: Vec<State>,
    /// Of what was before this version nothing is known any more.
    horizon: Cell<usize>,
}

/// The answer to a list, or the first events of a watch.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<&'static str>,
    pub(crate) body: String,
}

/// A list or a watch that is asked for.
pub(crate) struct Asked {
    resource: &'static Resource,
    namespace: Option<String>,
    labels: String,
    fields: String,
    limit: usize,
    token: String,
    version: String,
    metadata_only: bool,
    pub(crate) watches: bool,
}

impl Server {
    pub(crate) fn new(state: State) -> Self {
        Self {
            state,
            minor: 34,
            rights: Rights::default(),
            refused: Vec::new(),
            forgetful: false,
            page: 500,
            faults: RefCell::default(),
            asked: RefCell::default(),
            history: Vec::new(),
            past: Vec::new(),
            horizon: Cell::new(0),
        }
    }

    fn version(&self) -> usize {
        100 + self.history.len()
    }

    /// Something happens.
    pub(crate) fn change(&mut self, chance: &mut Chance) {
        let before = self.state.clone();
        let keys: Vec<Key> = before
            .objects
            .keys()
            .filter(|key| key.0 != "namespaces")
            .cloned()
            .collect();
        let key = if !keys.is_empty() && chance.one_in(4) {
            let key = keys[chance.below(keys.len())].clone();
            self.state.objects.remove(&key);
            key
        } else {
            self.state.change(chance)
        };
        let version = self.version() + 1;
        if let Some(object) = self.state.objects.get_mut(&key) {
            object["metadata"]["resourceVersion"] = json!(version.to_string());
        }
        let (old, new) = (before.objects.get(&key), self.state.objects.get(&key));
        self.history.push((key, old.cloned(), new.cloned()));
        self.past.push(before);
    }

    /// What is asked, if it is a list or a watch of something that exists.
    pub(crate) fn read(&self, request: &Request) -> Option<Asked> {
        let (path, parameters) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let (group, rest) = match path.strip_prefix("/apis/") {
            Some(rest) => rest.split_once("/v1/")?,
            None => ("", path.strip_prefix("/api/v1/")?),
        };
        let parts: Vec<&str> = rest.split('/').collect();
        let (namespace, plural) = match parts.as_slice() {
            [plural] => (None, *plural),
            ["namespaces", namespace, plural] => (Some((*namespace).to_owned()), *plural),
            _ => return None,
        };
        let mut of = RESOURCES.iter();
        let resource = of.find(|resource| {
            resource.plural == plural
                && resource.group == group
                && (resource.namespaced || namespace.is_none())
        })?;
        let parameter = |name: &str| {
            let mut all = parameters
                .split('&')
                .filter_map(|parameter| parameter.split_once('='));
            let found = all
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .unwrap_or_default();
            percent_encoding::percent_decode_str(found)
                .decode_utf8_lossy()
                .into_owned()
        };
        Some(Asked {
            resource,
            namespace,
            labels: parameter("labelSelector"),
            fields: parameter("fieldSelector"),
            limit: parameter("limit").parse().unwrap_or(0),
            token: parameter("continue"),
            version: parameter("resourceVersion"),
            metadata_only: request.accept.contains("as=PartialObjectMetadata"),
            watches: parameter("watch") == "true",
        })
    }

    /// What it answers to a list.
    pub(crate) fn list(&self, asked: &Asked) -> Answer {
        if let Err(refusal) = self.admit(asked) {
            return refusal;
        }
        let mut faults = self.faults.borrow_mut();
        match faults.front() {
            Some(Fault::Busy) => {
                faults.pop_front();
                let refusal = failure(
                    429,
                    "TooManyRequests",
                    "too many requests, please try again later",
                );
                return Answer {
                    retry_after: Some("1"),
                    ..refusal
                };
            }
            Some(Fault::Expired) if asked.is_of_the_past() => {
                faults.pop_front();
                self.horizon.set(self.version());
            }
            Some(Fault::Behind) if asked.is_of_a_moment() => {
                faults.pop_front();
                return failure(504, "Timeout", "Too large resource version");
            }
            _ => {}
        }
        if self.forgetful && asked.is_of_a_moment() {
            return failure(400, "BadRequest", "resourceVersionMatch is not known");
        }
        let (version, after) = self.place(asked);
        if version < self.horizon.get() {
            return failure(410, "Expired", "The provided continue parameter is too old");
        }
        let state = self.past.get(version - 100).unwrap_or(&self.state);
        let mut items: Vec<(String, &Value)> = Vec::new();
        for ((plural, namespace, name), object) in &state.objects {
            if *plural == asked.resource.plural && self.selects(asked, object) {
                items.push((format!("{namespace}/{name}"), object));
            }
        }
        // As the keys of etcd are ordered.
        items.sort_by(|(a, _), (b, _)| a.cmp(b));
        items.retain(|(key, _)| *key > after);
        // A list from the cache at any version has no pages.
        let is_limited = asked.limit > 0 && asked.version != "0";
        let end = if is_limited {
            asked.limit.min(self.page).min(items.len())
        } else {
            items.len()
        };
        let mut metadata = json!({"resourceVersion": version.to_string()});
        if end < items.len() {
            metadata["continue"] = json!(format!("{version}:{}", items[end - 1].0));
            if asked.labels.is_empty() && asked.fields.is_empty() {
                metadata["remainingItemCount"] = json!(items.len() - end);
            }
        }
        let items: Vec<Value> = items[..end]
            .iter()
            .map(|(_, object)| asked.shown(object, false))
            .collect();
        let body =
            json!({"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items});
        Answer {
            status: 200,
            retry_after: None,
            body: body.to_string(),
        }
    }

    /// The version that a list is of, and the key that it goes on behind.
    fn place(&self, asked: &Asked) -> (usize, String) {
        let exactly = asked.version.parse().ok().filter(|version| *version > 0);
        match asked.token.split_once(':') {
            Some((version, key)) => (version.parse().unwrap_or_default(), key.to_owned()),
            None => (exactly.unwrap_or_else(|| self.version()), String::new()),
        }
    }

    /// The events of a watch since a version, each a line; or why there is none.
    pub(crate) fn events(&self, asked: &Asked, since: usize) -> Result<Vec<String>, Answer> {
        self.admit(asked)?;
        let news = self
            .history
            .iter()
            .enumerate()
            .skip(since.saturating_sub(100));
        let mut lines = Vec::new();
        for (index, (key, old, new)) in news {
            if key.0 != asked.resource.plural {
                continue;
            }
            let was = old
                .as_ref()
                .is_some_and(|object| self.selects(asked, object));
            let is = new
                .as_ref()
                .is_some_and(|object| self.selects(asked, object));
            let (kind, object) = match (was, is) {
                (false, false) => continue,
                (false, true) => ("ADDED", new),
                (true, true) => ("MODIFIED", new),
                (true, false) => ("DELETED", old),
            };
            let Some(object) = object else { continue };
            let mut object = asked.shown(object, true);
            object["metadata"]["resourceVersion"] = json!((index + 101).to_string());
            lines.push(json!({"type": kind, "object": object}).to_string() + "\n");
        }
        Ok(lines)
    }

    /// The version of everything that has happened so far.
    pub(crate) fn now(&self) -> usize {
        self.version()
    }

    /// Where a watch begins.
    pub(crate) fn since(asked: &Asked) -> usize {
        asked.version.parse().unwrap_or_default()
    }

    fn admit(&self, asked: &Asked) -> Result<(), Answer> {
        let Resource {
            plural,
            group,
            namespaced,
            ..
        } = asked.resource;
        let allowed = match (&self.rights.namespaces, &asked.namespace) {
            _ if self.rights.denied.contains(plural) => false,
            (Some(allowed), Some(namespace)) => allowed.contains(&namespace.as_str()),
            (Some(_), None) => !namespaced,
            (None, _) => true,
        };
        if !allowed {
            let place = match &asked.namespace {
                Some(namespace) => format!("in the namespace \"{namespace}\""),
                None => "at the cluster scope".to_owned(),
            };
            let message = format!(
                "{plural} is forbidden: User \"u\" cannot list resource \"{plural}\" in API group \"{group}\" {place}"
            );
            return Err(failure(403, "Forbidden", &message));
        }
        // Whatever there is, a selector is read first.
        let nothing = json!({});
        let mut refused = self.refused.iter();
        if let Some(field) = refused.find(|field| asked.fields.contains(*field)) {
            let message = format!("field label not supported: {field}");
            return Err(failure(400, "BadRequest", &message));
        }
        labels_match(&asked.labels, &nothing)
            .and_then(|_| fields_match(&asked.fields, plural, self.minor, &nothing))
            .map(|_| ())
            .map_err(|message| failure(400, "BadRequest", &message))
    }

    fn selects(&self, asked: &Asked, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let fields = fields_match(&asked.fields, asked.resource.plural, self.minor, object);
        asked
            .namespace
            .as_deref()
            .is_none_or(|namespace| metadata["namespace"] == namespace)
            && labels_match(&asked.labels, &metadata["labels"]) == Ok(true)
            && fields == Ok(true)
    }
}

impl Asked {
    fn is_of_the_past(&self) -> bool {
        !self.token.is_empty() || self.is_of_a_moment()
    }

    fn is_of_a_moment(&self) -> bool {
        !self.watches && !matches!(&*self.version, "" | "0")
    }

    /// As much of an object as is asked for. Items of lists do not say of what kind they are.
    fn shown(&self, object: &Value, says_kind: bool) -> Value {
        let mut shown = if self.metadata_only {
            json!({"metadata": object["metadata"]})
        } else {
            object.clone()
        };
        if says_kind {
            shown["kind"] = json!(self.resource.kind);
            shown["apiVersion"] = json!(self.resource.api_version());
        }
        shown
    }
}

fn failure(code: u16, reason: &str, message: &str) -> Answer {
    let body = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "reason": reason, "message": message, "code": code,
    });
    Answer {
        status: code,
        retry_after: None,
        body: body.to_string(),
    }
}

impl Answer {
    pub(crate) fn head(&self) -> Head {
        Head {
            status: self.status,
            content_type: Some("application/json".to_owned()),
            date: Some(httpdate::fmt_http_date(UNIX_EPOCH + NOW)),
            retry_after: self.retry_after.map(str::to_owned),
            fault: None,
        }
    }
}

impl Server {
    /// What it answers to anything but a watch.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        self.asked.borrow_mut().push(request.path.clone());
        match self.read(request) {
            Some(asked) => self.list(&asked),
            None if request.path == "/version" => {
                let body = json!({"major": "1", "minor": self.minor.to_string(), "gitVersion": format!("v1.{}.0", self.minor)});
                Answer {
                    status: 200,
                    retry_after: None,
                    body: body.to_string(),
                }
            }
            None => failure(
                404,
                "NotFound",
                "the server could not find the requested resource",
            ),
        }
    }
}

impl Transport for &Server {
    type Body = stream::Iter<std::vec::IntoIter<Result<Vec<u8>, String>>>;

    async fn send(&self, request: &Request) -> Result<(Head, Self::Body), String> {
        let answer = self.answer(request);
        let head = answer.head();
        // Cut where no thought was given to it.
        let chunks: Vec<_> = answer
            .body
            .into_bytes()
            .chunks(997)
            .map(|chunk| Ok(chunk.to_vec()))
            .collect();
        Ok((head, stream::iter(chunks)))
    }

    async fn wait(&self, _: u64) {}
}
