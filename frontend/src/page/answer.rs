//! The answer to the query: the table, or why there is none, what it lacks, and its totals.

use k8kat::engine::message::{BlankState, Freshness, FreshnessState};
use leptos::html;
use leptos::prelude::*;

use super::badge::{class, drawing};
use super::totals::totals;
use super::{Desk, blank};
use crate::table::{self, ShownRows, Table};
use crate::widget::text::sentence;
use crate::widget::{Element, Node, button, drawn, dress, picture};

/// The rows stay where they are while a connection comes and goes.
#[component]
pub(super) fn Answer(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let blank = Memo::new(move |_| {
        let none = live.rows.with(|rows| rows.total == 0);
        live.view.with(blank::of).filter(|_| none)
    });
    let body = NodeRef::<html::Div>::new();
    dress(body, move || {
        let covers = |state| state != BlankState::Loading;
        let covered = blank.with(|blank| blank.as_ref().is_some_and(|blank| covers(blank.state)));
        let class = if covered {
            "answer-body covered"
        } else {
            "answer-body"
        };
        Element::new("div", class)
    });
    let covering = move || {
        let drawn = blank.with(|blank| blank.as_ref().map(blank::blank));
        drawn.into_iter().flatten().map(Node::from).collect()
    };
    let below = move || {
        // A blank view says it itself.
        let blank = blank.with(Option::is_some);
        let told = live.freshness.with(told).filter(|_| !blank);
        let parts = told.into_iter().chain(live.view.with(totals));
        parts.map(Node::from).collect()
    };
    view! {
        <section class="answer">
            <div class="answer-body" node_ref=body>
                <Table model=model(desk) cursor=desk.cursor />
                {drawn(covering)}
            </div>
            {drawn(below)}
        </section>
    }
}

fn model(desk: Desk) -> table::Model {
    let Desk {
        live, navigation, ..
    } = desk;
    let rows = Memo::new(move |old: Option<&ShownRows>| {
        let now_ms = js_sys::Date::now() as u64;
        live.rows.with(|rows| ShownRows::after(old, rows, now_ms))
    });
    let label = move || {
        live.view
            .with(|view| format!("{} {}", view.title, view.note))
    };
    table::Model {
        columns: Memo::new(move |_| live.view.with(|view| view.columns.clone())),
        rows,
        label: Signal::derive(label),
        answer: Signal::derive(move || live.query.with(|echo| echo.canonical.clone())),
        open_path: Signal::derive(move || navigation.object()),
        narrow: desk.narrow,
        on_open: Callback::new(move |link| desk.follow(link)),
        href: Callback::new(move |link| navigation.href(&link)),
        on_window: Callback::new(move |(first, count)| navigation.window(first, count)),
    }
}

/// What happened to the connection, and what to do.
fn told(freshness: &Freshness) -> Option<Element> {
    let tells = freshness.state != FreshnessState::Live && !freshness.reason.is_empty();
    tells.then(|| {
        Element::new("div", format!("line {}", class(freshness.state)))
            .child(picture(drawing(freshness.state)))
            .child(Element::new("p", "").text(sentence(&freshness.reason)))
            .child(button::retry("button", "Try now"))
    })
}
