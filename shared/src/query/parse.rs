//! Text to syntax tree, by recursive descent over bytes. Every failure becomes a [`Problem`]
//! with its span, and reading goes on after it.

mod clause;
mod directive;
mod selector;

use super::{Atom, Expr, Parsed, Problem, Query, Span, Spanned, Tile, TileClass};
pub use clause::OPERATORS;
pub use directive::DIRECTIVES;
pub(super) use directive::is_alone;
pub(super) use selector::is_flag;

/// Nesting deeper than this is refused, so that no text can exhaust the stack.
const DEEPEST: usize = 64;
/// More steps of relations than this are refused, for the same reason.
const MOST_STEPS: usize = 16;
/// Texts longer than this are no queries; the rest is not read.
const LONGEST: usize = 100_000;

pub(super) fn parse(text: &str) -> Parsed {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut parser = Parser {
        text: &text[..end],
        at: 0,
        depth: 0,
        walks: true,
        problems: Vec::new(),
        tiles: Vec::new(),
    };
    let query = parser.steps();
    let Parser {
        mut problems,
        tiles,
        ..
    } = parser;
    if end < text.len() {
        problems.push(Problem {
            span: Span {
                start: end,
                end: text.len(),
            },
            message: format!("a query is at most {LONGEST} bytes long; the rest is not read"),
            fix: None,
        });
    }
    Parsed {
        query,
        problems,
        tiles,
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Whether an arrow may stand here.
    walks: bool,
    problems: Vec<Problem>,
    tiles: Vec<Tile>,
}

/// What stands before an arrow, if there is one. The library prepares a search, which takes longer than a short one.
fn before_arrow(text: &str) -> &str {
    let arrow = text.as_bytes().windows(2).position(|two| two == b"->");
    arrow.map_or(text, |at| &text[..at])
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Takes characters as long as `keep` says so.
    fn take(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !keep(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Whether a word such as `OR` stands here by itself.
    fn at_word(&self, word: &str) -> bool {
        self.rest()
            .strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(ends_word))
    }

    const fn span(&self, start: usize) -> Span {
        Span {
            start,
            end: self.at,
        }
    }

    fn tile(&mut self, start: usize, key: Option<Span>, class: TileClass) {
        let span = self.span(start);
        self.tiles.push(Tile { span, key, class });
    }

    fn problem(&mut self, span: Span, message: impl Into<String>, fix: Option<String>) {
        let message = message.into();
        self.problems.push(Problem { span, message, fix });
    }

    /// `deploy web -> pods is:broken`: each step is a query; the last one is what is asked.
    fn steps(&mut self) -> Query {
        let mut query = self.step();
        let mut steps = 1;
        while self.at_arrow() {
            let start = self.at;
            self.at += 2;
            self.tile(start, None, TileClass::Operator);
            self.only_conditions(&query, "->", self.span(start));
            let next = self.step();
            steps += 1;
            if steps > MOST_STEPS {
                self.problem(
                    self.span(start),
                    "a query walks at most sixteen relations",
                    None,
                );
            } else if next.kinds.is_empty() {
                let message =
                    "the kind or relation to walk to is missing, as in -> pods or -> owner";
                self.problem(self.span(start), message, None);
            } else {
                let from = Query {
                    from: query.from,
                    kinds: query.kinds,
                    filter: query.filter,
                    ..Query::default()
                };
                query = Query {
                    from: Some(Box::new(from)),
                    ..next
                };
            }
        }
        query
    }

    /// What is shown of a result is said of the last one only.
    fn only_conditions(&mut self, query: &Query, before: &str, span: Span) {
        let bare = Query {
            from: query.from.clone(),
            kinds: query.kinds.clone(),
            filter: query.filter.clone(),
            ..Query::default()
        };
        if *query != bare {
            let message = format!(
                "before {before} only conditions can stand; order, limit and figures are left out"
            );
            self.problem(span, message, None);
        }
    }

    fn step(&mut self) -> Query {
        let mut query = Query {
            kinds: self.kinds(),
            ..Query::default()
        };
        query.filter = self.alternatives(&mut query);
        query
    }

    fn at_arrow(&self) -> bool {
        self.rest().starts_with("->")
    }

    /// Kinds are a bare word at the very start.
    fn kinds(&mut self) -> Vec<Spanned<String>> {
        self.blanks();
        let start = self.at;
        let word = self.take(is_kind_letter);
        let is_bare = self.peek().is_none_or(ends_word) || self.at_arrow();
        // The arrow may stand without blanks.
        let word = match word.strip_suffix('-') {
            Some(kinds) if self.rest().starts_with('>') => {
                self.at -= 1;
                kinds
            }
            _ if !is_bare => "",
            _ => word,
        };
        let is_reserved = |word| is_alone(word) || matches!(word, "OR" | "NOT");
        if word.is_empty()
            || word.starts_with(['-', ','])
            || self.set_follows()
            || word.split(',').any(is_reserved)
        {
            self.at = start;
            return Vec::new();
        }
        self.tile(start, None, TileClass::Kind);
        let mut at = start;
        let mut kinds = Vec::new();
        for kind in word.split(',') {
            let span = Span {
                start: at,
                end: at + kind.len(),
            };
            at = span.end + 1;
            if !kind.is_empty() {
                let value = kind.to_owned();
                kinds.push(Spanned { span, value });
            }
        }
        kinds
    }

    fn alternatives(&mut self, query: &mut Query) -> Expr {
        let mut any = vec![self.conjunction(query)];
        while self.at_word("OR") {
            let start = self.at;
            self.at += 2;
            self.tile(start, None, TileClass::Operator);
            any.push(self.conjunction(query));
        }
        // While a side is still being typed there is nothing to choose from.
        if any.len() > 1 {
            any.retain(|part| *part != Expr::default());
        }
        match any.len() {
            0 => Expr::default(),
            1 => any.swap_remove(0),
            _ => Expr::Or(any),
        }
    }

    fn conjunction(&mut self, query: &mut Query) -> Expr {
        let mut all = Vec::new();
        loop {
            self.blanks();
            // `kubectl` separates requirements by commas.
            if self.eat(",") {
                continue;
            }
            if self.rest().is_empty() || self.at_word("OR") {
                break;
            }
            if self.at_arrow() {
                if self.walks {
                    break;
                }
                self.stray(2, "-> cannot stand within parentheses");
                continue;
            }
            if self.peek() == Some('|') {
                self.output(query);
                continue;
            }
            if self.peek() == Some(')') {
                if self.depth > 0 {
                    break;
                }
                self.stray(1, "there is no parenthesis to close");
                continue;
            }
            let before = self.at;
            all.extend(self.negation(query));
            if self.at == before {
                self.unreadable();
            }
        }
        Expr::all(all)
    }

    fn stray(&mut self, length: usize, message: &str) {
        let start = self.at;
        self.at += length;
        self.problem(self.span(start), message, Some(String::new()));
    }

    fn unreadable(&mut self) {
        let start = self.at;
        self.at += self.peek().map_or(1, char::len_utf8);
        let text = self.span(start).of(self.text);
        self.problem(
            self.span(start),
            format!("\"{text}\" cannot stand here"),
            None,
        );
    }

    fn negation(&mut self, query: &mut Query) -> Option<Expr> {
        let start = self.at;
        if let Some(pasted) = self.pasted() {
            return pasted;
        }
        let by_word = self.at_word("NOT");
        if by_word {
            self.at += 3;
            self.tile(start, None, TileClass::Operator);
            self.blanks();
        } else if !self.eat("-") {
            return self.atom(start, query);
        }
        if self.depth >= DEEPEST {
            return self.too_deep(start);
        }
        if self.peek().is_none_or(|c| c.is_whitespace() || c == ')') {
            self.problem(
                self.span(start),
                "what is to be excluded is missing, as in -ns:dev",
                None,
            );
            return None;
        }
        let start = if by_word { self.at } else { start };
        self.depth += 1;
        let inner = if self.at_word("NOT") || self.rest().starts_with('-') {
            self.negation(query)
        } else {
            self.atom(start, query)
        };
        self.depth -= 1;
        // A negation of nothing readable leaves nothing out.
        Some(not(inner?))
    }

    fn too_deep<T>(&mut self, start: usize) -> Option<T> {
        self.at = self.text.len();
        self.problem(
            self.span(start),
            "too many parentheses within each other",
            None,
        );
        None
    }

    fn group(&mut self, query: &mut Query) -> Option<Expr> {
        let problems = self.problems.len();
        let inner = self.parenthesised(false, |parser| parser.alternatives(query))?;
        // A group of which nothing is left asks for nothing, not for everything.
        let left_out = self.problems.len() > problems;
        (inner != Expr::default() || !left_out).then_some(inner)
    }

    /// What stands between a parenthesis, which is here, and its end. A group does not walk, a query
    /// in parentheses may.
    fn parenthesised<T>(&mut self, walks: bool, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let start = self.at;
        if self.depth >= DEEPEST {
            return self.too_deep(start);
        }
        self.at += 1;
        self.tile(start, None, TileClass::Operator);
        self.depth += 1;
        let outside = std::mem::replace(&mut self.walks, walks);
        let inner = read(self);
        self.walks = outside;
        self.depth -= 1;
        let end = self.at;
        if self.eat(")") {
            self.tile(end, None, TileClass::Operator);
        } else {
            let span = Span {
                start,
                end: start + 1,
            };
            self.problem(span, "this parenthesis is not closed", None);
        }
        Some(inner)
    }
}

/// The opposite. That of a field selector is one, too, and has no other text; of a negation it is what that negates.
fn not(condition: Expr) -> Expr {
    match condition {
        Expr::Atom(Spanned {
            span,
            value:
                Atom::Selector {
                    field,
                    equal,
                    value,
                },
        }) => {
            let equal = !equal;
            let value = Atom::Selector {
                field,
                equal,
                value,
            };
            Expr::Atom(Spanned { span, value })
        }
        other => other.negate(),
    }
}

/// Whether a clause would be read as the kind if it stood first.
pub(super) fn is_kind(clause: &str) -> bool {
    !clause.starts_with(['-', ',']) && clause.chars().all(is_kind_letter)
}

fn is_kind_letter(c: char) -> bool {
    is_letter(c) || matches!(c, '.' | '-' | '_' | ',')
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '|')
}

/// What a field's name, a label's key or a bare word is made of.
pub(super) fn is_name(c: char) -> bool {
    is_letter(c) || matches!(c, '-' | '_' | '.' | '/' | '*' | '+' | '@' | '%')
}

/// Letters of other scripts count as letters; telling them from signs would take tables.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || !(c.is_ascii() || c.is_whitespace())
}

#[cfg(test)]
mod tests;
