//! Figures of many objects, as a query asks for them.

use std::cmp::Ordering;

use k8kat::query::{Field, Function, Query, Sort};

use crate::cell::{Cell, Object, print, word_of_nothing};
use crate::reference::{order, shown};

/// One row for each combination of what the query groups by.
pub(crate) fn groups(query: &Query, objects: &[Object<'_>]) -> Vec<String> {
    let mut groups: Vec<(Vec<Cell>, Vec<Object<'_>>)> = Vec::new();
    for object in objects {
        let keys: Vec<Cell> = query
            .group
            .iter()
            .map(|field| shown(&field.value, *object))
            .collect();
        match groups.iter_mut().find(|(known, _)| *known == keys) {
            Some((_, members)) => members.push(*object),
            None => groups.push((keys, vec![*object])),
        }
    }
    if query.group.is_empty() && groups.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    let value = |(keys, members): &(Vec<Cell>, Vec<Object<'_>>), field: &Field| -> Cell {
        let name = field.to_string();
        let key = query.group.iter().position(|group| group.value == *field);
        let figure = query
            .aggregates
            .iter()
            .find(|figure| figure.value.to_string() == name);
        match (key, figure) {
            (Some(key), _) => keys[key].clone(),
            (_, Some(figure)) => {
                self::figure(figure.value.function, figure.value.field.as_ref(), members)
            }
            _ if name == "count" => Cell::Number(i64::try_from(members.len()).unwrap_or_default()),
            _ => Cell::Absent,
        }
    };
    groups.sort_by(|a, b| {
        let mut by: Vec<Sort> = query.sort.iter().map(|sort| sort.value.clone()).collect();
        if by.is_empty() {
            let field = Field::Named("count".to_owned());
            by.push(Sort {
                field,
                descending: true,
            });
        }
        let mut orders = by.iter().map(|sort| {
            order(
                &value(a, &sort.field),
                &value(b, &sort.field),
                sort.descending,
            )
        });
        let first = orders.find(|order| order.is_ne());
        first.unwrap_or_else(|| {
            let mut keys = a.0.iter().zip(&b.0).map(|(a, b)| order(a, b, false));
            keys.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        })
    });
    groups.iter().map(|group| row(query, group)).collect()
}

fn row(query: &Query, (keys, members): &(Vec<Cell>, Vec<Object<'_>>)) -> String {
    let word = |field: &Field| match field {
        Field::Named(name) if name != "kind" => members
            .first()
            .map_or("", |first| word_of_nothing(first.kind, name)),
        _ => "<none>",
    };
    let keys = keys
        .iter()
        .zip(&query.group)
        .map(|(key, field)| print(key, word(&field.value)));
    let figures = query.aggregates.iter().map(|one| {
        let found = figure(one.value.function, one.value.field.as_ref(), members);
        match (one.value.function, found) {
            (Function::Average, Cell::Number(hundredths)) => {
                let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            }
            (_, found) => print(&found, "<none>"),
        }
    });
    let count = query
        .aggregates
        .is_empty()
        .then(|| members.len().to_string());
    keys.chain(figures)
        .chain(count)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// A figure of objects; an average in hundredths.
fn figure(function: Function, field: Option<&Field>, objects: &[Object<'_>]) -> Cell {
    let count = |count: usize| Cell::Number(i64::try_from(count).unwrap_or_default());
    let Some(field) = field else {
        return count(objects.len());
    };
    let mut values: Vec<Cell> = objects.iter().map(|object| shown(field, *object)).collect();
    values.retain(|value| *value != Cell::Absent);
    let numbers = values.iter().filter_map(|value| match value {
        Cell::Number(number) | Cell::Ratio(number, _) | Cell::Amount(number) => Some(*number),
        _ => None,
    });
    let sum: i64 = numbers.sum();
    let are_amounts = matches!(values.first(), Some(Cell::Amount(_)));
    let total = i64::try_from(values.len()).unwrap_or_default();
    match function {
        Function::Count => count(values.len()),
        Function::Distinct => {
            let mut seen: Vec<&Cell> = Vec::new();
            for value in &values {
                if !seen.contains(&value) {
                    seen.push(value);
                }
            }
            count(seen.len())
        }
        Function::Sum if are_amounts => Cell::Amount(sum),
        Function::Sum => Cell::Number(sum),
        Function::Average if values.is_empty() => Cell::Absent,
        Function::Average if are_amounts => Cell::Amount((sum + total - 1) / total),
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        Function::Average => {
            Cell::Number((sum as f64 / values.len() as f64 * 100.0).round() as i64)
        }
        Function::Least | Function::Most => {
            let descending = function == Function::Most;
            values.sort_by(|a, b| order(a, b, descending));
            values.first().cloned().unwrap_or(Cell::Absent)
        }
    }
}
