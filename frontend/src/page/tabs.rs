//! The tab bar of a phone, where there are no keys.

use leptos::prelude::*;

use super::Desk;
use crate::query_bar;
use crate::widget::{Icon, icon};

/// Kinds, query, clusters, help.
#[component]
pub(super) fn Tabs(desk: Desk) -> impl IntoView {
    let kinds = move |_| desk.drawer.update(|open| *open = !*open);
    let query = move |_| query_bar::focus(desk.input);
    let clusters = move |_| desk.switcher.set(true);
    let theme = move |_| desk.theme.update(|theme| *theme = theme.next());
    view! {
        <nav class="tabs" aria-label="Page">
            <button type="button" class:on=move || desk.drawer.get() on:click=kinds>
                {icon(Icon::Kinds)} "Kinds"
            </button>
            <button type="button" on:click=query>{icon(Icon::Search)} "Query"</button>
            <button type="button" on:click=clusters>{icon(Icon::Box)} "Clusters"</button>
            <button
                type="button"
                aria-label=move || format!("Theme: {}", desk.theme.get().word())
                on:click=theme
            >
                {icon(Icon::Theme)} {move || desk.theme.get().word()}
            </button>
        </nav>
    }
}
