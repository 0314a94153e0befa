//! From the objects that were read to the rows of the answer: which match, in what order, and what
//! is made of many.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use super::{Context, Figure, Getter, Matched, Plan, Shape, Shown};
use crate::api::quantity::Quantity;
use crate::query::Function;
use crate::resource::{Datum, Kind, ValueType};
use crate::sort::{first_by, sort_by};
use crate::store::Entry;

/// An object of the answer, and the part of the plan that it is of.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// Index into [`Plan::parts`].
    pub part: usize,
    /// The object.
    pub entry: Entry<'a>,
}

/// An object of the answer with what decides its place, read once: names of objects lie far apart in
/// memory, and each is compared many times.
#[derive(Debug)]
pub struct Keyed<'a> {
    /// The object.
    pub placed: Placed<'a>,
    values: Vec<Datum<'a>>,
    namespace: &'a str,
    name: &'a str,
}

/// One value of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// As it is shown.
    pub text: String,
    /// As it is sorted.
    pub value: Datum<'static>,
}

/// All objects that are alike in what the answer is grouped by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub keys: Vec<Cell>,
    /// Figures of them.
    pub figures: Vec<Cell>,
    /// How many they are.
    pub count: usize,
}

impl Plan {
    /// What decides the filters, out of what was read: `read` gives the objects of each of
    /// [`Plan::every_part`].
    pub fn context<'a>(&self, now: i64, read: &dyn Fn(usize) -> Vec<Entry<'a>>) -> Context<'a> {
        self.context_of(0, now, read)
    }

    /// The same for one of [`Plan::every_part`]: what may decide its own filter.
    pub fn context_of<'a>(
        &self,
        part: usize,
        now: i64,
        read: &dyn Fn(usize) -> Vec<Entry<'a>>,
    ) -> Context<'a> {
        let mut context = Context::at(now);
        // Of what is related each refers to earlier ones only.
        let earlier = part.checked_sub(self.parts.len());
        let related = self.related.iter().zip(self.parts.len()..);
        for (related, index) in related.take(earlier.unwrap_or(usize::MAX)) {
            let mut entries = read(index);
            entries.retain(|entry| related.part.filter.holds(*entry, &context));
            let matched = Matched::new(related.relation, entries.into_iter());
            context.matched.push(matched);
        }
        context
    }

    /// The objects of the answer, in order and within the limit, which of groups is one of groups.
    pub fn select<'a>(
        &self,
        context: &Context<'_>,
        read: &dyn Fn(usize) -> Vec<Entry<'a>>,
    ) -> Vec<Placed<'a>> {
        let parts = self.parts.iter().zip(0..);
        let rows = parts.flat_map(|(part, index)| {
            let entries = read(index).into_iter();
            let matching = entries.filter(|entry| part.filter.holds(*entry, context));
            matching.map(move |entry| Placed { part: index, entry })
        });
        if matches!(self.shape, Shape::Groups(..)) {
            return rows.collect();
        }
        let keyed = rows.map(|row| self.keyed(row));
        let (first, _) = first_by(keyed, self.most_rows(), |a, b| self.compare(a, b));
        first.into_iter().map(|row| row.placed).collect()
    }

    /// How many objects the answer has at most.
    #[must_use]
    pub fn most_rows(&self) -> usize {
        match self.shape {
            Shape::Groups(..) => usize::MAX,
            _ => self.limit.unwrap_or(usize::MAX),
        }
    }

    /// An object of the answer, ready to be compared with others.
    #[must_use]
    pub fn keyed<'a>(&self, placed: Placed<'a>) -> Keyed<'a> {
        let order = self.order.iter();
        Keyed {
            values: order.map(|(shown, _)| shown.get(placed)).collect(),
            namespace: placed.entry.namespace(),
            name: placed.entry.name(),
            placed,
        }
    }

    /// The order of two objects of the answer.
    #[must_use]
    pub fn compare(&self, a: &Keyed<'_>, b: &Keyed<'_>) -> Ordering {
        let values = a.values.iter().zip(&b.values);
        for ((one, two), (_, descending)) in values.zip(&self.order) {
            let order = order(one, two, *descending);
            if order.is_ne() {
                return order;
            }
        }
        let parts = a.placed.part.cmp(&b.placed.part);
        parts
            .then_with(|| a.namespace.cmp(b.namespace))
            .then_with(|| a.name.cmp(b.name))
    }

    /// The groups of the answer, in order and within the limit; none when it has no groups.
    #[must_use]
    pub fn groups(&self, rows: &[Placed<'_>], now: i64) -> Vec<Group> {
        let Shape::Groups(by, figures) = &self.shape else {
            return Vec::new();
        };
        let mut members: HashMap<Vec<Datum<'_>>, Vec<Placed<'_>>> = HashMap::new();
        for row in rows {
            let key = by.iter().map(|shown| shown.get(*row)).collect();
            members.entry(key).or_default().push(*row);
        }
        // Of nothing there are still none.
        if by.is_empty() {
            members.entry(Vec::new()).or_default();
        }
        let group = |(_, members): (Vec<Datum<'_>>, Vec<Placed<'_>>)| Group {
            keys: members.first().map_or_else(Vec::new, |first| {
                by.iter().map(|shown| shown.cell(*first, now)).collect()
            }),
            figures: figures
                .iter()
                .map(|figure| figure.of(&members, now))
                .collect(),
            count: members.len(),
        };
        let mut groups: Vec<Group> = members.into_iter().map(group).collect();
        sort_by(&mut groups, |a, b| self.compare_groups(a, b, by, figures));
        groups.truncate(self.limit.unwrap_or(usize::MAX));
        groups
    }

    /// As the query says, else the largest first; then by what they have in common.
    fn compare_groups(&self, a: &Group, b: &Group, by: &[Shown], figures: &[Figure]) -> Ordering {
        let value = |group: &Group, name: &str| {
            let key = by.iter().position(|shown| shown.name == name);
            let figure = figures.iter().position(|figure| figure.name == name);
            let cell = match (key, figure) {
                (Some(key), _) => group.keys.get(key),
                (_, Some(figure)) => group.figures.get(figure),
                _ if name == "count" => {
                    let count = i64::try_from(group.count).unwrap_or(i64::MAX);
                    return Datum::Number(count);
                }
                _ => None,
            };
            cell.map_or(Datum::Absent, |cell| cell.value.clone())
        };
        let keys = self.order.iter().map(|(shown, descending)| {
            order(&value(a, &shown.name), &value(b, &shown.name), *descending)
        });
        keys.into_iter()
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
            .then_with(|| {
                if self.order.is_empty() {
                    b.count.cmp(&a.count)
                } else {
                    Ordering::Equal
                }
            })
            .then_with(|| {
                let pairs = a.keys.iter().zip(&b.keys);
                let mut orders = pairs.map(|(one, two)| one.value.order(&two.value));
                orders
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            })
    }
}

/// What is absent stands last either way.
fn order(one: &Datum<'_>, two: &Datum<'_>, descending: bool) -> Ordering {
    // The younger, the smaller its age.
    let are_ages = matches!((one, two), (Datum::Time(_), Datum::Time(_)));
    let reversed = descending != are_ages;
    let absent = matches!(one, Datum::Absent) || matches!(two, Datum::Absent);
    let order = one.order(two);
    if reversed && !absent {
        order.reverse()
    } else {
        order
    }
}

impl Shown {
    /// How a part reads it.
    #[must_use]
    pub fn getter(&self, part: usize) -> Option<&Getter> {
        self.read.get(part)?.as_ref()
    }

    /// What it says of an object.
    #[must_use]
    pub fn get<'a>(&self, row: Placed<'a>) -> Datum<'a> {
        let getter = self.getter(row.part);
        getter.map_or(Datum::Absent, |getter| getter.get(row.entry))
    }

    fn is_age(&self, row: Placed<'_>) -> bool {
        self.getter(row.part)
            .is_some_and(|getter| getter.is_age(row.entry.kind()))
    }

    /// What it says of an object, to keep.
    #[must_use]
    pub fn cell(&self, row: Placed<'_>, now: i64) -> Cell {
        let value = self.get(row);
        let text = self.getter(row.part).map_or_else(String::new, |getter| {
            getter.print(row.entry.kind(), &value, now)
        });
        let value = owned(value);
        Cell { text, value }
    }
}

impl Getter {
    /// Whether it is shown as the time since.
    #[must_use]
    pub fn is_age(&self, kind: &Kind) -> bool {
        let column = self.column().and_then(|index| kind.columns.get(index));
        column.is_some_and(|column| column.value == ValueType::Age)
    }

    /// A value as it is shown.
    #[must_use]
    pub fn print(&self, kind: &Kind, value: &Datum<'_>, now: i64) -> String {
        if let Some(column) = self.column().and_then(|index| kind.columns.get(index)) {
            return column.print(value, now);
        }
        match value {
            Datum::Text(text) => text.to_string(),
            Datum::Number(number) => number.to_string(),
            Datum::Quantity(quantity) => quantity.to_string(),
            _ => "<none>".to_owned(),
        }
    }
}

fn owned(value: Datum<'_>) -> Datum<'static> {
    match value {
        Datum::Absent => Datum::Absent,
        Datum::Text(text) => Datum::Text(Cow::Owned(text.into_owned())),
        Datum::Number(number) => Datum::Number(number),
        Datum::Ratio(part, whole) => Datum::Ratio(part, whole),
        Datum::Time(time) => Datum::Time(time),
        Datum::Count(count, last) => Datum::Count(count, last),
        Datum::Quantity(quantity) => Datum::Quantity(quantity),
    }
}

impl Figure {
    /// The figure of some objects.
    #[must_use]
    pub fn of(&self, rows: &[Placed<'_>], now: i64) -> Cell {
        let count = |count: usize| {
            let number = i64::try_from(count).unwrap_or(i64::MAX);
            Cell {
                text: number.to_string(),
                value: Datum::Number(number),
            }
        };
        let Some(shown) = &self.of else {
            return count(rows.len());
        };
        let said = || rows.iter().filter(|row| shown.get(**row) != Datum::Absent);
        match self.function {
            Function::Count => count(said().count()),
            Function::Distinct => {
                let mut values: HashMap<Datum<'_>, ()> = HashMap::new();
                values.extend(said().map(|row| (shown.get(*row), ())));
                count(values.len())
            }
            Function::Least | Function::Most => {
                let largest = self.function == Function::Most;
                let extreme = said().copied().reduce(|best, row| {
                    let order = shown.get(row).order(&shown.get(best));
                    let is_better =
                        order.is_gt() == (largest != shown.is_age(row)) && order.is_ne();
                    if is_better { row } else { best }
                });
                extreme.map_or_else(nothing, |row| shown.cell(row, now))
            }
            Function::Sum | Function::Average => {
                let values: Vec<Datum<'_>> = said().map(|row| shown.get(*row)).collect();
                let quantities: Vec<Quantity> = values.iter().filter_map(quantity).collect();
                let add = |sum: Quantity, next: &Quantity| sum.checked_add(*next);
                let sum = quantities.iter().try_fold(Quantity::ZERO, add);
                match (self.function, sum) {
                    (_, None) => nothing(),
                    (Function::Sum, Some(sum)) => total(&values, sum),
                    _ if quantities.is_empty() => nothing(),
                    (_, Some(sum)) if values.iter().all(|value| value.figure().is_none()) => {
                        amount(sum.among(quantities.len()))
                    }
                    (_, Some(sum)) => average(sum, quantities.len()),
                }
            }
        }
    }
}

fn nothing() -> Cell {
    Cell {
        text: "<none>".to_owned(),
        value: Datum::Absent,
    }
}

/// Figures give a figure, quantities a quantity.
fn total(values: &[Datum<'_>], sum: Quantity) -> Cell {
    let figures = values.iter().map(Datum::figure).collect::<Option<Vec<_>>>();
    match figures {
        Some(figures) => {
            let sum = figures.into_iter().fold(0, i64::saturating_add);
            Cell {
                text: sum.to_string(),
                value: Datum::Number(sum),
            }
        }
        None => amount(sum),
    }
}

fn amount(quantity: Quantity) -> Cell {
    Cell {
        text: quantity.to_string(),
        value: Datum::Quantity(quantity),
    }
}

/// To two places.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
fn average(sum: Quantity, count: usize) -> Cell {
    let hundredths = (sum.to_f64() / count as f64 * 100.0).round() as i64;
    let text = format!("{}.{:02}", hundredths / 100, (hundredths % 100).abs());
    let text = text.trim_end_matches('0').trim_end_matches('.').to_owned();
    Cell {
        text,
        value: Datum::Number(hundredths),
    }
}

/// A figure, or a text that is a quantity.
fn quantity(value: &Datum<'_>) -> Option<Quantity> {
    match value {
        Datum::Text(text) => Quantity::parse(text),
        Datum::Quantity(quantity) => Some(*quantity),
        value => value.figure().map(Quantity::whole),
    }
}
