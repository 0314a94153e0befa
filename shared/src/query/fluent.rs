//! The language as Rust: each verb gives a new query, and the same tree that its text would.

use super::{Atom, Expr, Field, Operator, Query, Sort, Spanned};
use crate::api::label::{Requirement, Test, is_key};

/// The values given for one key form a set; keys stay in the order given.
fn by_key<K: Into<String>, V: Into<String>>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Vec<(String, Vec<String>)> {
    let mut sets: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in pairs {
        let (key, value) = (key.into(), value.into());
        match sets.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => sets.push((key, vec![value])),
        }
    }
    sets
}

fn label(key: String, test: Test) -> Expr {
    Expr::from(Atom::Label(Requirement::new(key, test)))
}

impl Query {
    fn one_of<V: Into<String>>(name: &str, values: impl IntoIterator<Item = V>) -> Expr {
        let values = values.into_iter().map(Into::into).collect();
        match Field::read(name) {
            Field::Label(key) => label(key, Test::In(values)),
            field => Expr::from(Atom::Compare {
                field,
                every: false,
                operator: Operator::Equal,
                values,
            }),
        }
    }

    /// In one of these namespaces.
    #[must_use]
    pub fn ns<V: Into<String>>(self, namespaces: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::one_of("ns", namespaces);
        self.and(clause)
    }

    /// In none of these namespaces.
    #[must_use]
    pub fn not_ns<V: Into<String>>(self, namespaces: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::one_of("ns", namespaces).negate();
        self.and(clause)
    }

    /// Called one of these.
    #[must_use]
    pub fn names<V: Into<String>>(self, names: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::one_of("name", names);
        self.and(clause)
    }

    /// Called none of these.
    #[must_use]
    pub fn not_names<V: Into<String>>(self, names: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::one_of("name", names).negate();
        self.and(clause)
    }

    /// The name contains this.
    #[must_use]
    pub fn like(self, part: impl Into<String>) -> Self {
        self.and(Atom::Word(part.into()).into())
    }

    /// Carries every key, with one of the values given for it.
    #[must_use]
    pub fn lbs_inc_each<K: Into<String>, V: Into<String>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.and(inc_each(pairs))
    }

    /// Carries some key, with one of the values given for it. Of no pairs, none.
    #[must_use]
    pub fn lbs_inc_any<K: Into<String>, V: Into<String>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.and(inc_any(pairs))
    }

    /// Carries no key with one of the values given for it.
    #[must_use]
    pub fn lbs_exc_any<K: Into<String>, V: Into<String>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let none = by_key(pairs)
            .into_iter()
            .map(|(key, values)| label(key, Test::NotIn(values)))
            .collect();
        self.and(Expr::all(none))
    }

    /// Does not carry every key with one of the values given for it. Of no pairs, none.
    #[must_use]
    pub fn lbs_exc_each<K: Into<String>, V: Into<String>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.and(inc_each(pairs).negate())
    }

    /// A field is one of these; `*` stands for anything.
    #[must_use]
    pub fn feature_in<V: Into<String>>(
        self,
        field: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let clause = Self::one_of(field, values);
        self.and(clause)
    }

    /// In the namespace of the cluster's own parts.
    #[must_use]
    pub fn system(self) -> Self {
        self.flagged("system")
    }

    /// Carries a label with this value.
    #[must_use]
    pub fn label(self, key: &str, value: impl Into<String>) -> Self {
        self.lbs_inc_each([(key.to_owned(), value.into())])
    }

    /// Carries every one of these labels; as [`Self::lbs_inc_each`].
    #[must_use]
    pub fn labels<K: Into<String>, V: Into<String>>(
        self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.lbs_inc_each(pairs)
    }

    /// A field is this; as [`Self::feature_is`].
    #[must_use]
    pub fn field(self, name: &str, value: impl Into<String>) -> Self {
        self.feature_is(name, value)
    }

    /// Something at a path is this, with or without the braces: `.jsonpath(".spec.nodeName", "n1")`.
    #[must_use]
    pub fn jsonpath(self, path: &str, value: impl Into<String>) -> Self {
        let path = if path.starts_with('{') {
            path.to_owned()
        } else {
            format!("{{{path}}}")
        };
        self.feature_is(&path, value)
    }

    /// A field, or what lies at a path in braces, is this; `*` stands for anything.
    #[must_use]
    pub fn feature_is(self, field: &str, value: impl Into<String>) -> Self {
        self.feature_in(field, [value.into()])
    }

    /// It is not this.
    #[must_use]
    pub fn feature_is_not(self, field: &str, value: impl Into<String>) -> Self {
        self.feature_not_in(field, [value.into()])
    }

    /// It is none of these.
    #[must_use]
    pub fn feature_not_in<V: Into<String>>(
        self,
        field: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let clause = Self::one_of(field, values).negate();
        self.and(clause)
    }

    /// Its status, in kubectl's words, is one of these.
    #[must_use]
    pub fn status<V: Into<String>>(self, words: impl IntoIterator<Item = V>) -> Self {
        self.feature_in("status", words)
    }

    /// Its `status.phase` is one of these.
    #[must_use]
    pub fn phase<V: Into<String>>(self, words: impl IntoIterator<Item = V>) -> Self {
        self.feature_in("phase", words)
    }

    /// It runs on this node.
    #[must_use]
    pub fn on(self, node: impl Into<String>) -> Self {
        self.feature_is("node", node)
    }

    /// It belongs to this owner.
    #[must_use]
    pub fn owned_by(self, kind: &str, name: impl Into<String>) -> Self {
        self.feature_is("owner", format!("{kind}/{}", name.into()))
    }

    /// It was created before so long, as in `1h`.
    #[must_use]
    pub fn older(self, age: impl Into<String>) -> Self {
        self.compare("age", Operator::Above, age)
    }

    /// It was created within so long.
    #[must_use]
    pub fn younger(self, age: impl Into<String>) -> Self {
        self.compare("age", Operator::Below, age)
    }

    /// Within so long, as in `10m`: when an event was seen last, when others were created.
    #[must_use]
    pub fn since(self, age: impl Into<String>) -> Self {
        self.feature_is("since", age)
    }

    /// There is an object that this asks for and that belongs with it.
    #[must_use]
    pub fn with(self, query: Self) -> Self {
        self.and(Atom::With(Box::new(query)).into())
    }

    /// There is none.
    #[must_use]
    pub fn without(self, query: Self) -> Self {
        self.and(Expr::from(Atom::With(Box::new(query))).negate())
    }

    /// What belongs with what was asked for so far: a kind (`pods`) or a relation (`owner`).
    #[must_use]
    pub fn to(self, kind_or_relation: &str) -> Self {
        let from = Self {
            from: self.from,
            kinds: self.kinds,
            filter: self.filter,
            ..Self::default()
        };
        Self {
            from: Some(Box::new(from)),
            ..Self::of(kind_or_relation)
        }
    }

    /// What this asks for, as well; of its conditions only.
    #[must_use]
    pub fn or(mut self, query: Self) -> Self {
        self.filter = Expr::Or(vec![self.filter, query.filter]);
        self
    }

    /// Not what this asks for; of its conditions only.
    #[must_use]
    pub fn not(self, query: Self) -> Self {
        self.and(query.filter.negate())
    }

    /// A figure or an age compares so: `.compare("restarts", Operator::Above, "5")`.
    #[must_use]
    pub fn compare(self, field: &str, operator: Operator, value: impl Into<String>) -> Self {
        let (field, value) = (Field::read(field), value.into());
        let atom = match field {
            Field::Label(key) => Atom::of_label(&key, operator, value),
            field => compare(field, operator, value),
        };
        self.and(atom.into())
    }

    /// Somebody should look at it.
    #[must_use]
    pub fn broken(self) -> Self {
        self.flagged("broken")
    }

    /// All is well.
    #[must_use]
    pub fn running(self) -> Self {
        self.flagged("running")
    }

    /// On its way.
    #[must_use]
    pub fn creating(self) -> Self {
        self.flagged("creating")
    }

    /// Asked to go.
    #[must_use]
    pub fn terminating(self) -> Self {
        self.flagged("terminating")
    }

    fn flagged(self, flag: &str) -> Self {
        self.and(Atom::Is(flag.to_owned()).into())
    }

    /// Smallest first; earlier calls weigh more.
    #[must_use]
    pub fn order(self, field: &str) -> Self {
        self.sorted(field, false)
    }

    /// Largest first; earlier calls weigh more.
    #[must_use]
    pub fn order_desc(self, field: &str) -> Self {
        self.sorted(field, true)
    }

    fn sorted(mut self, field: &str, descending: bool) -> Self {
        let field = Field::read(field);
        self.sort.push(Spanned::new(Sort { field, descending }));
        self
    }

    /// At most so many.
    #[must_use]
    pub const fn limit(mut self, rows: usize) -> Self {
        self.limit = Some(rows);
        self
    }
}

fn compare(field: Field, operator: Operator, value: String) -> Atom {
    Atom::Compare {
        field,
        every: false,
        operator,
        values: vec![value],
    }
}

impl Atom {
    /// A label compares so. What selectors cannot ask is asked of it as of what lies at any path.
    pub(crate) fn of_label(key: &str, operator: Operator, value: String) -> Self {
        let limit = value.parse().ok().filter(|_| is_key(key));
        let test = match (operator, limit) {
            (Operator::Equal, _) => Test::In(vec![value]),
            (Operator::Above, Some(limit)) => Test::Above(limit),
            (Operator::Below, Some(limit)) => Test::Below(limit),
            _ => {
                let key = key.replace('\\', "\\\\").replace('"', "\\\"");
                let path = format!("{{.metadata.labels[\"{key}\"]}}");
                return compare(Field::Path(path), operator, value);
            }
        };
        Self::Label(Requirement::new(key, test))
    }
}

fn inc_each<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Expr {
    let each = by_key(pairs).into_iter();
    Expr::all(
        each.map(|(key, values)| label(key, Test::In(values)))
            .collect(),
    )
}

fn inc_any<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Expr {
    let mut any: Vec<Expr> = by_key(pairs)
        .into_iter()
        .map(|(key, values)| label(key, Test::In(values)))
        .collect();
    if any.len() == 1 {
        any.swap_remove(0)
    } else {
        Expr::Or(any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_and_text_are_the_same_tree() {
        let check = |fluent: Query, text: &str| {
            assert_eq!(fluent.to_string(), text);
            assert_eq!(Query::parse(text).query, fluent, "{text}");
        };
        check(
            Query::of("deployments")
                .ns(["default", "nectar"])
                .lbs_inc_any([("v", "alpha")]),
            "deployments ns:default,nectar v=alpha",
        );
        check(
            Query::of("pods")
                .not_ns(["dev"])
                .broken()
                .like("web")
                .order_desc("restarts")
                .limit(5),
            "pods -ns:dev is:broken web sort:-restarts limit:5",
        );
        check(
            Query::of("pods").lbs_inc_each([("app", "a"), ("app", "b"), ("tier", "x")]),
            "pods app in (a,b) tier=x",
        );
        check(
            Query::of("pods").lbs_inc_any([("a", "1"), ("b", "2")]),
            "pods (a=1 OR b=2)",
        );
        check(
            Query::of("pods").lbs_exc_each([("a", "1"), ("b", "2")]),
            "pods -(a=1 b=2)",
        );
        check(
            Query::of("pods").lbs_exc_any([("a", "1"), ("b", "2")]),
            "pods a!=1 b!=2",
        );
        check(
            Query::of("pods").names(["x"]).not_names(["y", "z"]),
            "pods name:x -name:y,z",
        );
        let compared =
            |operator, value: &str| Query::of("pods").compare("label:a.io/b", operator, value);
        check(compared(Operator::Equal, "x"), "pods a.io/b=x");
        check(compared(Operator::Above, "5"), "pods a.io/b>5");
        check(compared(Operator::Below, "-5"), "pods a.io/b<-5");
        check(
            compared(Operator::AtLeast, "5"),
            "pods {.metadata.labels[\"a.io/b\"]}>=5",
        );
        check(
            compared(Operator::Matches, "^x"),
            "pods {.metadata.labels[\"a.io/b\"]}~\"^x\"",
        );
        check(
            Query::of("pods")
                .labels([("a", "1"), ("b", "2")])
                .field("account", "x")
                .phase(["Failed", "Succeeded"])
                .jsonpath(".spec.nodeName", "n1")
                .jsonpath("{.spec.x}", "y")
                .since("10m"),
            "pods a=1 b=2 account:x phase:Failed,Succeeded {.spec.nodeName}=n1 {.spec.x}=y since:10m",
        );
    }
}
