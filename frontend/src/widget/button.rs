//! Buttons, and the key that does the same.

use super::element::Text;
use super::text::{ACT, KEY};
use super::{Element, Icon, picture};

/// A button with words; the caller says what it does.
pub(crate) fn plain(class: &'static str, text: impl Into<Text>) -> Element {
    empty(class).child(Element::new("span", "").text(text))
}

/// A button with words and a picture before them, that does as a key does.
pub(crate) fn keyed(
    class: &'static str,
    text: impl Into<Text>,
    image: Icon,
    key: &'static str,
) -> Element {
    empty(class)
        .with(KEY, key)
        .child(picture(image))
        .child(Element::new("span", "").text(text))
        .child(cap(key))
}

/// A button that is a picture, and what it is called.
pub(crate) fn pictured(
    class: &'static str,
    image: Icon,
    label: impl Into<Text>,
    act: &'static str,
) -> Element {
    empty(class)
        .with("aria-label", label)
        .with(ACT, act)
        .child(picture(image))
}

/// The one that does as `r` does.
pub(crate) fn retry(class: &'static str, text: impl Into<Text>) -> Element {
    keyed(class, text, Icon::Retry, "r")
}

/// A button with nothing in it.
pub(crate) fn empty(class: &'static str) -> Element {
    Element::new("button", class).with("type", "button")
}

/// A key as it is drawn on a keyboard.
pub(crate) fn cap(key: &'static str) -> Element {
    Element::new("kbd", "")
        .with("aria-hidden", "true")
        .text(key)
}
