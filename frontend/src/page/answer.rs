//! The answer to the query: the table, or why there is none, what it lacks, and its totals.

use k8kat::engine::message::{BlankState, FreshnessState};
use leptos::prelude::*;

use super::badge::{class, picture};
use super::blank::BlankView;
use super::totals::Totals;
use super::{Desk, blank};
use crate::table::{self, ShownRows, Table};
use crate::widget::text::sentence;
use crate::widget::{Button, Icon, icon};

/// The rows stay where they are while a connection comes and goes.
#[component]
pub(super) fn Answer(desk: Desk) -> impl IntoView {
    let live = desk.live;
    let total = Memo::new(move |_| live.rows.with(|rows| rows.total));
    let blank = Memo::new(move |_| {
        let none = total.get() == 0;
        live.view.with(blank::of).filter(|_| none)
    });
    let state = Memo::new(move |_| blank.with(|blank| blank.as_ref().map(|blank| blank.state)));
    let covers = move || {
        state
            .get()
            .is_some_and(|state| state != BlankState::Loading)
    };
    view! {
        <section class="answer">
            <div class="answer-body" class:covered=covers>
                <Table model=model(desk) cursor=desk.cursor />
                {move || blank.get().map(|blank| view! { <BlankView desk blank /> })}
            </div>
            <Line desk />
            <Totals desk />
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
        on_open: Callback::new(move |path| navigation.open(path)),
        on_sort: Callback::new(move |query| navigation.run(query)),
        on_window: Callback::new(move |(first, count)| navigation.window(first, count)),
    }
}

/// What happened to the connection, and what to do.
#[component]
fn Line(desk: Desk) -> impl IntoView {
    let freshness = desk.live.freshness;
    let state = Memo::new(move |_| freshness.with(|freshness| freshness.state));
    let reason = Memo::new(move |_| freshness.with(|freshness| freshness.reason.clone()));
    // A blank view says it itself.
    let blank = move || {
        desk.live.view.with(|view| view.blank.is_some())
            && desk.live.rows.with(|rows| rows.total == 0)
    };
    let shown =
        move || state.get() != FreshnessState::Live && !reason.with(String::is_empty) && !blank();
    view! {
        <Show when=shown>
            <div class=move || format!("line {}", class(state.get()))>
                {move || icon(picture(state.get()))}
                <p>{move || reason.with(|reason| sentence(reason))}</p>
                <Button
                    text="Try now"
                    picture=Icon::Retry
                    key="r"
                    act=move |()| desk.live.retry()
                />
            </div>
        </Show>
    }
}
