//! The lines a container writes: at which times, and what they say.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::clock::parse_rfc3339;
use crate::status::Status;

/// One life of a container.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) started: SystemTime,
    pub(super) finished: Option<SystemTime>,
    pub(super) exit_code: i64,
    pub(super) reason: String,
}

impl Run {
    /// The present life, or the one before. The errors are a kubelet's.
    pub(super) fn of(
        pod: &Value,
        pod_name: &str,
        container: &str,
        previous: bool,
    ) -> Result<Self, Status> {
        let status = ["containerStatuses", "initContainerStatuses"]
            .iter()
            .find_map(|list| {
                pod["status"][list]
                    .as_array()?
                    .iter()
                    .find(|status| status["name"] == container)
            });
        let status = status.unwrap_or(&Value::Null);
        let states = if previous {
            [&status["lastState"]; 2]
        } else {
            [&status["state"], &status["lastState"]]
        };
        let run = states.into_iter().find_map(Self::of_state);
        run.ok_or_else(|| {
            if previous {
                let text = format!(
                    "previous terminated container {container:?} in pod {pod_name:?} not found"
                );
                return Status::bad_request(text);
            }
            let reason = status["state"]["waiting"]["reason"]
                .as_str()
                .unwrap_or("ContainerCreating");
            let why = match reason {
                "ErrImagePull" | "ImagePullBackOff" => {
                    "trying and failing to pull image".to_owned()
                }
                reason => reason.to_owned(),
            };
            Status::bad_request(format!(
                "container {container:?} in pod {pod_name:?} is waiting to start: {why}"
            ))
        })
    }

    fn of_state(state: &Value) -> Option<Self> {
        if let Some(started) = state["running"]["startedAt"].as_str() {
            return Some(Self {
                started: parse_rfc3339(started)?,
                finished: None,
                exit_code: 0,
                reason: String::new(),
            });
        }
        let ended = state.get("terminated").filter(|ended| !ended.is_null())?;
        Some(Self {
            started: parse_rfc3339(ended["startedAt"].as_str()?)?,
            finished: Some(parse_rfc3339(ended["finishedAt"].as_str()?)?),
            exit_code: ended["exitCode"].as_i64().unwrap_or(0),
            reason: ended["reason"].as_str().unwrap_or_default().to_owned(),
        })
    }

    pub(super) fn end_or(&self, now: SystemTime) -> SystemTime {
        self.finished.map_or(now, |finished| finished.min(now))
    }
}

/// Who writes.
#[derive(Clone, Debug)]
pub(super) struct Source {
    seed: u64,
    app: String,
    interval_millis: u64,
}

/// A line with its time.
pub(super) struct Line {
    time: SystemTime,
    says: String,
}

impl Line {
    pub(super) fn text(&self, timestamps: bool) -> Vec<u8> {
        let stamp = if timestamps {
            format!("{} ", humantime::format_rfc3339_nanos(self.time))
        } else {
            String::new()
        };
        format!("{stamp}{}\n", self.says).into_bytes()
    }
}

impl Source {
    pub(super) fn of(pod: &Value, container: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (pod["metadata"]["uid"].as_str(), container).hash(&mut hasher);
        let seed = hasher.finish();
        let app = pod["metadata"]["labels"]["app"]
            .as_str()
            .unwrap_or(container)
            .to_owned();
        Self {
            seed,
            app,
            interval_millis: 600 + seed % 2_400,
        }
    }

    /// The lines of a run after `from` and not after `to`, or the last few of them.
    pub(super) fn lines(
        &self,
        run: &Run,
        from: SystemTime,
        to: SystemTime,
        tail: Option<usize>,
    ) -> Vec<Line> {
        let mut lines = self.lines_until_the_end(run, from, to);
        let told = |finished: SystemTime| finished <= to && finished > from;
        if run.finished.is_some_and(told) {
            lines.extend(self.last_words(run));
        }
        if let Some(tail) = tail {
            lines.drain(..lines.len().saturating_sub(tail));
        }
        lines
    }

    /// The same without what a container says when it ends.
    pub(super) fn lines_until_the_end(
        &self,
        run: &Run,
        from: SystemTime,
        to: SystemTime,
    ) -> Vec<Line> {
        // More than this nobody reads; a container that ran for a month would have written a million lines.
        const MOST: u64 = 20_000;
        let millis = |time: SystemTime| {
            let elapsed = time
                .duration_since(run.started)
                .map_or(0, |elapsed| elapsed.as_millis());
            u64::try_from(elapsed).unwrap_or(u64::MAX)
        };
        let last = millis(to) / self.interval_millis;
        let first = if from <= run.started {
            0
        } else {
            millis(from) / self.interval_millis + 1
        };
        let first = first.max(last.saturating_sub(MOST));
        (first..=last).map(|index| self.line(run, index)).collect()
    }

    fn line(&self, run: &Run, index: u64) -> Line {
        let time = run.started + Duration::from_millis(index.saturating_mul(self.interval_millis));
        Line {
            time,
            says: self.says(index, time),
        }
    }

    fn says(&self, index: u64, time: SystemTime) -> String {
        const PATHS: [&str; 8] = [
            "/",
            "/api/items",
            "/api/items/42",
            "/api/cart",
            "/api/search?q=shoes",
            "/healthz",
            "/metrics",
            "/api/checkout",
        ];
        let opening = [
            format!(
                "{} starting, version 1.{}.{}",
                self.app,
                self.seed % 9,
                self.seed % 17
            ),
            "reading configuration from /etc/config".to_owned(),
            "listening on :8080".to_owned(),
        ];
        if let Some(line) = usize::try_from(index)
            .ok()
            .and_then(|index| opening.get(index))
        {
            return format!("{} INFO  {line}", humantime::format_rfc3339_millis(time));
        }
        let mut hasher = DefaultHasher::new();
        (self.seed, index).hash(&mut hasher);
        let chance = hasher.finish();
        let (path, millis, request) = (
            PATHS[(chance % 8) as usize],
            1 + chance / 8 % 180,
            chance % 0xffff_ffff,
        );
        let stamp = humantime::format_rfc3339_millis(time);
        match chance / 1_000 % 40 {
            0 => format!(
                "{stamp} WARN  slow request method=GET path={path} status=200 duration_ms={} request_id={request:08x}",
                millis + 900
            ),
            1 => format!(
                "{stamp} ERROR upstream failed method=GET path={path} status=502 error=\"connection reset by peer\" request_id={request:08x}"
            ),
            2 => format!(
                "{stamp} INFO  cache refreshed entries={} duration_ms={millis}",
                100 + chance % 4_000
            ),
            _ => format!(
                "{stamp} INFO  request method=GET path={path} status=200 duration_ms={millis} request_id={request:08x}"
            ),
        }
    }

    /// What a container says when it ends; nothing of one that runs.
    pub(super) fn last_words(&self, run: &Run) -> Vec<Line> {
        let Some(time) = run.finished else {
            return Vec::new();
        };
        let stamp = humantime::format_rfc3339_millis(time);
        let says = match (run.reason.as_str(), run.exit_code) {
            ("OOMKilled", _) => vec![
                format!("{stamp} WARN  heap usage 94% of limit"),
                format!("{stamp} WARN  heap usage 99% of limit, collecting garbage took 812 ms"),
            ],
            (_, 0) => vec![format!("{stamp} INFO  finished")],
            (_, code) => vec![
                format!(
                    "{stamp} ERROR cannot connect to database: dial tcp 10.96.7.31:5432: connect: connection refused"
                ),
                format!("{stamp} FATAL giving up, exit code {code}"),
            ],
        };
        says.into_iter().map(|says| Line { time, says }).collect()
    }
}
