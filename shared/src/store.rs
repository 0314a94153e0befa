//! The objects of one scan: whole bytes, and columns of what was read out of them, in slots that
//! are used again, found by namespace and name. Of two objects of one name the later is the one
//! that exists: a name is used again only when the one before is gone.

mod cells;
mod index;
mod labels;
mod names;
mod objects;
mod rows;
mod slots;
mod texts;

use std::borrow::Cow;
use std::cell::OnceCell;

use hashbrown::HashTable;

use crate::bytes::same;
use crate::resource::{Datum, Kind, Mark};
use crate::sort::sort;
use crate::value::{Encoding, ObjectRef, Received, Room};
use index::{Index, Key};
use objects::Objects;
use rows::Rows;
pub use slots::Slots;

/// A place in the store. Stays the same as long as the object lives; used again afterwards.
pub type Slot = u32;

/// One object, seen in its store.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    rows: &'a Rows,
    slot: Slot,
}

/// The objects of one scan.
#[derive(Debug)]
pub struct Store {
    rows: Rows,
    free: Vec<Slot>,
    by_name: HashTable<Slot>,
    index: OnceCell<Index>,
    /// How many bytes of objects may be held.
    allowance: usize,
    /// Objects of which only the metadata is held.
    reduced: Slots,
    /// The bytes of the object that is being put in.
    kept: Vec<u8>,
    /// Where its members are.
    room: Option<Box<Room>>,
    /// Slots whose content changed since [`Store::take_changes`].
    changed: Vec<Slot>,
}

impl Store {
    /// A store of objects of one kind.
    #[must_use]
    pub fn new(kind: &'static Kind) -> Self {
        Self {
            rows: Rows::new(kind),
            free: Vec::new(),
            by_name: HashTable::new(),
            index: OnceCell::new(),
            allowance: usize::MAX,
            reduced: Slots::default(),
            kept: Vec::new(),
            room: None,
            changed: Vec::new(),
        }
    }

    /// Puts an object in, in place of its earlier state. What has no name is no object.
    pub fn put(&mut self, object: ObjectRef<'_>) -> Option<Slot> {
        self.put_kept(object.encoding(), |kept| object.keep(kept))
    }

    /// The same of one that arrives.
    pub fn receive(&mut self, object: Received<'_>) -> Option<Slot> {
        let Received { bytes, encoding } = object;
        self.put_kept(encoding, |kept| encoding.keep(bytes, kept))
    }

    fn put_kept(&mut self, encoding: Encoding, keep: impl FnOnce(&mut Vec<u8>)) -> Option<Slot> {
        let mut kept = std::mem::take(&mut self.kept);
        kept.clear();
        keep(&mut kept);
        let mut room = self.room.take().unwrap_or_default();
        let sections = room.look_through(encoding.read(&kept));
        let slot = self.put_read(sections.object(), &kept, encoding);
        self.room = Some(room);
        self.kept = kept;
        slot
    }

    fn put_read(&mut self, read: ObjectRef<'_>, kept: &[u8], encoding: Encoding) -> Option<Slot> {
        let (namespace, name) = (read.namespace(), read.name());
        if name.is_empty() {
            return None;
        }
        let hash = self.rows.texts.hash_pair(&namespace, &name);
        let known = self.slot(&namespace, &name, hash);
        if let (Some(slot), Some(index)) = (known, self.index.get_mut()) {
            index.remove(&self.rows, slot);
        }
        let slot = match known {
            Some(slot) => slot,
            None => self.free_slot()?,
        };
        let others = self.rows.held() - self.rows.size(slot);
        let is_short = kept.len() <= Objects::LONGEST;
        if is_short && others.saturating_add(kept.len()) <= self.allowance {
            self.reduced.remove(slot);
            self.rows.read(slot, read, kept);
            self.rows.keep(slot, kept, encoding);
        } else {
            self.reduced.insert(slot);
            self.rows.read(slot, read, &[]);
            self.rows.keep(slot, read.metadata_only().bytes(), encoding);
        }
        if known.is_none() {
            let rows = &self.rows;
            self.by_name.insert_unique(hash, slot, |slot| {
                rows.texts
                    .hash_pair(rows.namespace(*slot), rows.name(*slot))
            });
        }
        if let Some(index) = self.index.get_mut() {
            index.add(&self.rows, slot);
        }
        self.changed.push(slot);
        Some(slot)
    }

    /// From now on, of objects that would take more than so many bytes together, only the metadata
    /// is kept beside what the columns hold.
    pub const fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Bytes of objects held.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.rows.held()
    }

    /// Of how many objects only the metadata is kept.
    #[must_use]
    pub const fn reduced(&self) -> usize {
        self.reduced.len()
    }

    fn free_slot(&mut self) -> Option<Slot> {
        if let Some(slot) = self.free.pop() {
            return Some(slot);
        }
        self.rows.grow()
    }

    fn slot(&self, namespace: &str, name: &str, hash: u64) -> Option<Slot> {
        let is_it = |slot: &Slot| {
            same(self.rows.name(*slot).as_bytes(), name.as_bytes())
                && same(self.rows.namespace(*slot).as_bytes(), namespace.as_bytes())
        };
        self.by_name.find(hash, is_it).copied()
    }

    /// Takes out an object, given its last state; another one of its name stays.
    pub fn remove(&mut self, object: ObjectRef<'_>) {
        let named = self.named(&object.namespace(), &object.name());
        let same = named.filter(|entry| entry.uid() == object.uid());
        if let Some(slot) = same.map(|entry| entry.slot) {
            self.clear(slot);
        }
    }

    /// Takes out every object that is not in `kept`.
    pub fn retain(&mut self, kept: impl Fn(Slot) -> bool) {
        let all = self.by_name.iter().copied();
        let gone: Vec<Slot> = all.filter(|slot| !kept(*slot)).collect();
        for slot in gone {
            self.clear(slot);
        }
    }

    fn clear(&mut self, slot: Slot) {
        let entry = self.entry(slot);
        let hash = self.rows.texts.hash_pair(entry.namespace(), entry.name());
        let Ok(found) = self.by_name.find_entry(hash, |other| *other == slot) else {
            return;
        };
        found.remove();
        if let Some(index) = self.index.get_mut() {
            index.remove(&self.rows, slot);
        }
        self.reduced.remove(slot);
        self.rows.clear(slot);
        self.free.push(slot);
        self.changed.push(slot);
    }

    const fn entry(&self, slot: Slot) -> Entry<'_> {
        let rows = &self.rows;
        Entry { rows, slot }
    }

    /// The object in a slot, if it still lives.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<Entry<'_>> {
        self.rows.is_taken(slot).then(|| self.entry(slot))
    }

    /// The object of a name.
    #[must_use]
    pub fn named(&self, namespace: &str, name: &str) -> Option<Entry<'_>> {
        let hash = self.rows.texts.hash_pair(namespace, name);
        Some(self.entry(self.slot(namespace, name, hash)?))
    }

    /// The object of a uid.
    #[must_use]
    pub fn with_uid(&self, uid: &str) -> Option<Entry<'_>> {
        let mut found = self.found(Key::Uid(self.rows.texts.hash(uid.as_bytes())));
        found.find(|entry| entry.uid() == uid)
    }

    /// The objects that name a uid as an owner's.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = Entry<'_>> {
        self.found(Key::Owner(self.rows.texts.hash(uid.as_bytes())))
            .filter(move |entry| {
                let mut owners = entry.object().metadata.get("ownerReferences").items();
                owners.any(|owner| owner.get("uid").text_or_empty() == uid)
            })
    }

    /// The objects that carry a label with a value.
    pub fn labelled(&self, key: &str, value: &str) -> impl Iterator<Item = Entry<'_>> {
        let find = |text| self.rows.texts.find(text);
        let key = find(key).and_then(|key| Some(Key::Label(key, find(value)?)));
        key.into_iter().flat_map(|key| self.found(key))
    }

    /// The objects of a namespace.
    pub fn within(&self, namespace: &str) -> impl Iterator<Item = Entry<'_>> {
        self.saying("ns", namespace)
    }

    /// The objects on a node.
    pub fn on_node(&self, node: &str) -> impl Iterator<Item = Entry<'_>> {
        self.saying("node", node)
    }

    fn saying(&self, column: &str, text: &str) -> impl Iterator<Item = Entry<'_>> {
        let column = self.rows.kind.column(column);
        let key = column.and_then(|column| Some(Key::Text(column, self.rows.texts.find(text)?)));
        key.into_iter().flat_map(|key| self.found(key))
    }

    fn found(&self, key: Key) -> impl Iterator<Item = Entry<'_>> {
        let index = self.index.get_or_init(|| Index::of(&self.rows));
        index.get(key).iter().map(|slot| self.entry(*slot))
    }

    /// All objects with their slots, in no order.
    pub fn entries(&self) -> impl Iterator<Item = (Slot, Entry<'_>)> {
        let slots = self.rows.slots();
        slots.filter_map(|slot| Some((slot, self.get(slot)?)))
    }

    /// The names of all objects, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.entries().map(|(_, entry)| entry.name().to_owned());
        let mut names: Vec<String> = names.collect();
        sort(&mut names);
        names
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_name.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The slots whose content changed since the last call.
    pub fn take_changes(&mut self) -> Vec<Slot> {
        std::mem::take(&mut self.changed)
    }

    /// Bytes taken: of the objects as they came, and of all that is kept beside them.
    #[must_use]
    pub fn bytes(&self) -> (usize, usize) {
        let lists = (self.free.capacity() + self.changed.capacity()) * size_of::<Slot>();
        let beside = self.rows.bytes() + self.by_name.allocation_size() + lists;
        (self.held(), beside + self.kept.capacity())
    }
}

impl<'a> Entry<'a> {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> &'static Kind {
        self.rows.kind
    }

    /// The object, whole.
    #[must_use]
    pub fn object(self) -> ObjectRef<'a> {
        self.rows.object(self.slot)
    }

    /// `metadata.namespace`, empty for cluster-scoped objects.
    #[must_use]
    pub fn namespace(self) -> &'a str {
        self.rows.namespace(self.slot)
    }

    /// `metadata.name`
    #[must_use]
    pub fn name(self) -> &'a str {
        self.rows.name(self.slot)
    }

    /// `metadata.uid`
    #[must_use]
    pub fn uid(self) -> Cow<'a, str> {
        self.object().uid()
    }

    /// `metadata.resourceVersion`, which grows with each change; 0 when it is no number.
    #[must_use]
    pub fn version(self) -> u64 {
        let version = self.object().metadata.get("resourceVersion");
        version.text_or_empty().parse().unwrap_or_default()
    }

    /// `metadata.labels`
    pub fn labels(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let texts = &self.rows.texts;
        let pairs = self.rows.label_ids(self.slot).iter();
        pairs.map(|(key, value)| (texts.get(*key), texts.get(*value)))
    }

    /// The value of a label.
    #[must_use]
    pub fn label(self, key: &str) -> Option<&'a str> {
        let texts = &self.rows.texts;
        for (own, value) in self.rows.label_ids(self.slot) {
            if texts.is(*own, key.as_bytes()) {
                return Some(texts.get(*value));
            }
        }
        None
    }

    /// The value of a column of [`Kind::columns`].
    #[must_use]
    pub fn datum(self, column: usize) -> Datum<'a> {
        self.rows.datum(self.slot, column)
    }

    /// The value of a column by its name.
    #[must_use]
    pub fn field(self, name: &str) -> Datum<'a> {
        let column = self.kind().column(name);
        column.map_or(Datum::Absent, |column| self.datum(column))
    }

    /// A store with nothing in it but this, to keep.
    #[must_use]
    pub fn alone(self) -> Option<Store> {
        let mut store = Store::new(self.kind());
        store.put(self.object())?;
        Some(store)
    }

    /// The finer state.
    #[must_use]
    pub fn mark(self) -> Mark {
        self.rows.mark(self.slot).0
    }

    /// Whether somebody should look at it.
    #[must_use]
    pub fn is_broken(self) -> bool {
        self.rows.mark(self.slot).1
    }

    /// The word of its state.
    #[must_use]
    pub fn word(self) -> &'a str {
        self.rows.word(self.slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Object;

    fn pods() -> Store {
        Store::new(Kind::named("pods").expect("pods are known"))
    }

    fn pod(name: &str, uid: &str, more: &str) -> Object {
        let json = format!(r#"{{"metadata":{{"uid":"{uid}","name":"{name}"{more}}}}}"#);
        Object::received(json.as_bytes())
    }

    #[test]
    fn slots_are_used_again_and_memory_stays_flat() {
        let mut store = pods();
        let pod = |uid: usize| pod(&format!("p{uid}"), &format!("u{uid}"), "");
        let mut early = 0;
        for uid in 0..100_000 {
            store.put(pod(uid).as_ref());
            store.put(pod(uid).as_ref());
            if uid >= 10 {
                store.remove(pod(uid - 10).as_ref());
            }
            store.take_changes();
            if uid == 1000 {
                early = store.bytes().1;
            }
        }
        assert_eq!(store.len(), 10);
        assert!(store.rows.slots().len() <= 11);
        // Names of what is gone stay for a while.
        let most = early * 2 + (1 << 17);
        assert!(store.bytes().1 <= most, "{early} {:?}", store.bytes());
        store.retain(|_| false);
        assert!(store.is_empty() && store.entries().next().is_none());
    }

    #[test]
    fn a_name_has_one_object() {
        let mut store = pods();
        store.put(pod("p", "old", "").as_ref());
        store.put(pod("p", "new", "").as_ref());
        store.remove(pod("p", "old", "").as_ref());
        let uid = store.named("", "p").map(Entry::uid);
        assert_eq!((store.len(), uid.as_deref()), (1, Some("new")));
        store.remove(pod("p", "new", "").as_ref());
        assert!(store.is_empty());
        for odd in ["", "1", "null", "[]", r#"{"metadata":{"uid":"u"}}"#] {
            let object = Object::received(odd.as_bytes());
            assert_eq!(store.put(object.as_ref()), None, "{odd}");
        }
    }

    #[test]
    fn beyond_its_allowance_it_keeps_metadata_and_columns() {
        let pod = |name: &str| {
            let json = format!(
                r#"{{"metadata":{{"name":"{name}","labels":{{"a":"b"}}}},"spec":{{"nodeName":"n1"}},"status":{{"podIPs":[{{"ip":"10.0.0.1"}}]}}}}"#
            );
            Object::received(json.as_bytes())
        };
        let said = |store: &Store, name: &str| {
            let entry = store.named("", name).expect("it was put in");
            let node = entry.object().spec.get("nodeName").text_or_empty();
            format!(
                "{:?} {:?} {:?} {node}",
                entry.field("ip"),
                entry.field("node"),
                entry.label("a")
            )
        };
        let mut store = pods();
        store.allow(pod("a").bytes().len() * 2);
        for name in ["a", "b", "c"] {
            store.put(pod(name).as_ref());
        }
        let read = r#"Text("10.0.0.1") Text("n1") Some("b")"#;
        assert_eq!(said(&store, "b"), format!("{read} n1"));
        assert_eq!(said(&store, "c"), format!("{read} "));
        assert_eq!(store.reduced(), 1);
        // What goes makes room for what changes next.
        store.remove(pod("a").as_ref());
        store.put(pod("c").as_ref());
        assert_eq!(said(&store, "c"), format!("{read} n1"));
        assert_eq!(
            (store.reduced(), store.held()),
            (0, pod("a").bytes().len() * 2)
        );
    }

    #[test]
    fn objects_are_found_by_label_owner_uid_namespace_and_node() {
        let names = |found: &mut dyn Iterator<Item = Entry<'_>>| {
            let names: Vec<String> = found.map(|entry| entry.name().to_owned()).collect();
            names.join(" ")
        };
        let mut store = pods();
        let put = |store: &mut Store, name: &str, app: &str, owner: &str, node: &str| {
            let json = format!(
                r#"{{"metadata":{{"uid":"uid-{name}","name":"{name}","namespace":"shop","labels":{{"app":"{app}"}},
                "ownerReferences":[{{"uid":"{owner}"}}]}},"spec":{{"nodeName":"{node}"}}}}"#
            );
            store.put(ObjectRef::new(json.as_bytes()));
        };
        let all = |store: &Store| {
            format!(
                "{} | {} | {} | {} | {}",
                names(&mut store.labelled("app", "web")),
                names(&mut store.owned_by("o1")),
                names(&mut store.with_uid("uid-b").into_iter()),
                names(&mut store.within("shop")),
                names(&mut store.on_node("n1")),
            )
        };
        put(&mut store, "a", "web", "o1", "n1");
        assert_eq!(all(&store), "a | a |  | a | a");
        put(&mut store, "b", "web", "o2", "n1");
        put(&mut store, "c", "db", "o1", "n2");
        assert_eq!(all(&store), "a b | a c | b | a b c | a b");
        put(&mut store, "a", "db", "o2", "n2");
        assert_eq!(all(&store), "b | c | b | a b c | b");
        store.retain(|slot| slot == 0);
        assert_eq!(all(&store), " |  |  | a | ");
    }
}
