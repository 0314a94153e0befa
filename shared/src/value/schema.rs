//! What the fields of the API's protobuf messages are in JSON, read from `schema/schema.bin`,
//! which says it of every built-in type (`schema/README.md`: how, and how it is written).

use std::borrow::Cow;
use std::sync::OnceLock;

use super::wire::{Delimiter, tag, varint};
use super::{Form, protobuf};
use crate::bytes::same;

/// A kind in one version of its API, whose protobuf can be read. Small and cheap to copy.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Type(u16);

impl Type {
    /// The type of an `apiVersion` and a `kind`, lists (`PodList`) included; nothing when the
    /// schema does not know it, as with custom resources.
    #[must_use]
    pub fn named(api_version: &str, kind: &str) -> Option<Self> {
        let schema = schema();
        let at = schema
            .roots
            .iter()
            .position(|root| root.kind == kind && root.api_version == api_version)?;
        u16::try_from(at).ok().map(Self)
    }

    /// The type of a list's items.
    #[must_use]
    pub fn item(self) -> Option<Self> {
        Self::named(self.api_version(), self.kind().strip_suffix("List")?)
    }

    /// `v1`, `apps/v1` …
    #[must_use]
    pub fn api_version(self) -> &'static str {
        self.root().api_version
    }

    /// `Pod`, `PodList` …
    #[must_use]
    pub fn kind(self) -> &'static str {
        &self.root().kind
    }

    pub(super) fn root(self) -> &'static Root {
        &schema().roots[usize::from(self.0)]
    }

    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(schema().roots.len())
    }
}

impl std::fmt::Debug for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.api_version())?;
        f.write_str(" ")?;
        f.write_str(self.kind())
    }
}

/// A kind, and the message that it is.
pub(super) struct Root {
    pub(super) api_version: &'static str,
    pub(super) kind: Cow<'static, str>,
    /// Whether its JSON says its `apiVersion` and `kind`.
    pub(super) typed: bool,
    pub(super) message: u16,
    /// Whether it is a list of the kind named before it.
    list: bool,
    /// Its fields `metadata`, `spec` and `status`, as far as it has them.
    pub(super) sections: [Option<u16>; 3],
    /// What stands before them on the wire.
    pub(super) tags: [u32; 3],
}

/// What a field's value is. The numbers are those of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Boolean,
    Data,
    Double,
    Time,
    MicroTime,
    Duration,
    Quantity,
    IntOrString,
    /// A message around JSON text.
    Json,
    /// A message around a list of texts.
    Texts,
    Message,
    /// A message whose fields stand among those of the message that it is in.
    Inline,
    /// A message of two fields that is one or the other: parts of a custom resource's schema.
    Either,
}

const KINDS: [Kind; 15] = [
    Kind::Text,
    Kind::Integer,
    Kind::Boolean,
    Kind::Data,
    Kind::Double,
    Kind::Time,
    Kind::MicroTime,
    Kind::Duration,
    Kind::Quantity,
    Kind::IntOrString,
    Kind::Json,
    Kind::Texts,
    Kind::Message,
    Kind::Inline,
    Kind::Either,
];

/// How often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Once; when it is missing, it is empty.
    One,
    /// Once or not at all.
    Optional,
    List,
    Map,
}

const MODES: [Mode; 4] = [Mode::One, Mode::Optional, Mode::List, Mode::Map];

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// What stands before its values on the wire.
    pub(super) tag: u32,
    pub(super) name: &'static str,
    /// The message that it is a field of.
    owner: u16,
    /// The message that its value is, if it is one.
    pub(super) message: u16,
    pub(super) kind: Kind,
    pub(super) mode: Mode,
    /// Whether JSON leaves it out when it is empty.
    pub(super) omit: bool,
    /// What one value of it is, if that is just what is on the wire when there is anything.
    pub(super) form: Option<Form<'static>>,
    /// Whether JSON leaves it out when it is not on the wire.
    pub(super) left_out: bool,
}

/// See [`Field::form`].
fn form_of(kind: Kind, mode: Mode, message: u16, omit: bool) -> Option<Form<'static>> {
    let zero_is_none = omit && mode == Mode::One;
    match kind {
        Kind::Text => Some(Form::Text),
        Kind::Message => Some(Form::Message(message)),
        Kind::Integer if !zero_is_none => Some(Form::Integer),
        Kind::Boolean if !zero_is_none => Some(Form::Boolean),
        _ => None,
    }
}

impl Field {
    pub(super) const fn number(&self) -> u32 {
        self.tag >> 3
    }
}

/// What stands before a field's values on the wire.
pub(super) const fn tag_of(number: u32, mode: Mode, kind: Kind) -> u32 {
    let delimiter = match (mode, kind) {
        (Mode::Map, _) => Delimiter::Length,
        (_, Kind::Integer | Kind::Boolean) => Delimiter::Varint,
        (_, Kind::Double) => Delimiter::Fixed64,
        _ => Delimiter::Length,
    };
    tag(number, delimiter)
}

pub(super) struct Schema {
    fields: Vec<Field>,
    /// Where the fields of each message begin, and where the last one's end.
    messages: Vec<u16>,
    /// The ids of fields, one more than they are, each at the place that message and name give it
    /// or the next that was free; 0 is none.
    places: Vec<u16>,
    roots: Vec<Root>,
}

static SCHEMA: OnceLock<Schema> = OnceLock::new();

/// The schema, read when it is asked for first.
#[inline(always)]
pub(super) fn schema() -> &'static Schema {
    SCHEMA.get().unwrap_or_else(|| read_schema())
}

#[cold]
fn read_schema() -> &'static Schema {
    SCHEMA.get_or_init(|| {
        Schema::read(include_bytes!("../../schema/schema.bin")).unwrap_or(Schema::EMPTY)
    })
}

impl Schema {
    /// Without a schema everything is read as JSON.
    const EMPTY: Self = Self {
        fields: Vec::new(),
        messages: Vec::new(),
        places: Vec::new(),
        roots: Vec::new(),
    };

    /// The ids of the fields of a message.
    #[inline]
    pub(super) fn fields_of(&self, message: u16) -> std::ops::Range<u16> {
        let at = usize::from(message);
        match (self.messages.get(at), self.messages.get(at + 1)) {
            (Some(from), Some(to)) => *from..*to,
            _ => 0..0,
        }
    }

    #[inline(always)]
    pub(super) fn field(&self, id: u16) -> &Field {
        // Of a slice, because of a vector that is a call.
        let fields: &[Field] = &self.fields;
        &fields[usize::from(id)]
    }

    /// The field of a message with a name in JSON. Fields of inlined messages are not its own.
    #[inline]
    pub(super) fn named(&self, message: u16, name: &str) -> Option<u16> {
        let mut place = place(message, name);
        loop {
            let id = self.places.get(place % Self::PLACES)?.checked_sub(1)?;
            let field = self.field(id);
            if field.owner == message && same(field.name.as_bytes(), name.as_bytes()) {
                return Some(id);
            }
            place += 1;
        }
    }

    /// Some twice as many as there are fields, so that most are where they are looked for.
    const PLACES: usize = 1 << 13;

    /// Gives each field its place.
    fn place_fields(&mut self) -> Option<()> {
        self.places = vec![0; Self::PLACES];
        // One stays free, so that every search ends.
        if self.fields.len() >= Self::PLACES {
            return None;
        }
        for message in 0..u16::try_from(self.messages.len()).ok()? {
            for id in self.fields_of(message) {
                let field = self.field(id);
                if field.kind == Kind::Inline {
                    continue;
                }
                let mut place = place(message, field.name);
                while self.places[place % Self::PLACES] > 0 {
                    place += 1;
                }
                self.places[place % Self::PLACES] = id + 1;
            }
        }
        Some(())
    }

    /// The inlined message of a message that has a field of that name, itself or inlined.
    pub(super) fn inline(&self, message: u16, name: &str) -> Option<&Field> {
        self.fields_of(message)
            .map(|id| self.field(id))
            .filter(|field| field.kind == Kind::Inline)
            .find(|field| {
                self.named(field.message, name).is_some()
                    || self.inline(field.message, name).is_some()
            })
    }

    fn read(mut bytes: &'static [u8]) -> Option<Self> {
        let names: Vec<&str> = text(&mut bytes)?.split('\n').collect();
        let root_lines = text(&mut bytes)?;
        let mut root_messages = Column(column(&mut bytes)?);
        let mut sizes = Column(column(&mut bytes)?);
        let mut numbers = Column(column(&mut bytes)?);
        let mut field_names = Column(column(&mut bytes)?);
        let mut forms = column(&mut bytes)?.iter();
        let mut field_messages = Column(column(&mut bytes)?);

        let mut schema = Self::EMPTY;
        // Room for all, and for those of lists, which are added at the end.
        let lists = root_lines.bytes().filter(|byte| *byte == b'+').count();
        schema.fields = Vec::with_capacity(forms.len() + 2 * lists);
        // Messages and names that are new are 0; they are numbered in the order of appearance.
        let (mut new_message, mut new_name) = (0, 0);
        for line in root_lines.split('\n') {
            let mut words = line.split(' ');
            let api_version = words.next()?;
            for word in words {
                let message = root_messages.reference(&mut new_message)?;
                schema.add_root(api_version, word, message);
            }
        }
        while let Some(size) = sizes.number() {
            let owner = u16::try_from(schema.messages.len()).ok()?;
            schema
                .messages
                .push(u16::try_from(schema.fields.len()).ok()?);
            let mut number = 0;
            for _ in 0..size {
                number += numbers.signed()? + 1;
                let form = *forms.next()?;
                let name = field_names.reference(&mut new_name)?;
                let kind = *KINDS.get(usize::from(form & 31))?;
                let message = match kind {
                    Kind::Message | Kind::Inline | Kind::Either => {
                        field_messages.reference(&mut new_message)?
                    }
                    _ => 0,
                };
                let mode = MODES[usize::from(form >> 5 & 3)];
                schema.fields.push(Field {
                    tag: tag_of(u32::try_from(number).ok()?, mode, kind),
                    name: names.get(usize::from(name))?,
                    owner,
                    message,
                    kind,
                    mode,
                    omit: form & 0x80 != 0,
                    form: form_of(kind, mode, message, form & 0x80 != 0),
                    left_out: false,
                });
            }
        }
        schema
            .messages
            .push(u16::try_from(schema.fields.len()).ok()?);
        schema.add_lists()?;
        schema.place_fields()?;
        for field in &mut schema.fields {
            field.left_out = protobuf::is_left_out(field);
        }
        schema.find_sections();
        Some(schema)
    }

    /// A kind as the file names it: `-` after it when its JSON does not say what it is, `+` when
    /// it has a list of the usual form, which the file does not spell out.
    fn add_root(&mut self, api_version: &'static str, word: &'static str, message: u16) {
        let (word, has_list) = word
            .strip_suffix('+')
            .map_or((word, false), |word| (word, true));
        let (kind, typed) = word
            .strip_suffix('-')
            .map_or((word, true), |word| (word, false));
        let root = |kind, list| Root {
            api_version,
            kind,
            typed,
            message,
            list,
            sections: [None; 3],
            tags: [0; 3],
        };
        self.roots.push(root(Cow::Borrowed(kind), false));
        if has_list {
            self.roots
                .push(root(Cow::Owned(kind.to_owned() + "List"), true));
        }
    }

    /// Gives the usual lists their messages: `metadata` and `items`.
    fn add_lists(&mut self) -> Option<()> {
        let list_meta = self.roots.iter().find(|root| root.kind == "ListMeta")?;
        let list_meta = list_meta.message;
        for root in self.roots.iter_mut().filter(|root| root.list) {
            let owner = u16::try_from(self.messages.len() - 1).ok()?;
            let field = |number, name, message, mode| Field {
                tag: tag_of(number, mode, Kind::Message),
                name,
                owner,
                message,
                kind: Kind::Message,
                mode,
                omit: false,
                form: form_of(Kind::Message, mode, message, false),
                left_out: false,
            };
            self.fields.push(field(1, "metadata", list_meta, Mode::One));
            self.fields
                .push(field(2, "items", root.message, Mode::List));
            root.message = owner;
            self.messages.push(u16::try_from(self.fields.len()).ok()?);
        }
        Some(())
    }

    fn find_sections(&mut self) {
        for at in 0..self.roots.len() {
            let message = self.roots[at].message;
            let sections = ["metadata", "spec", "status"].map(|name| self.named(message, name));
            self.roots[at].tags = sections.map(|id| id.map_or(0, |id| self.field(id).tag));
            self.roots[at].sections = sections;
        }
    }
}

/// One column of the file.
struct Column(&'static [u8]);

impl Column {
    fn number(&mut self) -> Option<u64> {
        let mut at = 0;
        let number = varint(self.0, &mut at)?;
        self.0 = &self.0[at..];
        Some(number)
    }

    /// A number of either sign, small ones of both being short.
    fn signed(&mut self) -> Option<i64> {
        let number = i64::try_from(self.number()?).ok()?;
        Some((number >> 1) ^ -(number & 1))
    }

    /// Something that was numbered before, or what gets the next number.
    fn reference(&mut self, next: &mut u16) -> Option<u16> {
        match self.number()? {
            0 => {
                *next += 1;
                Some(*next - 1)
            }
            known => u16::try_from(known - 1).ok(),
        }
    }
}

/// Takes the next column off the file: its length, then as many bytes.
fn column(file: &mut &'static [u8]) -> Option<&'static [u8]> {
    let mut at = 0;
    let length = usize::try_from(varint(file, &mut at)?).ok()?;
    let (column, rest) = file.get(at..)?.split_at_checked(length)?;
    *file = rest;
    Some(column)
}

fn text(file: &mut &'static [u8]) -> Option<&'static str> {
    std::str::from_utf8(column(file)?).ok()
}

/// A number that is seldom the same for two fields.
#[inline(always)]
fn place(message: u16, name: &str) -> usize {
    let (Some(first), Some(last)) = (name.as_bytes().first(), name.as_bytes().last()) else {
        return 0;
    };
    let middle = name.as_bytes()[name.len() / 2];
    let ends = u32::from(*first) | u32::from(middle) << 8 | u32::from(*last) << 16;
    let name = ends | (name.len() as u32) << 24;
    let mixed = (name ^ u32::from(message).wrapping_mul(0x85eb_ca6b)).wrapping_mul(0x9e37_79b1);
    (mixed >> 16) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// The fields of a kind as the schema has them.
    fn check(api_version: &str, kind: &str, expected: Expect) {
        let root = Type::named(api_version, kind).expect("a known kind").root();
        let lines: Vec<String> = schema()
            .fields_of(root.message)
            .map(|id| {
                let field = schema().field(id);
                let omit = if field.omit { " omit" } else { "" };
                format!(
                    "{} {}: {:?} {:?}{omit}",
                    field.number(),
                    field.name,
                    field.mode,
                    field.kind
                )
            })
            .collect();
        expected.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn knows_the_fields_of_messages() {
        check(
            "v1",
            "PodList",
            expect![[r#"
            1 metadata: One Message
            2 items: List Message"#]],
        );
        check(
            "v1",
            "Secret",
            expect![[r#"
            1 metadata: One Message
            5 immutable: Optional Boolean omit
            2 data: Map Data omit
            4 stringData: Map Text omit
            3 type: One Text omit"#]],
        );
        check(
            "meta.k8s.io/v1",
            "ListMeta",
            expect![[r#"
            1 selfLink: One Text omit
            2 resourceVersion: One Text omit
            3 continue: One Text omit
            4 remainingItemCount: Optional Integer omit
            5 shardInfo: Optional Message omit"#]],
        );
        check(
            "v1",
            "WatchEvent",
            expect![[r#"
            1 type: One Text
            2 object: One Json"#]],
        );
    }

    #[test]
    fn knows_the_kinds_of_an_api_server() {
        for (api_version, kind) in [
            ("v1", "Pod"),
            ("v1", "Status"),
            ("v1", "List"),
            ("apps/v1", "DeploymentList"),
            ("batch/v1", "CronJob"),
            ("events.k8s.io/v1", "Event"),
            ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
            ("apiregistration.k8s.io/v1", "APIService"),
            ("metrics.k8s.io/v1beta1", "PodMetrics"),
            ("meta.k8s.io/v1", "PartialObjectMetadataList"),
        ] {
            let found = Type::named(api_version, kind).map(|found| format!("{found:?}"));
            assert_eq!(found, Some(format!("{api_version} {kind}")));
        }
        assert_eq!(Type::named("example.com/v1", "Gadget"), None);
        let item = Type::named("v1", "PodList").and_then(Type::item);
        assert_eq!(item, Type::named("v1", "Pod"));
    }

    #[test]
    fn every_message_and_every_name_is_there() {
        let schema = schema();
        let last = schema.messages.len() - 1;
        for field in &schema.fields {
            assert!(usize::from(field.message) < last, "{field:?}");
        }
        assert!(schema.roots.len() > 300 && schema.fields.len() > 2000);
    }

    #[test]
    fn a_schema_that_is_cut_off_is_none() {
        let whole: &'static [u8] = include_bytes!("../../schema/schema.bin");
        for end in (0..whole.len()).step_by(97) {
            assert!(Schema::read(&whole[..end]).is_none(), "{end}");
        }
    }
}
