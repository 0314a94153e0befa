//! What answering a query took.

use std::fmt;

use crate::plan::Plan;

/// A request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What was asked for.
    pub path: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Objects that came with it and were not there before.
    pub objects: usize,
    /// Bytes of its body.
    pub bytes: usize,
}

/// A plan, and what it came to.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// As it was carried out.
    pub plan: Plan,
    /// The requests, in order.
    pub sent: Vec<Sent>,
    /// Rows of the answer.
    pub rows: usize,
}

impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.plan)?;
        for sent in &self.sent {
            let Sent {
                path,
                status,
                objects,
                bytes,
            } = sent;
            writeln!(
                f,
                "sent GET {path}: {status}, {objects} objects, {bytes} bytes"
            )?;
        }
        writeln!(f, "{} rows", self.rows)
    }
}
