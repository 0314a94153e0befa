//! The heads of the columns, which sort.

use k8kat::engine::message::{Column, SortOrder};

use crate::widget::text::QUERY;
use crate::widget::{Element, Node};

/// A head: a click on it runs the query that sorts by it.
pub(super) fn head(column: &Column) -> Node {
    let side = if column.right { " right" } else { "" };
    let sorted = if column.sort.is_some() { " sorted" } else { "" };
    let order = |order| {
        Element::new("span", "head-order")
            .with("aria-hidden", "true")
            .text(sign(order))
    };
    Element::new("div", format!("head{side}{sorted}"))
        .with("role", "columnheader")
        .with("tabindex", "0")
        .with("aria-sort", aria_sort(column.sort))
        .with(QUERY, column.sort_query.clone())
        .child(Element::new("span", "head-text").text(column.title.clone()))
        .children(column.sort.map(order))
        .into()
}

fn aria_sort(order: Option<SortOrder>) -> &'static str {
    match order {
        Some(SortOrder::Ascending) => "ascending",
        Some(SortOrder::Descending) => "descending",
        None => "none",
    }
}

fn sign(order: SortOrder) -> &'static str {
    match order {
        SortOrder::Ascending => "↑",
        SortOrder::Descending => "↓",
    }
}
