//! The key sheet, and the query language on one page.

use k8kat::plan::reference::{Section, reference};
use leptos::prelude::*;

use super::keys::PLACES;
use super::plan::leave;
use super::{Desk, Over};
use crate::widget::element::Text;
use crate::widget::{Element, Node};

const KEYS: [(&str, &str); 16] = [
    ("/", "go to the query"),
    ("j", "next row, also ↓"),
    ("k", "row before, also ↑"),
    ("PgDn", "a screen on, also PgUp back"),
    ("Home", "first row, also End for the last"),
    (
        "Enter",
        "open the row, or take the first offer; in the query: run it",
    ),
    ("Esc", "close what is open"),
    ("y", "show or hide the YAML"),
    ("o", "go to the owner"),
    ("b", "only what is broken, or all again"),
    ("[", "back"),
    ("]", "on"),
    ("r", "try again what failed"),
    ("Tab", "in the query: take the candidate"),
    ("Alt Enter", "in the query: repair what is wrong"),
    ("?", "this sheet"),
];

/// All keys and the language, in a dialog.
pub(super) fn help(desk: Desk) -> AnyView {
    desk.dialog(Over::Help, "All keys", "help", sheet)
}

fn sheet() -> Vec<Node> {
    let keys = KEYS.iter().map(|(key, text)| line(cap(key), *text));
    let places = PLACES.iter().map(|(key, query)| {
        let chord = Element::new("span", "chord");
        line(chord.child(cap("g")).text(" ").child(cap(key)), *query)
    });
    let list = Element::new("ul", "help-keys").children(keys.chain(places));
    let version = concat!("Kapi ", env!("CARGO_PKG_VERSION"));
    let foot = Element::new("div", "dialog-foot")
        .child(Element::new("span", "quiet").text(version))
        .child(leave());
    let heading = |text| Element::new("h2", "").text(text).into();
    let mut sheet = vec![
        heading("All keys"),
        list.into(),
        heading("The query language"),
    ];
    sheet.extend(reference().into_iter().flat_map(section));
    sheet.push(foot.into());
    sheet
}

fn section(section: Section) -> [Node; 2] {
    let written = |written| Element::new("code", "").text(written);
    let lines = section.lines.into_iter();
    let lines = lines.map(|(text, meaning)| line(written(text), meaning));
    [
        Element::new("h3", "").text(section.title).into(),
        Element::new("ul", "help-language").children(lines).into(),
    ]
}

fn cap(key: &'static str) -> Element {
    Element::new("kbd", "").text(key)
}

fn line(what: Element, meaning: impl Into<Text>) -> Element {
    let meaning = Element::new("span", "").text(meaning);
    Element::new("li", "").child(what).text(" ").child(meaning)
}
