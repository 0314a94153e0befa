//! Text to template, step by step as kubectl reads it (`parser.go`), so that what it refuses is
//! refused with its words.

use super::super::super::text;
use super::{End, Filter, Node, Slice};

/// Filters nested deeper than this are refused, so that no text can exhaust the stack.
const DEEPEST: usize = 32;

pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    Parser {
        text,
        at: 0,
        depth: 0,
    }
    .template()
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next();
        self.at += next.map_or(0, char::len_utf8);
        next
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// What was read from a place on.
    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn template(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            let rest = self.rest();
            let (text, action) = rest
                .split_once('{')
                .map_or((rest, None), |(text, action)| (text, Some(action)));
            if !text.is_empty() {
                nodes.push(Node::Text(text.to_owned()));
            }
            if action.is_none() {
                return Ok(nodes);
            }
            self.at += text.len() + 1;
            nodes.push(Node::Action(self.action()?));
        }
    }

    /// What stands in braces, and the closing one.
    fn action(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            let start = self.at;
            if self.eat("}") {
                return Ok(nodes);
            }
            if self.eat("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.eat("..") {
                if nodes.last() == Some(&Node::Below) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                nodes.push(Node::Below);
                if self.rest().starts_with(is_letter) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                None | Some('\n' | '\r') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => {}
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if "+-".contains(c) || c.is_ascii_digit() => {
                    nodes.push(self.number(start)?);
                }
                Some(c) if is_letter(c) => nodes.push(self.word(start)),
                Some(c) => return Err(unrecognized(c)),
            }
        }
    }

    /// What an action that consists of a text would be.
    fn inner(&self, text: &str) -> Result<Vec<Node>, String> {
        if self.depth == DEEPEST {
            return Err("filters are nested too deep".to_owned());
        }
        let mut parser = Parser {
            text: &["{", text, "}"].concat(),
            at: 0,
            depth: self.depth + 1,
        };
        match parser.template()?.into_iter().next() {
            Some(Node::Action(nodes)) => Ok(nodes),
            _ => Ok(Vec::new()),
        }
    }

    fn word(&mut self, start: usize) -> Node {
        let rest = self.rest();
        self.at += rest.find(ends_name).unwrap_or(rest.len());
        match self.since(start) {
            word @ ("true" | "false") => Node::Literal(word.to_owned()),
            word => Node::Word(word.to_owned()),
        }
    }

    /// A name, which ends where no backslash precedes what ends it.
    fn field(&mut self) -> Node {
        let start = self.at;
        loop {
            let before = self.at;
            match self.next() {
                Some('\\') => drop(self.next()),
                Some(c) if !ends_name(c) => {}
                _ => {
                    self.at = before;
                    break;
                }
            }
        }
        match self.since(start) {
            "*" => Node::Each,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    fn number(&mut self, start: usize) -> Result<Node, String> {
        let rest = self.rest();
        let is_part = |c: char| c == '.' || c.is_ascii_digit();
        self.at += rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let number = self.since(start);
        if let Ok(integer) = number.parse() {
            return Ok(Node::Integer(integer));
        }
        let float = number.parse().ok().filter(|float: &f64| float.is_finite());
        let float = float.ok_or_else(|| ["cannot parse number ", number].concat())?;
        let mut json = String::new();
        text::double(float, &mut json);
        // It stays a number that is not whole, which matters when it is compared.
        if json.parse::<i64>().is_ok() {
            json.push_str(".0");
        }
        Ok(Node::Literal(json))
    }

    fn quoted(&mut self, quote: char) -> Result<Node, String> {
        let start = self.at;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == quote && !self.is_escaped() => break,
                Some(_) => {}
            }
        }
        let inner = self.since(start);
        let inner = inner.strip_suffix(quote).unwrap_or(inner);
        let text = unquote(inner, quote)
            .ok_or_else(|| format!("unquote string {quote}{inner}{quote} error invalid syntax"))?;
        Ok(Node::Text(text))
    }

    /// Whether a backslash stands before the character just read, which kubectl takes for an
    /// escape even if it is one of a pair.
    fn is_escaped(&self) -> bool {
        let before = self.at.checked_sub(2);
        before.and_then(|at| self.text.as_bytes().get(at)) == Some(&b'\\')
    }

    /// What stands between brackets, and the closing one.
    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let unterminated = || "unterminated array".to_owned();
        let (text, _) = self.rest().split_once(']').ok_or_else(unterminated)?;
        if text.contains('\n') {
            return Err(unterminated());
        }
        self.at += text.len() + 1;
        if text.contains(',') {
            let ways = text
                .split(',')
                .map(|way| self.inner(&["[", way.trim_matches(' '), "]"].concat()));
            nodes.push(Node::Union(ways.collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text
            .strip_prefix('\'')
            .and_then(|text| text.strip_suffix('\''));
        match key {
            Some(key) if !key.contains('\'') => {
                nodes.extend(self.inner(&[".", key].concat())?);
            }
            _ => nodes.push(Node::Slice(slice(text)?)),
        }
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        let start = self.at;
        let mut quote = None;
        let mut is_closed = false;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(c @ ('"' | '\'')) if quote.is_none() => quote = Some(c),
                Some(c) if Some(c) == quote && !self.is_escaped() => is_closed = true,
                Some(')') if quote.is_some() == is_closed => break,
                Some(_) => {}
            }
        }
        let text = self.since(start);
        let text = text.strip_suffix(')').unwrap_or(text);
        if !self.eat("]") {
            return Err("unclosed array expect ]".to_owned());
        }
        let filter = match comparison(text) {
            None => Filter {
                left: self.inner(text)?,
                comparison: None,
            },
            Some((left, sign, right)) => Filter {
                left: self.inner(left)?,
                comparison: Some((sign.to_owned(), self.inner(right)?)),
            },
        };
        Ok(Node::Filter(filter))
    }
}

fn is_letter(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii()
}

fn ends_name(c: char) -> bool {
    " \t\r\n.,[]$@{}".contains(c)
}

fn unrecognized(c: char) -> String {
    let mut message = format!("unrecognized character in action: U+{:04X}", u32::from(c));
    if !c.is_control() {
        message.push_str(&format!(" '{c}'"));
    }
    message
}

/// The three parts of a comparison: `^([^!<>=]+)([!<>=]+)(.+?)$`.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let is_sign = |c| "!<>=".contains(c);
    let start = text.find(is_sign).filter(|start| *start > 0)?;
    let (left, rest) = text.split_at(start);
    let end = match rest.find(|c| !is_sign(c)) {
        Some(end) => end,
        // Something must be left for the right side.
        None => (rest.len() - 1).max(1),
    };
    let (sign, right) = rest.split_at(end);
    (!right.is_empty()).then_some((left, sign, right))
}

/// `^(-?[\d]*)(:-?[\d]*)?(:-?[\d]*)?$`
fn slice(text: &str) -> Result<Slice, String> {
    let parts: Vec<_> = match text {
        "*" => vec!["", ""],
        _ => text.split(':').collect(),
    };
    let is_number = |part: &&str| {
        let digits = part.strip_prefix('-').unwrap_or(part);
        digits.bytes().all(|b| b.is_ascii_digit())
    };
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return Err(["invalid array index ", text].concat());
    }
    let number = |at: usize| match parts.get(at).copied().unwrap_or_default() {
        "" => Ok(None),
        part => part
            .parse()
            .map(Some)
            .map_err(|_| format!("array index {part} is not a number")),
    };
    let start = number(0)?;
    let end = match (parts.len(), number(1)?) {
        (1, _) => End::AfterStart(start.unwrap_or_default()),
        (_, Some(end)) => End::Before(end),
        (_, None) => End::OfList,
    };
    Ok(Slice {
        start,
        end,
        step: number(2)?,
    })
}

/// A literal of Go, of either quote (`strconv.UnquoteChar`). Bytes that are no text become �.
fn unquote(inner: &str, quote: char) -> Option<String> {
    if !inner.contains(['\\', quote]) {
        return Some(inner.to_owned());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(c) = rest.next() {
        let c = match c {
            '\\' => escape(&mut rest, quote)?,
            c if c == quote => return None,
            c => Unquoted::Char(c),
        };
        match c {
            Unquoted::Byte(byte) => bytes.push(byte),
            Unquoted::Char(c) => bytes.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

enum Unquoted {
    Byte(u8),
    Char(char),
}

/// What follows a backslash.
fn escape(rest: &mut std::str::Chars<'_>, quote: char) -> Option<Unquoted> {
    let control = match rest.next()? {
        'a' => 0x7,
        'b' => 0x8,
        't' => b'\t',
        'n' => b'\n',
        'v' => 0xb,
        'f' => 0xc,
        'r' => b'\r',
        '\\' => b'\\',
        c @ ('"' | '\'') if c == quote => return Some(Unquoted::Char(c)),
        'x' => return digits(rest, 0, 2, 16).and_then(byte),
        c @ '0'..='7' => return digits(rest, c.to_digit(8)?, 2, 8).and_then(byte),
        'u' => return digits(rest, 0, 4, 16).and_then(character),
        'U' => return digits(rest, 0, 8, 16).and_then(character),
        _ => return None,
    };
    Some(Unquoted::Byte(control))
}

fn digits(rest: &mut std::str::Chars<'_>, first: u32, count: u32, radix: u32) -> Option<u32> {
    (0..count).try_fold(first, |number, _| {
        number
            .checked_mul(radix)?
            .checked_add(rest.next()?.to_digit(radix)?)
    })
}

fn byte(number: u32) -> Option<Unquoted> {
    u8::try_from(number).ok().map(Unquoted::Byte)
}

fn character(number: u32) -> Option<Unquoted> {
    char::from_u32(number).map(Unquoted::Char)
}
