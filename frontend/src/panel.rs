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
use crate::state::State;
use crate::widget::text::sentence;
use crate::widget::{Element, Href, Icon, button, cell, drawn, mark, picture};
use facts::{conditions, facts, labels};
use related::related;
use tables::table;
use timeline::timeline;
use yaml::yaml;

/// Beside the table, or in its place where there is no room for both.
pub(crate) fn panel(
    live: Live,
    navigation: Navigation,
    copied: State<bool>,
    unfolded: State<usize>,
) -> AnyView {
    let known = move || live.detail.with(|detail| is_known(&detail.state));
    let is_known = Memo::new(move |_| known());
    Effect::new(move |_| {
        if !is_known.get() {
            unfolded.set(FIRST_CARDS);
        }
    });
    let head = move || {
        let path = navigation.object().unwrap_or_default();
        let yaml = navigation.yaml.get();
        let href = |link: &Link| navigation.href(link);
        live.detail.with(|detail| {
            let said = Element::new("div", "").children(said(&detail.state));
            [heading(detail, &path, yaml, &href), said]
        })
    };
    let body = move || match (known(), navigation.yaml.get()) {
        (false, _) => None,
        (true, false) => {
            let (first, href) = (unfolded.get(), |link: &Link| navigation.href(link));
            let (cards, more) = live.detail.with(|detail| {
                let mut cards = cards(detail, &href);
                let first: Vec<Element> = cards.by_ref().take(first).collect();
                (first, cards.next().is_some())
            });
            if more {
                request_animation_frame(move || unfolded.set(first + 1));
            }
            Some(Element::new("div", "cards").children(cards))
        }
        (true, true) => Some(live.yaml.with(|text| yaml(text, copied.get()))),
    };
    drawn(move || {
        if navigation.object().is_none() {
            return Vec::new();
        }
        let panel = Element::new("section", "panel")
            .with("aria-label", "Details")
            .with("tabindex", "-1")
            .children(head())
            .child(Element::new("div", "panel-body").children(body()));
        vec![panel.into()]
    })
}

fn is_known(state: &DetailState) -> bool {
    matches!(state, DetailState::Shown | DetailState::Gone(_))
}

/// So many cards are drawn at once, and one more in each frame after that: all at once would be felt.
const FIRST_CARDS: usize = 1;

/// The cards, from the top.
fn cards<'a>(detail: &'a Detail, href: Href<'a>) -> impl Iterator<Item = Element> + 'a {
    let tables = detail.tables.iter().map(move |one| table(one, href));
    let rest = (0..6).filter_map(move |number| match number {
        0 => facts(detail, href),
        1 => conditions(detail),
        2 => related(detail, href),
        3 => timeline(detail),
        4 => labels("Labels", &detail.labels, href),
        _ => labels("Annotations", &detail.annotations, href),
    });
    tables.chain(rest)
}

/// Kind, name, state, and what can be done. Until the object is known, its path says what was
/// asked for.
fn heading(detail: &Detail, path: &str, yaml: bool, href: Href<'_>) -> Element {
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
    let title = Element::new("div", "panel-title")
        .child(Element::new("p", "panel-kind").text(kind_and_namespace(detail)))
        .child(Element::new("h2", "").children(name))
        .children(status);
    // It stands there from the start: what is being clicked must not become another button.
    let owner =
        button::keyed("button", "Owner", Icon::Owner, "o").flag("hidden", owner(detail).is_none());
    let acts = Element::new("div", "panel-acts")
        .child(owner)
        .child(button::keyed("button", "YAML", Icon::Braces, "y").truth("aria-pressed", yaml))
        .child(button::pictured(
            "close",
            Icon::Clear,
            "Close the details",
            "close",
        ));
    Element::new("header", "panel-head")
        .child(title)
        .child(acts)
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
fn said(state: &DetailState) -> Option<Element> {
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
    Some(line)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use k8kat::engine::message::{Cell, Condition, DetailTable, Fact, Label, Mark};

    use super::*;

    /// One line a card.
    fn check(detail: &Detail, drawn: &Expect) {
        let href = |_: &Link| "./?".to_owned();
        let lines: Vec<String> = cards(detail, &href).map(|card| card.to_string()).collect();
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
