//! Text to path, by recursive descent. The first problem ends it.

use super::super::super::regex::Regex;
use super::super::super::{Value, text};
use super::decimal::Decimal;
use super::print::is_special;
use super::{Comparison, Condition, Operand, Path, Problem, Slice, Step};

/// Nesting deeper than this is refused, so that no text can exhaust the stack.
const DEEPEST: usize = 32;

type Read<T> = Result<T, Problem>;

pub(super) fn whole(text: &str) -> Read<Path> {
    let mut parser = Parser::new(text);
    parser.blanks();
    let path = if parser.rest().starts_with('{') {
        parser.braces()?
    } else {
        parser.outermost()?
    };
    parser.blanks();
    if parser.rest().is_empty() {
        Ok(path)
    } else {
        parser.misplaced()
    }
}

pub(super) fn braced(text: &str) -> Read<(Path, usize)> {
    let mut parser = Parser::new(text);
    let path = parser.braces()?;
    Ok((path, parser.at))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
        }
    }

    fn rest(&self) -> &'t str {
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

    fn take(&mut self, keep: fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        self.blanks();
        if self.eat(token) {
            Ok(())
        } else if self.rest().is_empty() {
            self.problem(self.at, format!("\"{token}\" is missing at the end"))
        } else {
            self.misplaced()
        }
    }

    /// A problem from a place to where the reader stands.
    fn problem<T>(&self, start: usize, message: impl Into<String>) -> Read<T> {
        Err(Problem {
            range: start..self.at,
            message: message.into(),
        })
    }

    fn misplaced<T>(&mut self) -> Read<T> {
        let start = self.at;
        let Some(c) = self.peek() else {
            return self.problem(start, "the path ends too early");
        };
        self.at += c.len_utf8();
        self.problem(start, format!("\"{c}\" cannot stand here"))
    }

    fn braces(&mut self) -> Read<Path> {
        self.expect("{")?;
        self.blanks();
        let path = if self.rest().starts_with('}') {
            Path { steps: Vec::new() }
        } else {
            self.outermost()?
        };
        self.expect("}")?;
        Ok(path)
    }

    /// A path whose first dot may be missing.
    fn outermost(&mut self) -> Read<Path> {
        let starts_with_name = self
            .peek()
            .is_some_and(|c| c == '*' || c == '\\' || !is_special(c));
        if !starts_with_name {
            return self.path();
        }
        let first = self.name()?;
        self.steps(vec![first])
    }

    /// `@.a`, `$.a`, `.a`, `[0]`
    fn path(&mut self) -> Read<Path> {
        let is_rooted = self.eat("@") || self.eat("$");
        let path = self.steps(Vec::new())?;
        if path.steps.is_empty() && !is_rooted {
            return match self.peek() {
                None => self.problem(self.at, "a path such as .metadata.name is missing"),
                Some(_) => self.misplaced(),
            };
        }
        Ok(path)
    }

    fn steps(&mut self, mut steps: Vec<Step>) -> Read<Path> {
        loop {
            let start = self.at;
            if self.eat("..") {
                steps.push(Step::Below);
                if self.rest().starts_with("..") {
                    return self.problem(start, "\"..\" stands here twice");
                }
                if !self.eat(".") && self.rest().starts_with('[') {
                    continue;
                }
                steps.push(self.name()?);
            } else if self.eat(".") {
                steps.push(self.name()?);
            } else if self.eat("[") {
                self.brackets(start, &mut steps)?;
            } else {
                // What kubectl allows between steps.
                self.blanks();
                if !self.rest().starts_with(['.', '[']) {
                    self.at = start;
                    return Ok(Path { steps });
                }
            }
        }
    }

    /// What stands behind a dot.
    fn name(&mut self) -> Read<Step> {
        let start = self.at;
        let mut name = String::new();
        while let Some(c) = self.peek() {
            let is_escape = self.eat("\\");
            let Some(c) = (if is_escape { self.peek() } else { Some(c) }) else {
                return self.problem(start, "a character is missing after the backslash");
            };
            if !is_escape && is_special(c) {
                break;
            }
            self.at += c.len_utf8();
            name.push(c);
        }
        self.member(start, name)
    }

    /// A name that was read from a place on.
    fn member(&self, start: usize, name: String) -> Read<Step> {
        match self.text.get(start..self.at) {
            Some("*") => Ok(Step::Each),
            _ if name.is_empty() => self.problem(start, "a name is missing here"),
            _ => Ok(Step::Member(name.into())),
        }
    }

    /// What stands between brackets, and the closing one.
    fn brackets(&mut self, start: usize, steps: &mut Vec<Step>) -> Read<()> {
        self.blanks();
        if self.eat("?") {
            self.expect("(")?;
            let condition = self.deeper(start, Self::condition)?;
            self.expect(")")?;
            self.expect("]")?;
            steps.push(Step::Filter(condition));
            return Ok(());
        }
        let mut ways = vec![self.selector()?];
        self.blanks();
        while self.eat(",") {
            self.blanks();
            ways.push(self.selector()?);
            self.blanks();
        }
        self.expect("]")?;
        if ways.len() > 1 {
            steps.push(Step::Union(ways));
        } else {
            steps.extend(ways.into_iter().flat_map(|way| way.steps));
        }
        Ok(())
    }

    fn selector(&mut self) -> Read<Path> {
        let start = self.at;
        let steps = match self.peek() {
            Some('\'') => self.quoted_path()?,
            Some('"') => {
                let name = self.quoted()?;
                if name.is_empty() {
                    return self.problem(start, "a name is missing here");
                }
                vec![Step::Member(name.into())]
            }
            Some('*') => {
                self.at += 1;
                vec![Step::Slice(Slice::ALL)]
            }
            _ => vec![self.numbers()?],
        };
        Ok(Path { steps })
    }

    /// `'a.b'`, which means `.a.b`.
    fn quoted_path(&mut self) -> Read<Vec<Step>> {
        self.at += 1;
        let mut steps = Vec::new();
        loop {
            let start = self.at;
            let mut name = String::new();
            loop {
                let is_escape = self.eat("\\");
                let Some(c) = self.peek() else {
                    return self.problem(start, "the closing ' is missing");
                };
                if !is_escape && (c == '\'' || c == '.') {
                    break;
                }
                self.at += c.len_utf8();
                name.push(c);
            }
            steps.push(self.member(start, name)?);
            if self.eat("'") {
                return Ok(steps);
            }
            self.at += 1;
        }
    }

    /// `0`, `-1`, `1:3`, `::2`
    fn numbers(&mut self) -> Read<Step> {
        let start = self.at;
        let first = self.bound()?;
        if !self.eat(":") {
            return match first {
                Some(index) => Ok(Step::Index(index)),
                None => self.problem(
                    start,
                    "an index, a key in quotes, * or ?(…) is missing here",
                ),
            };
        }
        let end = self.bound()?;
        let step_start = self.at;
        let step = if self.eat(":") { self.bound()? } else { None };
        let Ok(step @ 1..) = usize::try_from(step.unwrap_or(1)) else {
            return self.problem(step_start, "a step is at least 1");
        };
        Ok(Step::Slice(Slice {
            start: first,
            end,
            step,
        }))
    }

    fn bound(&mut self) -> Read<Option<i64>> {
        let start = self.at;
        self.eat("-");
        self.take(|c| c.is_ascii_digit());
        let text = &self.text[start..self.at];
        match text.parse() {
            _ if text.is_empty() => Ok(None),
            Ok(number) => Ok(Some(number)),
            Err(_) => self.problem(start, "this is no whole number, or one that is too large"),
        }
    }

    /// Reads something nested, unless it is nested too deep.
    fn deeper<T>(&mut self, start: usize, read: fn(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth == DEEPEST {
            return self.problem(start, "this is nested too deep");
        }
        self.depth += 1;
        let inner = read(self);
        self.depth -= 1;
        inner
    }

    fn condition(&mut self) -> Read<Condition> {
        self.joined("||", Self::conjunction, Condition::Any)
    }

    fn conjunction(&mut self) -> Read<Condition> {
        self.joined("&&", Self::part, Condition::All)
    }

    fn joined(
        &mut self,
        between: &str,
        read: fn(&mut Self) -> Read<Condition>,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Read<Condition> {
        let first = read(self)?;
        self.blanks();
        if !self.rest().starts_with(between) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat(between) {
            parts.push(read(self)?);
            self.blanks();
        }
        Ok(join(parts))
    }

    fn part(&mut self) -> Read<Condition> {
        self.blanks();
        let start = self.at;
        if self.rest().starts_with(['!', '(']) {
            return self.deeper(start, Self::unary);
        }
        let left = self.operand()?;
        self.blanks();
        if self.eat("=~") {
            let Operand::Path(path) = left else {
                return self.problem(start, "only a path can match");
            };
            return self.regex().map(|regex| Condition::Matches(path, regex));
        }
        if let Some(comparison) = self.comparison()? {
            let right = self.operand()?;
            return Ok(Condition::Compare(left, comparison, right));
        }
        match left {
            Operand::Path(path) => Ok(Condition::Exists(path)),
            Operand::Literal(_) => self.problem(start, "a path such as @.name is missing"),
        }
    }

    /// `!@.a`, `!(…)`, `(…)`
    fn unary(&mut self) -> Read<Condition> {
        if self.eat("(") {
            let inner = self.condition()?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.eat("!");
        self.blanks();
        let start = self.at;
        let inner = if self.rest().starts_with(['!', '(']) {
            self.deeper(start, Self::unary)?
        } else {
            Condition::Exists(self.path()?)
        };
        Ok(Condition::Not(Box::new(inner)))
    }

    fn comparison(&mut self) -> Read<Option<Comparison>> {
        let start = self.at;
        let sign = self.take(|c| "!<>=~".contains(c));
        Ok(Some(match sign {
            "" => return Ok(None),
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            "=" => return self.problem(start, "equality is written =="),
            _ => return self.problem(start, format!("there is no comparison {sign}")),
        }))
    }

    fn operand(&mut self) -> Read<Operand> {
        self.blanks();
        let start = self.at;
        let literal = match self.peek() {
            Some('"' | '\'') => {
                let mut json = String::new();
                text::quoted(&self.quoted()?, &mut json);
                json
            }
            Some(c) if is_special(c) => return self.path().map(Operand::Path),
            _ => {
                let word = self.take(|c| c == '.' || !is_special(c));
                if word.is_empty() {
                    return self.misplaced();
                }
                if !matches!(word, "true" | "false") && Decimal::read(word).is_none() {
                    return self.problem(start, format!("a text stands in quotes: \"{word}\""));
                }
                word.to_owned()
            }
        };
        Ok(Operand::Literal(literal))
    }

    /// A text in quotes, with the escapes of JSON, and `\'`.
    fn quoted(&mut self) -> Read<String> {
        let start = self.at;
        let (quote, inner) = self.raw()?;
        let json = match quote {
            '\'' => inner.replace("\\'", "'").replace('"', "\\\""),
            _ => inner.to_owned(),
        };
        match Value::json(["\"", &json, "\""].concat().as_bytes()).text() {
            Some(text) => Ok(text.into_owned()),
            None => self.problem(start, "an escape in this text makes no sense"),
        }
    }

    /// The pattern stands in quotes as it is: its backslashes are its own.
    fn regex(&mut self) -> Read<Regex> {
        self.blanks();
        let start = self.at;
        if !self.rest().starts_with(['"', '\'']) {
            return self.problem(start, "a regular expression in quotes is missing here");
        }
        let (_, inner) = self.raw()?;
        Regex::new(inner).or_else(|message| self.problem(start, message))
    }

    /// What stands between two quotes, and which ones they are.
    fn raw(&mut self) -> Read<(char, &'t str)> {
        let start = self.at;
        let quote = if self.eat("'") { '\'' } else { '"' };
        self.eat("\"");
        let inner = self.at;
        while let Some(c) = self.peek() {
            if c == quote {
                let text = &self.text[inner..self.at];
                self.at += 1;
                return Ok((quote, text));
            }
            self.at += c.len_utf8();
            if c == '\\' {
                self.at += self.peek().map_or(0, char::len_utf8);
            }
        }
        self.problem(start, format!("the closing {quote} is missing"))
    }
}
