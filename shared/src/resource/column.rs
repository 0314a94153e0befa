//! A field of a kind: how it is read, compared and printed, and whether the API server can
//! select by it.

use super::{Datum, Lead, Printed};
use crate::api::time::human_duration;
use crate::value::jsonpath::Path;
use crate::value::{ObjectRef, Section, Value, key};

/// A field of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in queries.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// The head of `kubectl get`, in our case.
    pub title: &'static str,
    /// What can be asked of it.
    pub value: ValueType,
    read: Read,
    /// Whether its texts seldom repeat and few ask for them, so that they are better left where they lie.
    pub unique: bool,
    /// Whether it lies outside the metadata, which is all that some kinds are listed with.
    pub content: bool,
    /// Whether its text is a list, parted by commas, of which each part is asked for by itself.
    pub listed: bool,
    /// Whether its text says most at its end, as an image does by its tag: it is cut at its front.
    pub tail: bool,
    /// What `kubectl` prints when the object does not say.
    pub absent: &'static str,
    /// The first minor version of API servers that print it in the words that are read here, as far as these words
    /// changed.
    pub printed_since: u32,
    /// Usual width in characters.
    pub width: u16,
    /// 0: always shown; higher folds away sooner; [`Column::HIDDEN`]: only for queries.
    pub priority: u8,
    /// The field selector by which the API server selects exactly the same.
    pub selector: Option<&'static str>,
    /// The noun of its sum, or of its number of distinct values, below the table.
    pub sum: &'static str,
    /// The object that its text names.
    pub leads: Leads,
}

/// The object that a field of an object names.
type Leads = fn(ObjectRef<'_>, &Datum<'_>) -> Option<Lead>;

/// How a field is read.
#[derive(Clone, Copy, Debug)]
enum Read {
    /// As the words of a member of a section.
    Member(Section, &'static str),
    /// Out of the object.
    Object(for<'a> fn(&ObjectRef<'a>) -> Datum<'a>),
    /// Out of what its kind computes of it as a whole.
    Printed(for<'a> fn(&'a Printed<'_>) -> Datum<'a>),
    /// A moment in the object, in place of what the server prints of it.
    Moment(&'static Path),
    /// Out of what the server prints of it: the cell at a place in its row.
    Cell(usize),
}

/// What can be asked of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Patterns.
    Text,
    /// Patterns, of figures such as `3/4`.
    Ratio,
    /// Comparisons with numbers.
    Number,
    /// Comparisons with durations: how long ago.
    Age,
    /// Comparisons with quantities: how much.
    Quantity,
}

impl Column {
    /// Priority of a field that tables do not show.
    pub const HIDDEN: u8 = 9;

    /// The object's namespace; tables leave it out where it is the same in every row.
    pub const NAMESPACE: Self = Self {
        aliases: &["namespace"],
        width: 16,
        ..Self::member("ns", "Namespace", Section::Metadata, "namespace")
    };

    /// The object's name.
    pub const NAME: Self = Self {
        selector: Some("metadata.name"),
        width: 34,
        ..Self::member("name", "Name", Section::Metadata, "name")
    };

    /// Time since the object was created.
    pub const AGE: Self = Self::age("age", "Age", |object| {
        Datum::time(object.metadata.read(key!("creationTimestamp")).time())
    });

    /// A field that holds words.
    #[must_use]
    pub const fn text(
        name: &'static str,
        title: &'static str,
        read: for<'a> fn(&ObjectRef<'a>) -> Datum<'a>,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            title,
            value: ValueType::Text,
            read: Read::Object(read),
            unique: false,
            content: false,
            listed: false,
            tail: false,
            absent: "<none>",
            printed_since: 0,
            width: 16,
            priority: 0,
            selector: None,
            sum: "",
            leads: |_, _| None,
        }
    }

    /// A field that holds the words of a member.
    #[must_use]
    pub const fn member(
        name: &'static str,
        title: &'static str,
        section: Section,
        key: &'static str,
    ) -> Self {
        Self {
            read: Read::Member(section, key),
            ..Self::text(name, title, |_| Datum::Absent)
        }
    }

    /// A field that holds a figure.
    #[must_use]
    pub const fn number(
        name: &'static str,
        title: &'static str,
        read: for<'a> fn(&ObjectRef<'a>) -> Datum<'a>,
    ) -> Self {
        Self {
            value: ValueType::Number,
            absent: "0",
            width: 9,
            ..Self::text(name, title, read)
        }
    }

    /// A field that holds a share of a whole.
    #[must_use]
    pub const fn ratio(
        name: &'static str,
        title: &'static str,
        read: for<'a> fn(&ObjectRef<'a>) -> Datum<'a>,
    ) -> Self {
        Self {
            value: ValueType::Ratio,
            width: 7,
            ..Self::text(name, title, read)
        }
    }

    /// The field, whose texts seldom repeat.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self {
            unique: true,
            ..self
        }
    }

    /// A field that holds a moment, shown as the time since.
    #[must_use]
    pub const fn age(
        name: &'static str,
        title: &'static str,
        read: for<'a> fn(&ObjectRef<'a>) -> Datum<'a>,
    ) -> Self {
        Self {
            value: ValueType::Age,
            absent: "<unknown>",
            width: 7,
            ..Self::text(name, title, read)
        }
    }

    /// A field that holds how much of something there is, or is asked for.
    #[must_use]
    pub const fn quantity(
        name: &'static str,
        title: &'static str,
        read: for<'a> fn(&ObjectRef<'a>) -> Datum<'a>,
    ) -> Self {
        Self {
            value: ValueType::Quantity,
            width: 9,
            ..Self::text(name, title, read)
        }
    }

    /// A field that its kind computes together with others.
    #[must_use]
    pub const fn printed(
        name: &'static str,
        title: &'static str,
        value: ValueType,
        read: for<'a> fn(&'a Printed<'_>) -> Datum<'a>,
    ) -> Self {
        Self {
            value,
            read: Read::Printed(read),
            ..Self::text(name, title, |_| Datum::Absent)
        }
    }

    /// A field that the server prints, at a place in an object's row: a figure or words.
    #[must_use]
    pub const fn cell(
        name: &'static str,
        title: &'static str,
        value: ValueType,
        place: usize,
    ) -> Self {
        Self {
            value,
            read: Read::Cell(place),
            absent: "",
            ..Self::text(name, title, |_| Datum::Absent)
        }
    }

    /// The first moment that lies at a path, of which the server prints how long ago it was.
    #[must_use]
    pub const fn moment(name: &'static str, title: &'static str, path: &'static Path) -> Self {
        Self {
            read: Read::Moment(path),
            absent: "<none>",
            ..Self::age(name, title, |_| Datum::Absent)
        }
    }

    /// The field, read from the server's cell at a place in an object's row.
    #[must_use]
    pub const fn at_cell(&self, place: usize) -> Self {
        let value = match self.value {
            ValueType::Ratio => ValueType::Text,
            other => other,
        };
        Self {
            value,
            read: Read::Cell(place),
            ..*self
        }
    }

    /// Whether it is part of what tells objects of a kind apart.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        matches!(self.name, "ns" | "name")
    }

    /// Whether what is printed of it says how long ago something was.
    #[must_use]
    pub const fn tells_time(&self) -> bool {
        let is_count = matches!(self.value, ValueType::Number);
        matches!(self.value, ValueType::Age) || is_count && matches!(self.read, Read::Printed(_))
    }

    /// Whether the server prints it.
    #[must_use]
    pub const fn is_cell(&self) -> bool {
        matches!(self.read, Read::Cell(_) | Read::Moment(_))
    }

    /// The field with other names.
    #[must_use]
    pub const fn or(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The field with a usual width.
    #[must_use]
    pub const fn wide(self, width: u16) -> Self {
        Self { width, ..self }
    }

    /// The field, folding away as the page narrows: the higher, the sooner.
    #[must_use]
    pub const fn folding(self, priority: u8) -> Self {
        Self { priority, ..self }
    }

    /// The field, which the API server can select by.
    #[must_use]
    pub const fn selectable(self, selector: &'static str) -> Self {
        Self {
            selector: Some(selector),
            ..self
        }
    }

    /// The field, of a kind that is listed by metadata only, and not in that.
    #[must_use]
    pub const fn content(self) -> Self {
        Self {
            content: true,
            ..self
        }
    }

    /// The field, whose text is a list, parted by commas.
    #[must_use]
    pub const fn listed(self) -> Self {
        Self {
            listed: true,
            ..self
        }
    }

    /// The field, whose text holds images: a list of which each says most at its end.
    #[must_use]
    pub const fn images(self) -> Self {
        Self {
            tail: true,
            ..self.listed()
        }
    }

    /// What `kubectl` prints when the object does not say.
    #[must_use]
    pub const fn else_print(self, absent: &'static str) -> Self {
        Self { absent, ..self }
    }

    /// The field, which older API servers than of this minor version print in other words.
    #[must_use]
    pub const fn printed_since(self, minor: u32) -> Self {
        Self {
            printed_since: minor,
            ..self
        }
    }

    /// The field, whose sum (of words: the number of distinct ones) stands below the table.
    #[must_use]
    pub const fn summed(self, noun: &'static str) -> Self {
        Self { sum: noun, ..self }
    }

    /// The field, whose text names another object.
    #[must_use]
    pub const fn leading(self, leads: Leads) -> Self {
        Self { leads, ..self }
    }

    /// Reads it out of an object, and what its kind computed of that as a whole.
    #[must_use]
    pub fn read<'a>(&self, object: &ObjectRef<'a>, printed: &'a Printed<'_>) -> Datum<'a> {
        match self.read {
            Read::Printed(read) => read(printed),
            _ => self.read_object(object),
        }
    }

    /// Reads it out of an object alone.
    #[must_use]
    pub fn read_object<'a>(&self, object: &ObjectRef<'a>) -> Datum<'a> {
        match self.read {
            Read::Member(section, key) => {
                Datum::text(object.section(section).get(key).text_or_empty())
            }
            Read::Object(read) => read(object),
            Read::Printed(_) => Datum::Absent,
            Read::Moment(path) => {
                let values = path.values(object.whole()).into_iter();
                Datum::time(values.filter_map(Value::time).next())
            }
            Read::Cell(place) => {
                let cell = object.cells().items().nth(place).unwrap_or(Value::ABSENT);
                match self.value {
                    ValueType::Number => Datum::number(cell.integer()),
                    _ => cell.scalar_text().map_or(Datum::Absent, Datum::text),
                }
            }
        }
    }

    /// The member that it is the words of, where it is read so.
    pub(crate) const fn words_of(&self) -> Option<(Section, &'static str)> {
        match self.read {
            Read::Member(section, key) => Some((section, key)),
            _ => None,
        }
    }

    /// Whether tables show it.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.priority < Self::HIDDEN
    }

    /// Figures stand right.
    #[must_use]
    pub const fn is_right(&self) -> bool {
        !matches!(self.value, ValueType::Text)
    }

    /// The cell that `kubectl get` prints; `now` is the server's time.
    #[must_use]
    pub fn print(&self, datum: &Datum<'_>, now: i64) -> String {
        match datum {
            Datum::Absent => self.absent.to_owned(),
            Datum::Text(text) => text.to_string(),
            Datum::Number(number) | Datum::Count(number, None) => number.to_string(),
            Datum::Ratio(part, whole) => format!("{part}/{whole}"),
            Datum::Time(time) => human_duration(now - time),
            Datum::Quantity(quantity) => quantity.to_string(),
            Datum::Count(0, _) => "0".to_owned(),
            Datum::Count(count, Some(last)) => {
                format!("{count} ({} ago)", human_duration(now - last))
            }
        }
    }
}
