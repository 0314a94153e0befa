//! The page: what stands where, and which part hears which signal.

mod answer;
mod badge;
mod banner;
mod blank;
mod clicks;
mod clusters;
mod count;
mod head;
mod help;
mod key_bar;
mod keys;
mod notice;
mod plan;
mod sidebar;
mod sign_in;
mod tabs;
mod totals;

use k8kat::engine::message::Link;
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use crate::live::Live;
use crate::navigation::Navigation;
use crate::panel::panel;
use crate::query_bar::{self, QueryBar};
use crate::state::{State, call};
use crate::table::Cursor;
use crate::theme::Theme;
use crate::widget::{Element, Icon, Node, button, dialog, drawn, dress};
use answer::Answer;
use count::grouped;

/// A phone, on which rows take two lines.
const NARROW_PX: f64 = 720.0;

/// What the parts of the page share. Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) live: Live,
    pub(crate) navigation: Navigation,
    pub(crate) cursor: Cursor,
    pub(crate) input: NodeRef<html::Input>,
    pub(crate) theme: State<Theme>,
    /// A phone.
    pub(crate) narrow: State<bool>,
    /// The drawer of kinds is open, where they are a drawer.
    pub(crate) drawer: State<bool>,
    /// The dialog that lies over the page.
    over: State<Option<Over>>,
    /// The opened object's text was copied just now.
    copied: State<bool>,
    /// How many of the opened object's cards are drawn.
    unfolded: State<usize>,
    /// `g` was pressed; the next key says where to.
    pub(crate) going: State<bool>,
}

/// What can lie over the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Help,
    Plan,
    Clusters,
}

impl Desk {
    fn new(live: Live, navigation: Navigation) -> Self {
        Self {
            live,
            navigation,
            cursor: Cursor::new(),
            input: NodeRef::new(),
            theme: State::new(Theme::stored()),
            narrow: narrow(),
            drawer: State::new(false),
            over: State::new(None),
            copied: State::new(false),
            unfolded: State::new(0),
            going: State::new(false),
        }
    }

    /// Puts the focus on the table.
    fn focus_table(self) {
        // Neither fails for elements that are in the page; a table under a blank view takes no
        // focus, and then no field shall keep it.
        if let Some(input) = self.input.get_untracked() {
            let _ = input.blur();
        }
        if let Some(table) = self.cursor.container.get_untracked() {
            let _ = table.focus();
        }
    }

    /// Goes where something leads.
    fn follow(self, link: Link) {
        match link {
            Link::Object(path) => self.navigation.open(path),
            Link::Query(query) => self.run(query),
        }
    }

    /// A dialog that can lie over the page.
    fn dialog(
        self,
        over: Over,
        label: &'static str,
        class: &'static str,
        content: impl Fn() -> Vec<Node> + 'static,
    ) -> AnyView {
        let open = move || self.over.get() == Some(over);
        dialog(label, class, open, content, move || self.over.set(None))
    }

    /// Puts the opened object's text into the clipboard.
    fn copy(self) {
        let clipboard = window().navigator().clipboard();
        // The promise fails where the person forbids it; then selecting still works.
        let _ = clipboard.write_text(&self.live.yaml.get_untracked());
        self.copied.set(true);
        let again = move || self.copied.set(false);
        set_timeout(again, std::time::Duration::from_secs(2));
    }

    fn run(self, text: String) {
        self.drawer.set(false);
        self.navigation.run(text);
    }
}

/// All of it.
#[component]
pub(crate) fn Page(live: Live, navigation: Navigation) -> impl IntoView {
    let desk = Desk::new(live, navigation);
    Effect::new(move |_| desk.theme.get().apply());
    Effect::new(move |_| document().set_title(&title(desk)));
    // The one that knows what has the focus comes first.
    clicks::listen(desk);
    keys::listen(desk);
    let opened = Memo::new(move |_| navigation.object().is_some());
    let page = NodeRef::<html::Div>::new();
    dress(page, move || {
        let parts = [
            (true, "page"),
            (opened.get(), "has-detail"),
            (desk.drawer.get(), "drawer-open"),
        ];
        let parts = parts.iter().filter(|(is, _)| *is).map(|(_, class)| *class);
        Element::new("div", parts.collect::<Vec<_>>().join(" "))
    });
    view! {
        <div class="page" node_ref=page>
            {drawn(move || vec![banner::banner(desk)])}
            {drawn(move || sidebar::sidebar(desk))}
            <main class="main">
                <div class="top">
                    {drawn(move || top(desk))}
                    <QueryBar model=bar(desk) />
                    {drawn(move || vec![live.freshness.with(badge::badge)])}
                </div>
                {drawn(move || vec![live.view.with(head::head)])}
                <div class="content">
                    <Answer desk />
                    {panel(live, navigation, desk.copied, desk.unfolded)}
                </div>
            </main>
            {key_bar::key_bar(desk)}
            {drawn(move || vec![tabs::tabs(desk)])}
            {drawn(move || vec![live.notice.with(notice::notice)])}
            {clusters::clusters(desk)}
            {help::help(desk)}
            {plan::plan(desk)}
            {sign_in::sign_in(desk)}
        </div>
    }
}

/// What stands before the query: the way to the drawer, and what is shown.
fn top(desk: Desk) -> Vec<Node> {
    let menu = button::pictured("menu", Icon::Menu, "Kinds", "menu");
    let menu = menu.truth("aria-expanded", desk.drawer.get());
    let title = Element::new("p", "top-title").with("aria-hidden", "true");
    let title = title.text(desk.live.view.with(|view| view.title.clone()));
    vec![menu.into(), title.into()]
}

fn bar(desk: Desk) -> query_bar::Model {
    let Desk {
        live, navigation, ..
    } = desk;
    query_bar::Model {
        text: call(move |()| navigation.query()),
        echo: live.query,
        completion: live.completion,
        answer: call(move |()| {
            live.view.with(|view| {
                if totals::is_counted(view) {
                    answered(view.matched, view.considered, view.took_us)
                } else {
                    String::new()
                }
            })
        }),
        on_input: call(move |text| navigation.try_out(text)),
        on_commit: call(move |text| {
            navigation.run(text);
            desk.focus_table();
        }),
        on_complete: call(move |(text, cursor)| navigation.complete(text, cursor)),
        on_leave: call(move |()| desk.focus_table()),
        input: desk.input,
    }
}

/// `23 of 1,204 · 3 ms`
fn answered(matched: usize, considered: usize, took_us: u32) -> String {
    let took = match took_us {
        ..100 => "< 0.1".to_owned(),
        100..10_000 => format!("{}.{}", took_us / 1000, took_us % 1000 / 100),
        _ => (took_us / 1000).to_string(),
    };
    format!(
        "{} of {} · {took} ms",
        grouped(matched as u64),
        grouped(considered as u64)
    )
}

fn title(desk: Desk) -> String {
    let view = desk.live.view.with(|view| view.title.clone());
    let object = desk.navigation.object();
    let name = object
        .as_deref()
        .and_then(|path| path.rsplit('/').next())
        .map(str::to_owned);
    let cluster = desk.live.opened.with(|(slug, _)| slug.clone());
    let parts = [name.unwrap_or(view), cluster, "Kapi".to_owned()];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn narrow() -> State<bool> {
    let is_narrow = || {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        width.is_some_and(|width| width <= NARROW_PX)
    };
    let narrow = State::new(is_narrow());
    window_event_listener(ev::resize, move |_| {
        if narrow.get_untracked() != is_narrow() {
            narrow.set(is_narrow());
        }
    });
    narrow
}
