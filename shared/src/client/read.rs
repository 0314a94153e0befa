//! Reads what a plan needs, one request after the other.

use std::collections::BTreeMap;

use futures_util::StreamExt;

use super::{Analysis, Error, K8Kat, MOST_TRIES, Sent, Transport};
use crate::api::status::Refusal;
use crate::api::time::parse_http_date;
use crate::engine::{Request, RequestId};
use crate::plan::{Part, Placed, Plan, ScanSpec, Shape};
use crate::query::Query;
use crate::resource::Kind;
use crate::store::Entry;
use crate::watch::{Requests, Scan, Standing, Trouble};

/// How often a plan is made anew for what the API server refuses.
const MOST_PLANS: usize = 8;

/// What was read for a query.
pub(super) struct Reading {
    pub(super) plan: Plan,
    /// For each of [`Plan::every_part`].
    parts: Vec<Vec<Scan>>,
    pub(super) now: i64,
    pub(super) sent: Vec<Sent>,
}

/// What stopped a reading, and the scan that it was of, if it was one.
struct Stopped {
    error: Error,
    spec: Option<ScanSpec>,
}

impl Reading {
    fn entries(&self, part: usize) -> Vec<Entry<'_>> {
        entries(&self.parts, part)
    }

    /// The objects that match, in order, without the limit.
    pub(super) fn matching(&self) -> Vec<Placed<'_>> {
        let read = |part: usize| self.entries(part);
        let context = self.plan.context(self.now, &read);
        self.plan.select(&context, &read)
    }

    /// The rows of the answer.
    pub(super) fn rows(&self) -> Vec<Placed<'_>> {
        let mut rows = self.matching();
        if !matches!(self.plan.shape, Shape::Groups(..)) {
            rows.truncate(self.plan.limit.unwrap_or(usize::MAX));
        }
        rows
    }

    pub(super) fn analysis(&self) -> Analysis {
        Analysis {
            plan: self.plan.clone(),
            sent: self.sent.clone(),
            rows: self.rows().len(),
        }
    }
}

fn entries(parts: &[Vec<Scan>], part: usize) -> Vec<Entry<'_>> {
    let scans = parts.get(part).map_or(&[][..], |scans| scans);
    let all = scans.iter().flat_map(|scan: &Scan| scan.store.entries());
    let all = all.map(|(_, entry)| entry);
    if scans.len() < 2 {
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

impl<T: Transport> K8Kat<T> {
    /// Reads what a query needs. With `partly`, the namespaces that are known stand in for a cluster
    /// that may not be listed.
    pub(super) async fn run(&self, query: &Query, partly: bool) -> Result<Reading, Error> {
        self.learn(query).await?;
        let mut known = self.known().clone();
        if !partly {
            known.refused_lists.clear();
        }
        let mut plans = 0;
        loop {
            let plan = match Plan::of(query, &known) {
                (Some(plan), problems) if problems.is_empty() => plan,
                (_, problems) => return Err(Error::Query(problems)),
            };
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
            let Stopped { error, spec } = match self.read_plan(plan).await {
                Ok(reading) => return Ok(reading),
                Err(stopped) => stopped,
            };
            plans += 1;
            let teaches = |refusal: &Refusal| partly || refusal.code != 403;
            let learnt = match (&error, &spec) {
                (Error::Refused(refusal), Some(spec)) if teaches(refusal) => {
                    known.learn(spec, refusal)
                }
                _ => false,
            };
            // The moment that the first list was of may be gone before the last one is read.
            let is_gone = matches!(&error, Error::Refused(refusal) if refusal.code == 410);
            if !(learnt || is_gone) || plans > MOST_PLANS {
                return Err(error);
            }
            let mut kept = self.known();
            kept.refused_fields
                .extend(known.refused_fields.iter().cloned());
            kept.refused_lists
                .extend(known.refused_lists.iter().cloned());
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

    async fn read_plan(&self, mut plan: Plan) -> Result<Reading, Stopped> {
        let mut read = Read::default();
        let (own, all) = (plan.parts.len(), plan.every_part().count());
        let mut parts: Vec<Vec<Scan>> = (0..all).map(|_| Vec::new()).collect();
        // What decides comes first: it may leave less to be read.
        for index in (own..all).chain(0..own) {
            let now = read.server_time.unwrap_or_default();
            let given = |part: usize| entries(&parts, part);
            let context = plan.context_of(index, now, &given);
            plan.narrow(index, &context, &given);
            drop(context);
            let Some(part) = plan.every_part().nth(index) else {
                continue;
            };
            let at_most = first_rows(&plan).filter(|_| index == 0);
            let mut scans: Vec<Scan> = Vec::new();
            for spec in part.scans.clone() {
                // Lists of one kind that make up one answer are of one moment.
                let version = scans.first().map(|scan| scan.version().to_owned());
                let scan = Scan::new(spec.clone(), false)
                    .exactly(version)
                    .at_most(at_most);
                let read = read.whole(&self.transport, scan).await;
                scans.push(read.map_err(|error| Stopped {
                    error,
                    spec: Some(spec),
                })?);
            }
            if let Some(slot) = parts.get_mut(index) {
                *slot = scans;
            }
        }
        let now = match read.server_time {
            // Where nothing was read no age is compared.
            None if plan.depends_on_time() && plan.scans().next().is_some() => {
                let error = Error::NoDate;
                return Err(Stopped { error, spec: None });
            }
            now => now.unwrap_or_default(),
        };
        let sent = read.sent;
        Ok(Reading {
            plan,
            parts,
            now,
            sent,
        })
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
    sent: Vec<Sent>,
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
        let mut tries = 0;
        scan.start(&mut self.wanted, self.waited_ms);
        while let Some(request) = self.wanted.request.take() {
            let is_for_a_time = self.send(transport, &request, &mut scan).await?;
            tries = if is_for_a_time { tries + 1 } else { 0 };
            // As the server's own clients do; what fails otherwise fails at once.
            if let Some(wait_ms) = scan.next_try(self.waited_ms)
                && is_for_a_time
                && tries <= MOST_TRIES
            {
                transport.wait(wait_ms).await;
                self.waited_ms += wait_ms;
                scan.start(&mut self.wanted, self.waited_ms);
            }
        }
        match scan.standing(self.waited_ms) {
            Standing::Live => Ok(scan),
            Standing::Stale(trouble) | Standing::Absent(trouble) => Err(error(trouble)),
            Standing::CatchingUp(..) | Standing::Silent => {
                Err(Error::Unreachable("the list never ended".to_owned()))
            }
        }
    }
}

impl Read {
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
