//! A query and the cluster that it is asked of, verb by verb.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::read::{Reading, planned, settled};
use super::{Analysis, Error, Explanation, K8Kat, Record, Transport, WithRelated};
use crate::plan::{Group, Matched, Placed, Relation, Shape};
use crate::query::{Aggregate, Atom, Expr, Field, Function, Operator, Output, Query, Spanned};
use crate::store::Store;

/// A query and the cluster that it will be asked of. Every verb of [`Query`] that narrows or
/// orders is a verb of the chain.
#[must_use = "a chain sends nothing until it is awaited"]
#[derive(Debug)]
pub struct Chain<'a, T> {
    pub(super) cluster: &'a K8Kat<T>,
    pub(super) query: Query,
}

impl<T> Clone for Chain<'_, T> {
    fn clone(&self) -> Self {
        Self {
            cluster: self.cluster,
            query: self.query.clone(),
        }
    }
}

/// Verbs of the query, on the chain.
macro_rules! verbs {
    ($($(#[$doc:meta])* $verb:ident($($generic:ident)*; $($argument:ident: $type:ty),*);)*) => {
        impl<'a, T> Chain<'a, T> {
            $($(#[$doc])* pub fn $verb<$($generic: Into<String>),*>(self, $($argument: $type),*) -> Self {
                Self { cluster: self.cluster, query: self.query.$verb($($argument),*) }
            })*
        }
    };
}

verbs! {
    /// In one of these namespaces.
    ns(V; namespaces: impl IntoIterator<Item = V>);
    /// In none of these namespaces.
    not_ns(V; namespaces: impl IntoIterator<Item = V>);
    /// In the namespace of the cluster's own parts.
    system(;);
    /// Called one of these.
    names(V; names: impl IntoIterator<Item = V>);
    /// Called none of these.
    not_names(V; names: impl IntoIterator<Item = V>);
    /// The name contains this.
    like(V; part: V);
    /// Carries a label with this value.
    label(V; key: &str, value: V);
    /// Carries every one of these labels.
    labels(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Carries every key, with one of the values given for it.
    lbs_inc_each(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Carries some key, with one of the values given for it.
    lbs_inc_any(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Carries no key with one of the values given for it.
    lbs_exc_any(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// Does not carry every key with one of the values given for it.
    lbs_exc_each(K V; pairs: impl IntoIterator<Item = (K, V)>);
    /// A field is this; `*` stands for anything.
    field(V; name: &str, value: V);
    /// Something at a path, with or without braces, is this.
    jsonpath(V; path: &str, value: V);
    /// A field, or what lies at a path in braces, is this; `*` stands for anything.
    feature_is(V; field: &str, value: V);
    /// It is not this.
    feature_is_not(V; field: &str, value: V);
    /// It is one of these.
    feature_in(V; field: &str, values: impl IntoIterator<Item = V>);
    /// It is none of these.
    feature_not_in(V; field: &str, values: impl IntoIterator<Item = V>);
    /// It compares so.
    compare(V; field: &str, operator: Operator, value: V);
    /// Its status, in kubectl's words, is one of these.
    status(V; words: impl IntoIterator<Item = V>);
    /// Its `status.phase` is one of these.
    phase(V; words: impl IntoIterator<Item = V>);
    /// It runs on this node.
    on(V; node: V);
    /// It belongs to this owner.
    owned_by(V; kind: &str, name: V);
    /// It was created before so long, as in `1h`.
    older(V; age: V);
    /// It was created within so long.
    younger(V; age: V);
    /// Within so long, as in `10m`: when an event was seen last, when others were created.
    since(V; age: V);
    /// Somebody should look at it.
    broken(;);
    /// All is well.
    running(;);
    /// On its way.
    creating(;);
    /// Asked to go.
    terminating(;);
    /// There is an object that this asks for and that belongs with it.
    with(; query: Query);
    /// There is none.
    without(; query: Query);
    /// What belongs with what was asked for so far: a kind or a relation.
    to(; kind_or_relation: &str);
    /// What this asks for, as well; of its conditions only.
    or(; query: Query);
    /// Not what this asks for; of its conditions only.
    not(; query: Query);
    /// Smallest first; earlier calls weigh more.
    order(; field: &str);
    /// Largest first; earlier calls weigh more.
    order_desc(; field: &str);
    /// At most so many.
    limit(; rows: usize);
}

impl<'a, T: Transport> Chain<'a, T> {
    /// The query so far.
    #[must_use]
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// In the namespace `default`.
    pub fn default(self) -> Self {
        self.ns(["default"])
    }

    /// What these clauses ask, too: `.r#where("restarts:>5 is:broken")`.
    ///
    /// # Errors
    /// When any part of the text cannot be read.
    pub fn r#where(self, clauses: &str) -> Result<Self, Error> {
        // Behind a parenthesis nothing is a kind.
        let parsed = Query::parse(&format!("({clauses})"));
        if !parsed.problems.is_empty() {
            return Err(Error::Query(parsed.problems));
        }
        Ok(Self {
            cluster: self.cluster,
            query: self.query.and(parsed.query.filter),
        })
    }

    /// What these pods, services and so on belong to: `deps.pods()`.
    pub fn pods(self) -> Self {
        self.to("pods")
    }

    /// The services of what was asked for so far.
    pub fn svcs(self) -> Self {
        self.to("services")
    }

    /// How it would be answered, without sending anything: the more is known of the cluster by then,
    /// the better it says what that takes.
    ///
    /// # Errors
    /// When a clause makes no sense for the kind, or when the kind is known only to the cluster
    /// and nothing was asked of it yet.
    pub fn explain(&self) -> Result<Explanation, Error> {
        let known = self.cluster.known();
        let plan = planned(&self.query, &known)?;
        let (plan, _) = settled(plan, &self.query, &known);
        Ok(Explanation::of(plan, &known))
    }

    /// Answers the query, and says what that took.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn explain_analyze(&self) -> Result<Analysis, Error> {
        let known = self.cluster.known().clone();
        let reading = self.cluster.run(&self.query, false).await?;
        Ok(reading.analysis(&known))
    }

    /// Every object that matches, in order.
    ///
    /// # Errors
    /// See [`Error`]. There is no partial answer: when a page cannot be read, the whole fails.
    pub async fn all(&self) -> Result<Vec<Record<'a, T>>, Error> {
        let reading = self.cluster.run(&self.objects(), false).await?;
        Ok(self.records(&reading))
    }

    /// Every object that may be read, and why those are not all, if that is so: where the cluster
    /// may not be listed, the namespaces that are known or that can be listed are read.
    ///
    /// # Errors
    /// As [`Chain::all`], but for a cluster that may not be listed.
    pub async fn visible(&self) -> Result<(Vec<Record<'a, T>>, Option<String>), Error> {
        let reading = self.cluster.run(&self.objects(), true).await?;
        let partial = reading.plan.partial().map(str::to_owned);
        Ok((self.records(&reading), partial))
    }

    /// The query for who wants objects, whatever is plucked of them.
    pub(super) fn objects(&self) -> Query {
        let mut query = self.query.clone();
        if let Some(Output::Pluck(fields)) = query.output.take() {
            query.columns = fields;
        }
        query
    }

    fn records(&self, reading: &Reading) -> Vec<Record<'a, T>> {
        let record = |row: Placed<'_>| Record::of(self.cluster, row.entry);
        reading.rows().into_iter().map(record).collect()
    }

    /// The first object in order, if any matches.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn first(&self) -> Result<Option<Record<'a, T>>, Error> {
        let one = self.clone().limit(1);
        Ok(one.all().await?.into_iter().next())
    }

    /// The object of a name, if there is one.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn find(&self, name: &str) -> Result<Option<Record<'a, T>>, Error> {
        self.clone().names([name]).first().await
    }

    /// The only object of a name.
    ///
    /// # Errors
    /// As [`Chain::one`].
    pub async fn find_by_name(&self, name: &str) -> Result<Record<'a, T>, Error> {
        self.clone().names([name]).one().await
    }

    /// The objects whose names contain this.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn find_like(&self, part: &str) -> Result<Vec<Record<'a, T>>, Error> {
        self.clone().like(part.to_owned()).all().await
    }

    /// The object that was created last.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn latest(&self) -> Result<Option<Record<'a, T>>, Error> {
        self.clone().order("age").first().await
    }

    /// The object that was created first.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn oldest(&self) -> Result<Option<Record<'a, T>>, Error> {
        self.clone().order_desc("age").first().await
    }

    /// The only object that matches.
    ///
    /// # Errors
    /// As [`Chain::all`], and when there is none or more than one.
    pub async fn one(&self) -> Result<Record<'a, T>, Error> {
        let mut all = self.all().await?;
        match all.pop() {
            Some(object) if all.is_empty() => Ok(object),
            found => Err(Error::NotOne(all.len() + usize::from(found.is_some()))),
        }
    }

    /// How many objects match. Of a whole kind the API server counts them; else no more than is
    /// needed to decide is read of each.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn count(&self) -> Result<usize, Error> {
        self.cluster.learn(&self.query).await?;
        if let Some(counted) = self.cluster.counted(&self.explain()?.plan).await? {
            return Ok(self.query.limit.map_or(counted, |limit| counted.min(limit)));
        }
        let query = Query {
            aggregates: vec![Spanned::new(Aggregate {
                function: Function::Count,
                field: None,
            })],
            columns: Vec::new(),
            group: Vec::new(),
            output: None,
            ..self.query.clone()
        };
        let reading = self.cluster.run(&query, false).await?;
        let count = reading.rows().len();
        Ok(self.query.limit.map_or(count, |limit| count.min(limit)))
    }

    /// Whether any object matches.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn exists(&self) -> Result<bool, Error> {
        Ok(self.first().await?.is_some())
    }

    /// The uids of what matches.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn ids(&self) -> Result<Vec<String>, Error> {
        let all = self.all().await?;
        let uid = |record: Record<'_, T>| record.object.as_ref().uid().into_owned();
        Ok(all.into_iter().map(uid).collect())
    }

    /// Of each object these values, as kubectl prints them: fields, paths in braces, `label:app`.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn pluck(&self, fields: &[&str]) -> Result<Vec<Vec<String>>, Error> {
        let fields = fields.iter();
        let fields = fields.map(|field| Spanned::new(Field::read(field)));
        let query = Query {
            output: Some(Output::Pluck(fields.collect())),
            ..self.query.clone()
        };
        self.cluster.query(query).values().await
    }

    /// Of each object the values that the query's text plucks, or shows in its columns: of
    /// `pods ns:shop | pluck name,status` two.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn values(&self) -> Result<Vec<Vec<String>>, Error> {
        let reading = self.cluster.run(&self.query, false).await?;
        let Shape::Columns(shown) = &reading.plan.shape else {
            return Ok(Vec::new());
        };
        let values = |row: Placed<'_>| -> Vec<String> {
            let cells = shown.iter().map(|shown| shown.cell(row, reading.now));
            cells.map(|cell| cell.text).collect()
        };
        Ok(reading.rows().into_iter().map(values).collect())
    }

    /// The same with the name, a line for each: `<web: a | b>`.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn pretty_pluck(&self, fields: &[&str]) -> Result<String, Error> {
        let named: Vec<&str> = ["name"].iter().chain(fields).copied().collect();
        let rows = self.pluck(&named).await?;
        let line = |row: &Vec<String>| match row.split_first() {
            Some((name, values)) => format!("<{name}: {}>", values.join(" | ")),
            None => String::new(),
        };
        Ok(rows.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    /// The groups that the query asks for.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn groups(&self) -> Result<Vec<Group>, Error> {
        let reading = self.cluster.run(&self.query, false).await?;
        Ok(reading.plan.groups(&reading.rows(), reading.now))
    }

    /// Every object that matches, each with those of other kinds that belong with it: one list for
    /// each kind, however many objects there are.
    ///
    /// # Errors
    /// As [`Chain::all`].
    pub async fn including(&self, kinds: &[&str]) -> Result<Vec<WithRelated<'a, T>>, Error> {
        let records = self.all().await?;
        let mut all: Vec<WithRelated<'a, T>> = records
            .into_iter()
            .map(|record| WithRelated {
                record,
                related: Vec::new(),
            })
            .collect();
        for kind in kinds {
            let others = self.related(kind).await?;
            let store = store_of(&others);
            for one in &mut all {
                one.related
                    .push(belonging(&one.record, store.as_ref(), &others));
            }
        }
        Ok(all)
    }

    /// Every object of a kind in the namespaces of the query.
    async fn related(&self, kind: &str) -> Result<Vec<Record<'a, T>>, Error> {
        let namespaces = self.query.conjuncts().iter().filter(|condition| {
            matches!(condition, Expr::Atom(Spanned { value: Atom::Compare { field: Field::Named(name), .. }, .. }) if name == "ns")
        });
        let mut query = Query::of(kind);
        for condition in namespaces {
            query = query.and(condition.clone());
        }
        self.cluster.query(query).all().await
    }
}

/// Objects of one kind, to be looked at together; of none, none.
fn store_of<T>(records: &[Record<'_, T>]) -> Option<Store> {
    let mut store = Store::new(records.first()?.kind);
    for record in records {
        store.put(record.object.as_ref());
    }
    Some(store)
}

/// Those of `others`, which are in `store`, that belong with an object, in the closest of the ways in
/// which their kinds do.
fn belonging<'a, T>(
    one: &Record<'_, T>,
    store: Option<&Store>,
    others: &[Record<'a, T>],
) -> Vec<Record<'a, T>> {
    let own = store_of(std::slice::from_ref(one));
    let (Some(store), Some(own), Some(other)) = (store, own, others.first()) else {
        return Vec::new();
    };
    let own = || own.entries().map(|(_, entry)| entry);
    let relations = Relation::between(other.kind, one.kind).into_iter();
    let ways: Vec<_> = relations
        .map(|relation| Matched::new(relation, own()))
        .collect();
    let belongs = |other: &&Record<'a, T>| {
        let entry = store.named(&other.namespace(), &other.name());
        entry.is_some_and(|entry| ways.iter().any(|way| way.relates(entry)))
    };
    others.iter().filter(belongs).cloned().collect()
}

impl<'a, T: Transport> IntoFuture for Chain<'a, T> {
    type Output = Result<Vec<Record<'a, T>>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.all().await })
    }
}
