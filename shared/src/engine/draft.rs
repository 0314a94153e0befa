//! A query that is still being typed and that no live scan covers: it is sent after a rest.

use crate::plan::Plan;
use crate::query::Query;

/// The rest after which it is sent.
pub(super) const REST_MS: u64 = 300;

/// What will be asked unless more is typed.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) query: Query,
    pub(super) plan: Plan,
    /// When (monotonic).
    pub(super) due: u64,
}
