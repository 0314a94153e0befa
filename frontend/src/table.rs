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

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use k8kat::engine::message::{Column, Link};
use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::state::{Call, State};
use crate::widget::event::within;
use crate::widget::{Element, Href, Node, dress, listen, observe};
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
    pub(crate) label: Call<(), String>,
    /// Changes when the rows are another answer, which begins at the top.
    pub(crate) answer: Call<(), String>,
    /// The path of the row that is open elsewhere.
    pub(crate) open_path: Call<(), Option<String>>,
    /// A phone: two lines a row, no head.
    pub(crate) narrow: State<bool>,
    pub(crate) on_open: Call<Link, ()>,
    /// The address of a link.
    pub(crate) href: Href<'static>,
    /// First row wanted, and how many.
    pub(crate) on_window: Call<(usize, usize), ()>,
}

/// The table.
#[component]
pub(crate) fn Table(model: Model, cursor: Cursor) -> impl IntoView {
    let container = cursor.container;
    let size = observe::size(container);
    let top_px = State::new(0.0);
    let total = Memo::new(move |_| model.rows.with(|rows| rows.total));
    let narrow = model.narrow;
    let row_px = move || if narrow.get() { 55.0 } else { 28.0 };
    let height_px = move || size.get().1 - if narrow.get() { 0.0 } else { HEAD_PX };
    let pool = Memo::new(move |_| window::pool(height_px().max(0.0), row_px()));
    let shown = move || window::visible(top_px.get(), height_px(), row_px(), total.get());
    // One row above the first, so that a row half scrolled away is still drawn.
    let first = Memo::new(move |_| shown().start.saturating_sub(1));
    let folded = move || {
        let width = size.get().0 - 4.0;
        model.columns.with(|columns| fold::fitting(columns, width))
    };
    let template = move || match narrow.get() {
        true => String::new(),
        false => {
            let shown = folded();
            model
                .columns
                .with(|columns| fold::template(columns, &shown))
        }
    };
    ask_for_rows(model, shown, total, pool);
    start_at_the_top(model, cursor, top_px);
    cursor.follow(model.rows, row_px);
    let (heads, space) = (NodeRef::<html::Div>::new(), NodeRef::<html::Div>::new());
    draw_rows(model, cursor, space, move || Place {
        first: first.get(),
        pool: pool.get(),
        row_px: row_px(),
        template: template(),
    });
    dress(container, move || {
        let shown = folded();
        let hidden = model.columns.with(|columns| fold::folded(columns, &shown));
        let class = if narrow.get() {
            "table narrow"
        } else {
            "table"
        };
        Element::new("div", class)
            .with("aria-label", (model.label)(()))
            .with("aria-rowcount", (total.get() + 1).to_string())
            .maybe(
                "aria-activedescendant",
                cursor.active_id(first.get(), pool.get()),
            )
            .with("data-folded", hidden)
    });
    dress(heads, move || {
        let shown = folded();
        let heads: Vec<Node> = model.columns.with(|columns| {
            let shown = shown.iter().filter_map(|at| columns.get(*at));
            shown.map(head).collect()
        });
        // A row without heads would be none.
        let row = (!heads.is_empty()).then_some(("row", "1"));
        Element::new("div", "head-row")
            .maybe("role", row.map(|(role, _)| role))
            .maybe("aria-rowindex", row.map(|(_, index)| index))
            .with("style:grid-template-columns", template())
            .nodes(heads)
    });
    dress(space, move || {
        let height = (total.get() as f64 * row_px()) as i64;
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

/// Which rows the pool shows, and where.
struct Place {
    first: usize,
    pool: usize,
    row_px: f64,
    template: String,
}

/// The one effect for all rows.
fn draw_rows(
    model: Model,
    cursor: Cursor,
    space: NodeRef<html::Div>,
    place: impl Fn() -> Place + 'static,
) {
    let columns = Memo::new(move |_| model.columns.with(|columns| shape(columns)));
    let pool = Rc::new(RefCell::new(Pool::default()));
    let next_frame = State::new(());
    Effect::new(move |_| {
        // What else is read here follows from the rows. The framework takes what it finds changed on the way to
        // something else for read, so they come first.
        model.rows.track();
        next_frame.get();
        let Some(space) = space.get() else { return };
        let place = place();
        let columns = columns.read();
        let (narrow, cursor, open) = (model.narrow.get(), cursor.index(), (model.open_path)(()));
        model.rows.with(|rows| {
            let screen = Screen {
                rows,
                columns: &columns,
                narrow,
                first: place.first,
                pool: place.pool,
                row_px: place.row_px,
                template: &place.template,
                cursor,
                open,
                href: model.href,
            };
            pool.borrow_mut().draw(&space, &screen);
        });
        if pool.borrow_mut().wants_frame() {
            let pool = Rc::clone(&pool);
            request_animation_frame(move || {
                if pool.borrow_mut().begin_frame() {
                    next_frame.set(());
                }
            });
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
    let index = within(event, "[aria-rowindex]")
        .and_then(|row| row.get_attribute("aria-rowindex")?.parse::<usize>().ok());
    let (Some(index), None) = (
        index.and_then(|index| index.checked_sub(2)),
        within(event, "a"),
    ) else {
        return;
    };
    cursor.set(index);
    let leads = model
        .rows
        .with_untracked(|rows| rows.at(index)?.row.leads());
    if let Some(link) = leads.filter(|_| event.detail() < 2 && !selects_text()) {
        (model.on_open)(link);
    }
}

fn selects_text() -> bool {
    let selection = window().get_selection().ok().flatten();
    selection.is_some_and(|selection| !selection.is_collapsed())
}

/// Reads the scroll position once per frame at most.
fn scrolled(container: NodeRef<html::Div>, top_px: State<f64>) -> impl Fn(web_sys::Event) {
    let waiting = State::new(false);
    move |_| {
        if waiting.get_untracked() {
            return;
        }
        waiting.set(true);
        request_animation_frame(move || {
            waiting.set(false);
            if let Some(container) = container.get_untracked() {
                top_px.set(f64::from(container.scroll_top()));
            }
        });
    }
}

fn ask_for_rows(
    model: Model,
    shown: impl Fn() -> Range<usize> + 'static,
    total: Memo<usize>,
    pool: Memo<usize>,
) {
    Effect::new(move |asked: Option<Range<usize>>| {
        let (shown, total, pool) = (shown(), total.get(), pool.get());
        let suffices = |asked: &Range<usize>| window::suffices(asked, &shown, pool, total);
        asked.filter(suffices).unwrap_or_else(|| {
            let wanted = window::wanted(&shown, pool);
            (model.on_window)((wanted.start, wanted.len()));
            wanted
        })
    });
}

fn start_at_the_top(model: Model, cursor: Cursor, top_px: State<f64>) {
    Effect::new(move |before: Option<String>| {
        let answer = (model.answer)(());
        if before.is_some_and(|before| before != answer) {
            cursor.clear();
            // To scroll to where it is already would have all laid out at once.
            if top_px.get_untracked() != 0.0
                && let Some(container) = cursor.container.get_untracked()
            {
                container.set_scroll_top(0);
            }
            top_px.set(0.0);
        }
        answer
    });
}
