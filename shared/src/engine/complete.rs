//! Candidates at a caret in a query: kinds, fields, flags, directives, and values that live rows
//! have. Uses what is known already; it never asks the cluster.

use std::collections::BTreeMap;

use super::Engine;
use super::answer::entry;
use super::message::{Candidate, Completion};
use crate::plan::FLAGS;
use crate::query::{Query, Span, quote};
use crate::resource::{Datum, KINDS, Kind, Mark, ValueType};
use crate::sort::sort_by;
use crate::store::Entry;

/// Candidates shown.
const MOST: usize = 12;

/// Words that begin a clause whatever the kind.
const WORDS: [(&str, &str); 4] = [
    ("sort:", "order; a minus sign turns it round"),
    ("limit:", "at most so many rows"),
    ("has:", "carries a label"),
    ("-ns:", "not in these namespaces"),
];

impl Engine {
    /// Candidates for the clause at `cursor`.
    pub(super) fn complete(&self, text: &str, cursor: usize) -> Completion {
        let cursor = cursor.min(text.len());
        let before = text.get(..cursor).unwrap_or_default();
        let start =
            outside_quotes(before, |c| c.is_whitespace() || c == '(').map_or(0, |at| at + 1);
        let typed = &before[start..];
        let query = Query::parse(text).query;
        let is_kind = query
            .kinds
            .first()
            .is_none_or(|kind| kind.span.end >= cursor)
            && start == first_word(text);
        let (title, start, candidates) = if is_kind {
            (
                format!("Kind{}", beginning(typed)),
                start,
                self.kinds(typed),
            )
        } else {
            let kind = query
                .kinds
                .first()
                .and_then(|kind| self.known.catalog.named(&kind.value));
            let kind = kind.unwrap_or(KINDS[0]);
            let clause = typed.trim_start_matches('-');
            let start = start + typed.len() - clause.len();
            match clause.split_once(':') {
                Some(("sort", field)) => {
                    let field = field.rsplit(',').next().unwrap_or_default();
                    let bare = field.trim_start_matches('-');
                    (
                        "Field to sort by".to_owned(),
                        cursor - bare.len(),
                        fields(kind, bare, ""),
                    )
                }
                Some((name, value)) => {
                    let comma = outside_quotes(value, |c| c == ',').map_or(0, |at| at + 1);
                    let value = &value[comma..];
                    let title = format!("Value of {name}{}", beginning(value));
                    let typed = value.strip_prefix('"').unwrap_or(value);
                    (title, cursor - value.len(), self.values(kind, name, typed))
                }
                None => match clause.split_once('=') {
                    Some((key, value)) => {
                        let title = format!(
                            "Value of the label {}{}",
                            key.trim_end_matches('!'),
                            beginning(value)
                        );
                        let values = self.label_values(key.trim_end_matches('!'), value);
                        (title, cursor - value.len(), values)
                    }
                    None => (
                        format!("Clause{}", beginning(clause)),
                        start,
                        self.clauses(kind, clause),
                    ),
                },
            }
        };
        Completion {
            text: text.to_owned(),
            title,
            span: Span { start, end: cursor },
            candidates,
        }
    }

    /// Kinds by any of their names, those known by heart first.
    fn kinds(&self, typed: &str) -> Vec<Candidate> {
        let lower = typed.to_ascii_lowercase();
        let is_meant = |kind: &&'static Kind| {
            let names = [kind.name(), kind.resource.plural, kind.singular];
            let mut names = names.iter().chain(kind.short_names);
            names.any(|name| name.starts_with(&lower))
        };
        let kinds = self.known.catalog.kinds().filter(is_meant).take(MOST);
        let candidate = |kind: &'static Kind| {
            let is_name = kind.name().starts_with(&lower);
            Candidate {
                typed: if is_name { lower.len() } else { 0 },
                ..candidate(kind.name(), "", &meaning(kind))
            }
        };
        kinds.map(candidate).collect()
    }

    fn clauses(&self, kind: &Kind, typed: &str) -> Vec<Candidate> {
        let flags = FLAGS.map(|(flag, meaning)| (format!("is:{flag}"), meaning));
        let words = WORDS.map(|(word, meaning)| (word.to_owned(), meaning));
        let words = flags.into_iter().chain(words);
        let mut all = fields(kind, typed, ":");
        all.extend(
            words
                .filter(|(word, _)| word.starts_with(typed))
                .map(|(word, meaning)| candidate(&word, typed, meaning)),
        );
        let labels = self
            .scanned_rows()
            .flat_map(|row| row.labels().map(|(key, _)| key.to_owned()));
        all.extend(
            counted(labels, typed)
                .into_iter()
                .map(|candidate| Candidate {
                    insert: format!("{}=", candidate.insert),
                    meaning: "label".to_owned(),
                    ..candidate
                }),
        );
        all.truncate(MOST);
        all
    }

    /// The rows that the answer's scans hold, whether they match or not.
    fn scanned_rows(&self) -> impl Iterator<Item = Entry<'_>> {
        let answer = self.answer.iter();
        let kept = answer.flat_map(|answer| self.kept(answer));
        kept.flat_map(|kept| kept.scan.store.entries().map(|(_, entry)| entry))
    }

    fn values(&self, kind: &Kind, name: &str, typed: &str) -> Vec<Candidate> {
        match name {
            "is" => FLAGS
                .iter()
                .filter(|(flag, _)| flag.starts_with(typed))
                .map(|(flag, meaning)| candidate(flag, typed, meaning))
                .collect(),
            "has" => {
                let keys = self
                    .scanned_rows()
                    .flat_map(|row| row.labels().map(|(key, _)| key.to_owned()));
                counted(keys, typed)
            }
            "ns" | "namespace" => self.namespaces(typed),
            _ => self.column_values(kind, name, typed),
        }
    }

    fn namespaces(&self, typed: &str) -> Vec<Candidate> {
        let mut rows = self.scanned_rows().peekable();
        if rows.peek().is_some() {
            return counted(
                rows.map(|row| row.namespace().to_owned())
                    .filter(|ns| !ns.is_empty()),
                typed,
            );
        }
        let known = self
            .scans
            .values()
            .flat_map(|kept| kept.scan.store.entries());
        counted(known.map(|(_, entry)| entry.namespace().to_owned()), typed)
    }

    fn column_values(&self, kind: &Kind, name: &str, typed: &str) -> Vec<Candidate> {
        let same_kind = self.answer.as_ref().is_some_and(|answer| {
            answer
                .plan
                .kind()
                .is_some_and(|own| std::ptr::eq(own, kind))
        });
        let Some(index) = kind.column(name).filter(|_| same_kind) else {
            return Vec::new();
        };
        if !matches!(
            kind.columns[index].value,
            ValueType::Text | ValueType::Ratio
        ) {
            return Vec::new();
        }
        let marks: BTreeMap<String, Mark> = self
            .answer
            .iter()
            .flat_map(|answer| {
                answer
                    .rows()
                    .iter()
                    .filter_map(|place| entry(&self.scans, *place))
            })
            .filter(|_| kind.state_column() == Some(index))
            .map(|entry| (text(&entry.datum(index)), entry.mark()))
            .collect();
        let listed = kind.columns[index].listed;
        let parts = |text: String| -> Vec<String> {
            if listed {
                text.split(',').map(str::to_owned).collect()
            } else {
                vec![text]
            }
        };
        let mut values = counted(
            self.scanned_rows()
                .flat_map(|row| parts(text(&row.datum(index))))
                .filter(|text| !text.is_empty()),
            typed,
        );
        for value in &mut values {
            value.mark = marks.get(&value.insert).copied();
            let quoted = quote(&value.insert);
            value.typed += usize::from(quoted != value.insert);
            value.insert = quoted;
        }
        values
    }

    fn label_values(&self, key: &str, typed: &str) -> Vec<Candidate> {
        counted(
            self.scanned_rows()
                .filter_map(|row| row.label(key).map(str::to_owned)),
            typed,
        )
    }
}

/// Other names of a kind, and the group of one that is not known by heart.
fn meaning(kind: &Kind) -> String {
    let group = kind.learned.map(|_| kind.resource.group);
    let group = group.filter(|group| !group.is_empty());
    let names = kind.short_names.iter().copied().chain(group);
    names.collect::<Vec<_>>().join(", ")
}

/// Where the last such character stands that is in no quotation.
fn outside_quotes(text: &str, sought: impl Fn(char) -> bool) -> Option<usize> {
    let (mut found, mut quoted, mut escaped) = (None, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if !quoted && sought(c) => found = Some(at),
            _ => {}
        }
    }
    found
}

fn first_word(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn beginning(typed: &str) -> String {
    if typed.is_empty() {
        String::new()
    } else {
        format!(" that starts with {typed}")
    }
}

fn text(datum: &Datum<'_>) -> String {
    match datum {
        Datum::Text(text) => text.to_string(),
        Datum::Ratio(part, whole) => format!("{part}/{whole}"),
        _ => String::new(),
    }
}

fn candidate(insert: &str, typed: &str, meaning: &str) -> Candidate {
    Candidate {
        insert: insert.to_owned(),
        typed: typed.len(),
        meaning: meaning.to_owned(),
        count: None,
        mark: None,
    }
}

fn fields(kind: &Kind, typed: &str, after: &str) -> Vec<Candidate> {
    let columns = kind
        .columns
        .iter()
        .filter(|column| column.name.starts_with(typed));
    columns
        .map(|column| candidate(&format!("{}{after}", column.name), typed, column.title))
        .collect()
}

/// The distinct texts that begin as typed, the most frequent first.
fn counted(texts: impl Iterator<Item = String>, typed: &str) -> Vec<Candidate> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for text in texts.filter(|text| text.starts_with(typed)) {
        *counts.entry(text).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    sort_by(&mut counts, |(_, a), (_, b)| b.cmp(a));
    counts.truncate(MOST);
    counts
        .into_iter()
        .map(|(text, count)| Candidate {
            count: Some(count),
            ..candidate(&text, typed, "")
        })
        .collect()
}
