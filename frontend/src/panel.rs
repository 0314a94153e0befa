//! The opened object: what it is, how it is, what it belongs with, what happened to it.

mod facts;
mod related;
mod tables;
mod timeline;
mod yaml;

use k8kat::engine::message::{Detail, DetailState, Link};
use leptos::html;
use leptos::prelude::*;

use crate::live::Live;
use crate::navigation::Navigation;
use crate::widget::text::sentence;
use crate::widget::{Button, Element, Href, Icon, Node, cell, draw, icon, mark, picture};
use facts::{conditions, facts, labels};
use related::related;
use tables::table;
use timeline::timeline;
use yaml::Yaml;

/// Beside the table, or in its place where there is no room for both.
#[component]
pub(crate) fn Panel(live: Live, navigation: Navigation) -> impl IntoView {
    let detail = live.detail;
    let said_host = NodeRef::<html::Div>::new();
    draw(said_host, move || {
        detail.with(|detail| said(&detail.state).into_iter().collect())
    });
    let known = Memo::new(move |_| {
        let known =
            |detail: &Detail| matches!(detail.state, DetailState::Shown | DetailState::Gone(_));
        detail.with(known)
    });
    view! {
        <section class="panel" aria-label="Details" tabindex="-1">
            <Heading live navigation />
            <div node_ref=said_host></div>
            <div class="panel-body">
                <Show when=move || known.get()>
                    <Show
                        when=move || !navigation.yaml.get()
                        fallback=move || view! { <Yaml text=live.yaml /> }
                    >
                        <Cards live navigation />
                    </Show>
                </Show>
            </div>
        </section>
    }
}

/// What is below the first cards comes a frame later: all at once would be felt.
#[component]
fn Cards(live: Live, navigation: Navigation) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let rest = RwSignal::new(false);
    request_animation_frame(move || {
        // By then the panel may be gone.
        let _ = rest.try_set(true);
    });
    draw(host, move || {
        let rest = rest.get();
        let href = |link: &Link| navigation.href(link);
        live.detail.with(|detail| cards(detail, rest, &href))
    });
    view! { <div class="cards" node_ref=host></div> }
}

fn cards(detail: &Detail, rest: bool, href: Href<'_>) -> Vec<Node> {
    let first = detail.tables.iter().map(|one| table(one, href));
    let first = first.chain(facts(detail, href)).chain(conditions(detail));
    if !rest {
        return first.map(Node::from).collect();
    }
    first
        .chain(related(detail, href))
        .chain(timeline(detail))
        .chain(labels("Labels", &detail.labels, href))
        .chain(labels("Annotations", &detail.annotations, href))
        .map(Node::from)
        .collect()
}

#[component]
fn Heading(live: Live, navigation: Navigation) -> impl IntoView {
    let detail = live.detail;
    let title = NodeRef::<html::Div>::new();
    draw(title, move || {
        let path = navigation.object().unwrap_or_default();
        let href = |link: &Link| navigation.href(link);
        detail.with(|detail| heading(detail, &path, &href))
    });
    let owner = Memo::new(move |_| detail.with(owner));
    let shown = move || navigation.yaml.get();
    view! {
        <header class="panel-head">
            <div class="panel-title" node_ref=title></div>
            <div class="panel-acts">
                {move || {
                    owner
                        .get()
                        .map(|path| {
                            let act = move |()| navigation.open(path.clone());
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

/// Kind, name, state. Until the object is known, its path says what was asked for.
fn heading(detail: &Detail, path: &str, href: Href<'_>) -> Vec<Node> {
    let name = if detail.name.spans.is_empty() {
        let last = path.rsplit('/').next().unwrap_or_default();
        vec![Element::new("span", "").text(last.to_owned())]
    } else {
        cell(&detail.name, href)
    };
    let class = detail.status.mark.map_or("", mark::class);
    let status = Element::new("p", format!("status {class}"));
    let status =
        (!detail.status.spans.is_empty()).then(|| status.children(cell(&detail.status, href)));
    let kind = Element::new("p", "panel-kind").text(kind_and_namespace(detail));
    [kind, Element::new("h2", "").children(name)]
        .into_iter()
        .chain(status)
        .map(Node::from)
        .collect()
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
fn said(state: &DetailState) -> Option<Node> {
    let (class, text) = match state {
        DetailState::Shown => return None,
        DetailState::Loading => ("said", "On its way …".to_owned()),
        DetailState::Gone(text) => ("said said-gone", sentence(text)),
        DetailState::Missing(text) => ("said said-missing", sentence(text)),
    };
    let trash = (class != "said").then(|| picture(Icon::Trash));
    let line = Element::new("p", class)
        .with("aria-live", "polite")
        .children(trash)
        .child(Element::new("span", "").text(text));
    Some(line.into())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use k8kat::engine::message::{Cell, Condition, DetailTable, Fact, Label, Mark};

    use super::*;

    /// One line a card.
    fn check(detail: &Detail, drawn: &Expect) {
        let href = |_: &Link| "./?".to_owned();
        let line = |node: Node| match node {
            Node::Element(element) => element.to_string(),
            Node::Text(text) => text.into_owned(),
        };
        let lines: Vec<String> = cards(detail, true, &href).into_iter().map(line).collect();
        drawn.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn an_object_becomes_cards() {
        check(&Detail::default(), &expect![[r#""#]]);
        let detail = Detail {
            facts: vec![Fact {
                label: "Node".into(),
                value: "n1".into(),
            }],
            conditions: vec![Condition {
                name: "Ready".into(),
                mark: Mark::Completed,
                status: "True".into(),
                text: String::new(),
                age: "2d".into(),
            }],
            tables: vec![DetailTable {
                title: "Ports".into(),
                columns: vec!["Port".into()],
                rows: vec![vec![Cell::from("80")]],
            }],
            labels: vec![Label {
                key: "app".into(),
                value: "web".into(),
                query: Some("pods app=web".into()),
            }],
            ..Detail::default()
        };
        check(
            &detail,
            &expect![[r#"
            <section class="card"><h3><span>Ports</span><span class="card-count">1</span></h3><div class="card-scroll" role="group" tabindex="0" aria-label="Ports"><table><thead><tr><th scope="col">Port</th></tr></thead><tbody><tr><td><span class="t">80</span></td></tr></tbody></table></div></section>
            <section class="card"><h3><span>Facts</span></h3><dl class="facts"><dt>Node</dt><dd><span class="t">n1</span></dd></dl></section>
            <section class="card"><h3><span>Conditions</span></h3><ul class="conditions"><li><svg class="mark is-done" viewBox="0 0 12 12" aria-hidden="true"><path d="M1.6 6.5l1.2-1.2 2.1 2.1 4.4-4.9 1.3 1.1-5.6 6.3z"></path></svg><span class="condition-name">Ready</span><span class="sr-only">True</span><span class="condition-text" title="True">True</span><span class="age">2d</span></li></ul></section>
            <section class="card"><h3><span>Labels</span><span class="card-count">1</span></h3><ul class="labels"><li><a class="link" href="./?" data-query="pods app=web"><span class="label-key">app</span><span class="label-value">=web</span></a></li></ul></section>"#]],
        );
    }
}
