//! What is shown of a result, and in which order.

use super::Parser;
use crate::query::{Aggregate, Field, Function, Output, Query, Sort, Span, Spanned, TileClass};

/// The directives of the language, how each is written and what it does, in the order in which
/// completion and the reference show them.
pub const DIRECTIVES: [(&str, &str, &str); 11] = [
    (
        "sort",
        "sort:-restarts,name",
        "order; a minus sign turns it round",
    ),
    ("limit", "limit:20", "at most so many rows"),
    (
        "cols",
        "cols:ns,name,{.spec.nodeName}",
        "these columns in place of the usual ones",
    ),
    ("group", "group:ns,status", "one row for each combination"),
    ("count", "count", "how many, of each group or of all"),
    ("sum", "sum:restarts", "the sum"),
    ("avg", "avg:restarts", "the average"),
    ("min", "min:age", "the least"),
    ("max", "max:age", "the most"),
    ("distinct", "distinct:image", "how many different ones"),
    ("pluck", "| pluck ns,status", "nothing but these values"),
];

/// Whether a directive has this name and values behind a colon.
pub(super) fn is_directive(name: &str) -> bool {
    name != "pluck" && DIRECTIVES.iter().any(|(known, ..)| *known == name)
}

/// Whether a directive has this name and stands by itself.
pub(in crate::query) fn is_alone(name: &str) -> bool {
    name == "count"
}

impl Parser<'_> {
    /// A directive without a value.
    pub(super) fn alone(&mut self, start: usize, name: &str, query: &mut Query) {
        self.tile(start, None, TileClass::Directive);
        if let Some(function) = Function::named(name) {
            let field = None;
            query.aggregates.push(Spanned {
                span: self.span(start),
                value: Aggregate { function, field },
            });
        }
    }

    /// A directive, of which name and colon are read.
    pub(super) fn directive(&mut self, start: usize, key: Span, query: &mut Query) {
        let name = key.of(self.text);
        let values = self.list();
        self.tile(start, Some(key), TileClass::Directive);
        if name == "limit" {
            let limit = values.as_slice();
            match limit {
                [limit] if limit.value.parse::<usize>().is_ok() => {
                    query.limit = limit.value.parse().ok();
                }
                _ => self.problem(
                    self.span(start),
                    "limit is a number of rows, as in limit:20",
                    None,
                ),
            }
            return;
        }
        if name == "count" {
            let message = "count takes no field; how many different ones is distinct:…";
            self.problem(self.span(start), message, Some("count".to_owned()));
            return;
        }
        for Spanned { span, value } in values {
            let (descending, text) = match value.strip_prefix('-') {
                Some(text) if name == "sort" => (true, text),
                _ => (false, value.as_str()),
            };
            if text.is_empty() {
                let message = match name {
                    "sort" => "the field to sort by is missing, as in sort:-age".to_owned(),
                    _ => format!("the field is missing behind {name}:"),
                };
                self.problem(span, message, None);
                continue;
            }
            let field = Field::read(text);
            match (name, Function::named(name)) {
                ("sort", _) => {
                    let value = Sort { field, descending };
                    query.sort.push(Spanned { span, value });
                }
                ("cols", _) => query.columns.push(Spanned { span, value: field }),
                (_, Some(function)) => {
                    let field = Some(field);
                    let value = Aggregate { function, field };
                    query.aggregates.push(Spanned { span, value });
                }
                _ => query.group.push(Spanned { span, value: field }),
            }
        }
    }

    /// `| pluck ns,status`
    pub(super) fn output(&mut self, query: &mut Query) {
        let start = self.at;
        self.at += 1;
        self.tile(start, None, TileClass::Operator);
        self.blanks();
        let verb_start = self.at;
        let verb = self.take(|c| c.is_ascii_alphanumeric() || c == '_');
        if verb != "pluck" {
            let (span, fix) = if verb.is_empty() {
                (self.span(start), None)
            } else {
                (self.span(verb_start), Some("pluck".to_owned()))
            };
            let message = "behind | stands what is done with the result, as in | pluck ns,status";
            self.problem(span, message, fix);
            return;
        }
        self.tile(verb_start, None, TileClass::Directive);
        self.blanks();
        let values = self.list();
        if values.iter().all(|value| value.value.is_empty()) {
            let message = "pluck needs fields, as in | pluck ns,status";
            self.problem(self.span(start), message, None);
            return;
        }
        let read = |Spanned { span, value }: Spanned<String>| Spanned {
            span,
            value: Field::read(&value),
        };
        query.output = Some(Output::Pluck(values.into_iter().map(read).collect()));
    }

    /// `a,-b,{.c},label:d`: what stands between commas, each with its place.
    fn list(&mut self) -> Vec<Spanned<String>> {
        let mut all = Vec::new();
        loop {
            let start = self.at;
            self.eat("-");
            if self.peek() == Some('{') {
                if self.braces().is_none() {
                    return all;
                }
            } else {
                let before = self.at;
                let taken =
                    self.take(|c| !c.is_whitespace() && !matches!(c, ',' | ')' | '|' | '{'));
                self.at = before + super::before_arrow(taken).len();
            }
            let span = self.span(start);
            let value = span.of(self.text).to_owned();
            all.push(Spanned { span, value });
            if !self.eat(",") {
                return all;
            }
        }
    }
}
