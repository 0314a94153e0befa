//! Keys of members that are read of many objects, one after the other of the same type.

use std::sync::atomic::{AtomicU32, Ordering};

use super::schema::schema;

/// A key that knows where it was in the message that it was last looked for in.
#[derive(Debug)]
pub struct Key {
    pub(super) text: &'static str,
    /// One more than the number of that message, then the number of its field.
    found: AtomicU32,
}

/// A [`Key`] made where it is used, once.
macro_rules! key {
    ($text:literal) => {{
        static KEY: $crate::value::Key = $crate::value::Key::new($text);
        &KEY
    }};
}
pub(crate) use key;

impl Key {
    /// The key of a text.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            found: AtomicU32::new(0),
        }
    }
}

/// What says which member of a map or a message is meant.
pub(super) trait Named: Copy {
    fn text(&self) -> &str;

    /// The field of a message.
    fn field_of(&self, message: u16) -> Option<u16>;
}

impl Named for &str {
    #[inline(always)]
    fn text(&self) -> &str {
        self
    }

    #[inline(always)]
    fn field_of(&self, message: u16) -> Option<u16> {
        schema().named(message, self)
    }
}

impl Named for &Key {
    #[inline(always)]
    fn text(&self) -> &str {
        self.text
    }

    #[inline(always)]
    fn field_of(&self, message: u16) -> Option<u16> {
        let found = self.found.load(Ordering::Relaxed);
        if found >> 16 == u32::from(message) + 1 {
            return Some(found as u16);
        }
        let field = schema().named(message, self.text)?;
        let found = (u32::from(message) + 1) << 16 | u32::from(field);
        self.found.store(found, Ordering::Relaxed);
        Some(field)
    }
}
