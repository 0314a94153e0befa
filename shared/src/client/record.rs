//! An object, and the cluster that it came from.

use std::fmt;
use std::ops::Deref;

use super::{Chain, Error, K8Kat, Transport};
use crate::query::Query;
use crate::resource::Kind;
use crate::store::Entry;
use crate::value::Object;

/// An object of a cluster. It reads as [`Object`] does, and what belongs with it is a query away.
pub struct Record<'a, T> {
    pub(super) cluster: &'a K8Kat<T>,
    /// Its kind.
    pub kind: &'static Kind,
    /// Itself, as it was when it was read.
    pub object: Object,
}

/// An object with those that belong with it, by the kinds that were asked for.
#[derive(Debug)]
pub struct WithRelated<'a, T> {
    /// The object.
    pub record: Record<'a, T>,
    /// For each of the kinds in order, what belongs with it.
    pub related: Vec<Vec<Record<'a, T>>>,
}

impl<'a, T> Record<'a, T> {
    /// Of an object in a store.
    pub(super) fn of(cluster: &'a K8Kat<T>, entry: Entry<'_>) -> Self {
        Self {
            cluster,
            kind: entry.kind(),
            object: entry.object().to_object(),
        }
    }
}

impl<T> Deref for Record<'_, T> {
    type Target = Object;

    fn deref(&self) -> &Object {
        &self.object
    }
}

impl<T> Clone for Record<'_, T> {
    fn clone(&self) -> Self {
        Self {
            cluster: self.cluster,
            kind: self.kind,
            object: self.object.clone(),
        }
    }
}

impl<T> fmt::Debug for Record<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path())
    }
}

impl<T> Record<'_, T> {
    /// `metadata.name`
    #[must_use]
    pub fn name(&self) -> String {
        self.object.as_ref().name().into_owned()
    }

    /// `metadata.namespace`, empty for what is in none.
    #[must_use]
    pub fn namespace(&self) -> String {
        self.object.as_ref().namespace().into_owned()
    }

    /// `pods/shop/web-1`
    #[must_use]
    pub fn path(&self) -> String {
        self.kind.object_path(&self.namespace(), &self.name())
    }
}

impl<'a, T: Transport> Record<'a, T> {
    fn query(&self) -> Query {
        let namespace = self.namespace();
        let query = Query::of(&self.kind.resource.qualified()).names([self.name()]);
        if namespace.is_empty() {
            query
        } else {
            query.ns([namespace])
        }
    }

    /// What belongs with it: a kind (`pods`), or a relation (`owner`, `events`, `mounts` …).
    pub fn to(&self, kind_or_relation: &str) -> Chain<'a, T> {
        self.cluster.query(self.query().to(kind_or_relation))
    }

    /// Its pods.
    pub fn pods(&self) -> Chain<'a, T> {
        self.to("pods")
    }

    /// Its services.
    pub fn svcs(&self) -> Chain<'a, T> {
        self.to("services")
    }

    /// Events about it.
    pub fn events(&self) -> Chain<'a, T> {
        self.to("events")
    }

    /// What names it as its owner.
    pub fn children(&self) -> Chain<'a, T> {
        self.to("owned")
    }

    /// What owns it.
    pub fn owner(&self) -> Chain<'a, T> {
        self.to("owner")
    }

    /// Itself, as it is now; nothing when it is gone.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn reload(&self) -> Result<Option<Self>, Error> {
        self.cluster.query(self.query()).first().await
    }
}
