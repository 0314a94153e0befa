//! Ways to read a list of pods, told apart by what they keep, and what queries of them take.

pub mod engine;
mod lean;
#[cfg(not(target_arch = "wasm32"))]
pub mod pods;
#[cfg(target_arch = "wasm32")]
mod web;

use k8kat::resource::Kind;
use k8kat::store::Store;
use k8kat::value::stream::ListReader;
use k8s_openapi::List;
use k8s_openapi::api::core::v1::Pod;

/// A way to read a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The engine's store, from protobuf.
    StoreProtobuf,
    /// The engine's store, from JSON.
    StoreJson,
    /// A dozen fields by serde's derived readers; the rest is thrown away.
    Lean,
    /// A tree of everything.
    Tree,
    /// The types of k8s-openapi.
    Typed,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::StoreProtobuf,
        Self::StoreJson,
        Self::Lean,
        Self::Tree,
        Self::Typed,
    ];

    /// Its name on the command line and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoreProtobuf => "store-protobuf",
            Self::StoreJson => "store-json",
            Self::Lean => "serde-lean",
            Self::Tree => "serde-json-value",
            Self::Typed => "k8s-openapi",
        }
    }

    /// The way of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// Whether it reads protobuf.
    #[must_use]
    pub const fn is_protobuf(self) -> bool {
        matches!(self, Self::StoreProtobuf)
    }
}

/// A list being read.
pub struct Reading {
    way: Way,
    reader: ListReader,
    store: Store,
    /// What reads no stream has the whole body first.
    body: Vec<u8>,
    kept: Kept,
}

/// What is kept of a list when it is read, so that its memory can be measured.
#[derive(Default)]
#[allow(dead_code, reason = "it is kept, not looked at")]
enum Kept {
    #[default]
    Store,
    Lean(lean::List),
    Tree(serde_json::Value),
    Typed(Box<List<Pod>>),
}

/// What was read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Objects.
    pub objects: usize,
    /// Bytes of the objects kept, where objects are kept as bytes.
    pub object_bytes: usize,
    /// Bytes kept beside them.
    pub column_bytes: usize,
}

impl Reading {
    /// Begins to read.
    ///
    /// # Panics
    /// Never: pods are known.
    #[must_use]
    pub fn new(way: Way) -> Self {
        let content_type = match way {
            Way::StoreProtobuf => "application/vnd.kubernetes.protobuf",
            _ => "application/json",
        };
        Self {
            way,
            reader: ListReader::new(Some(content_type)),
            store: Store::new(Kind::named("pods").expect("pods are known")),
            body: Vec::new(),
            kept: Kept::Store,
        }
    }

    /// Takes the next bytes.
    pub fn push(&mut self, chunk: &[u8]) {
        match self.way {
            Way::StoreProtobuf | Way::StoreJson => {
                let store = &mut self.store;
                self.reader.push(chunk, |object| {
                    store.receive(object);
                });
                store.take_changes();
            }
            _ => self.body.extend_from_slice(chunk),
        }
    }

    /// The body has ended.
    ///
    /// # Panics
    /// When it was not a list of pods.
    pub fn finish(&mut self) -> Report {
        let body = std::mem::take(&mut self.body);
        let of = |objects| Report {
            objects,
            ..Report::default()
        };
        match self.way {
            Way::StoreProtobuf | Way::StoreJson => {
                self.reader.finish().expect("a whole list");
                let (object_bytes, column_bytes) = self.store.bytes();
                Report {
                    objects: self.store.len(),
                    object_bytes,
                    column_bytes,
                }
            }
            Way::Lean => {
                let list: lean::List = serde_json::from_slice(&body).expect("a list");
                let objects = list.len();
                self.kept = Kept::Lean(list);
                of(objects)
            }
            Way::Tree => {
                let tree: serde_json::Value = serde_json::from_slice(&body).expect("a list");
                let objects = tree["items"].as_array().map_or(0, Vec::len);
                self.kept = Kept::Tree(tree);
                of(objects)
            }
            Way::Typed => {
                let list: List<Pod> = serde_json::from_slice(&body).expect("a list");
                let objects = list.items.len();
                self.kept = Kept::Typed(Box::new(list));
                of(objects)
            }
        }
    }

    /// Reads the same list again, into what is there already.
    #[must_use]
    pub fn again(self) -> Self {
        let fresh = Self::new(self.way);
        Self {
            store: self.store,
            ..fresh
        }
    }
}
