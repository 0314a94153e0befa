//! The rows on the screen: a pool of elements that are made once and move to wherever the row
//! that they show stands.

use std::sync::Arc;

use k8kat::engine::message::{Column, Mark};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::fresh::{ShownRow, ShownRows};
use super::{row, window};
use crate::scope::microseconds;
use crate::widget::{Element, Href};

/// What is on the screen.
pub(super) struct Screen<'a> {
    pub(super) rows: &'a ShownRows,
    /// Without how they sort, which is nothing to a row.
    pub(super) columns: &'a [Column],
    pub(super) narrow: bool,
    /// The first row of the pool, and how many the pool has.
    pub(super) first: usize,
    pub(super) pool: usize,
    pub(super) row_px: f64,
    /// `grid-template-columns` of every row.
    pub(super) template: &'a str,
    pub(super) cursor: Option<usize>,
    /// The path of the row that is open elsewhere.
    pub(super) open: Option<String>,
    pub(super) href: Href<'a>,
}

/// So many rows of other objects than before are drawn in one frame, or as many as can be in so long, and one at least:
/// a screen full of them at once would be felt, the more so while the browser has done little of it yet.
const AT_ONCE: usize = 8;
const AT_ONCE_US: u64 = 2_500;

/// Where rows are that show nothing: above the table. To hide them by style would have all of their
/// cells styled anew, twice.
const OUT_OF_SIGHT_PX: f64 = -1000.0;

/// The elements, and what they show.
#[derive(Default)]
pub(super) struct Pool {
    /// As many as have had their turn.
    slots: Vec<Slot>,
    turns: Turns,
    /// Whether some were left for the next.
    lacks: bool,
    /// Whether the next frame was asked for.
    asked: bool,
    /// What rows are drawn by.
    columns: Vec<Column>,
    narrow: bool,
}

/// What may still be drawn in this frame.
#[derive(Default)]
struct Turns {
    /// How many rows of other objects were.
    taken: usize,
    /// When enough time was spent on them.
    end_us: u64,
}

impl Turns {
    fn remain(&self) -> bool {
        self.taken == 0 || self.taken < AT_ONCE && microseconds() < self.end_us
    }

    fn take(&mut self) {
        if self.taken == 0 {
            self.end_us = microseconds() + AT_ONCE_US;
        }
        self.taken += 1;
    }
}

/// One of them.
struct Slot {
    host: HtmlElement,
    /// As it is now.
    element: Element,
    shown: Option<Shown>,
    top_px: f64,
    template: String,
}

/// All that a slot's looks depend on, but for what holds for all of them.
#[derive(Clone, PartialEq)]
struct Shown {
    index: usize,
    /// None while it is on its way, and where the table has fewer rows.
    row: Option<Arc<ShownRow>>,
    absent: bool,
    cursor: bool,
    open: bool,
}

impl Pool {
    /// Brings the slots that show something else up to date, as far as this frame allows.
    pub(super) fn draw(&mut self, space: &web_sys::Element, screen: &Screen<'_>) {
        if self.narrow != screen.narrow || self.columns != screen.columns {
            self.narrow = screen.narrow;
            self.columns = screen.columns.to_vec();
            self.slots.iter_mut().for_each(|slot| slot.shown = None);
        }
        for slot in self.slots.drain(screen.pool.min(self.slots.len())..) {
            slot.host.remove();
        }
        self.lacks = false;
        for number in 0..screen.pool {
            if number == self.slots.len() && !(self.turns.remain() && self.add(space)) {
                self.lacks = true;
                break;
            }
            self.lacks |= !self.slots[number].draw(number, screen, &mut self.turns);
        }
    }

    /// Whether the next frame is to be asked for, since something was drawn in this one.
    pub(super) fn wants_frame(&mut self) -> bool {
        let wants = self.lacks || self.turns.taken > 0;
        wants && !std::mem::replace(&mut self.asked, true)
    }

    /// It has come: true if there is more to draw.
    pub(super) fn begin_frame(&mut self) -> bool {
        (self.turns.taken, self.asked) = (0, false);
        self.lacks
    }

    /// One more slot; false for what no document refuses.
    fn add(&mut self, space: &web_sys::Element) -> bool {
        let Some(slot) = self.another() else {
            return false;
        };
        // What was just made can stand anywhere.
        let _ = space.append_child(&slot.host);
        self.slots.push(slot);
        true
    }

    /// A copy of the first, so that new rows are not made piece by piece.
    fn another(&self) -> Option<Slot> {
        let (host, element) = match self.slots.first() {
            Some(first) => (
                first.host.clone_node_with_deep(true).ok()?.unchecked_into(),
                first.element.clone(),
            ),
            None => (row::unknown().create()?.unchecked_into(), row::unknown()),
        };
        Some(Slot {
            host,
            element,
            shown: None,
            top_px: 0.0,
            template: String::new(),
        })
    }
}

impl Slot {
    /// False when no turn was left for what it should show. What it shows then stays,
    /// out of sight where that would be a wrong place.
    fn draw(&mut self, number: usize, screen: &Screen<'_>, turns: &mut Turns) -> bool {
        let mut shown = Shown::of(number, screen);
        let is_another = self.is_another(&shown);
        let has_turn = !is_another || turns.remain();
        if !has_turn {
            let stays = |old: &Shown| old.index == shown.index;
            if self.shown.as_ref().is_some_and(stays) {
                return false;
            }
            shown.row = None;
        } else if is_another {
            turns.take();
        }
        let top_px = match shown.row {
            Some(_) => shown.index as f64 * screen.row_px,
            None => OUT_OF_SIGHT_PX,
        };
        self.place(top_px, screen.template);
        if self.shown.as_ref() != Some(&shown) {
            let element = self.looks(number, &shown, screen);
            element.patch(&self.host, &self.element);
            (self.element, self.shown) = (element, Some(shown));
        }
        has_turn
    }

    /// Whether it is to show another object than it does.
    fn is_another(&self, shown: &Shown) -> bool {
        let now = self.shown.as_ref().and_then(Shown::uid);
        shown.row.is_some() && now != shown.uid()
    }

    /// Each row has its columns by itself: a property that all cells inherit would have all of
    /// them styled anew.
    fn place(&mut self, top_px: f64, template: &str) {
        let style = self.host.style();
        // Any text may be set; what is no style would be left out.
        if self.top_px != top_px {
            self.top_px = top_px;
            let _ = style.set_property("transform", &format!("translateY({}px)", top_px as i64));
        }
        if self.template != template {
            template.clone_into(&mut self.template);
            let _ = style.set_property("grid-template-columns", template);
        }
    }

    /// A row that is on its way keeps the cells it has, out of sight: the next ones differ little.
    fn looks(&self, number: usize, shown: &Shown, screen: &Screen<'_>) -> Element {
        let element = Element::new("div", shown.class())
            .with("id", format!("row-{number}"))
            .with("role", "row")
            .with("aria-rowindex", (shown.index + 2).to_string())
            .truth("aria-selected", shown.cursor)
            .maybe("aria-hidden", shown.row.is_none().then_some("true"));
        match &shown.row {
            Some(now) if screen.narrow => element
                .with("aria-description", now.row.word.clone())
                .children(row::two_lines(screen.columns, now, screen.href)),
            Some(now) => element
                .with("aria-description", now.row.word.clone())
                .children(row::cells(screen.columns, now, screen.href)),
            None => element.keeping(&self.element),
        }
    }
}

impl Shown {
    fn of(number: usize, screen: &Screen<'_>) -> Self {
        let index = window::row_of_slot(number, screen.first, screen.pool);
        let row = screen.rows.at(index).cloned();
        let open = row.as_ref().map(|shown| &shown.row.path);
        let open = open.filter(|path| !path.is_empty());
        Self {
            index,
            absent: index >= screen.rows.total,
            cursor: screen.cursor == Some(index),
            open: open.is_some() && open == screen.open.as_ref(),
            row,
        }
    }

    fn uid(&self) -> Option<&str> {
        Some(&self.row.as_ref()?.row.uid)
    }

    fn class(&self) -> String {
        let broken = |shown: &Arc<ShownRow>| shown.row.mark == Mark::Failed;
        let words = [
            (true, "row"),
            (self.absent, "absent"),
            (self.cursor, "cursor"),
            (self.open, "open"),
            (self.row.as_ref().is_some_and(broken), "broken"),
        ];
        let words = words
            .into_iter()
            .filter_map(|(is, word)| is.then_some(word));
        words.collect::<Vec<_>>().join(" ")
    }
}
