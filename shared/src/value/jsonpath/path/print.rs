//! The canonical text of a path, which reads as the path again.

use std::fmt;

use super::{Comparison, Condition, Operand, Path, Slice, Step};

/// What ends a name, or means something within a path or a condition.
pub(super) fn is_special(c: char) -> bool {
    c.is_whitespace() || ".,[]{}()$@\\\"'!<>=~&|".contains(c)
}

/// Without braces, from the first dot on; `@` is the whole value.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.steps.is_empty() {
            return f.write_str("@");
        }
        let mut steps = self.steps.iter().peekable();
        while let Some(step) = steps.next() {
            match (step, steps.peek()) {
                // The name brings the second dot.
                (Step::Below, Some(Step::Member(_) | Step::Each)) => f.write_str(".")?,
                _ => write!(f, "{step}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => {
                f.write_str(".")?;
                member(name, f)
            }
            Self::Each => f.write_str(".*"),
            Self::Below => f.write_str(".."),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Slice(slice) => write!(f, "[{slice}]"),
            Self::Union(ways) => union(ways, f),
            Self::Filter(condition) => write!(f, "[?({condition})]"),
        }
    }
}

fn member(name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if name == "*" {
        return f.write_str("\\*");
    }
    for c in name.chars() {
        if is_special(c) {
            f.write_str("\\")?;
        }
        fmt::Write::write_char(f, c)?;
    }
    Ok(())
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("*");
        }
        let bound = |bound: Option<i64>| bound.map_or_else(String::new, |bound| bound.to_string());
        write!(f, "{}:{}", bound(self.start), bound(self.end))?;
        if self.step == 1 {
            return Ok(());
        }
        write!(f, ":{}", self.step)
    }
}

/// Its ways, as they stand within one pair of brackets.
fn union(ways: &[Path], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("[")?;
    for (at, way) in ways.iter().enumerate() {
        if at > 0 {
            f.write_str(",")?;
        }
        match way.steps.as_slice() {
            [Step::Index(index)] => write!(f, "{index}")?,
            [Step::Slice(slice)] => write!(f, "{slice}")?,
            keys => {
                let text: String = keys.iter().map(ToString::to_string).collect();
                write!(f, "'{}'", text.strip_prefix('.').unwrap_or(&text))?;
            }
        }
    }
    f.write_str("]")
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(all) => joined(all, " && ", f),
            Self::Any(any) => joined(any, " || ", f),
            Self::Not(inner) => match **inner {
                Self::Exists(_) | Self::Not(_) => write!(f, "!{inner}"),
                _ => write!(f, "!({inner})"),
            },
            Self::Exists(path) => from_item(path, f),
            Self::Compare(left, comparison, right) => {
                write!(f, "{left}{}{right}", comparison.sign())
            }
            Self::Matches(path, regex) => {
                from_item(path, f)?;
                let quote = if has_double_quote(regex.as_str()) {
                    '\''
                } else {
                    '"'
                };
                write!(f, "=~{quote}{}{quote}", regex.as_str())
            }
        }
    }
}

fn joined(parts: &[Condition], between: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        match part {
            Condition::All(_) | Condition::Any(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

fn from_item(path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let at = if path.steps.is_empty() { "" } else { "@" };
    write!(f, "{at}{path}")
}

/// Whether an expression has a double quote that no backslash escapes. If so, it stood within
/// single ones.
fn has_double_quote(regex: &str) -> bool {
    let mut bytes = regex.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return true,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    false
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => from_item(path, f),
            Self::Literal(json) => f.write_str(json),
        }
    }
}

impl Comparison {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}
