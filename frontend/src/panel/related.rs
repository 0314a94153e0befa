//! Objects that it belongs with, each a link.

use k8kat::engine::message::{Detail, Link, Related, RelatedItem};

use super::facts::card;
use crate::widget::text::link;
use crate::widget::{Element, Href, mark};

/// All of them, by how they are related.
pub(super) fn related(detail: &Detail, href: Href<'_>) -> Option<Element> {
    let told: Vec<Element> = detail
        .related
        .iter()
        .filter(|related| !related.items.is_empty() || related.problem.is_some())
        .map(|related| group(related, href))
        .collect();
    let some = !told.is_empty();
    some.then(|| {
        card(
            "Related",
            None,
            Element::new("div", "related").children(told),
        )
    })
}

fn group(related: &Related, href: Href<'_>) -> Element {
    let more = related.total > related.items.len();
    let all = related.query.as_ref().filter(|_| more).map(|query| {
        link(&Link::Query(query.clone()), href).text(format!("All {}", related.total))
    });
    let title = Element::new("h4", "")
        .text(format!("{} ", related.title))
        .children(all);
    let items = related.items.iter().map(|one| item(one, href));
    let problem = related.problem.clone();
    Element::new("section", "")
        .child(title)
        .child(Element::new("ul", "").children(items))
        .children(problem.map(|problem| Element::new("p", "quiet").text(problem)))
}

fn item(item: &RelatedItem, href: Href<'_>) -> Element {
    let name = link(&Link::Object(item.path.clone()), href).text(item.name.clone());
    Element::new("li", "")
        .child(mark(item.mark))
        .child(Element::new("span", "related-kind").text(item.kind.clone()))
        .child(Element::new("span", "related-name").child(name))
        .child(Element::new("span", "related-note").text(item.note.clone()))
}
