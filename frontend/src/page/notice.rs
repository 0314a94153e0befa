//! Something that happened to the page itself, until it is dismissed.

use crate::widget::text::ACT;
use crate::widget::{Element, Node, button};

/// A line above the keys.
pub(super) fn notice(notice: &Option<String>) -> Node {
    let line = notice.as_ref().map(|text| {
        Element::new("div", "notice")
            .child(Element::new("p", "").text(text.clone()))
            .child(button::plain("button", "Dismiss").with(ACT, "dismiss"))
    });
    Element::new("div", "")
        .with("role", "alert")
        .children(line)
        .into()
}
