//! A modal dialog. The browser keeps the focus inside and gives it back.

use leptos::html;
use leptos::prelude::*;

use super::element::{dress, listen};
use super::{Element, Node};

/// Shown while `open`, with `content` in it; `on_close` hears of Esc and of clicks beside it.
pub(crate) fn dialog(
    label: &'static str,
    class: &'static str,
    open: impl Fn() -> bool + Send + Sync + 'static,
    content: impl Fn() -> Vec<Node> + 'static,
    on_close: impl Fn() + Clone + 'static,
) -> AnyView {
    let open = Memo::new(move |_| open());
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| show(dialog.get(), open.get()));
    dress(dialog, move || {
        let body = |content| Element::new("div", "dialog-body").nodes(content);
        let body = open.get().then(|| body(content()));
        let element = Element::new("dialog", class).with("aria-label", label);
        element.children(body)
    });
    let close = on_close.clone();
    listen(dialog, "click", move |event| {
        if event.target() == dialog.get_untracked().map(Into::into) {
            close();
        }
    });
    listen(dialog, "cancel", move |event| {
        event.prevent_default();
        on_close();
    });
    view! { <dialog node_ref=dialog></dialog> }.into_any()
}

fn show(dialog: Option<web_sys::HtmlDialogElement>, open: bool) {
    let Some(dialog) = dialog else { return };
    if open && !dialog.open() {
        // Refused only when it is open or not in the page.
        let _ = dialog.show_modal();
    } else if !open && dialog.open() {
        dialog.close();
    }
}
