//! What is read out of objects once: a column for each field of the kind, by slots. Texts that
//! many objects share are numbers; those that are each object's own stay in its bytes.

use std::borrow::Cow;

use super::texts::{TextId, Texts};
use crate::resource::{Column, Datum, Kind, Mark, ValueType};
use crate::value::{Object, ObjectRef, Sections};

/// Where a text is: nowhere, among the shared ones, or in the object's own bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(u32);

/// What a place says.
enum Found {
    Nowhere,
    Shared(TextId),
    Within(usize, usize),
}

impl Place {
    const WITHIN: u32 = 1 << 31;
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

    const fn found(self) -> Found {
        if self.0 == 0 {
            Found::Nowhere
        } else if self.0 & Self::WITHIN == 0 {
            Found::Shared(self.0 - 1)
        } else {
            let (rest, length) = (
                self.0 & !Self::WITHIN,
                self.0 & ((1 << Self::LENGTH_BITS) - 1),
            );
            Found::Within((rest >> Self::LENGTH_BITS) as usize, length as usize)
        }
    }
}

/// One column.
#[derive(Debug)]
enum Cells {
    Texts(Vec<Place>),
    /// A figure, and when it last grew.
    Figures(Vec<(i64, i64)>),
    /// Shares of counts of containers or replicas, which the API keeps in 32 bits.
    Ratios(Vec<(i32, i32)>),
    Times(Vec<i64>),
}

/// No figure, no moment.
const NONE: i64 = i64::MIN;
const NO_RATIO: (i32, i32) = (i32::MIN, i32::MIN);
const NO_STATE: (Mark, bool, Place) = (Mark::Unknown, false, Place(0));

/// All columns, and the objects that they were read from.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) kind: &'static Kind,
    pub(super) objects: Vec<Option<Object>>,
    pub(super) texts: Texts,
    cells: Vec<Cells>,
    labels: Vec<Box<[(TextId, TextId)]>>,
    states: Vec<(Mark, bool, Place)>,
    namespace: usize,
    name: Option<usize>,
}

impl Rows {
    pub(super) fn new(kind: &'static Kind) -> Self {
        let cells = |column: &Column| match column.value {
            ValueType::Text => Cells::Texts(Vec::new()),
            ValueType::Number => Cells::Figures(Vec::new()),
            ValueType::Ratio => Cells::Ratios(Vec::new()),
            ValueType::Age => Cells::Times(Vec::new()),
        };
        Self {
            kind,
            objects: Vec::new(),
            texts: Texts::default(),
            cells: kind.columns.iter().map(cells).collect(),
            labels: Vec::new(),
            states: Vec::new(),
            namespace: kind.column("ns").unwrap_or(usize::MAX),
            name: kind.column("name"),
        }
    }

    /// Room for one more.
    pub(super) fn grow(&mut self) {
        self.objects.push(None);
        self.labels.push(Box::default());
        self.states.push(NO_STATE);
        for cells in &mut self.cells {
            match cells {
                Cells::Texts(cells) => cells.push(Place::default()),
                Cells::Figures(cells) => cells.push((NONE, NONE)),
                Cells::Ratios(cells) => cells.push(NO_RATIO),
                Cells::Times(cells) => cells.push(NONE),
            }
        }
    }

    /// Reads an object into a slot, whose earlier content is cleared. Either the whole object is
    /// kept, or its metadata beside what was read.
    pub(super) fn set(&mut self, slot: usize, object: Object, whole: bool) {
        let mut sections = Sections::default();
        let read = sections.look_through(object.as_ref());
        let printed = (self.kind.print)(read);
        // New texts are held before the old ones go: most are the same, and none is moved about.
        let labels = self.hold_labels(read);
        self.release_labels(slot);
        self.labels[slot] = labels;
        let word = self.hold(&printed.health.word);
        let state = (printed.health.mark, printed.health.broken, word);
        let (.., old) = std::mem::replace(&mut self.states[slot], state);
        self.release(old);
        let kept = whole.then_some(&object);
        for (index, column) in self.kind.columns.iter().enumerate() {
            let datum = column.read(read, &printed);
            self.set_cell(index, slot, column, datum, kept);
        }
        self.objects[slot] = Some(if whole {
            object
        } else {
            object.metadata_only()
        });
    }

    fn set_cell(
        &mut self,
        index: usize,
        slot: usize,
        column: &Column,
        datum: Datum<'_>,
        kept: Option<&Object>,
    ) {
        match &mut self.cells[index] {
            Cells::Texts(_) => {
                let place = match datum {
                    Datum::Text(Cow::Borrowed(text)) if column.unique => kept
                        .and_then(|object| Place::within(object.bytes(), text))
                        .unwrap_or_else(|| self.hold(text)),
                    Datum::Text(text) => self.hold(&text),
                    _ => Place::default(),
                };
                self.set_text(index, slot, place);
            }
            Cells::Figures(cells) => {
                cells[slot] = match datum {
                    Datum::Number(figure) => (figure, NONE),
                    Datum::Count(figure, last) => (figure, last.unwrap_or(NONE)),
                    _ => (NONE, NONE),
                }
            }
            Cells::Ratios(cells) => {
                let small = |figure: i64| {
                    i32::try_from(figure.clamp(i64::from(i32::MIN) + 1, i64::from(i32::MAX)))
                        .unwrap_or_default()
                };
                cells[slot] = match datum {
                    Datum::Ratio(part, whole) => (small(part), small(whole)),
                    _ => NO_RATIO,
                }
            }
            Cells::Times(cells) => {
                cells[slot] = match datum {
                    Datum::Time(time) => time,
                    _ => NONE,
                }
            }
        }
    }

    fn set_text(&mut self, index: usize, slot: usize, place: Place) {
        if let Cells::Texts(cells) = &mut self.cells[index] {
            let old = std::mem::replace(&mut cells[slot], place);
            self.release(old);
        }
    }

    fn hold(&mut self, text: &str) -> Place {
        Place::shared(self.texts.hold(text))
    }

    fn hold_labels(&mut self, object: ObjectRef<'_>) -> Box<[(TextId, TextId)]> {
        let entries = object.metadata.get("labels").entries();
        entries
            .map(|(key, value)| {
                let value = value.text_or_empty();
                (self.texts.hold(&key), self.texts.hold(&value))
            })
            .collect()
    }

    /// Empties a slot.
    pub(super) fn clear(&mut self, slot: usize) {
        self.release_labels(slot);
        let (.., word) = std::mem::replace(&mut self.states[slot], NO_STATE);
        self.release(word);
        for index in 0..self.cells.len() {
            self.set_text(index, slot, Place::default());
        }
        self.objects[slot] = None;
    }

    fn release_labels(&mut self, slot: usize) {
        for (key, value) in std::mem::take(&mut self.labels[slot]) {
            self.texts.release(key);
            self.texts.release(value);
        }
    }

    fn release(&mut self, place: Place) {
        if let Found::Shared(id) = place.found() {
            self.texts.release(id);
        }
    }

    fn text(&self, slot: usize, place: Place) -> Option<&str> {
        match place.found() {
            Found::Nowhere => None,
            Found::Shared(id) => Some(self.texts.get(id)),
            Found::Within(start, length) => {
                let bytes = self.objects.get(slot)?.as_ref()?.bytes();
                std::str::from_utf8(bytes.get(start..start + length)?).ok()
            }
        }
    }

    pub(super) fn datum(&self, slot: usize, column: usize) -> Datum<'_> {
        match self.cells.get(column) {
            Some(Cells::Texts(cells)) => {
                let text = cells.get(slot).and_then(|place| self.text(slot, *place));
                text.map_or(Datum::Absent, |text| Datum::Text(Cow::Borrowed(text)))
            }
            Some(Cells::Figures(cells)) => match cells.get(slot) {
                None | Some((NONE, _)) => Datum::Absent,
                Some((figure, NONE)) => Datum::Number(*figure),
                Some((figure, last)) => Datum::Count(*figure, Some(*last)),
            },
            Some(Cells::Ratios(cells)) => match cells.get(slot) {
                None | Some(&NO_RATIO) => Datum::Absent,
                Some((part, whole)) => Datum::Ratio(i64::from(*part), i64::from(*whole)),
            },
            Some(Cells::Times(cells)) => {
                Datum::time(cells.get(slot).copied().filter(|time| *time != NONE))
            }
            None => Datum::Absent,
        }
    }

    fn text_of(&self, slot: usize, column: usize) -> &str {
        match self.cells.get(column) {
            Some(Cells::Texts(cells)) => {
                let place = cells.get(slot).copied().unwrap_or_default();
                self.text(slot, place).unwrap_or_default()
            }
            _ => "",
        }
    }

    pub(super) fn namespace(&self, slot: usize) -> &str {
        self.text_of(slot, self.namespace)
    }

    pub(super) fn name(&self, slot: usize) -> &str {
        self.text_of(slot, self.name.unwrap_or(usize::MAX))
    }

    pub(super) fn mark(&self, slot: usize) -> (Mark, bool) {
        let state = self.states.get(slot);
        state.map_or((Mark::Unknown, false), |(mark, broken, _)| (*mark, *broken))
    }

    pub(super) fn word(&self, slot: usize) -> &str {
        let place = self.states.get(slot).map(|(_, _, word)| *word);
        self.text(slot, place.unwrap_or_default())
            .unwrap_or_default()
    }

    pub(super) fn label_ids(&self, slot: usize) -> &[(TextId, TextId)] {
        self.labels.get(slot).map_or(&[], |labels| labels)
    }

    /// The number of the text in a column, if it is a shared one.
    pub(super) fn text_id(&self, slot: usize, column: usize) -> Option<TextId> {
        let Some(Cells::Texts(cells)) = self.cells.get(column) else {
            return None;
        };
        match cells.get(slot)?.found() {
            Found::Shared(id) => Some(id),
            _ => None,
        }
    }

    /// Bytes taken beside the objects' own.
    pub(super) fn bytes(&self) -> usize {
        let cells = |cells: &Cells| match cells {
            Cells::Texts(cells) => cells.capacity() * size_of::<Place>(),
            Cells::Figures(cells) => cells.capacity() * size_of::<(i64, i64)>(),
            Cells::Ratios(cells) => cells.capacity() * size_of::<(i32, i32)>(),
            Cells::Times(cells) => cells.capacity() * size_of::<i64>(),
        };
        self.texts.bytes()
            + self.objects.capacity() * size_of::<Option<Object>>()
            + self.cells.iter().map(cells).sum::<usize>()
            + self.labels.capacity() * size_of::<Box<[(TextId, TextId)]>>()
            + self
                .labels
                .iter()
                .map(|own| size_of_val(&**own))
                .sum::<usize>()
            + self.states.capacity() * size_of::<(Mark, bool, Place)>()
    }
}
