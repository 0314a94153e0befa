//! The foot of the table: rows by state, and sums.

use k8kat::engine::message::{BlankState, Total, View};

use super::count::grouped;
use crate::widget::text::QUERY;
use crate::widget::{Element, mark};

/// Nothing before there is an answer.
pub(super) fn totals(view: &View) -> Option<Element> {
    is_counted(view).then(|| counted(view))
}

/// Whether the figures speak of something that was read: none of what could not be is no zero.
pub(super) fn is_counted(view: &View) -> bool {
    let none = view.blank.as_ref().map(|blank| blank.state);
    !view.columns.is_empty() && matches!(none, None | Some(BlankState::NoMatch | BlankState::Empty))
}

/// Each state is a way to see only its rows.
fn counted(view: &View) -> Element {
    let all = Element::new("span", "total")
        .child(figure(grouped(view.matched as u64)))
        .text(format!(" {}", view.noun));
    let sums = Element::new("span", "sums").children(view.sums.iter().map(|text| sum(text)));
    Element::new("div", "totals")
        .with("role", "group")
        .with("tabindex", "0")
        .with("aria-label", "Totals")
        .child(all)
        .children(view.totals.iter().map(total))
        .child(sums)
}

fn total(one: &Total) -> Element {
    let element = match &one.query {
        Some(query) => Element::new("button", "total")
            .with("type", "button")
            .with(QUERY, query.clone()),
        None => Element::new("span", "total"),
    };
    element
        .child(mark(one.mark))
        .child(figure(grouped(one.count as u64)))
        .text(format!(" {}", one.word))
}

/// `17 restarts`: the figure stands out.
fn sum(text: &str) -> Element {
    let at = text.find(' ').unwrap_or(text.len());
    let (number, rest) = text.split_at(at);
    Element::new("span", "")
        .child(figure(number.to_owned()))
        .text(rest.to_owned())
}

fn figure(text: String) -> Element {
    Element::new("b", "").text(text)
}
