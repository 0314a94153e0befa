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
use crate::panel::Panel;
use crate::query_bar::{self, QueryBar};
use crate::table::Cursor;
use crate::theme::Theme;
use answer::Answer;
use badge::Badge;
use banner::Banner;
use clusters::Clusters;
use count::grouped;
use head::Head;
use help::Help;
use key_bar::KeyBar;
use notice::Notice;
use plan::Plan;
use sidebar::Sidebar;
use sign_in::SignIn;
use tabs::Tabs;

/// A phone, on which rows take two lines.
const NARROW_PX: f64 = 720.0;

/// What the parts of the page share. Copies are the same one.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    pub(crate) live: Live,
    pub(crate) navigation: Navigation,
    pub(crate) cursor: Cursor,
    pub(crate) input: NodeRef<html::Input>,
    pub(crate) theme: RwSignal<Theme>,
    /// A phone.
    pub(crate) narrow: Signal<bool>,
    /// The drawer of kinds is open, where they are a drawer.
    pub(crate) drawer: RwSignal<bool>,
    pub(crate) help: RwSignal<bool>,
    pub(crate) plan: RwSignal<bool>,
    pub(crate) switcher: RwSignal<bool>,
    /// `g` was pressed; the next key says where to.
    pub(crate) going: RwSignal<bool>,
}

impl Desk {
    fn new(live: Live, navigation: Navigation) -> Self {
        Self {
            live,
            navigation,
            cursor: Cursor::new(),
            input: NodeRef::new(),
            theme: RwSignal::new(Theme::stored()),
            narrow: narrow(),
            drawer: RwSignal::new(false),
            help: RwSignal::new(false),
            plan: RwSignal::new(false),
            switcher: RwSignal::new(false),
            going: RwSignal::new(false),
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
    let opened = move || navigation.object().is_some();
    view! {
        <div class="page" class:has-detail=opened class:drawer-open=move || desk.drawer.get()>
            <Banner desk />
            <Sidebar desk />
            <div class="drawer-shade" on:click=move |_| desk.drawer.set(false)></div>
            <main class="main">
                <div class="top">
                    <button
                        type="button"
                        class="menu"
                        aria-label="Kinds"
                        aria-expanded=move || desk.drawer.get().to_string()
                        on:click=move |_| desk.drawer.update(|open| *open = !*open)
                    >
                        {crate::widget::icon(crate::widget::Icon::Menu)}
                    </button>
                    <p class="top-title" aria-hidden="true">{move || live.view.with(|view| view.title.clone())}</p>
                    <QueryBar model=bar(desk) />
                    <Badge freshness=live.freshness />
                </div>
                <Head desk />
                <div class="content">
                    <Answer desk />
                    <Show when=opened>
                        <Panel live navigation />
                    </Show>
                </div>
            </main>
            <KeyBar desk />
            <Tabs desk />
            <Notice notice=live.notice />
            <Clusters desk />
            <Help desk />
            <Plan desk />
            <SignIn desk />
        </div>
    }
}

fn bar(desk: Desk) -> query_bar::Model {
    let Desk {
        live, navigation, ..
    } = desk;
    query_bar::Model {
        text: Signal::derive(move || navigation.query()),
        echo: live.query,
        completion: live.completion,
        answer: Signal::derive(move || {
            live.view.with(|view| {
                if totals::is_counted(view) {
                    answered(view.matched, view.considered, view.took_us)
                } else {
                    String::new()
                }
            })
        }),
        on_input: Callback::new(move |text| navigation.try_out(text)),
        on_commit: Callback::new(move |text| {
            navigation.run(text);
            desk.focus_table();
        }),
        on_complete: Callback::new(move |(text, cursor)| navigation.complete(text, cursor)),
        on_leave: Callback::new(move |()| desk.focus_table()),
        on_explain: Callback::new(move |()| desk.plan.set(true)),
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

fn narrow() -> Signal<bool> {
    let is_narrow = || {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        width.is_some_and(|width| width <= NARROW_PX)
    };
    let narrow = RwSignal::new(is_narrow());
    window_event_listener(ev::resize, move |_| {
        if narrow.get_untracked() != is_narrow() {
            narrow.set(is_narrow());
        }
    });
    narrow.into()
}
