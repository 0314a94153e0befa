//! Pieces of text in their tones, and what a click on them opens.

use k8kat::engine::message::{Cell, Link, TextSpan, Tone};
use leptos::ev::MouseEvent;

use super::{Element, mark};

/// The address that a link leads to, for opening it elsewhere. No widget knows addresses.
pub(crate) type Href<'a> = &'a (dyn Fn(&Link) -> String + Send + Sync);

/// Mark, text and link of a cell.
pub(crate) fn cell(cell: &Cell, href: Href<'_>) -> Vec<Element> {
    pieces(cell, href, None)
}

/// The same in a grid, which is one stop of the Tab key for all its cells.
pub(crate) fn grid_cell(cell: &Cell, href: Href<'_>) -> Vec<Element> {
    pieces(cell, href, Some("-1"))
}

fn pieces(cell: &Cell, href: Href<'_>, tabindex: Option<&'static str>) -> Vec<Element> {
    let spans = cell.spans.iter().map(span);
    let text = match &cell.link {
        Some(to) => vec![link(to, href).maybe("tabindex", tabindex).children(spans)],
        None => spans.collect(),
    };
    cell.mark.map(mark).into_iter().chain(text).collect()
}

fn span(span: &TextSpan) -> Element {
    Element::new("span", tone(span.tone)).text(span.text.clone())
}

/// A link that the page follows itself, and that opens elsewhere as links do.
pub(crate) fn link(to: &Link, href: Href<'_>) -> Element {
    let (name, value) = match to {
        Link::Object(path) => (OBJECT, path),
        Link::Query(text) => (QUERY, text),
    };
    Element::new("a", "link")
        .with("href", href(to))
        .with(name, value.clone())
}

/// The attribute of what opens an object when it is clicked.
pub(crate) const OBJECT: &str = "data-object";
/// The attribute of what runs a query.
pub(crate) const QUERY: &str = "data-query";
/// The attribute of what opens a cluster.
pub(crate) const CLUSTER: &str = "data-cluster";
/// The attribute of what does something that has a name.
pub(crate) const ACT: &str = "data-act";
/// The attribute of what does as a key does.
pub(crate) const KEY: &str = "data-key";

/// A click without a key that means "in a new tab".
pub(crate) fn plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

/// The class of a tone.
pub(crate) fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "t",
        Tone::Strong => "t-strong",
        Tone::Quiet => "t-quiet",
        Tone::Warn => "t-warn",
        Tone::Bad => "t-bad",
        Tone::Wait => "t-wait",
        Tone::Gone => "t-gone",
        Tone::Done => "t-done",
        Tone::Unknown => "t-unk",
    }
}

/// A whole sentence of a reason, which comes without capital and dot. What begins with a
/// capital is one already.
pub(crate) fn sentence(reason: &str) -> String {
    match reason.chars().next() {
        Some(first) if first.is_ascii_lowercase() => {
            let rest = &reason[1..];
            format!(
                "{}{}.",
                first.to_ascii_uppercase(),
                rest.trim_end_matches('.')
            )
        }
        _ => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use k8kat::engine::message::Mark;

    use super::*;

    #[track_caller]
    fn check(of: &Cell, drawn: &Expect) {
        let href = |link: &Link| match link {
            Link::Object(path) => format!("?o={path}"),
            Link::Query(text) => format!("?q={text}"),
        };
        let elements = grid_cell(of, &href).into_iter();
        let drawn_now: Vec<String> = elements.map(|element| element.to_string()).collect();
        drawn.assert_eq(&drawn_now.join("\n"));
    }

    #[test]
    fn cells_become_elements() {
        let text = Cell::toned("0/1", Tone::Warn);
        check(&text, &expect![[r#"<span class="t-warn">0/1</span>"#]]);
        let link = Some(Link::Object("nodes/-/n1".into()));
        let linked = Cell {
            link,
            ..text.clone()
        };
        check(
            &linked,
            &expect![[
                r#"<a class="link" href="?o=nodes/-/n1" data-object="nodes/-/n1" tabindex="-1"><span class="t-warn">0/1</span></a>"#
            ]],
        );
        let mark = Some(Mark::Running);
        check(
            &Cell { mark, ..text },
            &expect![[r#"
            <svg class="mark is-run" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 1.7a4.3 4.3 0 1 0 0 8.6 4.3 4.3 0 0 0 0-8.6z"></path></svg>
            <span class="t-warn">0/1</span>"#]],
        );
    }

    #[test]
    fn reasons_become_sentences() {
        assert_eq!(sentence("there is no kind x"), "There is no kind x.");
        assert_eq!(sentence("It is. So it is."), "It is. So it is.");
        assert_eq!(sentence(""), "");
    }
}
