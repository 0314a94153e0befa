//! What happened to the object, newest first.

use k8kat::engine::message::{Detail, EventLine};

use super::facts::card;
use crate::widget::{Element, mark};

/// Its events.
pub(super) fn timeline(detail: &Detail) -> Option<Element> {
    let events = &detail.events;
    let list = Element::new("ol", "timeline").children(events.iter().map(line));
    (!events.is_empty()).then(|| card("Timeline", Some(events.len()), list))
}

fn line(event: &EventLine) -> Element {
    let times = (event.count > 1).then(|| format!("×{}", event.count));
    let times = times.map(|times| Element::new("span", "event-times").text(times));
    let said = Element::new("p", "")
        .child(Element::new("b", "").text(event.reason.clone()))
        .children(times)
        .child(Element::new("span", "event-source").text(event.source.clone()));
    let message = Element::new("p", "event-message").text(event.message.clone());
    Element::new("li", "")
        .child(Element::new("span", "age").text(event.age.clone()))
        .child(mark(event.mark))
        .child(Element::new("div", "event").child(said).child(message))
}
