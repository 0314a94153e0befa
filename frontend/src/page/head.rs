//! The view's title, what holds for all its rows, and one mark per row.

use k8kat::engine::message::{Total, View};

use super::count::grouped;
use crate::widget::{Element, Node, mark};

/// A line above the answer.
/// The strip is drawn while rows are few enough to tell their marks apart.
pub(super) fn head(view: &View) -> Node {
    let title = Element::new("h1", "").text(view.title.clone());
    let note = Element::new("p", "view-note").text(view.note.clone());
    let strip = (!view.marks.is_empty()).then(|| {
        let label = summary(&view.totals);
        Element::new("div", "strip")
            .with("role", "img")
            .with("aria-label", label.clone())
            .with("title", label)
            .children(view.marks.iter().copied().map(mark))
    });
    Element::new("div", "view-head")
        .child(title)
        .child(note)
        .children(strip)
        .into()
}

/// `17 Running, 2 Failed`
fn summary(totals: &[Total]) -> String {
    let part = |total: &Total| format!("{} {}", grouped(total.count as u64), total.word);
    totals.iter().map(part).collect::<Vec<_>>().join(", ")
}
