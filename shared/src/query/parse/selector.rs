//! Selectors as `kubectl` has them: `app=web`, `tier in (a,b)`, and what is pasted behind its `-l`
//! and `-f`.

use super::{Parser, is_name};
use crate::api::label::{Requirement, Test};
use crate::query::{Atom, Expr, Field, Operator, Query, Span, Spanned, TileClass};

/// Flags of kubectl that may be pasted, and what each means in short.
const FLAGS: [(&str, &str); 8] = [
    ("--field-selector", "-f"),
    ("--selector", "-l"),
    ("--namespace", "-n"),
    ("--all-namespaces", "-A"),
    ("-l", "-l"),
    ("-f", "-f"),
    ("-n", "-n"),
    ("-A", "-A"),
];

/// Whether a word behind a minus sign would be read as a flag of kubectl.
pub(in crate::query) fn is_flag(word: &str) -> bool {
    let mut flags = FLAGS.into_iter();
    flags.any(|(written, _)| written.trim_start_matches('-') == word)
}

impl Parser<'_> {
    pub(super) fn equality(&mut self, start: usize, key: Span) -> Option<Expr> {
        let unequal = self.eat("!=");
        if !unequal && !self.eat("==") {
            self.eat("=");
        }
        // `image=~nginx` is a regular expression on a field, as in `image:~nginx`.
        if !unequal && self.rest().starts_with('~') {
            self.at -= 1;
            let operator = self.operator()?;
            return self.right_side(start, key, operator);
        }
        let values = vec![self.value()?];
        let test = if unequal {
            Test::NotIn(values)
        } else {
            Test::In(values)
        };
        let requirement = Requirement::new(key.of(self.text), test);
        self.clause(start, Some(key), TileClass::Label, Atom::Label(requirement))
    }

    pub(super) fn set_follows(&self) -> bool {
        let rest = self.rest();
        let after = rest.trim_start();
        rest.len() > after.len()
            && ["in", "notin"].iter().any(|word| {
                after
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.trim_start().starts_with('('))
            })
    }

    pub(super) fn set(&mut self, start: usize, key: Span) -> Option<Expr> {
        self.blanks();
        let excluded = self.eat("notin");
        if !excluded {
            self.eat("in");
        }
        self.blanks();
        self.eat("(");
        let mut values = Vec::new();
        loop {
            self.blanks();
            values.push(self.value()?);
            self.blanks();
            if self.eat(",") {
                continue;
            }
            if self.eat(")") {
                break;
            }
            self.problem(
                self.span(start),
                "the set of values is not closed by a parenthesis",
                None,
            );
            return None;
        }
        let test = if excluded {
            Test::NotIn(values)
        } else {
            Test::In(values)
        };
        let requirement = Requirement::new(key.of(self.text), test);
        self.clause(start, Some(key), TileClass::Label, Atom::Label(requirement))
    }

    /// `-l "app=web"`, `-f spec.nodeName=n1`, `-n shop`, `-A`, if one of them stands here; the
    /// condition that it makes, if it makes one.
    pub(super) fn pasted(&mut self) -> Option<Option<Expr>> {
        let start = self.at;
        if !self.rest().starts_with('-') {
            return None;
        }
        let (written, flag) = FLAGS.into_iter().find(|(written, _)| {
            let rest = self.rest().strip_prefix(written);
            rest.is_some_and(|rest| {
                let is_long = written.starts_with("--");
                rest.starts_with(char::is_whitespace)
                    || (is_long && rest.starts_with('='))
                    || (rest.is_empty() && written.ends_with(['A', 's']))
            })
        })?;
        self.at += written.len();
        // Without the label `n` in one of these: `-n in (a,b)`.
        if self.set_follows() {
            self.at = start;
            return None;
        }
        let key = self.span(start);
        if flag == "-A" {
            self.tile(start, Some(key), TileClass::Directive);
            return Some(None);
        }
        if !self.eat("=") {
            self.blanks();
        }
        let value_start = self.at;
        let value = match self.peek() {
            Some('"') => self.quoted(),
            Some('\'') => self.single_quoted(),
            _ => Some(self.take(|c| !c.is_whitespace()).to_owned()),
        };
        let span = Span {
            start: value_start,
            end: self.at,
        };
        let Some(value) = value else {
            return Some(None);
        };
        if value.is_empty() {
            let message = format!("{flag} needs a value, as in kubectl");
            self.problem(self.span(start), message, None);
            return Some(None);
        }
        self.tile(start, Some(key), TileClass::Label);
        Some(match flag {
            "-l" => self.label_selector(&value, span),
            "-f" => self.field_selector(&value, span),
            _ => {
                let field = Field::Named("ns".to_owned());
                let value = super::clause::compare(field, Operator::Equal, vec![value]);
                Some(Expr::Atom(Spanned { span, value }))
            }
        })
    }

    fn single_quoted(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        let value = self.take(|c| c != '\'').to_owned();
        if !self.eat("'") {
            self.problem(self.span(start), "this quotation is not closed", None);
            return None;
        }
        Some(value)
    }

    /// The grammar of `kubectl -l`, where a word by itself is the key of a label that must be there.
    fn label_selector(&mut self, text: &str, span: Span) -> Option<Expr> {
        let mut inner = Parser {
            text,
            at: 0,
            depth: self.depth,
            walks: false,
            problems: Vec::new(),
            tiles: Vec::new(),
        };
        let mut all = Vec::new();
        loop {
            inner.blanks();
            if inner.rest().is_empty() {
                break;
            }
            let before = inner.at;
            // No key begins with it, which is negation everywhere else.
            let found = match inner.rest().starts_with('-') {
                true => None,
                false => inner.atom(before, &mut Query::default()),
            };
            match found {
                Some(Expr::Atom(atom)) => match atom.value {
                    Atom::Label(requirement) => all.push(requirement),
                    Atom::Word(key) => all.push(Requirement::new(key, Test::Exists)),
                    _ => inner.at = before,
                },
                _ => inner.at = before,
            }
            inner.blanks();
            if inner.at == before || !(inner.eat(",") || inner.rest().is_empty()) {
                let message = format!(
                    "\"{text}\" is no label selector of kubectl, which is like app=web,tier in (a,b),!old"
                );
                self.problem(span, message, None);
                return None;
            }
        }
        let atom = |requirement| {
            let value = Atom::Label(requirement);
            Expr::Atom(Spanned { span, value })
        };
        Some(Expr::all(all.into_iter().map(atom).collect()))
    }

    /// The grammar of `kubectl --field-selector` (k8s.io/apimachinery `fields.ParseSelector`).
    fn field_selector(&mut self, text: &str, span: Span) -> Option<Expr> {
        let parts: Option<Vec<Atom>> = split_unescaped(text)
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(requirement)
            .collect();
        let Some(parts) = parts else {
            let message = format!(
                "\"{text}\" is no field selector of kubectl, which is like status.phase!=Running,spec.nodeName=n1"
            );
            self.problem(span, message, None);
            return None;
        };
        let atom = |value| Expr::Atom(Spanned { span, value });
        Some(Expr::all(parts.into_iter().map(atom).collect()))
    }
}

/// What stands between commas that no backslash escapes.
fn split_unescaped(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// `status.phase!=Running`
fn requirement(text: &str) -> Option<Atom> {
    let end = text.find(|c: char| !is_name(c))?;
    let (field, rest) = text.split_at(end);
    let operators = [("!=", false), ("==", true), ("=", true)];
    let (value, equal) = operators
        .into_iter()
        .find_map(|(sign, equal)| Some((rest.strip_prefix(sign)?, equal)))?;
    let value = unescaped(value)?;
    let field = field.trim().to_owned();
    (!field.is_empty()).then_some(Atom::Selector {
        field,
        equal,
        value,
    })
}

/// A value without its escapes, of which there are three; a sign of the grammar must have one.
fn unescaped(value: &str) -> Option<String> {
    let mut plain = String::new();
    let mut signs = value.chars();
    while let Some(c) = signs.next() {
        match c {
            '\\' => plain.push(signs.next().filter(|c| "\\,=".contains(*c))?),
            ',' | '=' => return None,
            _ => plain.push(c),
        }
    }
    Some(plain)
}
