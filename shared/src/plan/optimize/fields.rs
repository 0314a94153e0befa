//! The few fields by which the API server selects.

use super::namespaces::exact;
use super::{Decision, Draft};
use crate::plan::predicate::{AtPath, Test};
use crate::plan::selectable::{reads_otherwise, refusal};
use crate::plan::{Known, Pattern, Predicate};

pub(super) fn pass(draft: &mut Draft, known: &Known) {
    draft.decide(|draft, predicate| match predicate {
        Predicate::Text(index, patterns) => {
            Some(column(draft, *index, patterns, true, known).unwrap_or_else(Decision::Local))
        }
        Predicate::Selector(selected) => Some(match refusal(draft.kind, &selected.field, known) {
            Ok(()) => {
                draft.require_field(&selected.field, selected.equal, &selected.value);
                Decision::Exact
            }
            Err(why) => Decision::Local(why),
        }),
        Predicate::Path(path) => at_path(draft, path, true, known),
        Predicate::Not(inner) => match &**inner {
            Predicate::Path(path) => at_path(draft, path, false, known),
            Predicate::Text(index, patterns) => {
                Some(column(draft, *index, patterns, false, known).unwrap_or_else(Decision::Local))
            }
            _ => None,
        },
        _ => None,
    });
}

/// What lies at a path is what the server reads, as long as it is there: what is missing is nothing to
/// the server, and not even that to a path.
fn at_path(draft: &mut Draft, at: &AtPath, equal: bool, known: &Known) -> Option<Decision> {
    let Test::Text(patterns) = &at.test else {
        return None;
    };
    let field = at.path.field()?;
    if reads_otherwise(draft.kind, &field).is_some() {
        return None;
    }
    if let Err(why) = refusal(draft.kind, &field, known) {
        return Some(Decision::Local(why));
    }
    let Some(values) = exact(patterns) else {
        return Some(Decision::Local("selectors know no patterns"));
    };
    if values.iter().any(String::is_empty) {
        return Some(Decision::Local(
            "the API server takes what is missing for nothing",
        ));
    }
    match values.as_slice() {
        [value] if equal => draft.require_field(&field, true, value),
        _ if equal => return Some(Decision::Local("field selectors have no OR")),
        values => {
            for value in values {
                draft.require_field(&field, false, value);
            }
        }
    }
    Some(Decision::Exact)
}

fn column(
    draft: &mut Draft,
    index: usize,
    patterns: &[Pattern],
    equal: bool,
    known: &Known,
) -> Result<Decision, &'static str> {
    let column = draft.kind.columns.get(index);
    let field = column.and_then(|column| column.selector);
    let (Some(column), Some(field)) = (column, field) else {
        return Err("the API server cannot select by this field");
    };
    refusal(draft.kind, field, known)?;
    let values = exact(patterns).ok_or("selectors know no patterns")?;
    // What kubectl prints for nothing is nothing to the server.
    if values.iter().any(|value| value == column.absent) {
        return Err("the API server does not know how kubectl prints nothing");
    }
    match values.as_slice() {
        [value] if equal => draft.require_field(field, true, value),
        _ if equal => {
            // Names are read one by one instead, if they are few.
            let is_name = field == "metadata.name";
            return if is_name {
                Ok(Decision::Open)
            } else {
                Err("field selectors have no OR")
            };
        }
        values => {
            for value in values {
                draft.require_field(field, false, value);
            }
        }
    }
    Ok(Decision::Exact)
}
