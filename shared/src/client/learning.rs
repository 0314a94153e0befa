//! Kinds that are not known by heart: before a query for one is planned, the cluster is asked
//! what kinds it has, and what columns its table of that one has.

use futures_util::StreamExt;

use super::{Error, K8Kat, MOST_TRIES, Transport};
use crate::api::count;
use crate::api::status::Refusal;
use crate::engine::{Head, Request};
use crate::plan::{Plan, Relation};
use crate::query::{Output, Query};
use crate::resource::{Discovery, Kind};
use crate::value::Value;

impl<T: Transport> K8Kat<T> {
    /// Learns what must be known before a query can be planned.
    pub(super) async fn learn(&self, query: &Query) -> Result<(), Error> {
        let is_kind = |name: &&str| Relation::named(&name.to_ascii_lowercase()).is_none();
        for name in query.kind_names().into_iter().filter(is_kind) {
            if self.named(name).is_none() {
                self.discover().await?;
            }
            if let Some(kind) = self.named(name).filter(|kind| kind.is_unasked()) {
                self.describe(query, kind).await?;
            }
        }
        let mut asked_version = false;
        while let Some(plan) = self.plan(query) {
            let undefined = plan.wants_definition(&self.known());
            let is_plucked = matches!(query.output, Some(Output::Pluck(_)));
            let wants_version =
                plan.wants_version() || is_plucked && plan.wants_version_for_columns(&self.known());
            if wants_version && !asked_version {
                asked_version = true;
                let request = Request::get("/version".to_owned(), "application/json");
                let (_, body) = self.read(&request).await?;
                let version = Value::json(&body).get("gitVersion").text_or_empty();
                self.known().learn_version(&version);
            } else if let Some(kind) = undefined {
                let request = Request::get(kind.definition_path(), "application/json");
                let (head, body) = self.read(&request).await?;
                self.known().learn_definition(kind, head.status, &body);
            } else {
                break;
            }
        }
        Ok(())
    }

    fn plan(&self, query: &Query) -> Option<Plan> {
        let (plan, _) = Plan::of(query, &self.known());
        plan
    }

    fn named(&self, name: &str) -> Option<&'static Kind> {
        self.known().catalog.named(name)
    }

    async fn discover(&self) -> Result<(), Error> {
        let mut discovery = Discovery::default();
        let mut refused = None;
        while let Some((place, path)) = discovery.ask() {
            let (head, body) = self.read(&Request::get(path, Discovery::ACCEPT)).await?;
            let document = head.has_objects().then_some(body.as_slice());
            discovery.answered(place, document);
            if document.is_none() {
                refused.get_or_insert_with(|| Refusal::read(head.status, &body));
            }
        }
        match refused {
            Some(refusal) if !discovery.is_read() => Err(Error::Refused(refusal)),
            _ => {
                let found = discovery.kinds();
                self.known().catalog.learn(&found, discovery.is_whole());
                Ok(())
            }
        }
    }

    /// Where its objects may not be listed, the list itself will say so.
    async fn describe(&self, query: &Query, kind: &'static Kind) -> Result<(), Error> {
        let plan = self.plan(query);
        let namespace = plan.as_ref().and_then(|plan| plan.namespace_of(kind));
        let (path, accept) = kind.columns_path(namespace);
        let (head, body) = self.read(&Request::get(path, accept)).await?;
        self.known().catalog.answered(kind, head.status, &body);
        Ok(())
    }

    /// How many objects of a whole kind there are, when that is all that a plan asks for and the
    /// server counts them: it says how many more there are than the one that it gives.
    pub(super) async fn counted(&self, plan: &Plan) -> Result<Option<usize>, Error> {
        let ([part], true) = (plan.parts.as_slice(), plan.related.is_empty()) else {
            return Ok(None);
        };
        let [scan] = part.scans.as_slice() else {
            return Ok(None);
        };
        if !part.local.is_empty() || !scan.labels.is_empty() || !scan.fields.is_empty() {
            return Ok(None);
        }
        let collection = scan.kind.resource.collection(scan.namespace.as_deref());
        let request = Request::get(count::path(&collection), count::ACCEPT);
        let (head, body) = self.read(&request).await?;
        if !head.has_objects() {
            return Err(Error::Refused(Refusal::read(head.status, &body)));
        }
        let count = count::read(&body);
        if let (Some(count), None) = (count, &scan.namespace) {
            self.known().kind_mut(scan.kind).count = Some(count);
        }
        Ok(count.and_then(|count| usize::try_from(count).ok()))
    }

    /// Reads a small answer, as often as the server asks for patience.
    async fn read(&self, request: &Request) -> Result<(Head, Vec<u8>), Error> {
        let mut tries = 0;
        loop {
            let sent = self.transport.send(request).await;
            let (head, mut chunks) = sent.map_err(Error::Unreachable)?;
            let mut body = Vec::new();
            while let Some(chunk) = chunks.next().await {
                body.extend(chunk.map_err(Error::Unreachable)?);
            }
            tries += 1;
            match head.retry_after_ms() {
                Some(wait_ms) if tries <= MOST_TRIES => self.transport.wait(wait_ms).await,
                _ => return Ok((head, body)),
            }
        }
    }
}
