//! One clause.

use super::directive;
use super::{Parser, is_name};
use crate::api::label::{Requirement, Test};
use crate::query::{Atom, Expr, Field, Operator, Query, Span, Spanned, TileClass};

/// The signs of comparisons, an example of each, and what it asks.
pub const OPERATORS: [(&str, Operator, &str, &str); 6] = [
    (
        "<=",
        Operator::AtMost,
        "age:<=1h",
        "at most: a number, a quantity, a duration, a percentage",
    ),
    (">=", Operator::AtLeast, "ready:>=50%", "at least"),
    ("<", Operator::Below, "age:<10m", "less than"),
    (">", Operator::Above, "restarts:>5", "more than"),
    (
        "~",
        Operator::Matches,
        "image:~nginx",
        "a regular expression finds something in it",
    ),
    ("=~", Operator::Matches, "name=~^web-", "the same"),
];

impl Parser<'_> {
    /// One clause; `start` is where its tile begins (at its minus sign, if it has one).
    pub(super) fn atom(&mut self, start: usize, query: &mut Query) -> Option<Expr> {
        match self.peek()? {
            '(' => return self.group(query),
            '{' => return self.path(start, false),
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
        // No name ends with a minus sign: this one belongs to an arrow.
        let name = match name.strip_suffix('-') {
            Some(before) if self.rest().starts_with('>') => {
                self.at -= 1;
                before
            }
            _ => name,
        };
        let key = self.span(name_start);
        if name.is_empty() {
            return None;
        }
        if directive::is_alone(name) && !self.rest().starts_with([':', '=', '!', '<', '>']) {
            self.alone(start, name, query);
            return None;
        }
        match self.peek() {
            Some(':') => self.field(start, key, query),
            Some('=') => self.equality(start, key),
            Some('!') if self.rest().starts_with("!=") => self.equality(start, key),
            Some('<' | '>') => self.comparison(start, key),
            _ if self.set_follows() => self.set(start, key),
            _ => self.clause(start, None, TileClass::Word, Atom::Word(name.to_owned())),
        }
    }

    pub(super) fn clause(
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

    /// `"…"` with `\"` and `\\`.
    pub(super) fn quoted(&mut self) -> Option<String> {
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

    /// One value: quoted, or up to a blank, a comma, a closing parenthesis, a pipe or an arrow.
    pub(super) fn value(&mut self) -> Option<String> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let start = self.at;
        let taken = self.take(|c| !c.is_whitespace() && !matches!(c, ',' | '(' | ')' | '|' | '"'));
        let value = super::before_arrow(taken);
        self.at = start + value.len();
        Some(value.to_owned())
    }

    fn field(&mut self, start: usize, key: Span, query: &mut Query) -> Option<Expr> {
        self.at += 1;
        let name = key.of(self.text);
        // Of events the count is also a field: where it is compared it is that. A figure may be quoted.
        let rest = self.rest();
        let is_figure = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let is_compared = directive::is_alone(name)
            && (rest.starts_with(['<', '>', '=', '~'])
                || is_figure(rest.strip_prefix('"').unwrap_or(rest)));
        if directive::is_directive(name) && !is_compared {
            self.directive(start, key, query);
            return None;
        }
        match name {
            "with" | "without" => return self.with(start, key),
            "has" if self.peek() == Some('{') => {
                let path = self.braces()?;
                return self.clause(start, Some(key), TileClass::Field, Atom::Exists(path));
            }
            "all" if self.peek() == Some('{') => return self.path(start, true),
            _ => {}
        }
        if let Some(operator) = self.operator() {
            return self.right_side(start, key, operator);
        }
        // `status:=Running` is as good as `status:Running`.
        self.eat("=");
        let mut values = self.values(start, key)?;
        let field = Some(key);
        let atom = |value: String| match name {
            "is" => Atom::Is(value),
            _ => Atom::Label(Requirement::new(value, Test::Exists)),
        };
        match name {
            "is" | "has" if values.len() == 1 => {
                let atom = atom(values.swap_remove(0));
                self.clause(start, field, TileClass::Field, atom)
            }
            "is" | "has" => {
                self.tile(start, field, TileClass::Field);
                let span = self.span(key.start);
                let atoms = values.into_iter().map(atom);
                let any = atoms.map(|value| Expr::Atom(Spanned { span, value }));
                Some(Expr::Or(any.collect()))
            }
            _ => {
                let atom = compare(Field::Named(name.to_owned()), Operator::Equal, values);
                self.clause(start, field, TileClass::Field, atom)
            }
        }
    }

    /// `a,b`: at least one.
    pub(super) fn values(&mut self, start: usize, key: Span) -> Option<Vec<String>> {
        let mut values = Vec::new();
        loop {
            let value = self.value()?;
            if value.is_empty() && !self.after_quotation() {
                return self.missing_value(start, key);
            }
            values.push(value);
            if !self.rest().starts_with(',') || !self.value_after_comma() {
                return Some(values);
            }
            self.at += 1;
        }
    }

    /// `with:pods`, `without:(pods is:running)`
    fn with(&mut self, start: usize, key: Span) -> Option<Expr> {
        let without = key.of(self.text) == "without";
        let inner = if self.peek() == Some('(') {
            let open = self.at;
            self.tile(start, Some(key), TileClass::Field);
            let inner = self.parenthesised(true, Self::steps)?;
            self.only_conditions(&inner, "the parenthesis", self.span(open));
            Query {
                from: inner.from,
                kinds: inner.kinds,
                filter: inner.filter,
                ..Query::default()
            }
        } else {
            let kinds = self.values(start, key)?;
            self.tile(start, Some(key), TileClass::Field);
            let span = Span {
                start: key.end + 1,
                end: self.at,
            };
            let kinds = kinds.into_iter().map(|value| Spanned { span, value });
            Query {
                kinds: kinds.collect(),
                ..Query::default()
            }
        };
        let span = self.span(key.start);
        let is_kind = |kind: &Spanned<String>| {
            !kind.value.contains(',') && super::is_kind(&kind.value) && !kind.value.is_empty()
        };
        if inner.kinds.is_empty() || !inner.kinds.iter().all(is_kind) {
            let name = key.of(self.text);
            let message = format!(
                "{name}: needs a kind or a relation, as in {name}:pods or {name}:(pods is:broken)"
            );
            self.problem(span, message, None);
            return None;
        }
        let value = Atom::With(Box::new(inner));
        let with = Expr::Atom(Spanned { span, value });
        Some(if without { super::not(with) } else { with })
    }

    /// `{.spec.nodeName}=n1`; by itself: it leads to something.
    fn path(&mut self, start: usize, every: bool) -> Option<Expr> {
        let path_start = self.at;
        let path = self.braces()?;
        let key = self.span(path_start);
        let unequal = self.eat("!=");
        let equal = !unequal && (self.eat("==") || self.eat("=") || self.eat(":"));
        let operator = if unequal {
            Some(Operator::Equal)
        } else {
            self.operator().or_else(|| equal.then_some(Operator::Equal))
        };
        let Some(operator) = operator else {
            if every {
                let message =
                    "all: needs a comparison, as in all:{.spec.containers[*].image}~^shop/";
                self.problem(self.span(start), message, None);
                return None;
            }
            return self.clause(start, Some(key), TileClass::Field, Atom::Exists(path));
        };
        let values = match operator {
            Operator::Equal => self.values(start, key)?,
            _ => vec![self.operand(start, key, operator)?],
        };
        let atom = Atom::Compare {
            field: Field::Path(path),
            every,
            operator,
            values,
        };
        let clause = self.clause(start, Some(key), TileClass::Field, atom)?;
        Some(if unequal { super::not(clause) } else { clause })
    }

    /// `{ … }`, up to the brace that closes it; texts in quotes may hold any sign.
    pub(super) fn braces(&mut self) -> Option<String> {
        let start = self.at;
        let (mut depth, mut quote, mut escaped) = (0_u32, None, false);
        for (offset, c) in self.rest().char_indices() {
            match (quote, c) {
                _ if escaped => escaped = false,
                (_, '\\') => escaped = true,
                (Some(open), _) if c == open => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(c),
                (None, '{') => depth += 1,
                (None, '}') => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += offset + 1;
                        return Some(self.span(start).of(self.text).to_owned());
                    }
                }
                _ => {}
            }
        }
        self.at = self.text.len();
        self.problem(self.span(start), "this brace is not closed", None);
        None
    }

    /// `<pending>`, `<none>`: what kubectl prints, and no comparison.
    fn literal_in_angles(&self) -> bool {
        self.rest().strip_prefix('<').is_some_and(|rest| {
            let word = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '-');
            word.len() < rest.len() && word.starts_with('>')
        })
    }

    fn value_after_comma(&self) -> bool {
        self.rest()[1..].starts_with(|c: char| !c.is_whitespace() && !",()|".contains(c))
    }

    /// An empty value counts when it was written as one.
    fn after_quotation(&self) -> bool {
        self.text[..self.at].ends_with('"')
    }

    pub(super) fn missing_value<T>(&mut self, start: usize, key: Span) -> Option<T> {
        let name = key.of(self.text).to_owned();
        self.tile(start, Some(key), TileClass::Field);
        self.problem(self.span(start), format!("{name}: needs a value"), None);
        None
    }

    pub(super) fn operator(&mut self) -> Option<Operator> {
        if !self.rest().starts_with(['<', '>', '=', '~']) || self.literal_in_angles() {
            return None;
        }
        OPERATORS
            .into_iter()
            .find_map(|(sign, operator, ..)| self.eat(sign).then_some(operator))
    }

    /// What a field is compared with. A regular expression ends at a blank outside its parentheses
    /// and brackets.
    fn operand(&mut self, start: usize, key: Span, operator: Operator) -> Option<String> {
        let value = match (operator, self.peek()) {
            (Operator::Matches, Some(c)) if c != '"' => self.expression(),
            _ => self.value()?,
        };
        if value.is_empty() && !self.after_quotation() {
            return self.missing_value(start, key);
        }
        Some(value)
    }

    fn expression(&mut self) -> String {
        let (mut depth, mut escaped) = (0_usize, false);
        let rest = self.rest();
        let end = rest.find(|c: char| {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '(' => depth += 1,
                ')' if depth == 0 => return true,
                ')' => depth -= 1,
                _ => {}
            }
            c.is_whitespace()
        });
        let value = &rest[..end.unwrap_or(rest.len())];
        self.at += value.len();
        value.to_owned()
    }

    pub(super) fn right_side(
        &mut self,
        start: usize,
        key: Span,
        operator: Operator,
    ) -> Option<Expr> {
        let value = self.operand(start, key, operator)?;
        let name = key.of(self.text).to_owned();
        let is_clause = matches!(name.as_str(), "with" | "without" | "is" | "has" | "all");
        let is_directive = directive::is_directive(&name) && !directive::is_alone(&name);
        if is_clause || is_directive {
            self.tile(start, Some(key), TileClass::Directive);
            let message = format!("{name} is no field; it is written {name}:…");
            self.problem(self.span(start), message, None);
            return None;
        }
        let atom = compare(Field::Named(name), operator, vec![value]);
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
}

/// A comparison of a field.
pub(super) const fn compare(field: Field, operator: Operator, values: Vec<String>) -> Atom {
    Atom::Compare {
        field,
        every: false,
        operator,
        values,
    }
}
