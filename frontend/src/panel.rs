//! The opened object: what it is, how it is, what it belongs with, what happened to it.

mod facts;
mod related;
mod tables;
mod timeline;
mod yaml;

use k8kat::engine::message::{Detail, DetailState, Link};
use leptos::prelude::*;

use crate::live::Live;
use crate::navigation::Navigation;
use crate::widget::text::sentence;
use crate::widget::{Button, Icon, cell, icon, mark};
use facts::{Conditions, Facts, Labels};
use related::RelatedList;
use tables::Tables;
use timeline::Timeline;
use yaml::Yaml;

/// Beside the table, or in its place where there is no room for both.
#[component]
pub(crate) fn Panel(live: Live, navigation: Navigation) -> impl IntoView {
    let detail = live.detail;
    let state = Memo::new(move |_| detail.with(|detail| detail.state.clone()));
    // What is below the first cards comes a frame later: all at once would be felt.
    let rest = RwSignal::new(false);
    request_animation_frame(move || {
        // By then the panel may be gone.
        let _ = rest.try_set(true);
    });
    let known = move || matches!(state.get(), DetailState::Shown | DetailState::Gone(_));
    view! {
        <section class="panel" aria-label="Details" tabindex="-1">
            <Heading live navigation />
            {move || said(state.get())}
            <div class="panel-body">
                <Show when=known>
                    <Show
                        when=move || !navigation.yaml.get()
                        fallback=move || view! { <Yaml text=live.yaml /> }
                    >
                        <div class="cards">
                            <Tables detail />
                            <Facts detail />
                            <Conditions detail />
                            <Show when=move || rest.get()>
                                <RelatedList detail />
                                <Timeline detail />
                                <Labels
                                    title="Labels"
                                    labels=|detail: &Detail| detail.labels.clone()
                                    detail
                                />
                                <Labels
                                    title="Annotations"
                                    labels=|detail: &Detail| detail.annotations.clone()
                                    detail
                                />
                            </Show>
                        </div>
                    </Show>
                </Show>
            </div>
        </section>
    }
}

#[component]
fn Heading(live: Live, navigation: Navigation) -> impl IntoView {
    let detail = live.detail;
    let name = Memo::new(move |_| detail.with(|detail| detail.name.clone()));
    let status = Memo::new(move |_| detail.with(|detail| detail.status.clone()));
    let sub = Memo::new(move |_| detail.with(kind_and_namespace));
    let owner = Memo::new(move |_| detail.with(owner));
    let state_class = move || {
        let mark = status.with(|status| status.mark);
        format!("status {}", mark.map_or("", mark::class))
    };
    // Until the object is known, its path says what was asked for.
    let title = move || {
        name.with(|name| {
            let path = navigation.object().unwrap_or_default();
            let last = path.rsplit('/').next().unwrap_or_default().to_owned();
            if name.spans.is_empty() {
                view! { <span>{last}</span> }.into_any()
            } else {
                cell(name).into_any()
            }
        })
    };
    let shown = move || navigation.yaml.get();
    view! {
        <header class="panel-head">
            <div class="panel-title">
                <p class="panel-kind">{move || sub.get()}</p>
                <h2>{title}</h2>
                <Show when=move || status.with(|status| !status.spans.is_empty())>
                    <p class=state_class>{move || status.with(cell)}</p>
                </Show>
            </div>
            <div class="panel-acts">
                {move || {
                    owner
                        .get()
                        .map(|path| {
                            let act = move |()| navigation.follow(Link::Object(path.clone()));
                            view! { <Button text="Owner" picture=Icon::Owner key="o" act /> }
                        })
                }}
                <Button
                    text="YAML"
                    picture=Icon::Braces
                    key="y"
                    pressed=Signal::derive(shown)
                    act=move |()| navigation.show_yaml(!navigation.yaml.get_untracked())
                />
                <button
                    type="button"
                    class="close"
                    aria-label="Close the details"
                    on:click=move |_| navigation.close()
                >
                    {icon(Icon::Clear)}
                </button>
            </div>
        </header>
    }
}

fn kind_and_namespace(detail: &Detail) -> String {
    match &detail.namespace {
        Some(namespace) => format!("{} in {namespace}", detail.kind),
        None => detail.kind.clone(),
    }
}

/// The path of what the object belongs to.
pub(crate) fn owner(detail: &Detail) -> Option<String> {
    let owners = detail
        .related
        .iter()
        .find(|related| related.title.starts_with("Owner"))?;
    Some(owners.items.first()?.path.clone())
}

/// Says why there is nothing, or nothing new.
fn said(state: DetailState) -> Option<impl IntoView> {
    let (class, text) = match state {
        DetailState::Shown => return None,
        DetailState::Loading => ("said", "On its way …".to_owned()),
        DetailState::Gone(text) => ("said said-gone", sentence(&text)),
        DetailState::Missing(text) => ("said said-missing", sentence(&text)),
    };
    let picture = (class != "said").then(|| icon(Icon::Trash));
    Some(view! { <p class=class aria-live="polite">{picture}<span>{text}</span></p> })
}
