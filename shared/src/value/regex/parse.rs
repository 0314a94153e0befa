//! The text of an expression, made into steps while it is read: what was read last stands at the
//! end of them, and what is said about it is put before, behind, or into copies of it.

use super::class::{ANY, DIGIT, IN_LINE, Range, SPACE, WORD, add, fold, named, negate};
use super::program::{Look, Program, Step};

/// Groups within groups.
const DEEPEST: usize = 50;

/// Steps and their ranges, which is also what a character may cost: enough for the digest of an
/// image, or for the names that DNS allows.
const LARGEST: usize = 2 << 10;

type Parsed<T> = Result<T, &'static str>;

const UNCLOSED: &str = "a parenthesis is not closed";
const UNCLOSED_SET: &str = "a bracket is not closed";
const NESTED: &str = "sets of characters cannot be nested, intersected or subtracted";

/// Reads an expression.
pub(super) fn parse(text: &str) -> Parsed<Program> {
    let mut parser = Parser {
        rest: text,
        flags: 0,
        depth: 0,
        steps: Vec::new(),
        ranges: Vec::new(),
        size: 0,
    };
    parser.ways()?;
    if !parser.rest.is_empty() {
        return Err("a parenthesis is closed that is not open");
    }
    Ok(Program::new(parser.steps, parser.ranges))
}

struct Parser<'t> {
    rest: &'t str,
    flags: u8,
    depth: usize,
    steps: Vec<Step>,
    ranges: Vec<Range>,
    size: usize,
}

/// Letters of both cases are the same.
const I: u8 = 1;
/// Lines begin and end.
const M: u8 = 2;
/// The end of a line is a character.
const S: u8 = 4;
/// Blanks and comments are none.
const X: u8 = 8;
/// What prefers shorter texts is asked for as what prefers longer ones: both are found.
const U: u8 = 16;

/// What stands behind a backslash, or in a set.
enum Item {
    One(char),
    Class(&'static [(u8, u8)], bool),
    Look(Look),
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Leaves a character behind.
    fn bump(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }

    /// Leaves a character behind, and blanks if these are none.
    fn next(&mut self) {
        self.bump();
        self.blanks();
    }

    fn blanks(&mut self) {
        while self.flags & X != 0 {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('#') else {
                return;
            };
            self.rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// What `|` separates, up to the end or a parenthesis.
    fn ways(&mut self) -> Parsed<()> {
        if self.depth == DEEPEST {
            return Err("its groups are nested too deeply");
        }
        self.depth += 1;
        let start = self.steps.len();
        // Where the last item begins, and where the way before this one ends.
        let (mut item, mut exit) = (None, None);
        loop {
            self.blanks();
            let here = self.steps.len();
            match self.peek() {
                None | Some(')') => break,
                Some('|') => {
                    self.bump();
                    self.land(exit);
                    self.insert(start, here + 2 - start)?;
                    exit = Some(here + 1);
                    item = None;
                    self.push(Step::Jump(0), 1)?;
                }
                Some('*' | '+' | '?' | '{') => {
                    let item = item.ok_or("there is nothing before it that could be repeated")?;
                    let (least, most) = self.times()?;
                    self.repeat(item, least, most)?;
                }
                Some('(') => {
                    if self.group()? {
                        item = Some(here);
                    }
                }
                Some(_) => {
                    self.one()?;
                    item = Some(here);
                }
            }
        }
        self.land(exit);
        self.depth -= 1;
        Ok(())
    }

    /// Lets a way that ends somewhere go on after the next one.
    fn land(&mut self, exit: Option<usize>) {
        if let Some(exit) = exit {
            self.steps[exit] = Step::Jump((self.steps.len() - exit) as i16);
        }
    }

    fn push(&mut self, step: Step, size: usize) -> Parsed<()> {
        self.charge(size)?;
        self.steps.push(step);
        Ok(())
    }

    /// Puts a fork before what begins somewhere.
    fn insert(&mut self, start: usize, by: usize) -> Parsed<()> {
        self.charge(1)?;
        self.steps.insert(start, Step::Fork(by as i16));
        Ok(())
    }

    fn charge(&mut self, size: usize) -> Parsed<()> {
        self.size += size;
        if self.size > LARGEST {
            return Err("it is too large");
        }
        Ok(())
    }

    /// How often at least and at most. That shorter texts be preferred makes no difference here.
    fn times(&mut self) -> Parsed<(usize, Option<usize>)> {
        let times = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            _ => {
                self.next();
                let least = self.number()?;
                let mut most = Some(least);
                if self.peek() == Some(',') {
                    self.next();
                    most = match self.peek() {
                        Some('}') => None,
                        _ => Some(self.number()?),
                    };
                }
                if self.peek() != Some('}') {
                    return Err("a brace is not closed");
                }
                if most.is_some_and(|most| most < least) {
                    return Err("the most is less than the least");
                }
                self.next();
                self.eat("?");
                return Ok((least, most));
            }
        };
        self.bump();
        self.eat("?");
        Ok(times)
    }

    fn number(&mut self) -> Parsed<usize> {
        self.rest = self.rest.trim_start();
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let digits: usize = number.unwrap_or_default();
            number = Some(digits.saturating_mul(10).saturating_add(digit as usize));
            self.next();
        }
        self.rest = self.rest.trim_start();
        self.blanks();
        number.ok_or("a number is missing in a brace")
    }

    /// Repeats what begins somewhere.
    fn repeat(&mut self, start: usize, least: usize, most: Option<usize>) -> Parsed<()> {
        let once = self.steps[start..].to_vec();
        let length = once.len();
        if length == 0 {
            return Ok(());
        }
        if most == Some(0) {
            self.steps.truncate(start);
            return Ok(());
        }
        // One is there already.
        let certain = least.max(1);
        for _ in 1..certain {
            self.copy(&once)?;
        }
        match most {
            None => self.push(Step::Fork(-(length as i16)), 1)?,
            Some(most) => {
                for left in (1..=most - certain).rev() {
                    let by = left.saturating_mul(length + 1);
                    self.push(Step::Fork(by as i16), 1)?;
                    self.copy(&once)?;
                }
            }
        }
        if least == 0 {
            self.insert(start, self.steps.len() + 1 - start)?;
        }
        Ok(())
    }

    fn copy(&mut self, steps: &[Step]) -> Parsed<()> {
        for step in steps {
            let ranges = match step {
                Step::Take(from, to) => usize::from(to - from),
                _ => 0,
            };
            self.push(*step, 1 + ranges)?;
        }
        Ok(())
    }

    /// A group; false if it only sets flags.
    fn group(&mut self) -> Parsed<bool> {
        self.next();
        if ["?=", "?!", "?<=", "?<!"]
            .iter()
            .any(|sign| self.rest.starts_with(sign))
        {
            return Err("it cannot look ahead or behind");
        }
        let flags = self.flags;
        if self.eat("?P<") || self.eat("?<") {
            self.name()?;
        } else if self.eat("?") && self.flags()? {
            return Ok(false);
        }
        self.ways()?;
        self.flags = flags;
        if self.eat(")") {
            Ok(true)
        } else {
            Err(UNCLOSED)
        }
    }

    /// What a group is called, which nobody asks for here.
    fn name(&mut self) -> Parsed<()> {
        let (name, rest) = self.rest.split_once('>').ok_or(UNCLOSED)?;
        self.rest = rest;
        let is_letter = |c: char| !c.is_ascii() || c.is_ascii_alphabetic() || c == '_';
        let is_inner = |c: char| is_letter(c) || c.is_ascii_digit() || ".[]".contains(c);
        if name.starts_with(is_letter) && name.chars().all(is_inner) {
            Ok(())
        } else {
            Err("a group has a name that is none")
        }
    }

    /// Sets flags; true if that is all that the parentheses are for.
    fn flags(&mut self) -> Parsed<bool> {
        const NONE: &str = "its flags are none of i, m, s, x, U and u, as in (?i) or (?m-s:…)";
        let (mut seen, mut unset, mut is_complete) = (0, false, true);
        loop {
            let c = self.peek().ok_or(UNCLOSED)?;
            self.bump();
            let flag = match c {
                'i' => I,
                'm' => M,
                's' => S,
                'x' => X,
                'U' => U,
                'u' => U << 1,
                '-' if !unset => {
                    (unset, is_complete) = (true, false);
                    continue;
                }
                ':' if is_complete => return Ok(false),
                ')' if is_complete && seen != 0 => return Ok(true),
                _ => return Err(NONE),
            };
            if seen & flag != 0 {
                return Err(NONE);
            }
            seen |= flag;
            is_complete = true;
            if unset {
                self.flags &= !flag;
            } else {
                self.flags |= flag;
            }
        }
    }

    /// One character, set, or place.
    fn one(&mut self) -> Parsed<()> {
        let is_set = |flag: u8| self.flags & flag != 0;
        match self.peek() {
            Some('[') => {
                self.next();
                return self.set();
            }
            Some('.') => {
                let set: &[Range] = if is_set(S) { &ANY } else { &IN_LINE };
                self.bump();
                return self.take(set);
            }
            Some(c @ ('^' | '$')) => {
                let look = match (c, is_set(M)) {
                    ('^', false) => Look::Start,
                    ('^', true) => Look::LineStart,
                    (_, false) => Look::End,
                    (_, true) => Look::LineEnd,
                };
                self.bump();
                return self.push(Step::Look(look), 1);
            }
            _ => {}
        }
        let mut set = Vec::new();
        match self.item()? {
            Item::Look(look) => return self.push(Step::Look(look), 1),
            Item::One(c) => set.push((c.into(), c.into())),
            Item::Class(class, is_negated) => add(&mut set, class, is_negated),
        }
        if self.flags & I != 0 {
            fold(&mut set);
        }
        self.take(&set)
    }

    fn take(&mut self, set: &[Range]) -> Parsed<()> {
        let from = self.ranges.len();
        let to = from + set.len();
        self.push(Step::Take(from as u16, to as u16), 1 + set.len())?;
        self.ranges.extend_from_slice(set);
        Ok(())
    }

    /// What stands between brackets.
    fn set(&mut self) -> Parsed<()> {
        let is_negated = self.peek() == Some('^');
        if is_negated {
            self.next();
        }
        let mut set = Vec::new();
        // At the beginning, what has a meaning later has none.
        while self.peek() == Some('-') {
            self.next();
            set.push(('-'.into(), '-'.into()));
        }
        if self.peek() == Some(']') && set.is_empty() {
            self.next();
            set.push((']'.into(), ']'.into()));
        }
        loop {
            self.blanks();
            match self.peek() {
                None => return Err(UNCLOSED_SET),
                Some(']') => break,
                Some('[') => self.named(&mut set)?,
                Some(c @ ('&' | '-' | '~')) if self.rest[1..].starts_with(c) => {
                    return Err(NESTED);
                }
                Some(_) => self.range(&mut set)?,
            }
        }
        self.bump();
        if self.flags & I != 0 {
            fold(&mut set);
        }
        if is_negated {
            negate(&mut set);
        }
        self.take(&set)
    }

    /// `[:alpha:]` or `[:^alpha:]`
    fn named(&mut self, set: &mut Vec<Range>) -> Parsed<()> {
        let inner = self.rest.strip_prefix("[:").ok_or(NESTED)?;
        let (name, rest) = inner.split_once(":]").ok_or(NESTED)?;
        let positive = name.strip_prefix('^');
        let class = named(positive.unwrap_or(name)).ok_or("no set of characters has this name")?;
        add(set, class, positive.is_some());
        self.rest = rest;
        Ok(())
    }

    /// A character, two with what lies between, or a class.
    fn range(&mut self, set: &mut Vec<Range>) -> Parsed<()> {
        const NONE: &str = "a range in brackets goes from one character to a later one";
        let first = self.item()?;
        self.blanks();
        let dash = self.rest;
        if self.peek() == Some('-') {
            self.next();
            if !matches!(self.peek(), Some(']' | '-')) {
                let (Item::One(first), Item::One(last)) = (first, self.item()?) else {
                    return Err(NONE);
                };
                if first > last {
                    return Err(NONE);
                }
                set.push((first.into(), last.into()));
                return Ok(());
            }
        }
        self.rest = dash;
        match first {
            Item::One(c) => set.push((c.into(), c.into())),
            Item::Class(class, is_negated) => add(set, class, is_negated),
            Item::Look(_) => return Err("a place between characters stands in brackets"),
        }
        Ok(())
    }

    fn item(&mut self) -> Parsed<Item> {
        let c = self.peek().ok_or(UNCLOSED_SET)?;
        self.bump();
        if c != '\\' {
            return Ok(Item::One(c));
        }
        let c = self.peek().ok_or("a backslash ends it")?;
        self.bump();
        let is_negated = c.is_ascii_uppercase();
        Ok(match c {
            'd' | 'D' => Item::Class(DIGIT, is_negated),
            's' | 'S' => Item::Class(SPACE, is_negated),
            'w' | 'W' => Item::Class(WORD, is_negated),
            'x' => Item::One(self.code(2)?),
            'u' => Item::One(self.code(4)?),
            'U' => Item::One(self.code(8)?),
            'a' => Item::One('\x07'),
            'f' => Item::One('\x0c'),
            'n' => Item::One('\n'),
            'r' => Item::One('\r'),
            't' => Item::One('\t'),
            'v' => Item::One('\x0b'),
            'A' => Item::Look(Look::Start),
            'z' => Item::Look(Look::End),
            'b' => Item::Look(Look::WordEdge),
            'B' => Item::Look(Look::NoWordEdge),
            '<' => Item::Look(Look::WordStart),
            '>' => Item::Look(Look::WordEnd),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Item::One(c),
            _ => return Err("a backslash stands before what has no meaning with one"),
        })
    }

    /// The character of a number of so many digits, or of any number in braces.
    fn code(&mut self, digits: usize) -> Parsed<char> {
        self.blanks();
        let is_braced = self.peek() == Some('{');
        if is_braced {
            self.next();
        }
        let (mut code, mut count) = (0u32, 0);
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(16)) {
            if count == digits && !is_braced {
                break;
            }
            code = code.saturating_mul(16).saturating_add(digit);
            count += 1;
            self.next();
        }
        let is_whole = if is_braced {
            count > 0 && self.eat("}")
        } else {
            count == digits
        };
        let char = char::from_u32(code).filter(|_| is_whole);
        char.ok_or("a number of a character is none, as in \\x7F or \\x{1F600}")
    }
}
