//! Objects as they are read: page by page, with no more of them in memory than a page has.

use std::collections::VecDeque;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};

use super::read::{Stopped, Work};
use super::{Chain, Error, K8Kat, Record, Transport};
use crate::api::status::Refusal;
use crate::plan::ScanSpec;
use crate::store::Store;
use crate::watch::Scan;

impl<'a, T: Transport> Chain<'a, T> {
    /// Every object that matches, as it is read: the pages of each list one after the other, in the
    /// server's own order. What is sorted or limited is read to its end first, as is what decides about
    /// others. Nothing is sent before the first object is waited for.
    ///
    /// # Errors
    /// As [`Chain::all`], as the last item. What was given before that was part of the answer.
    pub fn stream(&self) -> impl Stream<Item = Result<Record<'a, T>, Error>> + use<'a, T> {
        let begin = Rows::Asked(Box::new(self.clone()));
        stream::try_unfold(begin, async |mut rows| {
            let next = rows.next().await?;
            Ok(next.map(|record| (record, rows)))
        })
    }

    /// The same, so many objects at a time; the last are fewer.
    ///
    /// # Errors
    /// As [`Chain::stream`].
    pub fn in_batches(
        &self,
        size: usize,
    ) -> impl Stream<Item = Result<Vec<Record<'a, T>>, Error>> + use<'a, T> {
        let rows = Box::pin(self.stream());
        stream::try_unfold(rows, move |mut rows| async move {
            let batch: Vec<_> = rows.by_ref().take(size.max(1)).try_collect().await?;
            Ok((!batch.is_empty()).then_some((batch, rows)))
        })
    }

    /// Whether the order in which objects are read is as good as any.
    fn is_in_any_order(&self) -> bool {
        self.query.sort.is_empty() && self.query.limit.is_none()
    }
}

/// The rows of an answer, on their way.
enum Rows<'a, T> {
    /// Nothing was sent.
    Asked(Box<Chain<'a, T>>),
    /// All of them are here.
    Read(VecDeque<Record<'a, T>>),
    /// They are being read.
    Reading(Box<Pages<'a, T>>),
}

impl<'a, T: Transport> Rows<'a, T> {
    async fn next(&mut self) -> Result<Option<Record<'a, T>>, Error> {
        if let Self::Asked(chain) = self {
            *self = if chain.is_in_any_order() {
                Self::Reading(Box::new(Pages::begin(chain).await?))
            } else {
                Self::Read(chain.all().await?.into())
            };
        }
        match self {
            Self::Asked(_) => Ok(None),
            Self::Read(records) => Ok(records.pop_front()),
            Self::Reading(pages) => pages.next().await.map_err(|stopped| stopped.error),
        }
    }
}

/// The pages of an answer, one after the other.
struct Pages<'a, T> {
    cluster: &'a K8Kat<T>,
    work: Work,
    /// The lists that were not begun, with the parts that they are of; the last is next.
    left: Vec<(usize, ScanSpec)>,
    list: Option<List>,
    /// Of the page that was read last.
    ready: VecDeque<Record<'a, T>>,
    /// The part that was read last, and the version of its first list.
    version: Option<(usize, String)>,
}

/// A list that is being read.
struct List {
    part: usize,
    scan: Scan,
    /// Whether anything of it was given away.
    given: bool,
}

impl<'a, T: Transport> Pages<'a, T> {
    /// Reads what decides, and the first page: until then all may be planned anew.
    async fn begin(chain: &Chain<'a, T>) -> Result<Self, Error> {
        let cluster = chain.cluster;
        let begin = async |mut work: Work| {
            work.what_decides(&cluster.transport).await?;
            let mut left = Vec::new();
            for part in (0..work.plan.parts.len()).rev() {
                let scans = work.scans(part).into_iter().rev();
                left.extend(scans.map(|spec| (part, spec)));
            }
            let mut pages = Self {
                cluster,
                work,
                left,
                list: None,
                ready: VecDeque::new(),
                version: None,
            };
            pages.read().await?;
            Ok(pages)
        };
        cluster.carry_out(&chain.objects(), false, begin).await
    }

    async fn next(&mut self) -> Result<Option<Record<'a, T>>, Stopped> {
        while self.ready.is_empty() {
            if !self.read().await? {
                break;
            }
        }
        Ok(self.ready.pop_front())
    }

    /// Reads a page; false when there is none left.
    async fn read(&mut self) -> Result<bool, Stopped> {
        let mut list = match self.list.take() {
            Some(list) => list,
            None => match self.left.pop() {
                Some((part, spec)) => self.list(part, &spec),
                None => return Ok(false),
            },
        };
        let stopped = |error: Error, scan: &Scan| Stopped {
            error,
            spec: Some(Box::new(scan.spec.clone())),
            of_a_moment: scan.is_of_a_moment(),
        };
        let work = &mut self.work;
        let read = work
            .read
            .page(&self.cluster.transport, &mut list.scan)
            .await;
        let is_read = !read.map_err(|error| stopped(error, &list.scan))?;
        if list.given && work.read.was_expired() {
            return Err(stopped(expired(), &list.scan));
        }
        self.give(&mut list)?;
        if !is_read {
            self.list = Some(list);
        } else if self.version.as_ref().map(|(part, _)| *part) != Some(list.part) {
            self.version = Some((list.part, list.scan.version().to_owned()));
        }
        Ok(true)
    }

    fn list(&mut self, part: usize, spec: &ScanSpec) -> List {
        let first = self.version.as_ref().filter(|(of, _)| *of == part);
        let mut scan = self
            .work
            .scan(spec, first.map(|(_, version)| version.clone()));
        self.work.read.begin(&mut scan);
        let given = false;
        List { part, scan, given }
    }

    /// Takes what matches out of the page that was read.
    fn give(&mut self, list: &mut List) -> Result<(), Stopped> {
        let kind = list.scan.spec.kind;
        // In a store of its own the objects lie in the order in which they came.
        let page = std::mem::replace(&mut list.scan.store, Store::new(kind));
        if page.is_empty() {
            return Ok(());
        }
        list.given = true;
        let now = self.work.now()?;
        let context = self.work.context(now);
        let Some(part) = self.work.plan.parts.get(list.part) else {
            return Ok(());
        };
        let entries = page.entries().map(|(_, entry)| entry);
        let matching = entries.filter(|entry| part.filter.holds(*entry, &context));
        let cluster = self.cluster;
        let records = matching.map(|entry| Record::of(cluster, entry));
        self.ready.extend(records);
        Ok(())
    }
}

/// Read again, the list would give again what was given away.
fn expired() -> Error {
    Error::Refused(Refusal {
        code: 410,
        reason: "Expired".to_owned(),
        message: "the list was forgotten before it was read to its end".to_owned(),
    })
}
