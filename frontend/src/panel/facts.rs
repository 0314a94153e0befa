//! Facts, conditions, labels: what is said of the object in pairs.

use k8kat::engine::message::{Condition, Detail, Fact, Label, Link};

use crate::widget::text::link;
use crate::widget::{Element, Href, cell, mark};

/// A card with a heading, and how many there are where that says something.
pub(super) fn card(title: impl Into<String>, count: Option<usize>, body: Element) -> Element {
    let count = count.map(|count| Element::new("span", "card-count").text(count.to_string()));
    let heading = Element::new("h3", "")
        .child(Element::new("span", "").text(title.into()))
        .children(count);
    Element::new("section", "card").child(heading).child(body)
}

/// Labelled facts.
pub(super) fn facts(detail: &Detail, href: Href<'_>) -> Option<Element> {
    let fact = |fact: &Fact| {
        let label = Element::new("dt", "").text(fact.label.clone());
        [
            label,
            Element::new("dd", "").children(cell(&fact.value, href)),
        ]
    };
    let list = Element::new("dl", "facts").children(detail.facts.iter().flat_map(fact));
    (!detail.facts.is_empty()).then(|| card("Facts", None, list))
}

/// Conditions, with what is not as it should be in its ink.
pub(super) fn conditions(detail: &Detail) -> Option<Element> {
    let list = Element::new("ul", "conditions").children(detail.conditions.iter().map(condition));
    (!detail.conditions.is_empty()).then(|| card("Conditions", None, list))
}

fn condition(one: &Condition) -> Element {
    let said = if one.text.is_empty() {
        &one.status
    } else {
        &one.text
    };
    let text = Element::new("span", "condition-text")
        .with("title", said.clone())
        .text(said.clone());
    Element::new("li", "")
        .child(mark(one.mark))
        .child(Element::new("span", "condition-name").text(one.name.clone()))
        .child(Element::new("span", "sr-only").text(one.status.clone()))
        .child(text)
        .child(Element::new("span", "age").text(one.age.clone()))
}

/// Labels lead to what else carries them; annotations lead nowhere.
pub(super) fn labels(title: &str, labels: &[Label], href: Href<'_>) -> Option<Element> {
    let list = Element::new("ul", "labels").children(labels.iter().map(|one| label(one, href)));
    (!labels.is_empty()).then(|| card(title, Some(labels.len()), list))
}

fn label(label: &Label, href: Href<'_>) -> Element {
    let text = [
        Element::new("span", "label-key").text(label.key.clone()),
        Element::new("span", "label-value").text(format!("={}", label.value)),
    ];
    let item = Element::new("li", "");
    match &label.query {
        Some(query) => item.child(link(&Link::Query(query.clone()), href).children(text)),
        None => item.children(text),
    }
}
