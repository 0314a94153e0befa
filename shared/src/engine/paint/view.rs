//! The head, the foot and the rows of the answer; and what stands there when there are none.

use std::borrow::Cow;
use std::collections::HashSet;

use super::super::answer::{Answer, entry, placed};
use super::super::freshness::next;
use super::super::message::{Blank, BlankState, Offer, Row, Rows, Total, View};
use super::super::{Engine, Kept};
use super::heads::{group_cells, heads};
use crate::plan::{Getter, Group, ScanSpec};
use crate::resource::{Datum, KINDS, Kind, Mark, ValueType};
use crate::sort::sort_by;
use crate::store::Entry;
use crate::watch::{Scan, Standing, Trouble};

/// Up to so many rows, each is drawn as a mark beside the title.
const MOST_MARKS: usize = 60;

impl Engine {
    /// Head and foot.
    pub(super) fn view(&self) -> View {
        let Some(answer) = &self.answer else {
            return View {
                blank: Some(self.unasked()),
                ..View::default()
            };
        };
        let considered = self
            .row_scans(answer)
            .map(|kept| kept.scan.store.len())
            .sum();
        let matched = answer.matched();
        let shown: Vec<Entry<'_>> = answer
            .rows()
            .iter()
            .filter_map(|place| entry(&self.scans, *place))
            .collect();
        let is_grouped = answer.groups().is_some();
        let heads = heads(answer);
        View {
            title: title(answer),
            note: self.note(answer),
            plural: kind(answer).name().to_owned(),
            columns: heads.iter().map(|head| head.column(answer)).collect(),
            matched,
            noun: match answer.plan.kind() {
                _ if is_grouped => "groups".to_owned(),
                Some(kind) => kind.title.to_ascii_lowercase(),
                None => "objects".to_owned(),
            },
            considered,
            took_us: 0,
            totals: if is_grouped {
                Vec::new()
            } else {
                totals(&shown)
            },
            sums: answer
                .plan
                .kind()
                .filter(|_| !is_grouped)
                .map_or_else(Vec::new, |kind| sums(kind, &shown)),
            marks: if matched <= MOST_MARKS && !is_grouped {
                shown.iter().map(|entry| entry.mark()).collect()
            } else {
                Vec::new()
            },
            blank: (matched == 0).then(|| self.blank(answer, considered)),
        }
    }

    /// What the answer is of; and that not all of its query counts, which the query bar explains.
    fn note(&self, answer: &Answer) -> String {
        let left_out = self.echo.problems.len();
        let mut note = note(answer);
        let whole_for = answer
            .plan
            .parts
            .iter()
            .find_map(|part| part.whole_for.as_ref());
        if let Some(field) = whole_for {
            let held: usize = self.kept(answer).map(|kept| kept.scan.store.held()).sum();
            note.push_str(&format!(
                "; read whole for {field}, {} kB",
                grouped((held / 1000) as u64)
            ));
        }
        match (self.echo.answered, left_out) {
            (false, _) | (_, 0) => note,
            (true, 1) => format!("{note}; one clause is left out"),
            (true, _) => format!("{note}; {left_out} clauses are left out"),
        }
    }

    /// The scans of an answer.
    pub(in crate::engine) fn kept(&self, answer: &Answer) -> impl Iterator<Item = &Kept> {
        answer.scans().filter_map(|id| self.scans.get(id))
    }

    /// The scans of an answer's rows, without what only decides them.
    fn row_scans(&self, answer: &Answer) -> impl Iterator<Item = &Kept> {
        answer.row_scans().filter_map(|id| self.scans.get(id))
    }

    /// The rows of a window.
    pub(super) fn rows(&self, first: usize, count: usize) -> Rows {
        let Some(answer) = &self.answer else {
            return Rows::default();
        };
        let now = self.shown_time(answer);
        let (heads, catalog) = (heads(answer), &self.known.catalog);
        let object = |place: &super::super::answer::Place| {
            let placed = placed(&self.scans, *place)?;
            let entry = placed.entry;
            let path = entry.kind().object_path(entry.namespace(), entry.name());
            let uid = entry.uid();
            Some(Row {
                uid: if uid.is_empty() {
                    path.clone()
                } else {
                    uid.into_owned()
                },
                path,
                word: entry.word().to_owned(),
                mark: entry.mark(),
                cells: heads
                    .iter()
                    .map(|head| head.cell(placed, catalog, now))
                    .collect(),
            })
        };
        let rows = match answer.groups() {
            Some(groups) => groups
                .iter()
                .skip(first)
                .take(count)
                .map(|group| group_row(answer, group))
                .collect(),
            None => {
                let places = answer.rows().iter().skip(first).take(count);
                places.filter_map(object).collect()
            }
        };
        Rows {
            first,
            total: answer.matched(),
            rows,
        }
    }

    /// The moment whose ages are shown: now, or, when nothing is heard any more, the last moment
    /// of which something is known.
    pub(super) fn shown_time(&self, answer: &Answer) -> i64 {
        let now = self.clock.monotonic();
        let stopped = self
            .kept(answer)
            .filter(|kept| {
                !matches!(
                    kept.scan.standing(now),
                    Standing::Live | Standing::CatchingUp(..)
                )
            })
            .filter_map(|kept| kept.scan.contact())
            .min();
        self.clock.server_at(stopped.unwrap_or(now))
    }

    /// Nothing could be asked yet.
    fn unasked(&self) -> Blank {
        if self.learning.asking.is_some() {
            return self.learning_blank();
        }
        let problem = self.echo.problems.first();
        Blank {
            state: problem.map_or(BlankState::Loading, |_| BlankState::Problem),
            title: problem.map_or_else(
                || "Loading".to_owned(),
                |_| "The query has a problem".to_owned(),
            ),
            text: problem.map_or_else(String::new, |problem| problem.message.clone()),
            evidence: None,
            offers: problem.map_or_else(Vec::new, |_| {
                vec![("Show pods".to_owned(), Offer::Query("pods".to_owned()))]
            }),
        }
    }

    /// The kind that is asked for is not known yet.
    fn learning_blank(&self) -> Blank {
        let trouble = self.learning.trouble.clone();
        let reads = "Reading what kinds there are".to_owned();
        let fails = || "The cluster does not say what kinds it has".to_owned();
        Blank {
            state: trouble
                .as_ref()
                .map_or(BlankState::Loading, |_| BlankState::Unreachable),
            title: trouble.as_ref().map_or(reads, |_| fails()),
            text: String::new(),
            offers: trouble
                .iter()
                .map(|_| ("Try now".to_owned(), Offer::Retry))
                .collect(),
            evidence: trouble,
        }
    }

    fn blank(&self, answer: &Answer, considered: usize) -> Blank {
        let now = self.clock.monotonic();
        let kind = kind(answer);
        let plural = kind.name();
        let place = place(answer);
        let standings: Vec<_> = self
            .kept(answer)
            .map(|kept| (&kept.scan, kept.scan.standing(now)))
            .collect();
        let troubles: Option<Vec<(&Scan, &Trouble)>> = standings
            .iter()
            .map(|(scan, standing)| match standing {
                Standing::Absent(trouble) => Some((*scan, trouble)),
                _ => None,
            })
            .collect();
        if let Some((scan, trouble)) = troubles.and_then(|troubles| troubles.first().copied()) {
            let again = next(scan.attempts(), scan.next_try(now));
            return self.absent(trouble, &again, kind, &place);
        }
        if standings
            .iter()
            .any(|(_, standing)| matches!(standing, Standing::CatchingUp(..)))
        {
            return Blank {
                state: BlankState::Loading,
                title: format!("Reading {plural}{place}"),
                text: String::new(),
                evidence: None,
                offers: Vec::new(),
            };
        }
        let everywhere = (format!("All {plural}"), Offer::Query(plural.to_owned()));
        if considered == 0 && !narrowed(answer) {
            return Blank {
                state: BlankState::Empty,
                title: format!("There are no {plural}{place}"),
                text: "They will show here as soon as there are any.".to_owned(),
                evidence: None,
                offers: if place.is_empty() {
                    Vec::new()
                } else {
                    vec![everywhere]
                },
            };
        }
        Blank {
            state: BlankState::NoMatch,
            title: format!("No {}{place} matches", kind.singular),
            text: format!("{} looked at.", were(considered, kind)),
            evidence: Some(answer.query.to_string()),
            offers: wider(answer).into_iter().chain([everywhere]).collect(),
        }
    }

    /// The context's own namespace, which its user may often read when the cluster is forbidden.
    fn readable(&self, trouble: &Trouble, kind: &Kind, place: &str) -> Option<(String, Offer)> {
        let namespace = self.settings.namespace.as_ref()?;
        let applies = matches!(trouble, Trouble::Refused(refusal) if refusal.code == 403)
            && kind.resource.namespaced
            && place.trim_start() != format!("in {namespace}");
        let plural = kind.name();
        let query = Offer::Query(format!("{plural} ns:{namespace}"));
        applies.then(|| (format!("{} in {namespace}", kind.title), query))
    }

    /// `again` says when it is tried again by itself.
    fn absent(&self, trouble: &Trouble, again: &str, kind: &Kind, place: &str) -> Blank {
        let plural = kind.name();
        let cluster = if self.settings.cluster.is_empty() {
            "The cluster"
        } else {
            &self.settings.cluster
        };
        let (state, title, text, evidence) = match trouble {
            Trouble::Refused(refusal) if refusal.code == 403 => (
                BlankState::Forbidden,
                format!("You may not list {plural}{place}"),
                forbidden(kind),
                refusal.message.clone(),
            ),
            Trouble::Refused(refusal) => (
                BlankState::Problem,
                format!("{cluster} refuses to list {plural}{place}"),
                format!("It answered {} {}.", refusal.code, refusal.reason),
                refusal.message.clone(),
            ),
            Trouble::Unauthorized(refusal) => (
                BlankState::Forbidden,
                format!("{cluster} does not accept the credentials"),
                format!(
                    "They have expired or were revoked. Renew them, for instance by \
                     kubectl --context {cluster} get ns, then try again."
                ),
                refusal.message.clone(),
            ),
            Trouble::NoCredentials(message) => (
                BlankState::Forbidden,
                format!("There are no credentials for {cluster}"),
                "Kapi could not load them. Do what it says below, then try again.".to_owned(),
                message.clone(),
            ),
            Trouble::Foreign(page) => (
                BlankState::Unreachable,
                format!("Something else answers in place of {cluster}"),
                format!(
                    "It is no API server: a proxy, a sign-in page, or a wrong address. Sign in to \
                     the network, or check the server of this context in the kubeconfig. {again}"
                ),
                page.clone(),
            ),
            Trouble::Busy(refusal) => (
                BlankState::Unreachable,
                format!("{cluster} is too busy or failed"),
                format!("It answered {} {}. {again}", refusal.code, refusal.reason),
                refusal.message.clone(),
            ),
            Trouble::Unreachable(error) => (
                BlankState::Unreachable,
                format!("{cluster} does not answer"),
                format!("It may be down, or the network or a VPN on the way to it. {again}"),
                error.clone(),
            ),
        };
        Blank {
            state,
            title,
            text,
            evidence: Some(evidence).filter(|evidence| !evidence.is_empty()),
            offers: self
                .readable(trouble, kind, place)
                .into_iter()
                .chain([("Try now".to_owned(), Offer::Retry)])
                .collect(),
        }
    }
}

fn forbidden(kind: &Kind) -> String {
    let plural = kind.name();
    let other = if kind.resource.namespaced {
        format!(", or ask for a namespace that you may read, as in {plural} ns:NAME")
    } else {
        String::new()
    };
    format!("Missing right: list {plural}. Ask who administers the cluster for it{other}.")
}

/// Everything of the namespaces that were asked for.
fn wider(answer: &Answer) -> Option<(String, Offer)> {
    let namespaces = namespaces(answer).join(",");
    let plural = kind(answer).name();
    let query = Offer::Query(format!("{plural} ns:{namespaces}"));
    (!namespaces.is_empty()).then(|| (format!("All of {namespaces}"), query))
}

/// `1,204 pods were`
fn were(count: usize, kind: &Kind) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb}", count_of(count, kind))
}

/// `1,204 pods`
fn count_of(count: usize, kind: &Kind) -> String {
    let noun = if count == 1 {
        kind.singular
    } else {
        kind.name()
    };
    format!("{} {noun}", grouped(count as u64))
}

/// `1,204`
pub(in crate::engine) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The namespaces that an answer is of, if it is not of all.
pub(super) fn namespaces(answer: &Answer) -> Vec<&str> {
    let parts = answer.plan.parts.iter().flat_map(|part| &part.scans);
    let named = parts.map(|scan| scan.namespace.as_deref());
    let mut namespaces = named.collect::<Option<Vec<_>>>().unwrap_or_default();
    namespaces.dedup();
    namespaces
}

/// The kind that an answer is of, or the first of several.
fn kind(answer: &Answer) -> &'static Kind {
    let part = answer.plan.parts.first();
    part.map_or(KINDS[0], |part| part.kind)
}

fn title(answer: &Answer) -> String {
    let titles: Vec<_> = answer
        .plan
        .parts
        .iter()
        .map(|part| part.kind.title)
        .collect();
    titles.join(", ")
}

/// A group has no detail: its first cell leads to its objects.
fn group_row(answer: &Answer, group: &Group) -> Row {
    let keys: Vec<_> = group.keys.iter().map(|key| key.text.as_str()).collect();
    Row {
        uid: format!("group {}", keys.join("\n")),
        path: String::new(),
        word: String::new(),
        mark: Mark::Unknown,
        cells: group_cells(answer, group),
    }
}

/// ` in shop`, or nothing.
fn place(answer: &Answer) -> String {
    let namespaces = namespaces(answer);
    if namespaces.is_empty() {
        String::new()
    } else {
        format!(" in {}", namespaces.join(", "))
    }
}

/// Whether more is asked for than a kind and its namespaces.
fn narrowed(answer: &Answer) -> bool {
    answer.plan.parts.iter().any(|part| {
        let selects = |scan: &ScanSpec| !scan.labels.is_empty() || !scan.fields.is_empty();
        !part.local.is_empty() || part.scans.iter().any(selects)
    })
}

fn note(answer: &Answer) -> String {
    let kind = kind(answer);
    let mut parts = Vec::new();
    let place = place(answer);
    if !place.is_empty() {
        parts.push(place.trim_start().to_owned());
    } else if kind.resource.namespaced {
        parts.push("in all namespaces".to_owned());
    }
    if let Some(from) = &answer.query.from {
        parts.push(format!("from {from}"));
    }
    let first = answer.plan.order.first();
    if let Some((shown, descending)) = first.filter(|_| !answer.query.sort.is_empty()) {
        let column = shown.getter(0).and_then(Getter::column);
        let column = column.and_then(|index| kind.columns.get(index));
        let title = column.map_or_else(
            || shown.name.clone(),
            |column| column.title.to_ascii_lowercase(),
        );
        parts.push(match (column.map(|column| column.value), descending) {
            (Some(ValueType::Age), false) => "youngest first".to_owned(),
            (Some(ValueType::Age), true) => "oldest first".to_owned(),
            (Some(ValueType::Number | ValueType::Quantity), true) => format!("most {title} first"),
            (Some(ValueType::Number), false) => format!("fewest {title} first"),
            (Some(ValueType::Quantity), false) => format!("least {title} first"),
            (_, false) => format!("by {title}"),
            (_, true) => format!("by {title}, backwards"),
        });
    }
    if let Some(limit) = answer.plan.limit {
        parts.push(format!("the first {limit}"));
    }
    parts.join(", ")
}

fn totals(rows: &[Entry<'_>]) -> Vec<Total> {
    let mut totals: Vec<Total> = Vec::new();
    for row in rows {
        let (mark, word) = (row.mark(), row.word());
        match totals.iter_mut().find(|total| total.mark == mark) {
            Some(total) => {
                total.count += 1;
                if total.word != word {
                    mark.word().clone_into(&mut total.word);
                }
            }
            None => totals.push(Total {
                mark,
                word: word.to_owned(),
                count: 1,
                query: None,
            }),
        }
    }
    sort_by(&mut totals, |one, other| one.mark.cmp(&other.mark));
    totals
}

fn sums(kind: &Kind, rows: &[Entry<'_>]) -> Vec<String> {
    let sum = |(index, column): (usize, &crate::resource::Column)| {
        let total = if column.value == ValueType::Number {
            let figures = rows.iter().filter_map(|row| row.datum(index).figure());
            u64::try_from(figures.fold(0, i64::saturating_add)).unwrap_or_default()
        } else {
            let texts: HashSet<Cow<'_, str>> = rows
                .iter()
                .filter_map(|row| match row.datum(index) {
                    Datum::Text(text) => Some(text),
                    _ => None,
                })
                .collect();
            texts.len() as u64
        };
        let noun = if total == 1 {
            column.sum.trim_end_matches('s')
        } else {
            column.sum
        };
        format!("{} {noun}", grouped(total))
    };
    let columns = kind.columns.iter().enumerate();
    columns
        .filter(|(_, column)| !column.sum.is_empty())
        .map(sum)
        .collect()
}
