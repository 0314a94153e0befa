//! An object whose sections were looked through once, so that each of their members is read
//! without looking for it among the others: for those who read many.

use super::key::Named;
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
    /// Where each begins and ends: those of a message by their numbers, from the first to the last
    /// that has it, those of a JSON object in their order. What ends at 0 is not there.
    places: [(u32, u32); MOST],
}

/// No section of a built-in kind has more members.
const MOST: usize = 48;

impl Default for Members<'_> {
    fn default() -> Self {
        Self {
            whole: Value::ABSENT,
            places: [(0, 0); MOST],
        }
    }
}

impl<'a> Members<'a> {
    /// The value, its members known; as it is where that cannot be.
    fn look_through(&'a mut self, whole: Value<'a>) -> Value<'a> {
        let known = match whole.form {
            Form::Json if whole.shape() == Shape::Map => {
                json::places(whole.bytes, &mut self.places)
            }
            Form::Message(_) => protobuf::places(whole.bytes, &mut self.places),
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

    #[inline(always)]
    pub(super) fn get(&self, key: impl Named) -> Option<Value<'a>> {
        let bytes = self.whole.bytes;
        match self.whole.form {
            Form::Message(message) => protobuf::get_at(bytes, message, key, &self.places),
            _ => json::find_at(bytes, key.text(), &self.places).map(Value::json),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::value::Object;

    /// Every member reads as it does without this.
    pub(in crate::value) fn check(object: ObjectRef<'_>) {
        let mut sections = Sections::default();
        let known = sections.look_through(object);
        for (known, plain) in [
            (known.metadata, object.metadata),
            (known.spec, object.spec),
            (known.status, object.status),
        ] {
            assert_eq!(known.to_json(), plain.to_json());
            assert_eq!(known.is_present(), plain.is_present());
            let read = |value: Value<'_>| (value.to_json(), value.items().count());
            let keys = plain.entries().map(|(key, _)| key);
            for key in keys.chain(["", "a", "name", "labels", "b\"c"].map(Into::into)) {
                assert_eq!(
                    read(known.get(&key)),
                    read(plain.get(&key)),
                    "{key} of {plain:?}"
                );
            }
        }
    }

    #[test]
    fn members_are_what_they_are_without() {
        let whole = r#"{"metadata": { "name" : "x" , "labels":{"a":"b"},"a":null,"a":1}, "spec":[1],
            "status":{"b\"c":1,"\u0061":2,"a":[3]}}"#;
        for end in 0..=whole.len() {
            check(ObjectRef::new(&whole.as_bytes()[..end]));
            check(Object::received(&whole.as_bytes()[..end]).as_ref());
        }
        let many: String = (0..100).map(|at| format!(r#""k{at}":{at},"#)).collect();
        check(ObjectRef::new(
            format!(r#"{{"spec":{{{many}"a":7}}}}"#).as_bytes(),
        ));
    }
}
