//! Bugs that such engines have had, each put into ours by hand: the law must find them.

use k8kat::api::label::{Requirement, Test};
use k8kat::plan::{Content, FieldRequirement, Known, Plan};
use k8kat::query::{Atom, Expr, Field, Operator, Query};

use crate::carry_out::{Reading, carry_out};
use crate::chance::Chance;
use crate::planned::plan;
use crate::reference::{EVERYTHING, Reference};
use crate::server::Server;
use crate::state::State;

/// A bug that must be found within so many cases.
const MOST: u64 = 1000;
/// So many cases of each are tried without the bug.
const SOUND: u64 = 100;

/// A bug: the clauses that it shows itself by, and what it makes of a query, its plan or its lists.
#[derive(Clone, Copy)]
struct Mutant {
    clauses: &'static [&'static str],
    query: fn(&Query) -> Query,
    plan: fn(&Query, &mut Plan),
    reading: fn(&Plan) -> Reading,
}

const NONE: Mutant = Mutant {
    clauses: &[],
    query: Query::clone,
    plan: |_, _| {},
    reading: |_| Reading::Whole,
};

impl Mutant {
    /// Whether the law holds in one case.
    fn holds(&self, seed: u64) -> bool {
        let mut chance = Chance::new(seed);
        let state = State::random(&mut chance);
        let text = format!(
            "pods {} {}",
            chance.pick(self.clauses),
            chance.pick(&["", "", "is:running", "name:*"])
        );
        let parsed = Query::parse(&text);
        assert_eq!(parsed.problems, [], "{text}");
        let reference = Reference {
            state: &state,
            visible: EVERYTHING,
        };
        let expected = reference.answer(&parsed.query);
        let mut server = Server::new(state.clone());
        server.page = 1 + chance.below(7);
        let query = (self.query)(&parsed.query);
        let mut plan = plan(&query, &Known::default());
        (self.plan)(&query, &mut plan);
        carry_out(&plan, &server, (self.reading)(&plan)) == Ok(expected)
    }

    /// The law holds without the bug, and not with it.
    fn is_found(self) {
        let sound = Self {
            clauses: self.clauses,
            ..NONE
        };
        for seed in 0..SOUND {
            assert!(
                sound.holds(seed),
                "the law does not hold without the bug, in case {seed}"
            );
        }
        assert!(
            (0..MOST).any(|seed| !self.holds(seed)),
            "the bug is not found"
        );
    }
}

/// A query with other atoms.
fn atoms(query: &Query, change: &dyn Fn(&Atom) -> Expr) -> Query {
    Query {
        filter: replaced(&query.filter, change),
        ..query.clone()
    }
}

fn replaced(condition: &Expr, change: &dyn Fn(&Atom) -> Expr) -> Expr {
    let all = |parts: &[Expr]| parts.iter().map(|part| replaced(part, change)).collect();
    match condition {
        Expr::And(parts) => Expr::And(all(parts)),
        Expr::Or(parts) => Expr::Or(all(parts)),
        Expr::Not(inner) => Expr::Not(Box::new(replaced(inner, change))),
        Expr::Atom(atom) => change(&atom.value),
    }
}

/// A query without the conjuncts that are like this.
fn without(query: &Query, is_lost: fn(&Expr) -> bool) -> Query {
    let kept = query
        .conjuncts()
        .iter()
        .filter(|part| !is_lost(part))
        .cloned();
    Query {
        filter: Expr::all(kept.collect()),
        ..query.clone()
    }
}

fn is_field(condition: &Expr, name: &str) -> bool {
    matches!(condition, Expr::Atom(atom)
        if matches!(&atom.value, Atom::Compare { field: Field::Named(field), .. } if field == name))
}

fn is_not_field(condition: &Expr, name: &str) -> bool {
    matches!(condition, Expr::Not(inner) if is_field(inner, name))
}

/// The labels that a choice or a conjunction consists of.
fn labels(condition: &Expr) -> Vec<Requirement> {
    let parts = match condition {
        Expr::And(parts) | Expr::Or(parts) => parts.as_slice(),
        _ => &[],
    };
    let label = |part: &Expr| match part {
        Expr::Atom(atom) => match &atom.value {
            Atom::Label(requirement) => Some(requirement.clone()),
            _ => None,
        },
        _ => None,
    };
    parts.iter().filter_map(label).collect()
}

fn push(plan: &mut Plan, field: &str, value: &str) {
    for scan in plan.parts.iter_mut().flat_map(|part| &mut part.scans) {
        let (field, value) = (field.to_owned(), value.to_owned());
        scan.fields.push(FieldRequirement {
            field,
            equal: true,
            value,
        });
    }
}

#[test]
fn not_all_of_these_asked_as_none_of_these() {
    Mutant {
        clauses: &["-(a=a b=b)", "-(a=1 in=in)"],
        plan: |query, plan| {
            for condition in query.conjuncts() {
                let Expr::Not(inner) = condition else {
                    continue;
                };
                let none = labels(inner)
                    .into_iter()
                    .filter_map(|label| label.negated());
                let none: Vec<_> = none.collect();
                for scan in plan.parts.iter_mut().flat_map(|part| &mut part.scans) {
                    scan.labels.extend(none.clone());
                }
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn values_of_one_key_as_if_all_had_to_hold() {
    Mutant {
        clauses: &["a in (a,b)", "in in (in,1,5)"],
        query: |query| {
            atoms(query, &|atom| match atom {
                Atom::Label(Requirement {
                    key,
                    test: Test::In(values),
                }) => Expr::And(
                    values
                        .iter()
                        .map(|value| {
                            Atom::Label(Requirement::new(
                                key.as_str(),
                                Test::In(vec![value.clone()]),
                            ))
                            .into()
                        })
                        .collect(),
                ),
                other => other.clone().into(),
            })
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn names_to_leave_out_that_nobody_reads() {
    Mutant {
        clauses: &["-name:a,b", "-name:ab"],
        query: |query| without(query, |part| is_not_field(part, "name")),
        ..NONE
    }
    .is_found();
}

#[test]
fn namespaces_to_leave_out_that_are_lost() {
    Mutant {
        clauses: &["-ns:a", "-ns:kube-system,in"],
        query: |query| without(query, |part| is_not_field(part, "ns")),
        ..NONE
    }
    .is_found();
}

#[test]
fn a_second_clause_that_overwrites_the_first() {
    Mutant {
        clauses: &["ns:a,b ns:b,in", "ns:a ns:b"],
        query: |query| {
            let mut parts = query.conjuncts().to_vec();
            if let Some(first) = parts.iter().position(|part| is_field(part, "ns")) {
                parts.remove(first);
            }
            Query {
                filter: Expr::all(parts),
                ..query.clone()
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn a_field_that_is_accepted_and_never_filled() {
    Mutant {
        clauses: &["ip:10.0.0.1", "ip:10.0.0.2"],
        plan: |query, plan| {
            for condition in query.conjuncts() {
                let Expr::Atom(atom) = condition else {
                    continue;
                };
                if let Atom::Compare {
                    field: Field::Named(field),
                    values,
                    ..
                } = &atom.value
                    && field == "ip"
                {
                    push(plan, "status.podIPs", &values[0]);
                }
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn a_status_taken_for_a_phase() {
    Mutant {
        clauses: &["status:Running", "status:Pending"],
        plan: |query, plan| {
            let status = if query.to_string().contains("Running") {
                "Running"
            } else {
                "Pending"
            };
            push(plan, "status.phase", status);
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn a_choice_whose_lists_overlap() {
    Mutant {
        clauses: &["(a=a OR b=b)", "(has:a OR in=in)"],
        plan: |query, plan| {
            for condition in query.conjuncts() {
                let Expr::Or(_) = condition else { continue };
                let choices = labels(condition);
                for (scan, choice) in plan.parts[0].scans.iter_mut().zip(choices) {
                    scan.labels = vec![choice];
                }
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn a_choice_whose_later_lists_ask_for_too_little() {
    Mutant {
        clauses: &["(a=a OR b=b)"],
        // `a` must be there and another, where it may be absent.
        plan: |_, plan| {
            for scan in plan.parts[0].scans.iter_mut().skip(1) {
                scan.labels.push(Requirement::new("a", Test::Exists));
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn a_limit_that_the_server_applies_before_we_filter() {
    Mutant {
        clauses: &["restarts:>2 limit:2", "is:running limit:1"],
        reading: limited,
        ..NONE
    }
    .is_found();
}

#[test]
fn a_limit_in_the_order_of_the_server() {
    // `a-b/x` comes before `a/x` there.
    Mutant {
        clauses: &["limit:1", "limit:2", "limit:3"],
        reading: limited,
        ..NONE
    }
    .is_found();
}

fn limited(plan: &Plan) -> Reading {
    plan.limit.map_or(Reading::Whole, Reading::First)
}

#[test]
fn a_limit_left_to_a_list_that_ignores_it() {
    Mutant {
        clauses: &["limit:1", "limit:2"],
        // Of a list from the cache, at any version, everything comes.
        plan: |_, plan| plan.limit = None,
        ..NONE
    }
    .is_found();
}

#[test]
fn pages_that_are_not_continued() {
    Mutant {
        clauses: &["", "phase:Running"],
        reading: |_| Reading::FirstPage,
        ..NONE
    }
    .is_found();
}

#[test]
fn a_state_read_from_the_first_container() {
    Mutant {
        clauses: &["is:broken"],
        query: |query| {
            atoms(query, &|atom| match atom {
                Atom::Is(flag) if flag == "broken" => Atom::Compare {
                    field: Field::Path(
                        "{.status.containerStatuses[0].state.terminated.reason}".to_owned(),
                    ),
                    every: false,
                    operator: Operator::Equal,
                    values: vec!["Error".to_owned()],
                }
                .into(),
                other => other.clone().into(),
            })
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn an_absent_label_taken_for_one_that_differs_not() {
    Mutant {
        clauses: &["a!=a", "a notin (a,b)"],
        plan: |_, plan| {
            for scan in &mut plan.parts[0].scans {
                scan.labels.push(Requirement::new("a", Test::Exists));
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn what_no_label_can_be_is_sent() {
    Mutant {
        clauses: &["a!=\"-bad\"", "-(a=\"-bad\")"],
        plan: |_, plan| {
            for scan in &mut plan.parts[0].scans {
                scan.labels
                    .push(Requirement::new("a", Test::NotIn(vec!["-bad".to_owned()])));
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn less_is_read_than_is_looked_at() {
    Mutant {
        clauses: &[
            "restarts:>2",
            "image:redis",
            "sort:restarts",
            "{.spec.nodeName}=n1",
        ],
        plan: |_, plan| {
            for scan in &mut plan.parts[0].scans {
                scan.content = Content::Metadata;
            }
        },
        ..NONE
    }
    .is_found();
}

#[test]
fn a_negation_of_a_choice_as_a_choice_of_negations() {
    Mutant {
        clauses: &["-(a=a OR name:b)", "-(node:n1 OR phase:Running)"],
        query: |query| {
            let parts = query.conjuncts().iter().map(|part| match part {
                Expr::Not(inner) => match &**inner {
                    Expr::Or(any) => {
                        Expr::Or(any.iter().map(|part| part.clone().negate()).collect())
                    }
                    _ => part.clone(),
                },
                _ => part.clone(),
            });
            Query {
                filter: Expr::all(parts.collect()),
                ..query.clone()
            }
        },
        ..NONE
    }
    .is_found();
}
