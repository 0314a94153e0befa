//! How much of each object is read: no more than its metadata, where nothing else is asked for.

use super::Draft;
use crate::plan::{Content, Getter, Predicate, Relation, Shape, Shown};
use crate::resource::Kind;

/// Of the kinds asked for.
pub(super) fn pass(
    parts: &mut [Draft],
    joins: &[Relation],
    order: &[(Shown, bool)],
    shape: &Shape,
) {
    for (index, draft) in parts.iter_mut().enumerate() {
        let mut shown: Vec<&Shown> = order.iter().map(|(shown, _)| shown).collect();
        match shape {
            Shape::Objects => {}
            Shape::Columns(columns) => shown.extend(columns),
            Shape::Groups(by, figures) => {
                shown.extend(by);
                shown.extend(figures.iter().filter_map(|figure| figure.of.as_ref()));
            }
        }
        let kind = draft.kind;
        let getters = shown.iter().filter_map(|shown| shown.getter(index));
        let content = getters
            .filter(|getter| !is_metadata(getter, kind))
            .map(|getter| getter_name(getter, kind))
            .next()
            .or_else(|| content_of_filter(draft, joins));
        match (kind.listed, content) {
            (Content::Metadata, Some(name)) => {
                draft.whole_for = Some(name);
                draft.narrow(|scan| scan.content = Content::Whole);
            }
            // Rows of objects bear their state, groups do not.
            (Content::Whole, None) if matches!(shape, Shape::Groups(..)) => metadata_only(draft),
            _ => {}
        }
    }
}

/// Of what decides the answer: the relation tells what it looks at.
pub(super) fn of_related(drafts: &mut [Draft], joins: &[Relation]) {
    for (draft, relation) in drafts.iter_mut().zip(joins) {
        let content = content_of_filter(draft, joins);
        let joins = || joins_by_content(relation.inverse(), draft.kind);
        let content = content.or_else(|| joins().then(|| relation.name().to_owned()));
        match (draft.kind.listed, content) {
            (Content::Metadata, Some(name)) => {
                draft.whole_for = Some(name);
                draft.narrow(|scan| scan.content = Content::Whole);
            }
            (Content::Whole, None) => metadata_only(draft),
            _ => {}
        }
    }
}

/// Whether what stands so to others says so outside its metadata.
fn joins_by_content(relation: Relation, kind: &Kind) -> bool {
    match relation {
        Relation::Selects | Relation::Mounts | Relation::RunsOn | Relation::Concerns => true,
        // A workload is selected by the labels of its template.
        Relation::SelectedBy => kind.resource.plural != "pods",
        _ => false,
    }
}

fn metadata_only(draft: &mut Draft) {
    draft.narrow(|scan| scan.content = Content::Metadata);
}

fn is_metadata(getter: &Getter, kind: &Kind) -> bool {
    match getter {
        Getter::Column(index) => is_metadata_column(kind, *index),
        Getter::Path(path) => path.first_member() == Some("metadata"),
        Getter::Label(_) | Getter::Kind => true,
        Getter::State => kind.listed == Content::Metadata,
    }
}

/// Columns that every object has in its metadata; of kinds that are listed by metadata only, all
/// that are not marked otherwise.
fn is_metadata_column(kind: &Kind, index: usize) -> bool {
    kind.columns.get(index).is_some_and(|column| {
        matches!(column.name, "ns" | "name" | "age")
            || (kind.listed == Content::Metadata && !column.content)
    })
}

fn getter_name(getter: &Getter, kind: &Kind) -> String {
    match getter {
        Getter::Column(index) => kind
            .columns
            .get(*index)
            .map_or_else(String::new, |column| column.name.to_owned()),
        Getter::Path(path) => path.to_string(),
        Getter::Label(key) => key.clone(),
        Getter::Kind => "kind".to_owned(),
        Getter::State => "state".to_owned(),
    }
}

/// What a filter looks at that is not in the metadata.
fn content_of_filter(draft: &Draft, joins: &[Relation]) -> Option<String> {
    let kind = draft.kind;
    let mut found = None;
    for conjunct in &draft.conjuncts {
        let looks = conjunct
            .predicate
            .has(&|part| looks_at_content(part, kind, joins));
        if looks && found.is_none() {
            found =
                Some(name_of(&conjunct.predicate, kind).unwrap_or_else(|| conjunct.text.clone()));
        }
    }
    found
}

fn name_of(predicate: &Predicate, kind: &Kind) -> Option<String> {
    let column = kind.columns.get(predicate.column()?)?;
    Some(column.name.to_owned())
}

fn looks_at_content(predicate: &Predicate, kind: &Kind, joins: &[Relation]) -> bool {
    match predicate {
        Predicate::Path(at) => at.path.first_member() != Some("metadata"),
        Predicate::Selector(selected) => selected.read.first_member() != Some("metadata"),
        Predicate::Matches(getter, _) => !is_metadata(getter, kind),
        // Of a kind that is listed by metadata, the state is read from that.
        Predicate::Is(flag) => {
            *flag != crate::plan::predicate::Flag::System && kind.listed == Content::Whole
        }
        Predicate::Related(index) => {
            let relation = joins.get(*index);
            relation.is_none_or(|relation| joins_by_content(*relation, kind))
        }
        _ => predicate
            .column()
            .is_some_and(|index| !is_metadata_column(kind, index)),
    }
}
