//! Line drawings, 16 by 16.

use super::Element;

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Search,
    Clear,
    Chevron,
    Menu,
    Retry,
    Person,
    Theme,
    Help,
    Braces,
    Copy,
    Owner,
    Box,
    Lock,
    Plug,
    Trash,
    Kinds,
    Live,
    CatchingUp,
    Stale,
    Partial,
    Offline,
}

/// A drawing in the ink of its surroundings; the words beside it say what it means.
pub(crate) fn picture(icon: Icon) -> Element {
    Element::new("svg", "icon")
        .with("viewBox", "0 0 16 16")
        .with("aria-hidden", "true")
        .child(Element::new("path", "").with("d", lines(icon)))
}

fn lines(icon: Icon) -> &'static str {
    match icon {
        Icon::Search => "M11.4 7a4.4 4.4 0 1 1-8.8 0 4.4 4.4 0 0 1 8.8 0zM10.3 10.3L14 14",
        Icon::Clear => "M3.5 3.5l9 9M12.5 3.5l-9 9",
        Icon::Chevron => "M4 6l4 4 4-4",
        Icon::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
        Icon::Retry => "M13 8a5 5 0 1 1-1.6-3.7M13 2.2v3h-3",
        Icon::Person => {
            "M10.5 5.2a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM3 13.5c.4-2.6 2.2-4 5-4s4.6 1.4 5 4z"
        }
        Icon::Theme => {
            "M11 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9\
             M11.9 11.9l.9.9M3.2 12.8l.9-.9M11.9 4.1l.9-.9"
        }
        Icon::Help => {
            "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM6.2 6.4C6.2 5.2 7 4.6 8 4.6s1.8.7 1.8 1.7c0 1.4-1.8 \
             1.5-1.8 3M8 11.2v.4"
        }
        Icon::Braces => {
            "M6 2.5c-1.7 0-1.7.8-1.7 2.5S4.3 8 2.8 8c1.5 0 1.5 1.3 1.5 3s0 2.5 1.7 2.5\
             M10 2.5c1.7 0 1.7.8 1.7 2.5s0 3 1.5 3c-1.5 0-1.5 1.3-1.5 3s0 2.5-1.7 2.5"
        }
        Icon::Copy => "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
        Icon::Owner => "M8 1.8l5.5 3v6.4l-5.5 3-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6.2",
        Icon::Box => {
            "M8 1.8l5.5 3v6.4l-5.5 3-5.5-3V4.8zM2.5 4.8L8 8l5.5-3.2M8 8v6.2M5.2 3.3L10.8 6.5"
        }
        Icon::Lock => "M3.5 7.2h9v6.3h-9zM5.3 7.2V5a2.7 2.7 0 0 1 5.4 0v2.2M8 9.8v1.2",
        Icon::Plug => {
            "M13.8 2.2l-2.6 2.6M2.2 13.8l2.6-2.6M6.3 5.1l4.6 4.6-1.5 1.5a3.25 3.25 0 0 1-4.6-4.6z\
             M7.5 3.9L9 2.4M12.1 8.5l1.5-1.5M8.4 4.6l1.5-1.5M11.4 7.6l1.5-1.5"
        }
        Icon::Trash => "M2.5 4.2h11M6 4.2V2.5h4v1.7M4 4.2l.6 9.3h6.8l.6-9.3M6.6 6.8v4M9.4 6.8v4",
        Icon::Kinds => "M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z",
        Icon::Live => {
            "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM10 8a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM9 8a1 1 0 1 1-2 0 1 1 0 0 1 2 0z"
        }
        Icon::CatchingUp => "M8 2.5A5.5 5.5 0 1 1 2.8 6.2",
        Icon::Stale => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.6V8l2.3 1.6",
        Icon::Partial => {
            "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 5v6M9.5 4.5v7M11 5.2v5.6M8 2.5v11M12.5 6.5v3"
        }
        Icon::Offline => "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM3.8 3.8l8.4 8.4",
    }
}
