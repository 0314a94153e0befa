//! A field bound to a kind, and what it says of an object.

use crate::resource::Datum;
use crate::store::Entry;
use crate::value::jsonpath::Path;
use crate::value::{Shape, Value};

/// How a field of an object is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Getter {
    /// A column of its kind.
    Column(usize),
    /// A path into it.
    Path(Path),
    /// A label.
    Label(String),
    /// The name of its kind.
    Kind,
    /// The word of its state.
    State,
}

impl Getter {
    /// What it says of an object. Several values at a path read as one text, parted by commas.
    #[must_use]
    pub fn get<'a>(&self, entry: Entry<'a>) -> Datum<'a> {
        match self {
            Self::Column(column) => entry.datum(*column),
            Self::Label(key) => Datum::text(entry.label(key).unwrap_or_default()),
            Self::Kind => Datum::text(entry.kind().resource.kind),
            Self::State => Datum::text(entry.word()),
            Self::Path(path) => {
                let values = path.values(entry.object().whole());
                match values.as_slice() {
                    [] => Datum::Absent,
                    [value] => datum(*value),
                    several => {
                        let texts: Vec<_> = several.iter().map(|value| text(*value)).collect();
                        Datum::text(texts.join(","))
                    }
                }
            }
        }
    }

    /// The column that it reads, if it is one.
    #[must_use]
    pub const fn column(&self) -> Option<usize> {
        match self {
            Self::Column(column) => Some(*column),
            _ => None,
        }
    }
}

fn datum(value: Value<'_>) -> Datum<'_> {
    match value.shape() {
        Shape::Bare => value
            .integer()
            .map_or_else(|| Datum::text(text(value)), Datum::Number),
        Shape::Absent => Datum::Absent,
        Shape::Text => value.text().map_or(Datum::Absent, Datum::text),
        Shape::Map | Shape::List => Datum::text(value.to_json()),
    }
}

/// A value as it is compared and shown: a scalar's own text, or the JSON of anything else.
pub(super) fn text(value: Value<'_>) -> String {
    value
        .scalar_text()
        .map_or_else(|| value.to_json(), std::borrow::Cow::into_owned)
}
