//! The outlines that states are known by. They differ in shape, so they read in grey.

use k8kat::engine::message::Mark;

use super::Element;

/// A mark; the word always stands beside it or is the label of what holds it.
pub(crate) fn mark(mark: Mark) -> Element {
    Element::new("svg", format!("mark {}", class(mark)))
        .with("viewBox", "0 0 12 12")
        .with("aria-hidden", "true")
        .child(Element::new("path", "").with("d", outline(mark)))
}

/// The class that gives a state's ink.
pub(crate) fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Running => "is-run",
        Mark::Completed => "is-done",
        Mark::Pending => "is-wait",
        Mark::NotReady | Mark::Degraded => "is-warn",
        Mark::Failed => "is-bad",
        Mark::Terminating => "is-gone",
        Mark::Unknown => "is-unk",
    }
}

/// One path each, filled by the even-odd rule; ticks and dashes are drawn as thin areas.
fn outline(mark: Mark) -> &'static str {
    match mark {
        Mark::Running => "M6 1.7a4.3 4.3 0 1 0 0 8.6 4.3 4.3 0 0 0 0-8.6z",
        Mark::Completed => "M1.6 6.5l1.2-1.2 2.1 2.1 4.4-4.9 1.3 1.1-5.6 6.3z",
        Mark::Pending => {
            "M5.2 1.2h1.6v1.5H5.2zM5.2 9.3h1.6v1.5H5.2zM1.2 5.2h1.5v1.6H1.2zM9.3 5.2h1.5v1.6H9.3z\
             M2 3.1L3.1 2l1.1 1.1-1.1 1.1zM7.8 8.9l1.1-1.1L10 8.9 8.9 10z\
             M2 8.9l1.1-1.1 1.1 1.1L3.1 10zM7.8 3.1L8.9 2 10 3.1 8.9 4.2z"
        }
        Mark::NotReady => {
            "M6 1.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zM6 2.6a3.4 3.4 0 0 1 0 6.8z"
        }
        Mark::Failed => {
            "M6 .2L11.8 6 6 11.8.2 6zM6 5.1L4.7 3.8l-.9.9L5.1 6 3.8 7.3l.9.9L6 6.9l1.3 1.3.9-.9L6.9 6\
             l1.3-1.3-.9-.9z"
        }
        Mark::Degraded => "M6 .8L11.6 10.8H.4zM5.3 4.2h1.4v3.2H5.3zM5.3 8.2h1.4v1.3H5.3z",
        Mark::Terminating => {
            "M6 1.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6zM6 2.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 \
             0-7zM4 5.3h4v1.4H4z"
        }
        Mark::Unknown => {
            "M3.6 4.6C3.6 2.9 4.6 1.8 6.1 1.8s2.5 1 2.5 2.4c0 1-.5 1.6-1.1 2.1-.6.5-.8.7-.8 1.4H5.3\
             c0-1.2.4-1.7 1.1-2.2.5-.4.8-.7.8-1.3s-.4-1-1.1-1c-.8 0-1.2.5-1.2 1.4zM5.2 8.6h1.6v1.6\
             H5.2z"
        }
    }
}
