//! Regular expressions: the syntax and the answers of the `regex` crate where all is ASCII, small
//! and fast. Only whether one is found is ever asked, so that it can be an automaton. However it is
//! written, a character costs at most the size of the expression, and that is limited here.

mod automaton;
mod class;
mod parse;
mod program;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use automaton::Automaton;
use program::Program;

/// The longest text of an expression, in bytes.
const LONGEST: usize = 4 << 10;

/// A regular expression, which is found anywhere in a text. Two are equal when their texts are.
#[derive(Clone)]
pub struct Regex {
    compiled: Arc<Compiled>,
}

struct Compiled {
    text: String,
    program: Program,
    /// What copies learn of texts, they learn together.
    automaton: Mutex<Automaton>,
}

impl Regex {
    /// Compiles an expression, or says why that cannot be.
    ///
    /// # Errors
    ///
    /// When it is none, or too large.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a regular expression has at most {LONGEST} bytes"));
        }
        let program = parse::parse(text)?;
        let automaton = Mutex::new(Automaton::new(&program));
        let text = text.to_owned();
        Ok(Self {
            compiled: Arc::new(Compiled {
                text,
                program,
                automaton,
            }),
        })
    }

    /// Whether it is found in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        let automaton = self.compiled.automaton.lock();
        let mut automaton = automaton.unwrap_or_else(PoisonError::into_inner);
        automaton.finds(&self.compiled.program, text)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.compiled.text
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Regex {}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.as_str())
    }
}
