//! The answer to the query: the table, or why there is none, what it lacks, and its totals.

use k8kat::engine::message::{BlankState, Freshness, FreshnessState, Link};
use leptos::html;
use leptos::prelude::*;

use super::badge::{class, drawing};
use super::totals::totals;
use super::{Desk, blank};
use crate::state::call;
use crate::table::{self, ShownRows, Table};
use crate::widget::text::sentence;
use crate::widget::{Element, Node, button, drawn, dress, picture};

/// The rows stay where they are while a connection comes and goes.
#[component]
pub(super) fn Answer(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let blank = move || {
        let none = live.rows.with(|rows| rows.total == 0);
        live.view.with(blank::of).filter(|_| none)
    };
    let body = NodeRef::<html::Div>::new();
    dress(body, move || {
        let covered = blank().is_some_and(|blank| blank.state != BlankState::Loading);
        let class = if covered {
            "answer-body covered"
        } else {
            "answer-body"
        };
        Element::new("div", class)
    });
    let covering = move || {
        let drawn = blank().as_ref().map(blank::blank);
        drawn.into_iter().flatten().map(Node::from).collect()
    };
    let below = move || {
        // A blank view says it itself.
        let blank = blank().is_some();
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
    let label = move |()| {
        live.view
            .with(|view| format!("{} {}", view.title, view.note))
    };
    table::Model {
        columns: Memo::new(move |_| live.view.with(|view| view.columns.clone())),
        rows,
        label: call(label),
        answer: call(move |()| live.query.with(|echo| echo.canonical.clone())),
        open_path: call(move |()| navigation.object()),
        narrow: desk.narrow,
        on_open: call(move |link| desk.follow(link)),
        href: Box::leak(Box::new(move |link: &Link| navigation.href(link))),
        on_window: call(move |(first, count)| navigation.window(first, count)),
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
