//! What the engine keeps of an object beside its bytes: its identity, its labels and its fields,
//! read out once, with equal texts kept once.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use super::{Datum, Kind, Mark, ValueType};
use crate::value::ObjectRef;

/// The fields of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `metadata.uid`, or namespace and name where there is none.
    pub uid: Arc<str>,
    /// Empty for cluster-scoped objects.
    pub namespace: Arc<str>,
    /// `metadata.name`
    pub name: Arc<str>,
    /// `metadata.labels`
    pub labels: Box<[(Arc<str>, Arc<str>)]>,
    /// One per [`Kind::columns`].
    pub data: Box<[Datum]>,
    /// The finer state.
    pub mark: Mark,
    /// Its word.
    pub word: Cow<'static, str>,
    /// Whether somebody should look at it.
    pub broken: bool,
}

impl Row {
    /// Reads an object.
    pub fn read(kind: &Kind, object: ObjectRef<'_>, texts: &mut Interner) -> Self {
        let health = (kind.health)(object);
        let (namespace, name, uid) = (object.namespace(), object.name(), object.uid());
        let labels = object.metadata.get("labels").entries();
        Self {
            uid: if uid.is_empty() {
                Arc::from(format!("{namespace}/{name}"))
            } else {
                Arc::from(uid)
            },
            namespace: texts.intern(&namespace),
            name: Arc::from(name),
            labels: labels
                .map(|(key, value)| (texts.intern(&key), texts.intern(&value.text_or_empty())))
                .collect(),
            data: kind
                .columns
                .iter()
                .map(|column| match (column.read)(object) {
                    Datum::Text(text) => Datum::Text(texts.keep(text)),
                    datum => datum,
                })
                .collect(),
            mark: health.mark,
            word: health.word,
            broken: health.broken,
        }
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels
            .iter()
            .find(|(k, _)| &**k == key)
            .map(|(_, value)| &**value)
    }

    /// The order of two rows by fields (index, largest first), then by namespace and name.
    #[must_use]
    pub fn order(&self, other: &Self, kind: &Kind, keys: &[(usize, bool)]) -> Ordering {
        keys.iter()
            .map(|&(index, descending)| {
                let (a, b) = (&self.data[index], &other.data[index]);
                let absent = matches!(a, Datum::Absent) || matches!(b, Datum::Absent);
                let order = a.order(b);
                // The younger, the smaller its age; and what is absent stands last either way.
                let is_age = kind.columns[index].value == ValueType::Age;
                if !absent && (descending != is_age) {
                    order.reverse()
                } else {
                    order
                }
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
            .then_with(|| self.namespace.cmp(&other.namespace))
            .then_with(|| self.name.cmp(&other.name))
            .then_with(|| self.uid.cmp(&other.uid))
    }
}

/// Keeps each text once.
#[derive(Debug, Default)]
pub struct Interner {
    texts: HashSet<Arc<str>>,
}

impl Interner {
    /// Texts longer than this are seldom equal, and are not looked for.
    const LONGEST: usize = 96;
    /// Beyond so many texts, those that nobody holds any more are dropped.
    const CROWDED: usize = 1 << 16;

    /// The one copy of a text.
    pub fn intern(&mut self, text: &str) -> Arc<str> {
        match self.texts.get(text) {
            Some(kept) => Arc::clone(kept),
            None => self.keep(Arc::from(text)),
        }
    }

    fn keep(&mut self, text: Arc<str>) -> Arc<str> {
        if text.len() > Self::LONGEST {
            return text;
        }
        if let Some(kept) = self.texts.get(&text) {
            return Arc::clone(kept);
        }
        if self.texts.len() >= Self::CROWDED && self.texts.len().is_power_of_two() {
            self.texts.retain(|text| Arc::strong_count(text) > 1);
        }
        self.texts.insert(Arc::clone(&text));
        text
    }
}
