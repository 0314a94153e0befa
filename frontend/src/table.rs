//! A table of any length: a fixed pool of rows that move, in which only what differs is drawn. It
//! knows columns, rows and a cursor, and asks for the rows it needs.
//!
//! There are no signals per row or cell: one effect draws all of them.

mod cursor;
mod fold;
mod fresh;
mod head;
mod pool;
mod row;
mod window;

use std::ops::Range;

use k8kat::engine::message::{Column, Link};
use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::widget::{Element, Node, dress, listen, observe};
use head::head;
use pool::{Pool, Screen};

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
    pub(crate) on_open: Callback<Link>,
    /// The address of a link.
    pub(crate) href: Callback<Link, String>,
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
    // One row above the first, so that a row half scrolled away is still drawn.
    let first = Memo::new(move |_| shown.with(|shown| shown.start.saturating_sub(1)));
    let template = Memo::new(move |_| {
        if model.narrow.get() {
            return String::new();
        }
        model
            .columns
            .with(|columns| folded.with(|at| fold::template(columns, at)))
    });
    let place = Place {
        first,
        pool,
        row_px,
        template,
    };
    let (heads, space) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    draw_rows(model, cursor, space, place);
    dress(container, move || {
        let narrow = model.narrow.get();
        let hidden = model
            .columns
            .with(|columns| folded.with(|shown| fold::folded(columns, shown)));
        Element::new("div", if narrow { "table narrow" } else { "table" })
            .with("aria-label", model.label.get())
            .with("aria-rowcount", (total.get() + 1).to_string())
            .maybe(
                "aria-activedescendant",
                cursor.active_id(first.get(), pool.get()),
            )
            .with("data-folded", hidden)
    });
    dress(heads, move || {
        let heads: Vec<Node> = model.columns.with(|columns| {
            folded.with(|at| {
                at.iter()
                    .filter_map(|&at| columns.get(at))
                    .map(head)
                    .collect()
            })
        });
        // A row without heads would be none.
        let row = (!heads.is_empty()).then_some(("row", "1"));
        Element::new("div", "head-row")
            .maybe("role", row.map(|(role, _)| role))
            .maybe("aria-rowindex", row.map(|(_, index)| index))
            .with("style:grid-template-columns", template.get())
            .nodes(heads)
    });
    dress(space, move || {
        let height = (total.get() as f64 * row_px.get()) as i64;
        Element::new("div", "table-space").with("style:height", format!("{height}px"))
    });
    listen(container, "scroll", scrolled(container, top_px));
    listen(space, "click", move |event| {
        clicked(model, cursor, event.unchecked_ref());
    });
    view! {
        <div class="table" role="grid" tabindex="0" node_ref=container>
            <div class="table-head" role="rowgroup">
                <div class="head-row" node_ref=heads></div>
            </div>
            <div class="table-space" role="rowgroup" node_ref=space></div>
        </div>
    }
}

/// Which rows the pool shows.
#[derive(Clone, Copy)]
struct Place {
    first: Memo<usize>,
    pool: Memo<usize>,
    row_px: Memo<f64>,
    template: Memo<String>,
}

/// The one effect for all rows.
fn draw_rows(model: Model, cursor: Cursor, space: NodeRef<html::Div>, place: Place) {
    let shape = Memo::new(move |_| model.columns.with(|columns| shape(columns)));
    let pool = StoredValue::new_local(Pool::default());
    let href = move |link: &Link| model.href.run(link.clone());
    let next_frame = Trigger::new();
    Effect::new(move |_| {
        next_frame.track();
        let Some(space) = space.get() else { return };
        let (rows, columns, template) = (model.rows.read(), shape.read(), place.template.read());
        let screen = Screen {
            rows: &rows,
            columns: &columns,
            narrow: model.narrow.get(),
            first: place.first.get(),
            pool: place.pool.get(),
            row_px: place.row_px.get(),
            template: &template,
            cursor: cursor.index(),
            open: model.open_path.get(),
            href: &href,
        };
        let done = pool.try_update_value(|pool| pool.draw(&space, &screen));
        if done == Some(false) {
            request_animation_frame(move || next_frame.notify());
        }
    });
}

/// The columns without how they sort, which is nothing to a row.
fn shape(columns: &[Column]) -> Vec<Column> {
    let bare = |column: &Column| Column {
        sort: None,
        sort_query: String::new(),
        ..column.clone()
    };
    columns.iter().map(bare).collect()
}

/// Sets the cursor to a row and opens it. Whoever marks text with the mouse does not want that,
/// and a link leads elsewhere.
fn clicked(model: Model, cursor: Cursor, event: &MouseEvent) {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let within = |selector| target.as_ref()?.closest(selector).ok().flatten();
    let index = within("[aria-rowindex]")
        .and_then(|row| row.get_attribute("aria-rowindex")?.parse::<usize>().ok());
    let (Some(index), None) = (index.and_then(|index| index.checked_sub(2)), within("a")) else {
        return;
    };
    cursor.set(index);
    let leads = model
        .rows
        .with_untracked(|rows| rows.at(index)?.row.leads());
    if let Some(link) = leads.filter(|_| event.detail() < 2 && !selects_text()) {
        model.on_open.run(link);
    }
}

fn selects_text() -> bool {
    let selection = window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
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
