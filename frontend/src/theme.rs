//! Light, dark, or as the system is; kept in the browser.

use leptos::prelude::document;

use crate::storage::{THEME, store, stored};

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// The stored choice.
    pub(crate) fn stored() -> Self {
        match stored(THEME).as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// What the switch gives next.
    pub(crate) fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Puts it on the root and keeps it.
    pub(crate) fn apply(self) {
        store(THEME, self.word());
        if let Some(root) = document().document_element() {
            // An attribute with a plain name is never refused.
            let _ = root.set_attribute("data-theme", self.word());
        }
    }
}
