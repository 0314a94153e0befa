//! Reads what a plan needs, one request after the other.

use std::collections::BTreeMap;

use futures_util::StreamExt;

use super::{Analysis, Error, Explanation, K8Kat, MOST_TRIES, Sent, Transport, moment};
use crate::api::status::Refusal;
use crate::api::time::parse_http_date;
use crate::engine::{Request, RequestId};
use crate::plan::{Context, Known, Part, Placed, Plan, ScanSpec, Shape};
use crate::query::{Output, Query};
use crate::resource::Kind;
use crate::store::Entry;
use crate::watch::{Requests, Scan, Standing, Trouble};

/// How often a plan is made anew for what the API server refuses.
const MOST_PLANS: usize = 8;

/// What was read for a query.
pub(super) struct Reading {
    pub(super) plan: Plan,
    lists: Lists,
    pub(super) now: i64,
    pub(super) sent: Vec<Sent>,
}

/// What stopped a reading.
pub(super) struct Stopped {
    pub(super) error: Error,
    /// The scan that it was of, if it was one.
    pub(super) spec: Option<Box<ScanSpec>>,
    /// Whether that was to be of a given moment.
    pub(super) of_a_moment: bool,
}

impl Stopped {
    const fn because(error: Error) -> Self {
        Self {
            error,
            spec: None,
            of_a_moment: false,
        }
    }

    /// Whether all is worth being planned and read again, by what is known from now on.
    fn teaches(&self, refusal: &Refusal, known: &mut Known) -> bool {
        let learns = |spec: &ScanSpec| known.learn(spec, refusal);
        if self.spec.as_deref().is_some_and(learns) {
            return true;
        }
        match refusal.code {
            // The moment that the first list was of may be gone before the last one is read, or not
            // be there yet where that is read.
            410 => true,
            504 => self.of_a_moment,
            400 if self.of_a_moment => !std::mem::replace(&mut known.refuses_moments, true),
            400 | 406 => self
                .spec
                .as_deref()
                .is_some_and(|spec| known.refuse_cells(spec)),
            _ => false,
        }
    }
}

impl Reading {
    fn entries(&self, part: usize) -> Vec<Entry<'_>> {
        self.lists.entries(part)
    }

    /// The rows of the answer; of groups, the objects that they are made of.
    pub(super) fn rows(&self) -> Vec<Placed<'_>> {
        let read = |part: usize| self.entries(part);
        let context = self.plan.context(self.now, &read);
        self.plan.select(&context, &read)
    }

    /// What it took, and what by `known` was expected of it.
    pub(super) fn analysis(&self, known: &Known) -> Analysis {
        let mut versions: Vec<String> = Vec::new();
        for scan in &self.lists.scans {
            if !versions.iter().any(|version| version == scan.version()) {
                versions.push(scan.version().to_owned());
            }
        }
        Analysis {
            explanation: Explanation::of(self.plan.clone(), known),
            sent: self.sent.clone(),
            rows: self.rows().len(),
            versions,
        }
    }

    /// Learns how many objects there are of what was read whole, and how large they are.
    fn teach(&self, known: &mut Known) {
        for scan in &self.lists.scans {
            known.learn_size(&scan.spec, scan.store.len(), scan.store.held());
            if scan.is_whole() {
                let known = known.kind_mut(scan.spec.kind);
                known.count = Some(scan.store.len() as u64);
            }
        }
    }
}

/// Lists that were read, and whose objects they have.
struct Lists {
    scans: Vec<Scan>,
    /// For each of [`Plan::every_part`], the places of its lists: one may serve several.
    parts: Vec<Vec<usize>>,
}

impl Lists {
    fn of(plan: &Plan) -> Self {
        Self {
            scans: Vec::new(),
            parts: plan.every_part().map(|_| Vec::new()).collect(),
        }
    }

    fn keep(&mut self, part: usize, place: usize) {
        if let Some(part) = self.parts.get_mut(part) {
            part.push(place);
        }
    }

    fn entries(&self, part: usize) -> Vec<Entry<'_>> {
        let places = self.parts.get(part).map_or(&[][..], |places| places);
        let scans = places.iter().filter_map(|place| self.scans.get(*place));
        let all = scans.flat_map(|scan| scan.store.entries());
        let all = all.map(|(_, entry)| entry);
        if places.len() < 2 {
            return all.collect();
        }
        // Where lists are not of one moment, an object that changed in between may be in two.
        let mut newest: BTreeMap<(&str, &str), Entry<'_>> = BTreeMap::new();
        for entry in all {
            let known = newest
                .entry((entry.namespace(), entry.name()))
                .or_insert(entry);
            if entry.version() > known.version() {
                *known = entry;
            }
        }
        newest.into_values().collect()
    }
}

impl<T: Transport> K8Kat<T> {
    /// Reads what a query needs. With `partly`, the namespaces that are known stand in for a cluster
    /// that may not be listed.
    pub(super) async fn run(&self, query: &Query, partly: bool) -> Result<Reading, Error> {
        let read = async |work: Work| work.whole(&self.transport).await;
        let reading = self.carry_out(query, partly, read).await?;
        reading.teach(&mut self.known());
        Ok(reading)
    }

    /// Plans a query, has the plan carried out, and plans anew as long as that teaches anything.
    pub(super) async fn carry_out<R>(
        &self,
        query: &Query,
        partly: bool,
        read: impl AsyncFn(Work) -> Result<R, Stopped>,
    ) -> Result<R, Error> {
        self.learn(query).await?;
        let mut known = self.known().clone();
        if !partly {
            known.forget_refused_lists();
        }
        let mut plans = 0;
        loop {
            let plan = planned(query, &known)?;
            let lacks_namespaces = |part: &Part| {
                let is_wide = part.scans.iter().any(|scan| scan.namespace.is_none());
                known.refuses_list(part.kind) && (is_wide || part.partial.is_some())
            };
            if !known.all_namespaces && plan.every_part().any(lacks_namespaces) {
                let mut names = std::mem::take(&mut known.namespaces);
                names.extend(self.namespace_names().await);
                known.know_namespaces(names, true);
                continue;
            }
            let (plan, is_one_list) = settled(plan, query, &known);
            if !partly && let Some(reason) = plan.partial() {
                return Err(Error::Partial(reason.to_owned()));
            }
            let work = Work::new(plan, !known.refuses_moments);
            let stopped = match read(work).await {
                Ok(done) => return Ok(done),
                Err(stopped) => stopped,
            };
            plans += 1;
            let may_learn = |refusal: &Refusal| partly || is_one_list || refusal.code != 403;
            let goes_on = match &stopped.error {
                Error::Refused(refusal) if may_learn(refusal) => {
                    stopped.teaches(refusal, &mut known)
                }
                _ => false,
            };
            if !goes_on || plans > MOST_PLANS {
                return Err(stopped.error);
            }
            self.known().learn_refusals(&known);
        }
    }

    /// The namespaces that can be listed; who may not, knows of none.
    async fn namespace_names(&self) -> Vec<String> {
        let Some(kind) = Kind::named("namespaces") else {
            return Vec::new();
        };
        let scan = Scan::new(ScanSpec::all(kind), false);
        let read = Read::default().whole(&self.transport, scan).await;
        read.map_or_else(|_| Vec::new(), |scan| scan.store.names())
    }
}

/// The plan of a query that makes sense.
pub(super) fn planned(query: &Query, known: &Known) -> Result<Plan, Error> {
    match Plan::of(query, known) {
        (Some(plan), problems) if problems.is_empty() => Ok(plan),
        (_, problems) => Err(Error::Query(problems)),
    }
}

/// The plan by which a program's query is answered: its lists are of one moment, and what it plucks is wanted once, and
/// is all that is wanted. Besides, whether one list stands in it in the place of several.
pub(super) fn settled(mut plan: Plan, query: &Query, known: &Known) -> (Plan, bool) {
    // First, because it leaves more to be decided here than the cells of rows say.
    let is_one_list = known.refuses_moments && moment::unite(&mut plan, known);
    if let Some(Output::Pluck(_)) = query.output {
        plan = plan.for_columns(known);
    }
    (plan, is_one_list)
}

/// A plan that is being carried out.
pub(super) struct Work {
    pub(super) plan: Plan,
    lists: Lists,
    pub(super) read: Read,
    /// Whether lists of one kind are of one moment.
    pins: bool,
}

impl Work {
    fn new(plan: Plan, pins: bool) -> Self {
        Self {
            lists: Lists::of(&plan),
            plan,
            read: Read::default(),
            pins,
        }
    }

    async fn whole(mut self, transport: &impl Transport) -> Result<Reading, Stopped> {
        self.what_decides(transport).await?;
        for index in 0..self.plan.parts.len() {
            self.part(transport, index).await?;
        }
        let now = self.now()?;
        Ok(Reading {
            plan: self.plan,
            lists: self.lists,
            now,
            sent: self.read.sent,
        })
    }

    /// Reads what decides the answer, which comes first: it may leave less to be read.
    pub(super) async fn what_decides(&mut self, transport: &impl Transport) -> Result<(), Stopped> {
        for index in self.plan.parts.len()..self.lists.parts.len() {
            self.part(transport, index).await?;
        }
        Ok(())
    }

    async fn part(&mut self, transport: &impl Transport, index: usize) -> Result<(), Stopped> {
        let at_most = first_rows(&self.plan).filter(|_| index == 0);
        let mut first: Option<String> = None;
        for spec in self.scans(index) {
            if let Some(place) = self.known(&spec, first.as_deref()) {
                let version = || self.lists.scans[place].version().to_owned();
                first.get_or_insert_with(version);
                self.lists.keep(index, place);
                continue;
            }
            let scan = self.scan(&spec, first.clone()).at_most(at_most);
            let of_a_moment = self.pins && first.is_some();
            let read = self.read.whole(transport, scan).await;
            let scan = read.map_err(|error| Stopped {
                error,
                spec: Some(Box::new(spec)),
                of_a_moment,
            })?;
            first.get_or_insert_with(|| scan.version().to_owned());
            self.lists.keep(index, self.lists.scans.len());
            self.lists.scans.push(scan);
        }
        Ok(())
    }

    /// The place of the same list, if it was read for another part, and is of the same moment as the first
    /// of this one.
    fn known(&self, spec: &ScanSpec, first: Option<&str>) -> Option<usize> {
        let mut read = self.lists.scans.iter();
        read.position(|scan| {
            let goes_with = first.is_none_or(|first| !self.pins || scan.version() == first);
            scan.spec == *spec && goes_with
        })
    }

    /// What is to be read of a part, by what was read of those that decide it.
    pub(super) fn scans(&mut self, index: usize) -> Vec<ScanSpec> {
        let now = self.read.server_time.unwrap_or_default();
        let given = |part: usize| self.lists.entries(part);
        let context = self.plan.context_of(index, now, &given);
        self.plan.narrow(index, &context, &given);
        let part = self.plan.every_part().nth(index);
        part.map_or_else(Vec::new, |part| part.scans.clone())
    }

    /// A list, of the same moment as the first one of its kind that is read for the answer.
    pub(super) fn scan(&self, spec: &ScanSpec, first: Option<String>) -> Scan {
        Scan::new(spec.clone(), false).exactly(first.filter(|_| self.pins))
    }

    /// The server's time.
    pub(super) fn now(&self) -> Result<i64, Stopped> {
        match self.read.server_time {
            // Where nothing was read no age is compared.
            None if self.plan.depends_on_time() && self.plan.scans().next().is_some() => {
                Err(Stopped::because(Error::NoDate))
            }
            now => Ok(now.unwrap_or_default()),
        }
    }

    /// What decides whether an object is part of the answer.
    pub(super) fn context(&self, now: i64) -> Context<'_> {
        let given = |part: usize| self.lists.entries(part);
        self.plan.context(now, &given)
    }
}

/// How many objects of the server's own order are enough, if that order is ours and nothing is left
/// to decide: within one namespace both go by name.
fn first_rows(plan: &Plan) -> Option<usize> {
    let [part] = plan.parts.as_slice() else {
        return None;
    };
    let [scan] = part.scans.as_slice() else {
        return None;
    };
    let is_ordered = scan.namespace.is_some() || !scan.kind.resource.namespaced;
    let decides_all = part.local.is_empty() && plan.related.is_empty() && plan.order.is_empty();
    let is_grouped = matches!(plan.shape, Shape::Groups(..));
    plan.limit
        .filter(|limit| is_ordered && decides_all && !is_grouped && *limit > 0)
}

/// Reads scans once, one request after the other.
#[derive(Default)]
pub(super) struct Read {
    server_time: Option<i64>,
    wanted: Wanted,
    /// How often the request that runs was refused for a time.
    tries: u32,
    pub(super) sent: Vec<Sent>,
    /// How long was waited so far, which is all the time that scans need to know of here.
    waited_ms: u64,
}

/// The request that a scan wants next.
#[derive(Default)]
struct Wanted {
    last: u64,
    request: Option<Request>,
}

impl Requests for Wanted {
    fn send(&mut self, request: Request) -> RequestId {
        self.last += 1;
        self.request = Some(request);
        RequestId(self.last)
    }

    fn cancel(&mut self, _: RequestId) {
        self.request = None;
    }
}

impl Read {
    async fn whole(&mut self, transport: &impl Transport, mut scan: Scan) -> Result<Scan, Error> {
        self.begin(&mut scan);
        while self.page(transport, &mut scan).await? {}
        Ok(scan)
    }

    pub(super) fn begin(&mut self, scan: &mut Scan) {
        self.tries = 0;
        scan.start(&mut self.wanted, self.waited_ms);
    }

    /// Sends the next request of a scan; false when there was none to send, because all was read.
    pub(super) async fn page(
        &mut self,
        transport: &impl Transport,
        scan: &mut Scan,
    ) -> Result<bool, Error> {
        let Some(request) = self.wanted.request.take() else {
            return match scan.standing(self.waited_ms) {
                Standing::Live => Ok(false),
                Standing::Stale(trouble) | Standing::Absent(trouble) => Err(error(trouble)),
                Standing::CatchingUp(..) | Standing::Silent => {
                    Err(Error::Unreachable("the list never ended".to_owned()))
                }
            };
        };
        let is_for_a_time = self.send(transport, &request, scan).await?;
        self.tries = if is_for_a_time { self.tries + 1 } else { 0 };
        // As the server's own clients do; what fails otherwise fails at once.
        if let Some(wait_ms) = scan.next_try(self.waited_ms)
            && is_for_a_time
            && self.tries <= MOST_TRIES
        {
            transport.wait(wait_ms).await;
            self.waited_ms += wait_ms;
            scan.start(&mut self.wanted, self.waited_ms);
        }
        Ok(true)
    }

    /// Whether the answer to the last request was that the past which it continues is gone.
    pub(super) fn was_expired(&self) -> bool {
        self.sent.last().is_some_and(|sent| sent.status == 410)
    }

    /// Sends a request and reads its answer into the scan that wants it. True if the server
    /// refuses it only for a time.
    async fn send(
        &mut self,
        transport: &impl Transport,
        request: &Request,
        scan: &mut Scan,
    ) -> Result<bool, Error> {
        let now = self.waited_ms;
        let (head, mut body) = transport.send(request).await.map_err(Error::Unreachable)?;
        let date = head.date.as_deref().and_then(parse_http_date);
        self.server_time = date.or(self.server_time);
        let is_for_a_time = head.status == 429 || head.retry_after_ms().is_some();
        let (status, before) = (head.status, scan.store.len());
        scan.head(head, now);
        let mut bytes = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(Error::Unreachable)?;
            bytes += chunk.len();
            scan.chunk(&chunk, &mut self.wanted, now);
        }
        scan.end(&mut self.wanted, now);
        self.sent.push(Sent {
            path: request.path.clone(),
            status,
            objects: scan.store.len().saturating_sub(before),
            bytes,
        });
        Ok(is_for_a_time)
    }
}

fn error(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Refused(refusal) | Trouble::Busy(refusal) | Trouble::Unauthorized(refusal) => {
            Error::Refused(refusal)
        }
        Trouble::Unreachable(error) | Trouble::Foreign(error) | Trouble::NoCredentials(error) => {
            Error::Unreachable(error)
        }
    }
}
