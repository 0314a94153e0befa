//! One field of one object, read out of its bytes.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::api::quantity::Quantity;

/// A field's value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Datum<'a> {
    /// The object does not say.
    #[default]
    Absent,
    /// Words.
    Text(Cow<'a, str>),
    /// A figure.
    Number(i64),
    /// `3/4`
    Ratio(i64, i64),
    /// A moment, in milliseconds since 1970.
    Time(i64),
    /// How often, and when last: restarts.
    Count(i64, Option<i64>),
    /// How much: of a processor, of memory.
    Quantity(Quantity),
}

impl<'a> Datum<'a> {
    /// Words; none are absence.
    #[must_use]
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::Absent
        } else {
            Self::Text(text)
        }
    }

    /// A figure, absent when there is none.
    #[must_use]
    pub fn number(number: Option<i64>) -> Self {
        number.map_or(Self::Absent, Self::Number)
    }

    /// A moment, absent when there is none.
    #[must_use]
    pub fn time(ms: Option<i64>) -> Self {
        ms.map_or(Self::Absent, Self::Time)
    }

    /// How much, absent when nothing says so.
    #[must_use]
    pub fn quantity(quantity: Option<Quantity>) -> Self {
        quantity.map_or(Self::Absent, Self::Quantity)
    }

    /// The figure by which it is compared with a number.
    #[must_use]
    pub const fn figure(&self) -> Option<i64> {
        match self {
            Self::Number(number) | Self::Count(number, _) | Self::Ratio(number, _) => Some(*number),
            _ => None,
        }
    }

    /// The order in which rows are sorted: absence last.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(a) | Self::Count(a, _), Self::Number(b) | Self::Count(b, _)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Quantity(a), Self::Quantity(b)) => a.cmp(b),
            // 1/2 before 2/2; of equal shares the smaller first.
            (Self::Ratio(a, of_a), Self::Ratio(b, of_b)) => {
                // No share is of less than nothing, and odd ones must not make the order cyclic.
                let (of_a, of_b) = (of_a.max(&0), of_b.max(&0));
                let (left, right) = (
                    i128::from(*a) * i128::from(*of_b),
                    i128::from(*b) * i128::from(*of_a),
                );
                left.cmp(&right).then(of_a.cmp(of_b)).then(a.cmp(b))
            }
            (Self::Absent, Self::Absent) => Ordering::Equal,
            (Self::Absent, _) => Ordering::Greater,
            (_, Self::Absent) => Ordering::Less,
            _ => self.rank().cmp(&other.rank()),
        }
    }

    const fn rank(&self) -> u8 {
        match self {
            Self::Number(_) | Self::Count(..) => 0,
            Self::Ratio(..) => 1,
            Self::Quantity(_) => 2,
            Self::Time(_) => 3,
            Self::Text(_) => 4,
            Self::Absent => 5,
        }
    }
}
