//! An object whose sections were looked through once, so that each of their members is read
//! without looking for it among the others: for those who read many.

use super::wire::Wire;
use super::{Form, ObjectRef, Shape, Value, json, protobuf};

/// Where the members of an object's sections are.
#[derive(Debug, Default)]
pub struct Sections<'a> {
    metadata: Members<'a>,
    spec: Members<'a>,
    status: Members<'a>,
}

impl<'a> Sections<'a> {
    /// The object, its sections looked through.
    #[must_use]
    pub fn look_through(&'a mut self, object: ObjectRef<'a>) -> ObjectRef<'a> {
        ObjectRef {
            metadata: self.metadata.look_through(object.metadata),
            spec: self.spec.look_through(object.spec),
            status: self.status.look_through(object.status),
            ..object
        }
    }
}

/// The members of a message or of a JSON object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members<'a> {
    /// What they are members of.
    pub(super) whole: Value<'a>,
    /// One more than where each begins: those of a message by their numbers, those of a JSON
    /// object in their order.
    starts: [u32; MOST],
}

impl Default for Members<'_> {
    fn default() -> Self {
        Self {
            whole: Value::ABSENT,
            starts: [0; MOST],
        }
    }
}

/// No section of a built-in kind has more members.
const MOST: usize = 48;

impl<'a> Members<'a> {
    /// The value, its members known; as it is where that cannot be.
    fn look_through(&'a mut self, whole: Value<'a>) -> Value<'a> {
        let known = match whole.form {
            Form::Json if whole.shape() == Shape::Map => {
                json::starts(whole.bytes, &mut self.starts)
            }
            Form::Message(_) => self.look_through_message(whole.bytes),
            _ => None,
        };
        if known.is_none() {
            return whole;
        }
        self.whole = whole;
        Value {
            bytes: whole.bytes,
            form: Form::Known(self),
        }
    }

    fn look_through_message(&mut self, bytes: &[u8]) -> Option<()> {
        u32::try_from(bytes.len()).ok()?;
        for field in Wire::new(bytes) {
            if let Some(start @ 0) = self.starts.get_mut(field.number as usize) {
                *start = field.start as u32 + 1;
            }
        }
        Some(())
    }

    pub(super) fn get(&self, key: &str) -> Option<Value<'a>> {
        let bytes = self.whole.bytes;
        match self.whole.form {
            Form::Message(message) => protobuf::get_at(bytes, message, key, &self.starts),
            _ => json::find_at(bytes, key, &self.starts).map(Value::json),
        }
    }
}
