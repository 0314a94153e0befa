//! Candidates at a caret in a query: kinds, fields, flags, directives, and values that live rows
//! have. Uses what is known already; it never asks the cluster.

use std::collections::BTreeMap;

use super::Engine;
use super::answer::entry;
use super::message::{Candidate, Completion};
use crate::plan::{FLAGS, RELATIONS};
use crate::query::{DIRECTIVES, Query, Span, quote};
use crate::resource::{Datum, KINDS, Kind, ValueType};
use crate::sort::sort_by;
use crate::store::Entry;
use crate::value::jsonpath::Path;

/// Candidates shown.
const MOST: usize = 12;
/// Objects looked at for what paths lead to.
const ROWS_FOR_PATHS: usize = 50;

/// Words that begin a clause whatever the kind, besides the directives.
const WORDS: [(&str, &str); 6] = [
    ("has:", "carries a label"),
    ("-ns:", "not in these namespaces"),
    ("with:", "something belongs with it"),
    ("without:", "nothing belongs with it"),
    ("OR", "one of both sides"),
    ("->", "what belongs with it"),
];

/// What stands at a caret.
struct Caret<'a> {
    /// The part of the text, up to the caret, that is about one kind.
    step: &'a str,
    /// Whether it is reached from others, so that a relation can stand for its kind.
    is_reached: bool,
    /// Of the word at the caret, what is typed of it.
    typed: &'a str,
}

impl<'a> Caret<'a> {
    fn of(before: &'a str) -> Self {
        let (begin, is_reached) = step(before);
        let step = before[begin..].trim_start();
        let word = outside_quotes(step, |c| c.is_whitespace() || c == '(').map_or(0, |at| at + 1);
        let typed = &step[word..];
        Self {
            step,
            is_reached,
            typed,
        }
    }

    /// Whether the kind is being typed.
    const fn is_kind(&self) -> bool {
        self.step.len() == self.typed.len()
    }

    /// The directive whose list of fields is being typed, and the field.
    fn listed(&self) -> Option<(&'a str, &'a str)> {
        let is_plucked = self.step[..self.step.len() - self.typed.len()]
            .trim_end()
            .strip_suffix("pluck")
            .is_some_and(|rest| rest.trim_end().ends_with('|'));
        let (name, fields) = if is_plucked {
            ("pluck", self.typed)
        } else {
            let (name, fields) = self.typed.split_once(':')?;
            let takes_fields = DIRECTIVES
                .iter()
                .any(|(known, ..)| *known == name && !matches!(name, "limit" | "count" | "pluck"));
            takes_fields.then_some((name, fields))?
        };
        Some((name, fields.rsplit(',').next().unwrap_or_default()))
    }
}

/// Where the part of a text begins that is about the kind at its end: behind the last arrow, or
/// within the last parenthesis of a `with:` that is still open.
fn step(before: &str) -> (usize, bool) {
    let mut begins = vec![(0, false)];
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in before.char_indices() {
        let rest = &before[at..];
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '-' if rest.starts_with("->") => {
                begins.pop();
                begins.push((at + 2, true));
            }
            '(' => {
                let is_query = ["with:", "without:"]
                    .iter()
                    .any(|word| before[..at].ends_with(word));
                let outside = begins.last().copied().unwrap_or_default();
                begins.push(if is_query { (at + 1, true) } else { outside });
            }
            ')' if begins.len() > 1 => {
                begins.pop();
            }
            _ => {}
        }
    }
    begins.pop().unwrap_or_default()
}

impl Engine {
    /// Candidates for the clause at `cursor`.
    pub(super) fn complete(&self, text: &str, cursor: usize) -> Completion {
        let mut cursor = cursor.min(text.len());
        while !text.is_char_boundary(cursor) {
            cursor -= 1;
        }
        let caret = Caret::of(&text[..cursor]);
        let (title, typed, candidates) = self.candidates(&caret);
        Completion {
            text: text.to_owned(),
            title,
            span: Span {
                start: cursor - typed.len(),
                end: cursor,
            },
            candidates,
        }
    }

    /// Their title, what is typed of them, and the candidates.
    fn candidates<'a>(&self, caret: &Caret<'a>) -> (String, &'a str, Vec<Candidate>) {
        let typed = caret.typed;
        if caret.is_kind() && !caret.is_reached {
            let title = format!("Kind{}", beginning(typed));
            return (title, typed, self.kinds(typed));
        }
        if caret.is_kind() {
            let title = format!("Kind or relation{}", beginning(typed));
            return (title, typed, self.reached(typed));
        }
        let query = Query::parse(caret.step).query;
        let kind = query
            .kinds
            .first()
            .and_then(|kind| self.known.catalog.named(&kind.value));
        let kind = kind.unwrap_or(KINDS[0]);
        if let Some((name, field)) = caret.listed() {
            let field = field.trim_start_matches('-');
            let title = match name {
                "sort" => "Field to sort by".to_owned(),
                name => format!("Field to {name}"),
            };
            return (title, field, self.fields_or_paths(kind, field));
        }
        let clause = typed.trim_start_matches('-');
        if clause.starts_with('{') && !clause.contains('}') {
            return ("Path".to_owned(), clause, self.paths(clause));
        }
        if let Some((name, value)) = clause.split_once(':') {
            let comma = outside_quotes(value, |c| c == ',').map_or(0, |at| at + 1);
            let value = &value[comma..];
            if matches!(name, "with" | "without") {
                return ("Kind or relation".to_owned(), value, self.reached(value));
            }
            let title = format!("Value of {name}{}", beginning(value));
            let bare = value.strip_prefix('"').unwrap_or(value);
            return (title, value, self.values(kind, name, bare));
        }
        if let Some((key, value)) = clause.split_once('=') {
            let key = key.trim_end_matches('!');
            let title = format!("Value of the label {key}{}", beginning(value));
            return (title, value, self.label_values(key, value));
        }
        let title = format!("Clause{}", beginning(clause));
        (title, clause, self.clauses(kind, clause))
    }

    /// Relations and kinds that something is reached by.
    fn reached(&self, typed: &str) -> Vec<Candidate> {
        let relations = RELATIONS
            .iter()
            .filter(|(name, ..)| name.starts_with(typed));
        let relations = relations.map(|(name, _, meaning)| candidate(name, typed, meaning));
        let mut all = self.kinds(typed);
        all.extend(relations);
        all.truncate(MOST);
        all
    }

    fn fields_or_paths(&self, kind: &Kind, typed: &str) -> Vec<Candidate> {
        if typed.starts_with('{') {
            self.paths(typed)
        } else {
            fields(kind, typed, "")
        }
    }

    /// What the objects that are there have at a path that is being typed.
    fn paths(&self, typed: &str) -> Vec<Candidate> {
        let (path, member) = match typed.rfind('.') {
            Some(at) => (&typed[..at], &typed[at + 1..]),
            None => ("{", ""),
        };
        let whole = if path == "{" { "{$" } else { path };
        let Ok(read) = Path::parse(&format!("{whole}}}")) else {
            return Vec::new();
        };
        let rows = self.scanned_rows().take(ROWS_FOR_PATHS);
        let values = rows.flat_map(|row| read.values(row.object().whole()));
        let members: Vec<String> = values
            .flat_map(|value| value.entries().map(|(key, _)| key.into_owned()))
            .collect();
        let mut found = counted(members.into_iter(), member);
        for one in &mut found {
            // Signs of the path's own grammar are escaped in it.
            let key = one.insert.replace('.', "\\.");
            one.insert = format!("{path}.{key}");
            one.typed = typed.len();
            one.count = None;
        }
        found
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
        let flags = FLAGS.map(|(flag, _, meaning)| (format!("is:{flag}"), meaning));
        let words = WORDS.map(|(word, meaning)| (word.to_owned(), meaning));
        let directives = DIRECTIVES.iter().map(|(name, _, meaning)| match *name {
            "pluck" => ("| pluck ".to_owned(), *meaning),
            "count" => ((*name).to_owned(), *meaning),
            name => (format!("{name}:"), *meaning),
        });
        let words = flags.into_iter().chain(words).chain(directives);
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
                .filter(|(flag, ..)| flag.starts_with(typed))
                .map(|(flag, _, meaning)| candidate(flag, typed, meaning))
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
        let known = self.scans.iter().flat_map(|kept| kept.scan.store.entries());
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
        if kind.state_column() == Some(index) {
            self.mark(&mut values, index);
        }
        for value in &mut values {
            let quoted = quote(&value.insert);
            value.typed += usize::from(quoted != value.insert);
            value.insert = quoted;
        }
        values
    }

    /// Marks the states that rows are in.
    fn mark(&self, values: &mut [Candidate], index: usize) {
        let places = self.answer.iter().flat_map(|answer| answer.rows());
        for entry in places.filter_map(|place| entry(&self.scans, *place)) {
            let state = text(&entry.datum(index));
            if let Some(value) = values.iter_mut().find(|value| value.insert == state) {
                value.mark = Some(entry.mark());
            }
        }
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
