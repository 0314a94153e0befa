//! Pieces of text in their tones, and what a click on them opens.

use k8kat::engine::message::{Cell, Link, TextSpan, Tone};
use leptos::either::Either;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::mark;

/// How links are followed; given by the app as context, so that no widget knows the address.
#[derive(Clone, Copy)]
pub(crate) struct Links {
    pub(crate) href: Callback<Link, String>,
    pub(crate) follow: Callback<Link>,
}

/// Mark, text and link of a cell.
pub(crate) fn cell(cell: &Cell) -> impl IntoView + use<> {
    draw(cell, "0")
}

/// The same in a grid, which is one stop of the Tab key for all its cells.
pub(crate) fn grid_cell(cell: &Cell) -> impl IntoView + use<> {
    draw(cell, "-1")
}

fn draw(cell: &Cell, tabindex: &'static str) -> impl IntoView + use<> {
    let mark = cell.mark.map(mark);
    let text = match cell.link.clone() {
        Some(to) => Either::Left(stop(to, tabindex, spans(&cell.spans))),
        None => Either::Right(spans(&cell.spans)),
    };
    view! { {mark} {text} }
}

fn spans(spans: &[TextSpan]) -> Vec<impl IntoView + use<>> {
    let span = |span: &TextSpan| view! { <span class=tone(span.tone)>{span.text.clone()}</span> };
    spans.iter().map(span).collect()
}

/// A link that the page follows itself, and that opens elsewhere as links do.
pub(crate) fn link(to: Link, text: impl IntoView) -> impl IntoView {
    stop(to, "0", text)
}

fn stop(to: Link, tabindex: &'static str, text: impl IntoView) -> impl IntoView {
    let links = expect_context::<Links>();
    let href = links.href.run(to.clone());
    let click = move |event: MouseEvent| {
        event.stop_propagation();
        if plain(&event) {
            event.prevent_default();
            links.follow.run(to.clone());
        }
    };
    view! { <a href=href tabindex=tabindex class="link" on:click=click>{text}</a> }
}

/// A click without a key that means "in a new tab".
pub(crate) fn plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

fn tone(tone: Tone) -> &'static str {
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
        Some(first) if first.is_lowercase() => {
            let rest = &reason[first.len_utf8()..];
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
    use super::*;

    #[test]
    fn reasons_become_sentences() {
        assert_eq!(sentence("there is no kind x"), "There is no kind x.");
        assert_eq!(sentence("It is. So it is."), "It is. So it is.");
        assert_eq!(sentence(""), "");
    }
}
