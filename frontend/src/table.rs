//! A table of any length: a fixed pool of rows that move, each drawn anew only when what it
//! shows changes. It knows columns, rows and a cursor, and asks for the rows it needs.

mod cursor;
mod fold;
mod fresh;
mod head;
mod slot;
mod turns;
mod window;

use std::ops::Range;

use k8kat::engine::message::Column;
use leptos::html;
use leptos::prelude::*;

use crate::widget::observe;
use head::Head;
use slot::{MovingRow, Place};
use turns::Turns;

pub(crate) use cursor::Cursor;
pub(crate) use fresh::ShownRows;

/// Height of the head; rows begin below it.
const HEAD_PX: f64 = 30.0;

/// What the table shows and whom it tells.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) columns: Memo<Vec<Column>>,
    pub(crate) rows: Memo<ShownRows>,
    /// What it is called.
    pub(crate) label: Signal<String>,
    /// Changes when the rows are another answer, which begins at the top.
    pub(crate) answer: Signal<String>,
    /// The path of the row that is open elsewhere.
    pub(crate) open_path: Signal<Option<String>>,
    /// A phone: two lines a row, no head.
    pub(crate) narrow: Signal<bool>,
    pub(crate) on_open: Callback<String>,
    pub(crate) on_sort: Callback<String>,
    /// First row wanted, and how many.
    pub(crate) on_window: Callback<(usize, usize)>,
}

/// The table.
#[component]
pub(crate) fn Table(model: Model, cursor: Cursor) -> impl IntoView {
    let container = cursor.container;
    let size = observe::size(container);
    let row_px = Memo::new(move |_| if model.narrow.get() { 55.0 } else { 28.0 });
    let head_px = Memo::new(move |_| if model.narrow.get() { 0.0 } else { HEAD_PX });
    let top_px = RwSignal::new(0.0);
    let total = Memo::new(move |_| model.rows.with(|rows| rows.total));
    let height_px = move || size.get().1 - head_px.get();
    let pool = Memo::new(move |_| window::pool(height_px().max(0.0), row_px.get()));
    let shown =
        Memo::new(move |_| window::visible(top_px.get(), height_px(), row_px.get(), total.get()));
    let folded = Memo::new(move |_| {
        let width = size.get().0 - 4.0;
        model.columns.with(|columns| fold::fitting(columns, width))
    });
    ask_for_rows(model, shown, pool);
    start_at_the_top(model, cursor, top_px);
    cursor.follow(model.rows, row_px);
    let shape = Memo::new(move |_| {
        let bare = |column: &Column| Column {
            sort: None,
            sort_query: String::new(),
            ..column.clone()
        };
        model
            .columns
            .with(|columns| columns.iter().map(bare).collect::<Vec<_>>())
    });
    let place = Place {
        model,
        shape,
        cursor,
        row_px,
        pool,
        // One row above the first, so that a row half scrolled away is still drawn.
        first: Memo::new(move |_| shown.with(|shown| shown.start.saturating_sub(1))),
        total,
        turns: Turns::new(),
    };
    let template = move || {
        model
            .columns
            .with(|columns| folded.with(|at| fold::template(columns, at)))
    };
    let space = move || format!("{}px", (total.get() as f64 * row_px.get()) as i64);
    view! {
        <div
            class="table"
            class:narrow=move || model.narrow.get()
            role="grid"
            tabindex="0"
            node_ref=container
            aria-label=move || model.label.get()
            aria-rowcount=move || total.get() + 1
            aria-activedescendant=move || cursor.active_id(place.first.get(), pool.get())
            data-folded=move || {
                model.columns.with(|columns| folded.with(|shown| fold::folded(columns, shown)))
            }
            style=("--columns", template)
            on:scroll=scrolled(container, top_px)
        >
            <Head model folded />
            <div class="table-space" role="rowgroup" style=("height", space)>
                <For each=move || 0..pool.get() key=|number| *number let:number>
                    <MovingRow number place />
                </For>
            </div>
        </div>
    }
}

/// Reads the scroll position once per frame at most.
fn scrolled(container: NodeRef<html::Div>, top_px: RwSignal<f64>) -> impl Fn(web_sys::Event) {
    let waiting = StoredValue::new(false);
    move |_| {
        if waiting.get_value() {
            return;
        }
        waiting.set_value(true);
        request_animation_frame(move || {
            waiting.set_value(false);
            if let Some(container) = container.get_untracked() {
                top_px.set(f64::from(container.scroll_top()));
            }
        });
    }
}

fn ask_for_rows(model: Model, shown: Memo<Range<usize>>, pool: Memo<usize>) {
    let asked = StoredValue::new(0..0);
    let total = move || model.rows.with(|rows| rows.total);
    Effect::new(move |_| {
        let (shown, pool) = (shown.get(), pool.get());
        let enough = asked.with_value(|asked| window::suffices(asked, &shown, pool, total()));
        if !enough || asked.with_value(Range::is_empty) {
            let wanted = window::wanted(&shown, pool);
            asked.set_value(wanted.clone());
            model.on_window.run((wanted.start, wanted.len()));
        }
    });
}

fn start_at_the_top(model: Model, cursor: Cursor, top_px: RwSignal<f64>) {
    Effect::new(move |before: Option<String>| {
        let answer = model.answer.get();
        if before.is_some_and(|before| before != answer) {
            cursor.clear();
            top_px.set(0.0);
            if let Some(container) = cursor.container.get_untracked() {
                container.set_scroll_top(0);
            }
        }
        answer
    });
}
