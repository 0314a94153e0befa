//! Paths: what they are made of. Reading them is in `parse`, following them in `walk`.
//!
//! The differences to kubectl: conditions may be joined by `&&` and `||`, negated by `!`, put into
//! parentheses, and match regular expressions (`=~`); `["a.b"]` is the key as it stands, whereas
//! `['a.b']` means `.a.b`, as it does there; braces and the first dot may be left out. What gives
//! texts rather than values (`range`, literals) is no path.

mod decimal;
mod parse;
mod print;
mod walk;

use std::ops::{ControlFlow, Range};

use super::super::Value;
use super::super::regex::Regex;

/// A way from a value to others inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in bytes of the text.
    pub range: Range<usize>,
    /// One sentence, without final dot.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `.name`: the value of a key, which is never empty.
    Member(Box<str>),
    /// `.*`: the values of a map, or the items of a list.
    Each,
    /// `..`: the value, and every map and list below.
    Below,
    /// `[0]`, `[-1]`: an item, counted from the end when negative.
    Index(i64),
    /// `[1:3]`, `[*]`: the items of a list, from one to before another.
    Slice(Slice),
    /// `[0,-1]`, `['a','b']`: what each of several ways leads to.
    Union(Vec<Path>),
    /// `[?(@.ready)]`: the items of a list for which a condition holds.
    Filter(Condition),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    start: Option<i64>,
    end: Option<i64>,
    /// Of so many, the first; at least 1.
    step: usize,
}

impl Slice {
    const ALL: Self = Self {
        start: None,
        end: None,
        step: 1,
    };
}

/// What must hold for an item.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// Every one of at least two holds.
    All(Vec<Self>),
    /// One of at least two holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// The path leads somewhere.
    Exists(Path),
    /// A value on the left compares so with one on the right.
    Compare(Operand, Comparison, Operand),
    /// A text or number matches.
    Matches(Path, Regex),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    /// From the item on.
    Path(Path),
    /// A text as JSON, or a number or a boolean as it was written.
    Literal(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    /// No value is equal; but one must be there, as kubectl has it.
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Path {
    /// Reads `{.spec.containers[*].image}`, with or without the braces and the first dot.
    ///
    /// # Errors
    ///
    /// What cannot be read, and where.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        parse::whole(text)
    }

    /// Reads a path in braces at the start of a text: the path, and where it ends.
    ///
    /// # Errors
    ///
    /// What cannot be read, and where.
    pub fn parse_braced(text: &str) -> Result<(Self, usize), Problem> {
        parse::braced(text)
    }

    /// The first key, if that is where every way of the path begins: a path whose first member is
    /// `metadata` never leaves it.
    #[must_use]
    pub fn first_member(&self) -> Option<&str> {
        match self.steps.first()? {
            Step::Member(name) => Some(name),
            _ => None,
        }
    }

    /// The name that field selectors have for it, if it goes from key to key: `spec.nodeName`.
    #[must_use]
    pub fn field(&self) -> Option<String> {
        let mut field = String::new();
        for step in &self.steps {
            match step {
                Step::Member(name) if !name.contains(['.', ',', '=', '!']) => {
                    if !field.is_empty() {
                        field.push('.');
                    }
                    field.push_str(name);
                }
                _ => return None,
            }
        }
        (!field.is_empty()).then_some(field)
    }

    /// The values to which the path leads, as far as they are present. What is absurdly deep or
    /// takes absurdly many steps is not followed to its end.
    #[must_use]
    pub fn values<'a>(&self, from: Value<'a>) -> Vec<Value<'a>> {
        let mut values = Vec::new();
        self.visit(from, &mut |value| {
            values.push(value);
            ControlFlow::Continue(())
        });
        values
    }

    /// The same, one after the other, until enough were seen.
    pub fn visit<'a>(&self, from: Value<'a>, see: &mut dyn FnMut(Value<'a>) -> ControlFlow<()>) {
        walk::visit(self, from, see);
    }
}

#[cfg(test)]
mod tests;
