//! An object whose sections were looked through once, so that each of their members is read
//! without looking for it among the others: for those who read many.

use super::key::Named;
use super::{Form, ObjectRef, Shape, Value, json, protobuf};

/// Room for where the members of an object's sections are: used again for the next object.
#[derive(Debug, Default)]
pub struct Room([Places; 3]);

/// An object's sections, looked through.
#[derive(Debug)]
pub struct Sections<'a> {
    object: ObjectRef<'a>,
    members: [Members<'a>; 3],
    are_known: [bool; 3],
}

impl Room {
    /// Looks through the sections of an object.
    #[must_use]
    pub fn look_through<'a>(&'a mut self, object: ObjectRef<'a>) -> Sections<'a> {
        let sections = [object.metadata, object.spec, object.status];
        let mut are_known = [false; 3];
        for ((places, whole), is_known) in self.0.iter_mut().zip(sections).zip(&mut are_known) {
            *is_known = places.look_through(whole).is_some();
        }
        let [metadata, spec, status] = &self.0;
        let of = |whole, places| Members { whole, places };
        Sections {
            object,
            members: [
                of(object.metadata, metadata),
                of(object.spec, spec),
                of(object.status, status),
            ],
            are_known,
        }
    }
}

impl<'a> Sections<'a> {
    /// The object, its members known where they can be.
    #[must_use]
    pub fn object(&'a self) -> ObjectRef<'a> {
        let section = |at: usize| {
            let members = &self.members[at];
            let form = if self.are_known[at] {
                Form::Known(members)
            } else {
                members.whole.form
            };
            let bytes = members.whole.bytes;
            Value { bytes, form }
        };
        ObjectRef {
            metadata: section(0),
            spec: section(1),
            status: section(2),
            ..self.object
        }
    }
}

/// The members of a message or of a JSON object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members<'a> {
    /// What they are members of.
    pub(super) whole: Value<'a>,
    places: &'a Places,
}

/// Where members are: those of a message by their numbers, those of a JSON object in their order.
#[derive(Debug)]
pub(super) struct Places {
    places: [Place; MOST],
    /// Which of them are there, a bit each.
    there: u64,
}

/// Where a member is, from the first to the last field of its number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) start: u32,
    pub(super) end: u32,
    /// The tag of the first field, and where its payload is.
    pub(super) tag: u32,
    pub(super) payload: (u32, u32),
}

/// No section of a built-in kind has more members.
const MOST: usize = 48;

impl Default for Places {
    fn default() -> Self {
        let places = [Place::default(); MOST];
        Self { places, there: 0 }
    }
}

impl Places {
    /// Notes where the members of a value are. None where that cannot be.
    fn look_through(&mut self, whole: Value<'_>) -> Option<()> {
        self.there = 0;
        match whole.form {
            Form::Json if whole.shape() == Shape::Map => json::places(whole.bytes, self),
            Form::Message(_) => protobuf::places(whole.bytes, self),
            _ => None,
        }
    }

    /// The place of a number that was noted before; else there is one now, and none is given. What there is no room
    /// for is passed over.
    #[inline(always)]
    pub(super) fn note(
        &mut self,
        number: usize,
        first: impl FnOnce() -> Place,
    ) -> Option<&mut Place> {
        let place = self.places.get_mut(number)?;
        if self.there & 1 << number != 0 {
            return Some(place);
        }
        self.there |= 1 << number;
        *place = first();
        None
    }

    /// The place of a number; an error when there is no room for it.
    #[inline(always)]
    pub(super) fn get(&self, number: usize) -> Result<Option<&Place>, ()> {
        let place = self.places.get(number).ok_or(())?;
        Ok((self.there & 1 << number != 0).then_some(place))
    }

    /// The first places, as far as they are there.
    pub(super) fn in_order(&self) -> &[Place] {
        self.places
            .get(..self.there.trailing_ones() as usize)
            .unwrap_or_default()
    }
}

impl<'a> Members<'a> {
    #[inline(always)]
    pub(super) fn get(&self, key: impl Named) -> Option<Value<'a>> {
        let bytes = self.whole.bytes;
        match self.whole.form {
            Form::Message(message) => protobuf::get_at(bytes, message, key, self.places),
            _ => json::find_at(bytes, key.text(), self.places.in_order()).map(Value::json),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::value::Object;

    /// Every member reads as it does without this.
    pub(in crate::value) fn check(object: ObjectRef<'_>) {
        let mut room = Room::default();
        // What is left of another object is nobody's.
        let _ = room.look_through(ObjectRef::new(
            br#"{"metadata":{"a":1,"b":2,"c":3},"spec":{"a":4},"status":{"a":5}}"#,
        ));
        let sections = room.look_through(object);
        let known = sections.object();
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
