//! Whether an object is well: the finer state behind the words that `kubectl` prints.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The finer state of an object, drawn as one of a few outlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Mark {
    /// Full disc: all is well.
    Running,
    /// Tick: ended well.
    Completed,
    /// Dashed ring: on its way.
    Pending,
    /// Half disc: runs, a probe says no.
    NotReady,
    /// Diamond with cross.
    Failed,
    /// Triangle with bar: works in part.
    Degraded,
    /// Ring with bar: asked to stop.
    Terminating,
    /// Question mark.
    Unknown,
}

/// Whether an object is well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The finer state.
    pub mark: Mark,
    /// Its word, as the detail and the totals say it.
    pub word: Cow<'static, str>,
    /// `is:broken`: somebody should look at it.
    pub broken: bool,
}

impl Health {
    /// A state that is in order.
    #[must_use]
    pub const fn fine(mark: Mark, word: &'static str) -> Self {
        Self {
            mark,
            word: Cow::Borrowed(word),
            broken: false,
        }
    }

    /// A state that somebody should look at.
    #[must_use]
    pub const fn broken(mark: Mark, word: &'static str) -> Self {
        Self {
            mark,
            word: Cow::Borrowed(word),
            broken: true,
        }
    }
}

/// What a kind computes of an object as a whole, once: whether it is well, and the cells that the
/// API server's printer computes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed<'a> {
    /// Whether it is well.
    pub health: Health,
    /// Its state in `kubectl`'s words.
    pub status: Cow<'a, str>,
    /// Parts that are ready, of so many.
    pub ready: (i64, i64),
    /// Restarts, and when the last one was.
    pub restarts: (i64, Option<i64>),
}

impl From<Health> for Printed<'_> {
    /// For kinds whose cells are all read by themselves.
    fn from(health: Health) -> Self {
        Self {
            health,
            status: Cow::Borrowed(""),
            ready: (0, 0),
            restarts: (0, None),
        }
    }
}

impl Mark {
    /// The word for all objects of one mark, whatever their own words are.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Pending => "Pending",
            Self::NotReady => "Not ready",
            Self::Failed => "Failed",
            Self::Degraded => "Degraded",
            Self::Terminating => "Terminating",
            Self::Unknown => "Unknown",
        }
    }
}
