//! What Go makes of values: how it prints them, names their types and compares them.

use std::cmp::Ordering;

use super::super::super::{Shape, Value, text};

/// What Go says, and ends with, when there is no value where one is needed.
pub(super) const NO_VALUE_IN_USE: &str = "reflect: call of reflect.Value.Interface on zero Value";

/// Maps and lists nested deeper are written as `null`: writing them must not exhaust the stack.
const DEEPEST: usize = 200;

/// What a node of a template gives.
#[derive(Clone, Copy)]
pub(super) enum Item<'v> {
    /// What a range has when it has nothing.
    Nothing,
    /// A value of the object, which may be `null`, or a literal.
    Value(Value<'v>),
    /// A whole number in the template.
    Integer(i64),
    /// A byte of a text.
    Byte(u8),
}

/// What Go compares alike.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Boolean,
    Integer,
    Float,
    Other,
}

impl Item<'_> {
    /// How many bytes it takes to read it.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Value(value) => value.bytes.len(),
            _ => 0,
        }
    }

    pub(super) fn go_type(&self) -> &'static str {
        match self {
            Self::Nothing => "<invalid reflect.Value>",
            Self::Integer(_) => "int",
            Self::Byte(_) => "uint8",
            Self::Value(value) => match value.shape() {
                Shape::Absent => "<nil>",
                Shape::Map => "map[string]interface {}",
                Shape::List => "[]interface {}",
                Shape::Text => "string",
                Shape::Bare => match self.kind() {
                    Kind::Boolean => "bool",
                    Kind::Integer => "int64",
                    _ => "float64",
                },
            },
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Nothing => Kind::Other,
            Self::Integer(_) | Self::Byte(_) => Kind::Integer,
            Self::Value(value) => match value.shape() {
                Shape::Text => Kind::Text,
                Shape::Bare if value.boolean().is_some() => Kind::Boolean,
                Shape::Bare if value.integer().is_some() => Kind::Integer,
                Shape::Bare => Kind::Float,
                Shape::Absent | Shape::Map | Shape::List => Kind::Other,
            },
        }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Self::Nothing => None,
            Self::Value(value) => value.integer(),
            Self::Integer(integer) => Some(*integer),
            Self::Byte(byte) => Some(i64::from(*byte)),
        }
    }
}

/// Prints it, and tells how many bytes were read for that.
pub(super) fn print(item: Item<'_>, out: &mut String) -> usize {
    match item {
        Item::Nothing => out.push_str("<no value>"),
        Item::Integer(integer) => out.push_str(&integer.to_string()),
        Item::Byte(byte) => out.push_str(&byte.to_string()),
        Item::Value(value) => match value.shape() {
            Shape::Text => out.push_str(&value.text_or_empty()),
            Shape::Bare if item.kind() == Kind::Float => {
                // `%v`
                text::decimal(float(value), 1e-4..1e6, 2, out);
            }
            _ => return json(value, 0, out),
        },
    }
    item.size()
}

fn float(value: Value<'_>) -> f64 {
    let number = value.scalar_text().and_then(|text| text.parse().ok());
    number.unwrap_or_default()
}

/// As `encoding/json` writes what it has read: keys in order, and nothing that HTML would
/// understand. How many bytes were read for that is more the deeper it is.
fn json(value: Value<'_>, depth: usize, out: &mut String) -> usize {
    let mut read = value.bytes.len();
    match value.shape() {
        Shape::Absent => out.push_str("null"),
        Shape::Text => quoted(&value.text_or_empty(), out),
        Shape::Bare if value.boolean().is_some() || value.integer().is_some() => {
            out.push_str(&value.scalar_text().unwrap_or_default());
        }
        Shape::Bare => text::double(float(value), out),
        _ if depth > DEEPEST => out.push_str("null"),
        Shape::List => {
            out.push('[');
            for (at, item) in value.items().enumerate() {
                text::separate(at, out);
                read += json(item, depth + 1, out);
            }
            out.push(']');
        }
        Shape::Map => {
            let mut entries: Vec<_> = value.entries().collect();
            crate::sort::sort_by(&mut entries, |(a, _), (b, _)| a.cmp(b));
            out.push('{');
            for (at, (key, value)) in entries.into_iter().enumerate() {
                text::separate(at, out);
                quoted(&key, out);
                out.push(':');
                read += json(value, depth + 1, out);
            }
            out.push('}');
        }
    }
    read
}

fn quoted(text: &str, out: &mut String) {
    let start = out.len();
    text::quoted(text, out);
    if !out[start..].contains(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        return;
    }
    let written = out.split_off(start);
    for c in written.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
}

/// Whether a comparison holds (`text/template`, `funcs.go`).
pub(super) fn compares(left: Item<'_>, sign: &str, right: Item<'_>) -> Result<bool, String> {
    let is_equality = match sign {
        "==" | "!=" => true,
        "<" | "<=" | ">" | ">=" => false,
        _ => return Err(["unrecognized filter operator ", sign].concat()),
    };
    let order = order(left, right, is_equality)?;
    Ok(match sign {
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        // Go has these as the opposite of the others.
        ">" => !matches!(order, Some(Ordering::Less | Ordering::Equal)),
        _ => order != Some(Ordering::Less),
    })
}

fn order(
    left: Item<'_>,
    right: Item<'_>,
    is_equality: bool,
) -> Result<Option<Ordering>, &'static str> {
    let (kind, other) = (left.kind(), right.kind());
    if kind == Kind::Other || other == Kind::Other {
        return Err("invalid type for comparison");
    }
    if kind != other {
        return Err("incompatible types for comparison");
    }
    if kind == Kind::Boolean && !is_equality {
        return Err("invalid type for comparison");
    }
    let (Item::Value(left), Item::Value(right)) = (left, right) else {
        return Ok(left.integer().partial_cmp(&right.integer()));
    };
    Ok(match kind {
        Kind::Text => left.text().partial_cmp(&right.text()),
        Kind::Boolean => left.boolean().partial_cmp(&right.boolean()),
        Kind::Integer => left.integer().partial_cmp(&right.integer()),
        _ => float(left).partial_cmp(&float(right)),
    })
}
