//! Logs of containers. No line is stored: each is a function of the container and of time, so that any part of a
//! log, however long, can be told, followed and told again.

mod lines;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, stream};
use http::StatusCode;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use crate::api_server::{ApiServer, Asked};
use crate::body::{Response, answer as respond, full, streamed};
use crate::clock::parse_rfc3339;
use crate::quoted::Quoted;
use crate::request_info::{Query, ResourcePath};
use crate::resource::{NODES, PODS};
use crate::status::{FieldFault, Status};
use crate::watch::web_socket::{self, Socket};
use lines::{Run, Source};

/// The parameters of a log request.
#[derive(Clone, Debug)]
struct LogOptions {
    follow: bool,
    previous: bool,
    timestamps: bool,
    since: Option<SystemTime>,
    tail: Option<usize>,
    limit_bytes: Option<usize>,
}

pub(crate) fn answer(
    server: &Arc<ApiServer>,
    path: &ResourcePath,
    name: &str,
    asked: &mut Asked,
) -> Result<Response, Status> {
    let options = LogOptions::parse(&asked.query, name, server.clock.now())?;
    let key = path.key(name);
    let pod = server
        .store
        .get(&PODS, &key)
        .ok_or_else(|| Status::not_found(&PODS, name))?
        .value();
    let container = choose_container(&pod, name, asked.query.value("container"))?;
    let node = pod["spec"]["nodeName"].as_str().unwrap_or_default();
    if !node.is_empty() && server.store.get(&NODES, node).is_none() {
        // A real server, too, calls the node a pod here.
        return Err(Status::not_found(&PODS, node));
    }
    if node.is_empty() {
        // Nobody could know it yet.
        let mut nothing = http::Response::new(full(""));
        *nothing.status_mut() = StatusCode::NO_CONTENT;
        return Ok(nothing);
    }
    let source = Source::of(&pod, &container);
    let run = Run::of(&pod, name, &container, options.previous)?;
    let follower = Follower {
        server: server.clone(),
        key,
        uid: pod["metadata"]["uid"].clone(),
        container,
        source,
        run,
        options,
    };
    if let Some(upgrade) = asked.upgrade.take() {
        let offered = &asked.subprotocols.offered;
        let protocol = offered
            .iter()
            .find(|name| matches!(name.as_str(), "binary.k8s.io" | "base64.binary.k8s.io"));
        if protocol.is_none() && !offered.is_empty() {
            return Ok(respond(
                StatusCode::FORBIDDEN,
                "text/plain; charset=utf-8",
                full(""),
            ));
        }
        let base64 = protocol.is_some_and(|protocol| protocol == "base64.binary.k8s.io");
        let protocol = protocol.cloned();
        return Ok(web_socket::accept(
            server,
            &asked.headers,
            upgrade,
            protocol.as_deref(),
            move |socket| serve_socket(socket, follower, base64),
        ));
    }
    Ok(over_http(follower))
}

impl LogOptions {
    fn parse(query: &Query, pod: &str, now: SystemTime) -> Result<Self, Status> {
        let secs = query.integer("sinceSeconds").map_err(Status::bad_request)?;
        let since_time = match query.value("sinceTime") {
            "" => None,
            text => Some(parse_rfc3339(text).ok_or_else(|| no_time(text))?),
        };
        let faults = faults(query, secs.is_some() && since_time.is_some())?;
        if !faults.is_empty() {
            return Err(Status::invalid("", "PodLogOptions", pod, &faults));
        }
        let since_secs = secs.and_then(|secs| u64::try_from(secs).ok());
        let size = |name| -> Result<Option<usize>, Status> {
            let number = query.integer(name).map_err(Status::bad_request)?;
            Ok(number.and_then(|number| usize::try_from(number).ok()))
        };
        let since = since_secs.and_then(|secs| now.checked_sub(Duration::from_secs(secs)));
        Ok(Self {
            follow: query.flag("follow"),
            previous: query.flag("previous"),
            timestamps: query.flag("timestamps"),
            since: since.or(since_time),
            tail: size("tailLines")?,
            limit_bytes: size("limitBytes")?,
        })
    }
}

fn faults(query: &Query, two_since: bool) -> Result<Vec<FieldFault>, Status> {
    let mut faults = Vec::new();
    for (name, least, rule) in [
        ("tailLines", 0, "must be greater than or equal to 0"),
        ("limitBytes", 1, "must be greater than 0"),
        ("sinceSeconds", 1, "must be greater than 0"),
    ] {
        let number = query.integer(name).map_err(Status::bad_request)?;
        if let Some(number) = number.filter(|number| *number < least) {
            faults.push(FieldFault::invalid_json(name, &number.into(), rule));
        }
    }
    if two_since {
        let rule = "at most one of `sinceTime` or `sinceSeconds` may be specified";
        faults.push(FieldFault::forbidden("[]", rule));
    }
    Ok(faults)
}

/// In the words of Go's parser, for what does not even begin like a time.
fn no_time(text: &str) -> Status {
    let text = Quoted(text);
    Status::bad_request(format!(
        "parsing time {text} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text} as \"2006\""
    ))
}

fn choose_container(pod: &Value, name: &str, asked: &str) -> Result<String, Status> {
    let names = |list: &str| -> Vec<String> {
        let containers = pod["spec"][list].as_array().into_iter().flatten();
        containers
            .filter_map(|container| container["name"].as_str().map(str::to_owned))
            .collect()
    };
    let (containers, init) = (names("containers"), names("initContainers"));
    if !asked.is_empty() {
        let known = containers
            .iter()
            .chain(&init)
            .any(|container| container == asked);
        let text = format!("container {asked} is not valid for pod {name}");
        return if known {
            Ok(asked.to_owned())
        } else {
            Err(Status::bad_request(text))
        };
    }
    match containers.as_slice() {
        [only] => Ok(only.clone()),
        _ => {
            let all: Vec<String> = init.into_iter().chain(containers).collect();
            let text = format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                all.join(" ")
            );
            Err(Status::bad_request(text))
        }
    }
}

/// One container's log, told up to some time.
struct Follower {
    server: Arc<ApiServer>,
    key: String,
    uid: Value,
    container: String,
    source: Source,
    run: Run,
    options: LogOptions,
}

impl Follower {
    /// What there is now.
    fn existing(&self, now: SystemTime) -> Vec<u8> {
        let from = self.options.since.unwrap_or(self.run.started);
        let mut lines = self
            .source
            .lines(&self.run, from, self.run.end_or(now), self.options.tail);
        let mut text = Vec::new();
        for line in &mut lines {
            text.extend(line.text(self.options.timestamps));
        }
        if let Some(limit) = self.options.limit_bytes {
            text.truncate(limit);
        }
        text
    }

    /// What came after `from`, and whether the container has ended.
    fn since(&self, from: SystemTime, now: SystemTime) -> (Vec<u8>, bool) {
        let pod = self
            .server
            .store
            .get(&PODS, &self.key)
            .map(|pod| pod.value())
            .unwrap_or_default();
        let run = self.run_in(&pod).unwrap_or_else(|| Run {
            finished: Some(now),
            ..self.run.clone()
        });
        let mut lines = self.source.lines_until_the_end(&run, from, run.end_or(now));
        // They have not been told, even if the end is dated before `from`: it is in whole seconds.
        lines.extend(self.source.last_words(&run));
        let mut text = Vec::new();
        for line in lines {
            text.extend(line.text(self.options.timestamps));
        }
        (text, run.finished.is_some())
    }

    /// The followed run as the pod has it now: the present one, or already the one before. None: it is gone.
    fn run_in(&self, pod: &Value) -> Option<Run> {
        if pod["metadata"]["uid"] != self.uid {
            return None;
        }
        [false, true]
            .into_iter()
            .filter_map(|previous| Run::of(pod, "", &self.container, previous).ok())
            .find(|run| run.started == self.run.started)
    }

    /// Sends pieces until the container ends or nobody listens.
    async fn follow(self, sender: mpsc::Sender<Bytes>) {
        const POLL: Duration = Duration::from_millis(300);
        let mut told = self.server.clock.now();
        if sender.send(self.existing(told).into()).await.is_err()
            || !self.options.follow
            || self.run.finished.is_some()
        {
            return;
        }
        loop {
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = sender.closed() => return,
            }
            let now = self.server.clock.now();
            let (text, ended) = self.since(told, now);
            told = now;
            if !text.is_empty() && sender.send(text.into()).await.is_err() || ended {
                return;
            }
        }
    }
}

fn over_http(follower: Follower) -> Response {
    let (sender, receiver) = mpsc::channel(4);
    tokio::spawn(follower.follow(sender));
    let pieces = stream::unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
        Some((receiver.recv().await?, receiver))
    });
    respond(StatusCode::OK, "text/plain", streamed(pieces))
}

/// The first frame is empty, as a real server's is.
async fn serve_socket(mut socket: Socket, follower: Follower, base64: bool) {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let message = |piece: Bytes| {
        if base64 {
            Message::text(STANDARD.encode(&piece))
        } else {
            Message::binary(piece)
        }
    };
    let (sender, mut receiver) = mpsc::channel(4);
    tokio::spawn(follower.follow(sender));
    if socket.send(message(Bytes::new())).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            piece = receiver.recv() => match piece {
                Some(piece) if piece.is_empty() => {}
                Some(piece) => if socket.send(message(piece)).await.is_err() { return },
                None => return web_socket::close(socket).await,
            },
            read = socket.next() => match read {
                None | Some(Err(_) | Ok(Message::Close(_))) => return,
                Some(Ok(_)) => {}
            },
        }
    }
}
