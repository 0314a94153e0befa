//! The tab bar of a phone, where there are no keys.

use super::Desk;
use crate::widget::text::{ACT, KEY};
use crate::widget::{Element, Icon, Node, button, picture};

/// Kinds, query, clusters, theme.
pub(super) fn tabs(desk: Desk) -> Node {
    let theme = desk.theme.get().word();
    let kinds = if desk.drawer.get() { "on" } else { "" };
    let tab = |class, attribute, value, icon, word| {
        let tab = button::empty(class).with(attribute, value);
        tab.child(picture(icon)).text(word)
    };
    let label = format!("Theme: {theme}");
    Element::new("nav", "tabs")
        .with("aria-label", "Page")
        .child(tab(kinds, ACT, "menu", Icon::Kinds, "Kinds"))
        .child(tab("", KEY, "/", Icon::Search, "Query"))
        .child(tab("", ACT, "clusters", Icon::Box, "Clusters"))
        .child(tab("", ACT, "theme", Icon::Theme, theme).with("aria-label", label))
        .into()
}
