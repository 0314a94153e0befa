//! Templates, as in `kubectl get -o jsonpath='{.metadata.name}{"\n"}'`: text, and in braces paths,
//! literals, and `range` … `end`.
//!
//! What kubectl prints for an object is printed here, and where it fails, this fails, with its
//! words, even where that is odd: in a list, `[9]` fails beyond the end, but the first empty list
//! ends a slice of many; a text's `.*` are its bytes. Go walks maps in random order; here they are
//! in the order received. Only what would take absurdly long fails here alone.

mod go;
mod parse;
mod walk;

use super::super::Value;

/// A text with paths in it, to be filled in for an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
    missing_keys_fail: bool,
}

/// What a template, or an action in braces, is made of. Inside an action each takes what the one
/// before it gave.
#[derive(Clone, Debug, PartialEq)]
enum Node {
    /// A text, which stands for itself.
    Text(String),
    /// `{…}`
    Action(Vec<Self>),
    /// `.name`
    Field(String),
    /// `.*`
    Each,
    /// `..`
    Below,
    /// `[0]`, `[1:3]`, `[*]`
    Slice(Slice),
    /// `[0,2]`, `['a','b']`
    Union(Vec<Vec<Self>>),
    /// `[?(@.a=="b")]`
    Filter(Filter),
    /// `5`
    Integer(i64),
    /// A number with a fraction, or a boolean, as JSON.
    Literal(String),
    /// `range`, `end`; others fail.
    Word(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Slice {
    start: Option<i64>,
    end: End,
    step: Option<i64>,
}

/// Where a slice ends: before this item.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// One after the start, because nothing else was said: a single item.
    AfterStart(i64),
    Before(i64),
    /// With the list.
    OfList,
}

#[derive(Clone, Debug, PartialEq)]
struct Filter {
    left: Vec<Node>,
    /// Its sign and its right side; without one, the left side must only be there.
    comparison: Option<(String, Vec<Node>)>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// What kubectl says after `error parsing jsonpath`.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self {
            nodes: parse::parse(text)?,
            missing_keys_fail: false,
        })
    }

    /// As with `--allow-missing-template-keys=false`: a key that no value has is an error.
    #[must_use]
    pub fn without_missing_keys(self) -> Self {
        Self {
            missing_keys_fail: true,
            ..self
        }
    }

    /// Fills it in for an object.
    ///
    /// # Errors
    ///
    /// What kubectl says after `Error executing template:`.
    pub fn print(&self, object: Value<'_>) -> Result<String, String> {
        walk::print(self, object)
    }
}

#[cfg(test)]
mod tests;
