//! The law for plans: whatever is known of the cluster, and however the query is written, carrying out
//! its plan gives the whole query evaluated.

use k8kat::plan::{Known, Plan};
use k8kat::query::{Expr, Query};
use k8kat::resource::Kind;

use crate::carry_out::{Reading, carry_out};
use crate::chance::Chance;
use crate::once::{Case, cases, print, seed};
use crate::reference::Reference;
use crate::server::{Rights, Server};
use crate::state::{NAMESPACES, RESOURCES, Resource};

/// A plan of a query that makes sense.
pub(crate) fn plan(query: &Query, known: &Known) -> Plan {
    let (plan, problems) = Plan::of(query, known);
    assert_eq!(problems, [], "{query}");
    plan.expect("a plan of what makes sense")
}

/// As the engine knows it.
fn kind(resource: &Resource) -> &'static Kind {
    Kind::named(resource.plural).expect("a kind that is known by heart")
}

/// Something that may be known of a cluster, true or as good as true.
fn known(chance: &mut Chance, server: &mut Server) -> Known {
    let mut known = Known::default();
    server.minor = [30, 34][chance.below(2)];
    known.version = (!chance.one_in(3)).then_some((1, server.minor));
    known.all_namespaces = chance.one_in(2);
    let namespaces = NAMESPACES
        .iter()
        .filter(|_| known.all_namespaces || chance.one_in(2));
    known.namespaces = namespaces.map(|name| (*name).to_owned()).collect();
    for resource in &RESOURCES {
        if chance.one_in(2) {
            let count = [0, 3, 100, 50_000][chance.below(4)];
            known.kind_mut(kind(resource)).count = Some(count);
        }
        for field in [
            "spec.nodeName",
            "metadata.namespace",
            "metadata.name",
            "type",
        ] {
            if chance.one_in(8) {
                known
                    .kind_mut(kind(resource))
                    .refused_fields
                    .push(field.to_owned());
            }
        }
    }
    known
}

#[test]
fn what_is_known_changes_no_answer() {
    let first = seed();
    for seed in first..first + cases(1000) {
        let case = Case::random(seed);
        let mut chance = Chance::new(!seed);
        let mut server = case.server();
        server.faults.take();
        let known = known(&mut chance, &mut server);
        let found = carry_out(&plan(&case.query(), &known), &server, Reading::Whole);
        assert_eq!(
            found,
            Ok(case.expected()),
            "case {seed}: {}\n{}\n{known:?}",
            case.text,
            print(&case.state)
        );
    }
}

#[test]
fn whoever_may_not_list_all_namespaces_is_told_what_is_missing() {
    let first = seed();
    for seed in first..first + cases(500) {
        let case = Case::random(seed);
        let mut chance = Chance::new(!seed);
        let allowed = chance.some(&NAMESPACES);
        let mut server = case.server();
        server.faults.take();
        server.rights = Rights {
            namespaces: Some(allowed.clone()),
            ..Rights::default()
        };
        let mut known = Known {
            namespaces: allowed.iter().map(|name| (*name).to_owned()).collect(),
            ..Known::default()
        };
        for resource in RESOURCES.iter().filter(|kind| kind.namespaced) {
            known.kind_mut(kind(resource)).refuses_list = true;
        }
        let query = case.query();
        let plan = plan(&query, &known);
        // What is forbidden says so by itself.
        let Ok(found) = carry_out(&plan, &server, Reading::Whole) else {
            continue;
        };
        let visible = Reference {
            state: &case.state,
            visible: &|kind, namespace| !kind.namespaced || allowed.contains(&namespace),
        };
        let text = format!(
            "case {seed}: {} in {allowed:?}\n{}\n{plan}",
            case.text,
            print(&case.state)
        );
        assert_eq!(found, visible.answer(&query), "{text}");
        assert!(
            plan.partial().is_some() || found == case.expected(),
            "{text}"
        );
    }
}

/// The same condition, written otherwise.
fn rewritten(condition: &Expr, chance: &mut Chance) -> Expr {
    let mut parts = |parts: &[Expr]| {
        let mut parts: Vec<Expr> = parts.iter().map(|part| rewritten(part, chance)).collect();
        // In any order.
        for end in (1..parts.len()).rev() {
            parts.swap(end, chance.below(end + 1));
        }
        parts
    };
    let same = match condition {
        Expr::And(all) => Expr::And(parts(all)),
        Expr::Or(any) => Expr::Or(parts(any)),
        Expr::Not(inner) => Expr::Not(Box::new(rewritten(inner, chance))),
        Expr::Atom(atom) => Expr::Atom(atom.clone()),
    };
    match chance.below(8) {
        0 => Expr::Not(Box::new(Expr::Not(Box::new(same)))),
        1 => Expr::And(vec![same, Expr::default()]),
        2 => Expr::Or(vec![Expr::Or(Vec::new()), same]),
        3 => Expr::Or(vec![same.clone(), same]),
        _ => same,
    }
}

#[test]
fn the_same_written_otherwise_has_the_same_answer() {
    let first = seed();
    for seed in first..first + cases(1000) {
        let case = Case::random(seed);
        let mut chance = Chance::new(!seed);
        let server = case.server();
        server.faults.take();
        let query = case.query();
        let other = Query {
            filter: rewritten(&query.filter, &mut chance),
            ..query.clone()
        };
        for query in [&query, &other] {
            let read = Query::parse(&query.to_string());
            assert_eq!(read.problems, [], "case {seed}: {query}");
            let again = Query::parse(&read.query.to_string()).query;
            assert_eq!(again, read.query, "case {seed}: {query}");
        }
        assert_eq!(
            Query::parse(&query.to_string()).query,
            query,
            "case {seed}: {query}"
        );
        let read = Query::parse(&other.to_string()).query;
        for other in [other, read] {
            let found = carry_out(&plan(&other, &Known::default()), &server, Reading::Whole);
            assert_eq!(
                found,
                Ok(case.expected()),
                "case {seed}: {} as {other}\n{}",
                case.text,
                print(&case.state)
            );
        }
    }
}
