//! The columns of the answer, whatever its rows are: objects with the usual columns of their kind or
//! with those that were asked for, or groups of them.

use super::super::answer::Answer;
use super::super::message::{Cell, Column, Link, SortOrder, Tone};
use super::cell::cell;
use super::view::namespaces;
use crate::api::label::{Requirement, Test};
use crate::plan::{Figure, Getter, Group, Placed, Shape, Shown};
use crate::query::{Atom, Expr, Field, Operator, Query, Sort, Spanned};
use crate::resource::{Catalog, Datum, Kind, ValueType};

/// One column.
#[derive(Clone, Copy)]
pub(super) enum Head<'a> {
    /// A column of the kind.
    Usual(&'static Kind, usize),
    /// A field that was asked for.
    Shown(&'a Shown),
    /// A figure of a group.
    Figure(&'a Figure),
}

/// The columns of an answer.
pub(super) fn heads(answer: &Answer) -> Vec<Head<'_>> {
    match &answer.plan.shape {
        Shape::Columns(shown) => shown.iter().map(Head::Shown).collect(),
        Shape::Groups(by, figures) => {
            let figures = figures.iter().map(Head::Figure);
            by.iter().map(Head::Shown).chain(figures).collect()
        }
        Shape::Objects => {
            // The namespace is left out where there is one for all.
            let one_namespace = namespaces(answer).len() == 1;
            let Some(part) = answer.plan.parts.first() else {
                return Vec::new();
            };
            let shown = part.kind.columns.iter().enumerate().filter(|(_, column)| {
                column.is_shown()
                    && part.can_show(column)
                    && !(one_namespace && column.name == "ns")
            });
            shown
                .map(|(index, _)| Head::Usual(part.kind, index))
                .collect()
        }
    }
}

impl Head<'_> {
    /// The column of the first kind behind it, if there is one.
    fn usual(self, answer: &Answer) -> Option<&'static crate::resource::Column> {
        let (kind, index) = match self {
            Head::Usual(kind, index) => (kind, index),
            Head::Shown(shown) => (answer.plan.parts.first()?.kind, shown.getter(0)?.column()?),
            Head::Figure(_) => return None,
        };
        kind.columns.get(index)
    }

    fn name(self) -> String {
        match self {
            Head::Usual(kind, index) => kind.columns[index].name.to_owned(),
            Head::Shown(shown) => shown.name.clone(),
            Head::Figure(figure) => figure.name.clone(),
        }
    }

    /// The head.
    pub(super) fn column(self, answer: &Answer) -> Column {
        let usual = self.usual(answer);
        let name = self.name();
        let sorted = answer.plan.order.first().filter(|(by, _)| {
            by.name == name || usual.is_some_and(|column| column.name == by.name)
        });
        let sort = sorted.map(|(_, descending)| {
            if *descending {
                SortOrder::Descending
            } else {
                SortOrder::Ascending
            }
        });
        let next = Sort {
            field: Field::read(&name),
            descending: sort == Some(SortOrder::Ascending),
        };
        let by_this = Query {
            sort: vec![Spanned::new(next)],
            ..answer.query.clone()
        };
        let title = match (usual, self) {
            (Some(column), _) => column.title.to_owned(),
            (None, Head::Figure(figure)) => title(&figure.name.replace(':', " ")),
            (None, _) => title(name.trim_start_matches("label:")),
        };
        let width = u16::try_from(title.chars().count() + 2).unwrap_or(40);
        Column {
            right: usual.map_or(
                matches!(self, Head::Figure(_)),
                crate::resource::Column::is_right,
            ),
            tail: usual.is_some_and(|column| column.tail),
            width: usual.map_or_else(|| width.clamp(12, 40), |column| column.width),
            // What was asked for is shown, however narrow the page is.
            priority: match self {
                Head::Usual(kind, index) => kind.columns[index].priority,
                _ => 0,
            },
            sort,
            sort_query: by_this.to_string(),
            name,
            title,
        }
    }

    /// The cell of an object.
    pub(super) fn cell(self, row: Placed<'_>, catalog: &Catalog, now: i64) -> Cell {
        let getter = match self {
            Head::Usual(_, index) => return cell(index, row.entry, catalog, now),
            Head::Shown(shown) => shown.getter(row.part),
            Head::Figure(_) => None,
        };
        match getter {
            Some(Getter::Column(index)) => cell(*index, row.entry, catalog, now),
            Some(Getter::State) => Cell {
                mark: Some(row.entry.mark()),
                ..Cell::from(row.entry.word())
            },
            Some(getter) => {
                let kind = row.entry.kind();
                let value = getter.get(row.entry);
                value_cell(getter.print(kind, &value, now), &value)
            }
            None => Cell::default(),
        }
    }
}

/// A value; of none, what says so may be overlooked.
fn value_cell(text: impl Into<String>, value: &Datum<'_>) -> Cell {
    let tone = if *value == Datum::Absent {
        Tone::Quiet
    } else {
        Tone::Plain
    };
    Cell::toned(text, tone)
}

/// The first letter large.
fn title(name: &str) -> String {
    if name.starts_with('{') {
        return name.to_owned();
    }
    let mut title = name.to_owned();
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}

/// The cells of a group. The first leads to its objects.
pub(super) fn group_cells(answer: &Answer, group: &Group) -> Vec<Cell> {
    let cells = group.keys.iter().chain(&group.figures);
    let mut cells: Vec<Cell> = cells
        .map(|cell| value_cell(cell.text.as_str(), &cell.value))
        .collect();
    if let (Some(query), Some(first)) = (members(answer, group), cells.first_mut()) {
        first.link = Some(Link::Query(query));
    }
    cells
}

/// The query for the objects of a group, where there is one.
pub(super) fn members(answer: &Answer, group: &Group) -> Option<String> {
    let Shape::Groups(by, _) = &answer.plan.shape else {
        return None;
    };
    let query = &answer.query;
    let mut conditions = vec![query.filter.clone()];
    for (shown, key) in by.iter().zip(&group.keys) {
        let absent = key.value == Datum::Absent;
        conditions.push(match Field::read(&shown.name) {
            Field::Label(label) => {
                let test = if absent {
                    Test::Absent
                } else {
                    Test::In(vec![key.text.clone()])
                };
                Atom::Label(Requirement::new(label, test)).into()
            }
            Field::Path(path) if absent => Expr::from(Atom::Exists(path)).negate(),
            // What a pattern would read into its text is not said.
            _ if key.text.contains('*') => return None,
            field => {
                let kind = answer.plan.kind()?;
                let column = shown.getter(0)?.column().map(|index| &kind.columns[index]);
                if column.is_some_and(|column| column.value == ValueType::Age) {
                    return None;
                }
                Atom::Compare {
                    field,
                    every: false,
                    operator: Operator::Equal,
                    values: vec![key.text.clone()],
                }
                .into()
            }
        });
    }
    let members = Query {
        from: query.from.clone(),
        kinds: query.kinds.clone(),
        filter: Expr::all(conditions),
        ..Query::default()
    };
    Some(members.to_string())
}
