//! The language as Rust: each verb gives a new query, and the same tree that its text would.

use super::{Atom, Expr, Field, Operator, Query, Sort, Spanned};
use crate::api::label::{Requirement, Test};

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
    fn field<V: Into<String>>(name: &str, values: impl IntoIterator<Item = V>) -> Expr {
        Expr::from(Atom::Compare {
            field: Field::read(name),
            every: false,
            operator: Operator::Equal,
            values: values.into_iter().map(Into::into).collect(),
        })
    }

    /// In one of these namespaces.
    #[must_use]
    pub fn ns<V: Into<String>>(self, namespaces: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::field("ns", namespaces);
        self.and(clause)
    }

    /// In none of these namespaces.
    #[must_use]
    pub fn not_ns<V: Into<String>>(self, namespaces: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::field("ns", namespaces).negate();
        self.and(clause)
    }

    /// Called one of these.
    #[must_use]
    pub fn names<V: Into<String>>(self, names: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::field("name", names);
        self.and(clause)
    }

    /// Called none of these.
    #[must_use]
    pub fn not_names<V: Into<String>>(self, names: impl IntoIterator<Item = V>) -> Self {
        let clause = Self::field("name", names).negate();
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
        let clause = Self::field(field, values);
        self.and(clause)
    }

    /// A figure or an age compares so: `.compare("restarts", Operator::Above, "5")`.
    #[must_use]
    pub fn compare(self, field: &str, operator: Operator, value: impl Into<String>) -> Self {
        self.and(Expr::from(Atom::Compare {
            field: Field::read(field),
            every: false,
            operator,
            values: vec![value.into()],
        }))
    }

    /// Somebody should look at it.
    #[must_use]
    pub fn broken(self) -> Self {
        self.and(Atom::Is("broken".to_owned()).into())
    }

    /// All is well.
    #[must_use]
    pub fn running(self) -> Self {
        self.and(Atom::Is("running".to_owned()).into())
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
    }
}
