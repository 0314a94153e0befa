//! Text to syntax tree, by recursive descent over bytes. Every failure becomes a [`Problem`]
//! with its span, and reading goes on after it.

use super::{Atom, Expr, Operator, Parsed, Problem, Sort, Span, Spanned, Tile, TileClass};
use crate::api::label::{Requirement, Test};

/// Nesting deeper than this is refused, so that no text can exhaust the stack.
const DEEPEST: usize = 64;

/// The directives of the language, in the order in which completion shows them.
pub(super) const DIRECTIVES: [&str; 2] = ["sort", "limit"];

pub(super) fn parse(text: &str) -> Parsed {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
        parsed: Parsed::default(),
    };
    parser.kind();
    parser.parsed.query.filter = parser.alternatives();
    parser.parsed
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    parsed: Parsed,
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

    fn span(&self, start: usize) -> Span {
        Span {
            start,
            end: self.at,
        }
    }

    fn tile(&mut self, start: usize, key: Option<Span>, class: TileClass) {
        let span = self.span(start);
        self.parsed.tiles.push(Tile { span, key, class });
    }

    fn problem(&mut self, span: Span, message: impl Into<String>, fix: Option<String>) {
        let message = message.into();
        self.parsed.problems.push(Problem { span, message, fix });
    }

    /// The kind is a bare word at the very start.
    fn kind(&mut self) {
        self.blanks();
        let start = self.at;
        let word = self.take(is_kind_letter);
        let is_bare = self.peek().is_none_or(ends_word);
        if !is_bare
            || word.is_empty()
            || word.starts_with('-')
            || self.set_follows()
            || matches!(word, "OR" | "NOT")
        {
            self.at = start;
            return;
        }
        self.tile(start, None, TileClass::Kind);
        self.parsed.query.kind = Some(Spanned {
            span: self.span(start),
            value: word.to_owned(),
        });
    }

    fn alternatives(&mut self) -> Expr {
        let mut any = vec![self.conjunction()];
        while self.at_word("OR") {
            let start = self.at;
            self.at += 2;
            self.tile(start, None, TileClass::Operator);
            any.push(self.conjunction());
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

    fn conjunction(&mut self) -> Expr {
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
            if self.peek() == Some(')') {
                if self.depth > 0 {
                    break;
                }
                let start = self.at;
                self.at += 1;
                self.problem(
                    self.span(start),
                    "there is no parenthesis to close",
                    Some(String::new()),
                );
                continue;
            }
            let before = self.at;
            all.extend(self.negation());
            if self.at == before {
                self.unreadable();
            }
        }
        Expr::all(all)
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

    fn negation(&mut self) -> Option<Expr> {
        let start = self.at;
        let by_word = self.at_word("NOT");
        if by_word {
            self.at += 3;
            self.tile(start, None, TileClass::Operator);
            self.blanks();
        } else if !self.eat("-") {
            return self.atom(start);
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
            self.negation()
        } else {
            self.atom(start)
        };
        self.depth -= 1;
        // A negation of nothing readable leaves nothing out.
        Some(Expr::Not(Box::new(inner?)))
    }

    fn too_deep(&mut self, start: usize) -> Option<Expr> {
        self.at = self.text.len();
        self.problem(
            self.span(start),
            "too many parentheses within each other",
            None,
        );
        None
    }

    /// One clause; `start` is where its tile begins (at its minus sign, if it has one).
    fn atom(&mut self, start: usize) -> Option<Expr> {
        match self.peek()? {
            '(' => return self.group(),
            '"' => {
                let word = self.quoted()?;
                return self.clause(start, None, TileClass::Word, Atom::Word(word));
            }
            '!' => {
                self.at += 1;
                let key = self.take(is_name).to_owned();
                if key.is_empty() {
                    self.problem(
                        self.span(start),
                        "the label's key is missing, as in !app",
                        None,
                    );
                    return None;
                }
                let absent = Atom::Label(Requirement::new(key, Test::Absent));
                return self.clause(start, None, TileClass::Label, absent);
            }
            _ => {}
        }
        let name_start = self.at;
        let name = self.take(is_name);
        let key = self.span(name_start);
        if name.is_empty() {
            return None;
        }
        match self.peek() {
            Some(':') => self.field(start, key),
            Some('=') => self.equality(start, key),
            Some('!') if self.rest().starts_with("!=") => self.equality(start, key),
            Some('<' | '>') => self.comparison(start, key),
            _ if self.set_follows() => self.set(start, key),
            _ => self.clause(start, None, TileClass::Word, Atom::Word(name.to_owned())),
        }
    }

    fn clause(
        &mut self,
        start: usize,
        key: Option<Span>,
        class: TileClass,
        atom: Atom,
    ) -> Option<Expr> {
        self.tile(start, key, class);
        // The tile has its minus sign, the clause begins after it.
        Some(Expr::Atom(Spanned {
            span: self.span(key.map_or(start, |key| key.start)),
            value: atom,
        }))
    }

    fn group(&mut self) -> Option<Expr> {
        let start = self.at;
        if self.depth >= DEEPEST {
            return self.too_deep(start);
        }
        self.at += 1;
        self.tile(start, None, TileClass::Operator);
        self.depth += 1;
        let problems = self.parsed.problems.len();
        let inner = self.alternatives();
        self.depth -= 1;
        let end = self.at;
        let closed = self.eat(")");
        if closed {
            self.tile(end, None, TileClass::Operator);
        } else {
            let span = Span {
                start,
                end: start + 1,
            };
            self.problem(span, "this parenthesis is not closed", None);
        }
        // A group of which nothing is left asks for nothing, not for everything.
        let left_out = !closed || self.parsed.problems.len() > problems;
        (inner != Expr::default() || !left_out).then_some(inner)
    }

    /// `"…"` with `\"` and `\\`.
    fn quoted(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut escaped = false;
        for (offset, c) in self.rest().char_indices() {
            match c {
                _ if escaped => {
                    value.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.at += offset + 1;
                    return Some(value);
                }
                _ => value.push(c),
            }
        }
        self.at = self.text.len();
        self.problem(self.span(start), "this quotation is not closed", None);
        None
    }

    /// One value: quoted, or up to a blank, a comma or a closing parenthesis.
    fn value(&mut self) -> Option<String> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        Some(
            self.take(|c| !c.is_whitespace() && !",()\"".contains(c))
                .to_owned(),
        )
    }

    fn field(&mut self, start: usize, key: Span) -> Option<Expr> {
        self.at += 1;
        let name = key.of(self.text);
        if DIRECTIVES.contains(&name) {
            self.directive(start, key);
            return None;
        }
        let comparison = (!self.rest().starts_with('<') || !self.literal_in_angles())
            .then(|| self.operator())
            .flatten();
        if let Some(operator) = comparison {
            return self.right_side(start, key, operator);
        }
        let mut values = Vec::new();
        loop {
            let value = self.value()?;
            if value.is_empty() && !self.after_quotation() {
                return self.missing_value(start, key);
            }
            values.push(value);
            if !self.rest().starts_with(',') || !self.value_after_comma() {
                break;
            }
            self.at += 1;
        }
        let atom = match name {
            "is" if values.len() == 1 => Atom::Is(values.swap_remove(0)),
            "has" if values.len() == 1 => {
                Atom::Label(Requirement::new(values.swap_remove(0), Test::Exists))
            }
            _ => Atom::Field {
                name: name.to_owned(),
                values,
            },
        };
        self.clause(start, Some(key), TileClass::Field, atom)
    }

    /// `<pending>`, `<none>`: what kubectl prints, and no comparison.
    fn literal_in_angles(&self) -> bool {
        self.rest().strip_prefix('<').is_some_and(|rest| {
            let word = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
            word.len() < rest.len() && word.starts_with('>')
        })
    }

    fn value_after_comma(&self) -> bool {
        self.rest()[1..].starts_with(|c: char| !c.is_whitespace() && !",()".contains(c))
    }

    /// An empty value counts when it was written as one.
    fn after_quotation(&self) -> bool {
        self.text[..self.at].ends_with('"')
    }

    fn missing_value(&mut self, start: usize, key: Span) -> Option<Expr> {
        let name = key.of(self.text).to_owned();
        self.tile(start, Some(key), TileClass::Field);
        self.problem(self.span(start), format!("{name}: needs a value"), None);
        None
    }

    fn operator(&mut self) -> Option<Operator> {
        [
            ("<=", Operator::AtMost),
            (">=", Operator::AtLeast),
            ("<", Operator::Below),
            (">", Operator::Above),
        ]
        .into_iter()
        .find_map(|(sign, operator)| self.eat(sign).then_some(operator))
    }

    fn right_side(&mut self, start: usize, key: Span, operator: Operator) -> Option<Expr> {
        let value = self.value()?;
        if value.is_empty() && !self.after_quotation() {
            return self.missing_value(start, key);
        }
        let name = key.of(self.text).to_owned();
        if DIRECTIVES.contains(&name.as_str()) {
            self.tile(start, Some(key), TileClass::Directive);
            let message = format!("{name} is no field; it is written {name}:…");
            self.problem(self.span(start), message, None);
            return None;
        }
        let atom = Atom::Compare {
            name,
            operator,
            value,
        };
        self.clause(start, Some(key), TileClass::Field, atom)
    }

    /// `k>5` may be a label or a field, which the kind decides; `age<1h` can only be a field.
    fn comparison(&mut self, start: usize, key: Span) -> Option<Expr> {
        let operator = self.operator()?;
        let value_start = self.at;
        let limit = self.value()?.parse::<i64>();
        let test = match (operator, limit) {
            (Operator::Above, Ok(limit)) => Test::Above(limit),
            (Operator::Below, Ok(limit)) => Test::Below(limit),
            _ => {
                self.at = value_start;
                return self.right_side(start, key, operator);
            }
        };
        let requirement = Requirement::new(key.of(self.text), test);
        self.clause(start, Some(key), TileClass::Label, Atom::Label(requirement))
    }

    fn equality(&mut self, start: usize, key: Span) -> Option<Expr> {
        let unequal = self.eat("!=");
        if !unequal && !self.eat("==") {
            self.eat("=");
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

    fn set_follows(&self) -> bool {
        let rest = self.rest();
        let after = rest.trim_start();
        rest.len() > after.len()
            && ["in", "notin"].iter().any(|word| {
                after
                    .strip_prefix(word)
                    .is_some_and(|rest| rest.trim_start().starts_with('('))
            })
    }

    fn set(&mut self, start: usize, key: Span) -> Option<Expr> {
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

    fn directive(&mut self, start: usize, key: Span) {
        let text = self.take(|c| !c.is_whitespace() && c != ')');
        let value_span = Span {
            start: key.end + 1,
            end: self.at,
        };
        self.tile(start, Some(key), TileClass::Directive);
        match key.of(self.text) {
            "limit" => match text.parse::<usize>() {
                Ok(limit) => self.parsed.query.limit = Some(limit),
                Err(_) => self.problem(
                    self.span(start),
                    "limit is a number of rows, as in limit:20",
                    None,
                ),
            },
            _ => self.sort(value_span),
        }
    }

    fn sort(&mut self, span: Span) {
        let mut start = span.start;
        for part in span.of(self.text).split(',') {
            let (descending, field) = part
                .strip_prefix('-')
                .map_or((false, part), |field| (true, field));
            let span = Span {
                start,
                end: start + part.len(),
            };
            start += part.len() + 1;
            if field.is_empty() {
                self.problem(
                    span,
                    "the field to sort by is missing, as in sort:-age",
                    None,
                );
                continue;
            }
            let field = field.to_owned();
            let value = Sort { field, descending };
            self.parsed.query.sort.push(Spanned { span, value });
        }
    }
}

/// Whether a clause would be read as the kind if it stood first.
pub(super) fn is_kind(clause: &str) -> bool {
    !clause.starts_with('-') && clause.chars().all(is_kind_letter)
}

fn is_kind_letter(c: char) -> bool {
    is_letter(c) || ".-_,".contains(c)
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || "()".contains(c)
}

/// What a field's name, a label's key or a bare word is made of.
fn is_name(c: char) -> bool {
    is_letter(c) || "-_./*+@%".contains(c)
}

/// Letters of other scripts count as letters; telling them from signs would take tables.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || !(c.is_ascii() || c.is_whitespace())
}

#[cfg(test)]
mod tests;
