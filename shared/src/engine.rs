//! The engine: everything that happens is an [`Input`], everything that it wants done is an
//! [`Effect`]. It has no sockets, no clock and no threads; whoever drives it has.
//!
//! Invariants: rows shown are always rows of the store at one moment; an object is in the answer
//! exactly when the whole filter holds for its last known state; what is called live was heard of
//! lately; at most one [`message::Update`] is undrawn.

mod answer;
mod clock;
mod complete;
mod count;
mod detail;
mod draft;
mod freshness;
mod io;
mod learning;
pub mod message;
mod paint;
mod pause;
mod refusals;
mod requests;
mod scans;

use answer::Answer;
use clock::Clock;
use count::Counts;
use detail::OpenDetail;
use draft::Draft;
pub use io::{Effect, Head, Input, Now, Request, RequestId};
use learning::Learning;
use message::{Intent, QueryEcho};
use pause::Pause;
use requests::{Answered, Owner, RequestTable};
use scans::{Kept, ScanId, Scans};

use crate::plan::{Known, Plan, ScanSpec, number};
use crate::query::Query;
use crate::sort::sort;
use crate::store::Entry;
use crate::value::Value;
use crate::watch::{Scan, Standing};

/// What the engine knows of its surroundings from the start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The context's namespace, if it names one.
    pub namespace: Option<String>,
    /// Namespaces of which something could be read on earlier visits.
    pub read_namespaces: Vec<String>,
    /// What the cluster is called in sentences (`sandbox`).
    pub cluster: String,
    /// Bytes of objects to keep whole in memory.
    pub store_budget: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            namespace: None,
            read_namespaces: Vec::new(),
            cluster: String::new(),
            store_budget: 1 << 30,
        }
    }
}

/// Of its own, every scan may keep this share of the budget, whatever the others take.
const LEAST_SHARE: usize = 16;

/// A scan that nobody looks at is kept for this long, so that going back is at once.
const IDLE_MS: u64 = 120_000;
/// At most so many scans that nobody looks at.
const MOST_IDLE: usize = 6;

/// The engine.
#[derive(Debug, Default)]
pub struct Engine {
    settings: Settings,
    known: Known,
    /// Namespaces of which something was read so far, in order.
    read_namespaces: Vec<String>,
    /// A scan of all namespaces, wanted since not everything may be listed.
    namespaces: Option<ScanId>,
    learning: Learning,
    clock: Clock,
    requests: RequestTable,
    scans: Scans,
    answer: Option<Answer>,
    /// Grows whenever the objects of the answer may have become others.
    revision: u64,
    draft: Option<Draft>,
    echo: QueryEcho,
    detail: Option<OpenDetail>,
    /// A path that names nothing, and why.
    not_opened: Option<(String, String)>,
    counts: Counts,
    cluster: message::Cluster,
    page: paint::Page,
    paused: Option<Pause>,
    introduced: bool,
}

impl Engine {
    /// An engine that knows nothing yet and has sent nothing.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            read_namespaces: settings.read_namespaces.clone(),
            settings,
            ..Self::default()
        }
    }

    /// With what was learnt of the cluster before.
    #[must_use]
    pub fn knowing(self, known: Known) -> Self {
        Self {
            read_namespaces: known.namespaces.clone(),
            known,
            ..self
        }
    }

    /// The objects of the answer as of the last update, in order, and a number that is another one
    /// whenever they may be others.
    #[must_use]
    pub fn objects(&self) -> (u64, Vec<Entry<'_>>) {
        let places = self.answer.iter().flat_map(|answer| answer.rows());
        let objects = places.filter_map(|place| answer::entry(&self.scans, *place));
        (self.revision, objects.collect())
    }

    /// The one entry: something happened; what is to be done?
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let slept = self.clock.advance(now);
        if slept {
            self.reopen_watches();
            // It may have been set instead: whoever answers says what time it is.
            self.introduced = false;
            self.introduce();
        }
        match input {
            Input::Intent(intent) => self.intent(intent),
            Input::Head { id, head } => self.head(id, head),
            Input::Chunk { id, bytes } => self.chunk(id, &bytes),
            Input::End { id } => self.end(id),
            Input::Failed { id, error } => self.failed(id, &error),
            Input::Tick => {}
        }
        self.tick();
        self.settle();
        self.paint();
        self.requests.take_effects()
    }

    /// When (by the monotonic clock) the engine wants an [`Input::Tick`], if ever.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let scans = self.scans.iter().filter_map(|kept| {
            let idle = kept.idle_since.map(|since| since + IDLE_MS);
            [kept.scan.deadline(), idle].into_iter().flatten().min()
        });
        let draft = self.draft.as_ref().map(|draft| draft.due);
        let learning = self.learning.deadline();
        let first = scans
            .chain(draft)
            .chain(learning)
            .chain(self.probe_at())
            .chain(self.page.deadline());
        let first = first.min();
        first.map(|deadline| self.clock.outside(deadline))
    }

    fn intent(&mut self, intent: Intent) {
        let drawn = matches!(intent, Intent::Drawn { .. });
        match intent {
            Intent::Query { text, committed } => self.ask(&text, committed),
            Intent::Window { first, count } => self.page.window(first, count),
            Intent::Open { path } => self.open(&path),
            Intent::Close => {
                self.detail = None;
                self.not_opened = None;
                self.learning.opening = None;
                self.page.dirty.detail = true;
            }
            Intent::Yaml { shown } => self.show_yaml(shown),
            Intent::Count => {
                self.count();
                self.learn_later();
            }
            Intent::Retry => self.retry(),
            Intent::Complete { text, cursor } => self.page.completion = Some((text, cursor)),
            Intent::Drawn { serial } => {
                let now = self.clock.monotonic();
                self.page.drawn(serial, now);
            }
        }
        self.page.urgent |= !drawn;
        self.introduce();
    }

    /// Asks once what the banner says.
    fn introduce(&mut self) {
        if std::mem::replace(&mut self.introduced, true) {
            return;
        }
        self.page.dirty.all();
        let version = Request::get("/version".to_owned(), "application/json");
        self.requests.ask(Owner::Version, version);
        self.ask_user();
    }

    fn ask_user(&mut self) {
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews".to_owned();
        let review = br#"{"kind":"SelfSubjectReview","apiVersion":"authentication.k8s.io/v1"}"#;
        let request = Request {
            method: "POST",
            body: Some(("application/json", review.to_vec())),
            ..Request::get(path, "application/json")
        };
        self.requests.ask(Owner::User, request);
    }

    /// A query was typed or chosen.
    fn ask(&mut self, text: &str, committed: bool) {
        let parsed = Query::parse(text);
        self.learn(&parsed.query);
        let (mut plan, mut problems) = Plan::of(&parsed.query, &self.known);
        let waits = self.must_learn(&parsed.query, plan.as_ref(), committed);
        if waits {
            (plan, problems) = (None, Vec::new());
        }
        self.learning.asking = waits.then(|| (text.to_owned(), committed));
        self.draft = None;
        self.echo = QueryEcho {
            text: text.to_owned(),
            canonical: parsed.query.to_string(),
            problems: [parsed.problems, problems].concat(),
            answered: false,
            plan: plan
                .as_ref()
                .map(|plan| explained(plan, &self.known))
                .unwrap_or_default(),
        };
        self.page.dirty.query = true;
        let Some(plan) = plan else {
            // While it is typed the last good answer stays; once asked, nothing else may pass for
            // its answer.
            if committed {
                self.answer = None;
            }
            self.page.dirty.view |= self.answer.is_none();
            self.page.dirty.rows |= self.answer.is_none();
            return;
        };
        if committed || self.is_answerable(&plan) {
            self.answer_with(parsed.query, plan);
        } else {
            let due = self.clock.monotonic() + draft::REST_MS;
            let query = parsed.query;
            self.draft = Some(Draft { query, plan, due });
        }
    }

    /// Whether live scans have everything that the plan needs, so that nothing need be sent.
    fn is_answerable(&self, plan: &Plan) -> bool {
        let listed = |spec: &ScanSpec| {
            let exact = self.exactly(spec).and_then(|id| self.scans.get(id));
            exact.is_some_and(|kept| kept.scan.is_listed())
        };
        plan.every_part()
            .all(|part| self.covering(&part.scans).is_some() || part.scans.iter().all(listed))
    }

    fn answer_with(&mut self, query: Query, plan: Plan) {
        self.draft = None;
        self.echo.answered = true;
        self.count_shown(&plan);
        let scans = self.want_parts(&plan);
        self.answer = Some(Answer::new(query, plan, scans));
        self.page.first_row();
        self.page.dirty.view = true;
        self.page.dirty.rows = true;
        self.page.dirty.query = true;
        self.page.dirty.kinds = true;
    }

    /// One scan that has every object of all these. One that was not read to its end may never
    /// be, so it covers nothing but itself.
    fn covering(&self, specs: &[ScanSpec]) -> Option<ScanId> {
        let now = self.clock.monotonic();
        self.scans
            .iter()
            .filter(|kept| kept.scan.is_listed() && !kept.scan.is_refused())
            .filter(|kept| specs.iter().all(|spec| kept.scan.spec.covers(spec)))
            .min_by_key(|kept| {
                (
                    kept.scan.standing(now) != Standing::Live,
                    kept.scan.store.len(),
                )
            })
            .map(|kept| kept.id)
    }

    fn exactly(&self, spec: &ScanSpec) -> Option<ScanId> {
        let found = self.scans.iter().find(|kept| kept.scan.spec == *spec);
        found.map(|kept| kept.id)
    }

    /// For each part of a plan, scans that have, or will have, its objects.
    fn want_parts(&mut self, plan: &Plan) -> Vec<Vec<ScanId>> {
        plan.every_part()
            .map(|part| self.want_all(&part.scans))
            .collect()
    }

    /// Scans that have, or will have, every object of these. Either one that covers them all, or
    /// exactly one for each: so no object comes from two.
    fn want_all(&mut self, specs: &[ScanSpec]) -> Vec<ScanId> {
        match self.covering(specs).filter(|_| !specs.is_empty()) {
            Some(id) => vec![id],
            None => specs.iter().map(|spec| self.want_exactly(spec)).collect(),
        }
    }

    /// A scan that has, or will have, every object of one, whole.
    fn want(&mut self, spec: &ScanSpec) -> ScanId {
        let is_whole = |id: &ScanId| {
            let kept = self.scans.get(*id);
            kept.is_some_and(|kept| kept.scan.store.reduced() == 0)
        };
        self.covering(std::slice::from_ref(spec))
            .filter(is_whole)
            .unwrap_or_else(|| self.want_exactly(spec))
    }

    fn want_exactly(&mut self, spec: &ScanSpec) -> ScanId {
        if let Some(id) = self.exactly(spec) {
            return id;
        }
        let id = self.scans.another();
        let mut scan = Scan::new(spec.clone(), true);
        if let Some(pause) = &self.paused {
            let mut out = self.requests.of(Owner::Scan(id));
            scan.stop(&mut out, pause.trouble());
        } else {
            scan.start(
                &mut self.requests.of(Owner::Scan(id)),
                self.clock.monotonic(),
            );
        }
        self.scans.keep(id, scan);
        id
    }

    fn retry(&mut self) {
        self.paused = None;
        self.introduced = false;
        self.forget_refusals();
        let now = self.clock.monotonic();
        for kept in self.scans.iter_mut() {
            kept.scan
                .retry(&mut self.requests.of(Owner::Scan(kept.id)), now);
        }
        self.counts.forget();
        self.count();
        self.learn_again();
        self.page.dirty.all();
    }

    fn reopen_watches(&mut self) {
        let now = self.clock.monotonic();
        for kept in self.scans.iter_mut() {
            kept.scan
                .reopen(&mut self.requests.of(Owner::Scan(kept.id)), now);
        }
    }

    fn head(&mut self, id: RequestId, head: Head) {
        let Some(owner) = self.requests.owner(id) else {
            return;
        };
        if let Some(date) = head
            .date
            .as_deref()
            .and_then(crate::api::time::parse_http_date)
        {
            self.clock.synchronise(date);
        }
        if self.pauses(owner, &head) {
            return;
        }
        self.page.dirty.view = true;
        let now = self.clock.monotonic();
        match owner {
            Owner::Scan(scan) => {
                if let Some(kept) = self.scans.get_mut(scan) {
                    kept.scan.head(head, now);
                }
            }
            _ => self.requests.keep_head(id, head),
        }
    }

    fn chunk(&mut self, id: RequestId, bytes: &[u8]) {
        let now = self.clock.monotonic();
        match self.requests.owner(id) {
            Some(Owner::Scan(scan)) => {
                let allowance = self.allowance(scan);
                if let Some(kept) = self.scans.get_mut(scan) {
                    kept.scan.store.allow(allowance);
                    let mut out = self.requests.of(Owner::Scan(scan));
                    kept.scan.chunk(bytes, &mut out, now);
                }
            }
            Some(_) => self.requests.keep_chunk(id, bytes),
            None => {}
        }
    }

    /// What the other scans leave of the budget.
    fn allowance(&self, scan: ScanId) -> usize {
        let others = self.scans.iter().filter(|kept| kept.id != scan);
        let held: usize = others.map(|kept| kept.scan.store.held()).sum();
        let budget = self.settings.store_budget;
        budget.saturating_sub(held).max(budget / LEAST_SHARE)
    }

    fn end(&mut self, id: RequestId) {
        // How a scan stands is part of the view, and its first rows are waited for.
        self.page.dirty.view = true;
        self.page.urgent |= self.answer.as_ref().is_some_and(Answer::has_no_rows);
        let now = self.clock.monotonic();
        match self.requests.finish(id) {
            Some((Owner::Scan(scan), _)) => {
                if let Some(kept) = self.scans.get_mut(scan) {
                    kept.scan.end(&mut self.requests.of(Owner::Scan(scan)), now);
                }
            }
            Some((Owner::Count(kind), answer)) => self.counted(kind, &answer.head, &answer.body),
            Some((Owner::Discovery(place), answer)) => self.discovered(place, Ok(&answer)),
            Some((Owner::Columns(place), answer)) => self.described(place, Some(&answer)),
            Some((Owner::Version, answer)) if answer.head.has_objects() => {
                let version = Value::json(&answer.body)
                    .get("gitVersion")
                    .text_or_empty()
                    .into_owned();
                self.known.learn_version(&version);
                self.cluster.version = version;
                self.page.dirty.cluster = true;
            }
            Some((Owner::User, answer)) => {
                self.probed(&answer.head);
                self.note_user(&answer);
            }
            _ => {}
        }
    }

    fn note_user(&mut self, answer: &Answered) {
        if answer.head.status >= 300 {
            return;
        }
        let user = Value::json(&answer.body).at(&["status", "userInfo"]);
        self.cluster.user = user.get("username").text_or_empty().into_owned();
        self.cluster.groups = user
            .get("groups")
            .items()
            .map(|group| group.text_or_empty().into_owned())
            .filter(|group| !group.is_empty() && !group.starts_with("system:"))
            .collect();
        self.page.dirty.cluster = true;
    }

    fn failed(&mut self, id: RequestId, error: &str) {
        self.page.dirty.view = true;
        // Ages stand still from the moment that the badge says so.
        self.page.dirty.rows = true;
        let now = self.clock.monotonic();
        match self.requests.finish(id) {
            Some((Owner::Scan(scan), _)) => {
                if let Some(kept) = self.scans.get_mut(scan) {
                    kept.scan.failed(error, now);
                }
            }
            Some((Owner::Count(kind), _)) => self.counts.failed(kind, "no answer", now),
            Some((Owner::Discovery(place), _)) => self.discovered(place, Err(error)),
            Some((Owner::Columns(place), _)) => self.described(place, None),
            _ => {}
        }
    }

    /// What time alone brings about.
    fn tick(&mut self) {
        let now = self.clock.monotonic();
        self.probe();
        if self.paused.is_none() {
            for kept in self.scans.iter_mut() {
                let behind = kept.scan.is_behind();
                kept.scan
                    .tick(&mut self.requests.of(Owner::Scan(kept.id)), now);
                self.page.dirty.view |= behind != kept.scan.is_behind();
            }
        }
        if let Some(draft) = self.draft.take_if(|draft| draft.due <= now) {
            self.answer_with(draft.query, draft.plan);
            self.page.urgent = true;
        }
        self.learn_in_time();
    }

    /// Notes what the stores now hold, and lets go of what nobody looks at. The answer itself is
    /// brought up to it only when the page can take it.
    fn settle(&mut self) {
        let changes: Vec<_> = self
            .scans
            .iter_mut()
            .map(|kept| (kept.id, kept.scan.store.take_changes()))
            .filter(|(_, slots)| !slots.is_empty())
            .collect();
        for (id, slots) in changes {
            if let Some(answer) = &mut self.answer
                && answer.changed(id, slots)
            {
                self.page.dirty.rows = true;
                self.page.dirty.view = true;
            }
            if let Some(detail) = &mut self.detail
                && detail.uses(id)
            {
                detail.changed = true;
                self.page.dirty.detail = true;
                self.page.dirty.yaml = true;
            }
            self.page.dirty.kinds = true;
        }
        self.page.reading = self
            .answer
            .as_ref()
            .is_some_and(|answer| self.kept(answer).any(|kept| !kept.scan.is_listed()));
        self.remember_namespaces();
        self.leave_outdated();
        self.leave_refused();
        self.learn_refusals();
        self.follow_detail();
        self.let_go();
    }

    /// A wider scan that is refused by now answers nobody who asked for less: that may be allowed.
    fn leave_refused(&mut self) {
        let is_refused = |id: &ScanId| {
            let kept = self.scans.get(*id);
            kept.is_some_and(|kept| kept.scan.is_refused())
        };
        let Some(answer) = self.answer.take_if(|answer| {
            answer.is_covered(&self.scans) && answer.scans().any(|id| is_refused(&id))
        }) else {
            return;
        };
        let scans = self.want_parts(&answer.plan);
        self.answer = Some(Answer::new(answer.query, answer.plan, scans));
        self.page.dirty.view = true;
        self.page.dirty.rows = true;
    }

    fn let_go(&mut self) {
        let now = self.clock.monotonic();
        let mut used: Vec<ScanId> = self.answer.iter().flat_map(Answer::scans).collect();
        used.extend(self.detail.iter().flat_map(OpenDetail::scans));
        used.extend(self.namespaces);
        let mut idle: Vec<(u64, ScanId)> = Vec::new();
        for kept in self.scans.iter_mut() {
            if used.contains(&kept.id) {
                kept.idle_since = None;
            } else {
                idle.push((*kept.idle_since.get_or_insert(now), kept.id));
            }
        }
        sort(&mut idle);
        let surplus = idle.len().saturating_sub(MOST_IDLE);
        for (index, (since, id)) in idle.into_iter().enumerate() {
            if index >= surplus && now < since + IDLE_MS {
                continue;
            }
            if let Some(mut kept) = self.scans.remove(id) {
                kept.scan.cancel(&mut self.requests.of(Owner::Scan(id)));
                self.page.dirty.kinds = true;
            }
        }
    }
}

/// How a plan is carried out, and what does the same in a terminal.
fn explained(plan: &Plan, known: &Known) -> String {
    let mut text = plan.to_string();
    if plan.scans().next().is_some() {
        let expected = plan.estimate(known);
        let rounds = number(expected.rounds(), "round");
        text += &format!(
            "listed in {rounds}, then watched from its resourceVersion\nexpected: {expected}\n"
        );
    }
    for instead in plan.rejected(known) {
        text += &format!("{instead}\n");
    }
    format!("{text}\n{}", plan.kubectl().join("\n"))
}

#[cfg(test)]
mod tests;
