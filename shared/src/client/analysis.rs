//! How a query is answered: what that will take, and what it took.

use std::fmt;

use crate::plan::{Estimate, Known, Plan, number, size_words};

/// How a query would be answered.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What would be read, and who decides what.
    pub plan: Plan,
    /// What that would take.
    pub expected: Estimate,
    /// What could be read instead, and what that would take, a line each.
    pub rejected: Vec<String>,
}

impl Explanation {
    pub(super) fn of(plan: Plan, known: &Known) -> Self {
        Self {
            expected: plan.estimate(known),
            rejected: plan.rejected(known),
            plan,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.plan)?;
        match self.expected.lists {
            0 => writeln!(f, "nothing is sent")?,
            1 => writeln!(f, "read once, page by page")?,
            _ => writeln!(f, "read once, one list after the other")?,
        }
        writeln!(f, "expected: {}", self.expected)?;
        for instead in &self.rejected {
            writeln!(f, "{instead}")?;
        }
        Ok(())
    }
}

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
    /// As it was carried out, and what was expected of that.
    pub explanation: Explanation,
    /// The requests, in order.
    pub sent: Vec<Sent>,
    /// Rows of the answer.
    pub rows: usize,
    /// The versions that the lists are of.
    pub versions: Vec<String>,
}

impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.explanation)?;
        let (mut objects, mut bytes) = (0, 0);
        for sent in &self.sent {
            objects += sent.objects;
            bytes += sent.bytes;
        }
        writeln!(
            f,
            "took: {}, {}, {} for {}, as of resourceVersion {}",
            number(self.sent.len() as u64, "request"),
            number(objects as u64, "object"),
            size_words(bytes as u64),
            number(self.rows as u64, "row"),
            self.versions.join(", ")
        )?;
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
        Ok(())
    }
}
