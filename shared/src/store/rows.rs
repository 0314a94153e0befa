//! What is read out of objects once: a column for each field of the kind, by slots. Texts that
//! many objects share are numbers; of those that are each object's own, names stand by themselves, and the others
//! stay in its bytes.

use std::borrow::Cow;

use super::Slot;
use super::cells::Cells;
use super::labels::Labels;
use super::names::{self, Names};
use super::objects::{Objects, Place};
use super::texts::{TextId, Texts};
use crate::resource::{Column, Datum, Health, Kind, Mark, Printed, ValueType};
use crate::value::{Encoding, Key, ObjectRef, Section, key};

/// Where a text is: nowhere, among the shared ones, among the names, or in the object's own bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TextPlace(u32);

/// What a place says.
enum Found {
    Nowhere,
    Shared(TextId),
    Named(names::Place),
    Within(usize, usize),
}

impl TextPlace {
    const WITHIN: u32 = 1 << 31;
    const NAMED: u32 = 1 << 30;
    const LENGTH_BITS: u32 = 11;

    /// Within the object's bytes, if that can be said in 31 bits.
    fn within(bytes: &[u8], text: &str) -> Option<Self> {
        let start = text.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
        let lies_within = bytes.get(start..start.checked_add(text.len())?).is_some();
        let (start, length) = (u32::try_from(start).ok()?, u32::try_from(text.len()).ok()?);
        let fits = start < 1 << (31 - Self::LENGTH_BITS) && length < 1 << Self::LENGTH_BITS;
        (lies_within && fits).then_some(Self(Self::WITHIN | start << Self::LENGTH_BITS | length))
    }

    const fn shared(id: TextId) -> Self {
        Self(id + 1)
    }

    const fn named(place: names::Place) -> Self {
        Self(Self::NAMED | place)
    }

    #[inline(always)]
    const fn found(self) -> Found {
        if self.0 == 0 {
            Found::Nowhere
        } else if self.0 & (Self::WITHIN | Self::NAMED) == 0 {
            Found::Shared(self.0 - 1)
        } else if self.0 & Self::WITHIN == 0 {
            Found::Named(self.0 & !Self::NAMED)
        } else {
            let (rest, length) = (
                self.0 & !Self::WITHIN,
                self.0 & ((1 << Self::LENGTH_BITS) - 1),
            );
            Found::Within((rest >> Self::LENGTH_BITS) as usize, length as usize)
        }
    }
}

/// No figure, no moment.
const NONE: i64 = i64::MIN;
const NO_SHARE: u32 = i32::MIN as u32;

/// The marks by their numbers.
const MARKS: [Mark; 8] = [
    Mark::Running,
    Mark::Completed,
    Mark::Pending,
    Mark::NotReady,
    Mark::Failed,
    Mark::Degraded,
    Mark::Terminating,
    Mark::Unknown,
];
const BROKEN: u32 = 1 << 8;

/// All columns, and the objects that they were read from.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) kind: &'static Kind,
    pub(super) texts: Texts,
    names: Names,
    objects: Objects,
    labels: Labels,
    /// What stands in a row: first what every object has, then the fields of the kind.
    cells: Cells,
    /// Where in a row each field is.
    fields: Vec<usize>,
    /// Of columns that are the words of a member, where that is.
    members: Vec<Option<(Section, Key)>>,
    namespace: Option<usize>,
    name: Option<usize>,
}

/// Where in a row the place of the object is, in three words.
const OBJECT: usize = 0;
const LABELS: usize = 3;
/// The mark, and whether it is broken.
const MARK: usize = 4;
const WORD: usize = 5;
const FIELDS: usize = 6;

/// How many words a field takes.
#[inline(always)]
const fn words(value: ValueType) -> usize {
    match value {
        ValueType::Text => 1,
        // Shares of counts of containers or replicas, which the API keeps in 32 bits.
        ValueType::Ratio | ValueType::Age => 2,
        // A figure, and when it last grew.
        ValueType::Number => 4,
        // Few ask for quantities: they are read where they lie.
        ValueType::Quantity => 0,
    }
}

impl Rows {
    pub(super) fn new(kind: &'static Kind) -> Self {
        let mut end = FIELDS;
        let mut fields = Vec::with_capacity(kind.columns.len());
        for column in kind.columns {
            fields.push(end);
            end += words(column.value);
        }
        let members = kind.columns.iter().map(|column| {
            let (section, key) = column.words_of()?;
            Some((section, Key::new(key)))
        });
        Self {
            kind,
            texts: Texts::default(),
            names: Names::default(),
            objects: Objects::default(),
            labels: Labels::default(),
            cells: Cells::new(end),
            fields,
            members: members.collect(),
            namespace: kind.column("ns"),
            name: kind.column("name"),
        }
    }

    /// Room for one more.
    pub(super) fn grow(&mut self) -> Option<Slot> {
        self.cells.grow()
    }

    /// All slots, those of which the object is gone, too.
    pub(super) fn slots(&self) -> std::ops::Range<Slot> {
        0..self.cells.rows() as Slot
    }

    fn place(&self, slot: Slot) -> Place {
        let cells = &self.cells;
        Place::unpack([
            cells.get(slot, OBJECT),
            cells.get(slot, OBJECT + 1),
            cells.get(slot, OBJECT + 2),
        ])
    }

    fn set_place(&mut self, slot: Slot, place: Place) {
        let [first, second, third] = place.pack();
        self.cells.set(slot, OBJECT, first);
        self.cells.set(slot, OBJECT + 1, second);
        self.cells.set(slot, OBJECT + 2, third);
    }

    /// Whether an object is in a slot.
    pub(super) fn is_taken(&self, slot: Slot) -> bool {
        self.size(slot) > 0
    }

    /// The object in a slot.
    pub(super) fn object(&self, slot: Slot) -> ObjectRef<'_> {
        self.objects.get(self.place(slot))
    }

    /// How many bytes the object in a slot takes.
    pub(super) fn size(&self, slot: Slot) -> usize {
        self.place(slot).length as usize
    }

    /// Bytes of objects held.
    pub(super) const fn held(&self) -> usize {
        self.objects.held()
    }

    /// Keeps the bytes of an object in a slot, in place of what was there.
    pub(super) fn keep(&mut self, slot: Slot, bytes: &[u8], encoding: Encoding) {
        self.objects.release(self.place(slot));
        let place = self.objects.put(bytes, encoding);
        self.set_place(slot, place);
        while let Some(littered) = self.objects.littered() {
            let places = self.slots().map(|slot| (slot, self.place(slot)));
            for (slot, place) in littered.objects(places) {
                let moved = self.objects.relocate(place);
                self.set_place(slot, moved);
            }
        }
    }

    /// Reads an object into a slot, whose earlier content is cleared. `kept`: its bytes, when these
    /// are kept as they are.
    pub(super) fn read(&mut self, slot: Slot, read: ObjectRef<'_>, kept: &[u8]) {
        let printed = (self.kind.print)(read);
        // New texts are held before the old ones go: most are the same, and none is moved about.
        let labels = read.metadata.read(key!("labels"));
        let labels = self.labels.hold(labels, &mut self.texts);
        self.set_labels(slot, labels);
        self.set_state(slot, &printed.health);
        for (index, column) in self.kind.columns.iter().enumerate() {
            if words(column.value) > 0 {
                self.read_column(index, slot, column, &read, &printed, kept);
            }
        }
    }

    fn read_column(
        &mut self,
        index: usize,
        slot: Slot,
        column: &Column,
        read: &ObjectRef<'_>,
        printed: &Printed<'_>,
        kept: &[u8],
    ) {
        let datum = match self.members.get(index) {
            Some(Some((section, key))) => {
                let member = read.section(*section).read(key);
                match member.plain_text() {
                    // Most are there already, so it is not asked of each whether it is a text.
                    Some(text) if !column.unique => return self.set_member(index, slot, text),
                    _ => Datum::text(member.text_or_empty()),
                }
            }
            _ => column.read(read, printed),
        };
        self.set_field(index, slot, column, datum, kept);
    }

    fn set_member(&mut self, index: usize, slot: Slot, text: &[u8]) {
        if let Some(at) = self.fields.get(index).copied() {
            if self.name == Some(index) {
                return self.set_name(slot, at, text);
            }
            let place = match text {
                b"" => TextPlace::default(),
                text => self.hold(slot, at, text),
            };
            self.set_text(slot, at, place);
        }
    }

    fn set_name(&mut self, slot: Slot, at: usize, text: &[u8]) {
        if self.name(slot).as_bytes() == text {
            return;
        }
        let name = std::str::from_utf8(text).ok();
        let named = name.and_then(|name| self.names.hold(name).map(TextPlace::named));
        let place = named.unwrap_or_else(|| self.hold(slot, at, text));
        self.set_text(slot, at, place);
        if self.names.is_littered() {
            self.tidy_names(at);
        }
    }

    /// Keeps all names anew, without those that are gone.
    fn tidy_names(&mut self, at: usize) {
        let old = std::mem::take(&mut self.names);
        for slot in self.slots() {
            if let Found::Named(place) = TextPlace(self.cells.get(slot, at)).found() {
                let place = self.names.hold(old.get(place)).map(TextPlace::named);
                self.cells.set(slot, at, place.unwrap_or_default().0);
            }
        }
    }

    fn set_field(
        &mut self,
        index: usize,
        slot: Slot,
        column: &Column,
        datum: Datum<'_>,
        kept: &[u8],
    ) {
        let Some(at) = self.fields.get(index).copied() else {
            return;
        };
        match (column.value, datum) {
            (ValueType::Text, Datum::Text(text)) => {
                let within = match text {
                    Cow::Borrowed(text) if column.unique => TextPlace::within(kept, text),
                    _ => None,
                };
                let place = within.unwrap_or_else(|| self.hold(slot, at, text.as_bytes()));
                self.set_text(slot, at, place);
            }
            (ValueType::Text, _) => self.set_text(slot, at, TextPlace::default()),
            (ValueType::Number, datum) => {
                let (figure, last) = match datum {
                    Datum::Number(figure) => (figure, NONE),
                    Datum::Count(figure, last) => (figure, last.unwrap_or(NONE)),
                    _ => (NONE, NONE),
                };
                self.cells.set_number(slot, at, figure);
                self.cells.set_number(slot, at + 2, last);
            }
            (ValueType::Ratio, datum) => {
                let small = |figure: i64| {
                    let figure = figure.clamp(i64::from(i32::MIN) + 1, i64::from(i32::MAX));
                    figure as u32
                };
                let (part, whole) = match datum {
                    Datum::Ratio(part, whole) => (small(part), small(whole)),
                    _ => (NO_SHARE, NO_SHARE),
                };
                self.cells.set(slot, at, part);
                self.cells.set(slot, at + 1, whole);
            }
            (ValueType::Age, datum) => {
                let time = match datum {
                    Datum::Time(time) => time,
                    _ => NONE,
                };
                self.cells.set_number(slot, at, time);
            }
            (ValueType::Quantity, _) => {}
        }
    }

    fn set_labels(&mut self, slot: Slot, labels: u32) {
        let old = self.cells.set(slot, LABELS, labels);
        self.labels.release(old, &mut self.texts);
    }

    fn set_state(&mut self, slot: Slot, health: &Health) {
        let broken = if health.broken { BROKEN } else { 0 };
        self.cells.set(slot, MARK, health.mark as u32 | broken);
        let word = self.hold(slot, WORD, health.word.as_bytes());
        self.set_text(slot, WORD, word);
    }

    fn set_text(&mut self, slot: Slot, at: usize, place: TextPlace) {
        let old = TextPlace(self.cells.set(slot, at, place.0));
        match old.found() {
            Found::Shared(id) => self.texts.release(id),
            Found::Named(place) => self.names.release(place),
            Found::Nowhere | Found::Within(..) => {}
        }
    }

    /// A text that is to stand in a slot. Most objects say what the one before them says, so that is not looked for.
    fn hold(&mut self, slot: Slot, at: usize, text: &[u8]) -> TextPlace {
        let before = slot.checked_sub(1);
        let before = before.map(|slot| TextPlace(self.cells.get(slot, at)));
        match before.map(TextPlace::found) {
            Some(Found::Shared(id)) if self.texts.hold_again(id, text) => TextPlace::shared(id),
            _ => TextPlace::shared(self.texts.hold(text)),
        }
    }

    /// Empties a slot.
    pub(super) fn clear(&mut self, slot: Slot) {
        self.set_labels(slot, 0);
        self.set_text(slot, WORD, TextPlace::default());
        for (index, column) in self.kind.columns.iter().enumerate() {
            self.set_field(index, slot, column, Datum::Absent, &[]);
        }
        self.objects.release(self.place(slot));
        self.set_place(slot, Place::default());
    }

    fn text_at(&self, slot: Slot, at: usize) -> Option<&str> {
        match TextPlace(self.cells.get(slot, at)).found() {
            Found::Nowhere => None,
            Found::Shared(id) => Some(self.texts.get(id)),
            Found::Named(place) => Some(self.names.get(place)),
            Found::Within(start, length) => {
                let bytes = self.objects.bytes(self.place(slot));
                std::str::from_utf8(bytes.get(start..start + length)?).ok()
            }
        }
    }

    pub(super) fn datum(&self, slot: Slot, column: usize) -> Datum<'_> {
        let Some(at) = self.fields.get(column).copied() else {
            return Datum::Absent;
        };
        match self.kind.columns[column].value {
            ValueType::Text => {
                let text = self.text_at(slot, at);
                text.map_or(Datum::Absent, |text| Datum::Text(Cow::Borrowed(text)))
            }
            ValueType::Number => {
                let cells = &self.cells;
                match (cells.number(slot, at), cells.number(slot, at + 2)) {
                    (NONE, _) => Datum::Absent,
                    (figure, NONE) => Datum::Number(figure),
                    (figure, last) => Datum::Count(figure, Some(last)),
                }
            }
            ValueType::Ratio => match [at, at + 1].map(|at| self.cells.get(slot, at)) {
                [NO_SHARE, _] => Datum::Absent,
                shares => {
                    let [part, whole] = shares.map(|share| i64::from(share as i32));
                    Datum::Ratio(part, whole)
                }
            },
            ValueType::Age => {
                let time = self.cells.number(slot, at);
                Datum::time(Some(time).filter(|time| *time != NONE))
            }
            ValueType::Quantity => self.kind.columns[column].read_object(&self.object(slot)),
        }
    }

    fn text_of(&self, slot: Slot, column: Option<usize>) -> &str {
        let at = column.and_then(|column| self.fields.get(column));
        let text = at.and_then(|at| self.text_at(slot, *at));
        text.unwrap_or_default()
    }

    pub(super) fn namespace(&self, slot: Slot) -> &str {
        self.text_of(slot, self.namespace)
    }

    pub(super) fn name(&self, slot: Slot) -> &str {
        self.text_of(slot, self.name)
    }

    pub(super) fn mark(&self, slot: Slot) -> (Mark, bool) {
        let word = self.cells.get(slot, MARK);
        let mark = MARKS.get((word & (BROKEN - 1)) as usize);
        (mark.copied().unwrap_or(Mark::Unknown), word & BROKEN != 0)
    }

    pub(super) fn word(&self, slot: Slot) -> &str {
        self.text_at(slot, WORD).unwrap_or_default()
    }

    pub(super) fn label_ids(&self, slot: Slot) -> &[(TextId, TextId)] {
        self.labels.get(self.cells.get(slot, LABELS))
    }

    /// The number of the text in a column, if it is a shared one.
    pub(super) fn text_id(&self, slot: Slot, column: usize) -> Option<TextId> {
        let at = self.fields.get(column)?;
        let is_text = self.kind.columns.get(column)?.value == ValueType::Text;
        match TextPlace(self.cells.get(slot, *at)).found() {
            Found::Shared(id) if is_text => Some(id),
            _ => None,
        }
    }

    /// Bytes taken beside the objects' own.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.texts.bytes() + self.names.bytes();
        texts + self.objects.bytes_beside() + self.labels.bytes() + self.cells.bytes()
    }
}
