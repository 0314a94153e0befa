use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::api::label::{Requirement, Test};
use crate::query::{Aggregate, Field, Function, Operator, Output, Sort};

/// The canonical text, then each problem with its span.
fn check(text: &str, expected: &Expect) {
    let parsed = Query::parse(text);
    let mut lines = vec![parsed.query.to_string()];
    for problem in &parsed.problems {
        let fix = problem
            .fix
            .as_ref()
            .map_or_else(String::new, |fix| format!(" -> {fix:?}"));
        lines.push(format!(
            "  {:?}: {}{fix}",
            problem.span.of(text),
            problem.message
        ));
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn clauses() {
    check(
        "pods  ns:shop app=web status:CrashLoopBackOff sort:-restarts web-",
        &expect!["pods ns:shop app=web status:CrashLoopBackOff web- sort:-restarts"],
    );
    check(
        "deploy ns:default,nectar v=alpha",
        &expect!["deploy ns:default,nectar v=alpha"],
    );
    check(
        "po -ns:dev is:broken -app=x NOT web",
        &expect!["po -ns:dev is:broken -app=x -web"],
    );
    check(
        "pods restarts:>5 age:<=1h restarts>5 age<1h",
        &expect!["pods restarts:>5 age:<=1h restarts>5 age:<1h"],
    );
    check(
        "pods (app=a OR tier=b) -(x y)",
        &expect!["pods (app=a OR tier=b) -(x y)"],
    );
    check(
        "pods a in (b, c),d notin (e) !f has:g k!=v",
        &expect!["pods a in (b,c) d!=e !f has:g k!=v"],
    );
    check(
        "svc external:<pending> name:\"a b\",c",
        &expect!["svc external:\"<pending>\" name:\"a b\",c"],
    );
    check("app=web", &expect!["app=web"]);
    check("app in (web)", &expect!["app=web"]);
    check("pods app= x", &expect!["pods app= x"]);
    check(
        "pods image:shop/web:8.1*",
        &expect!["pods image:\"shop/web:8.1*\""],
    );
    check("", &expect![""]);
}

#[test]
fn what_is_wrong_is_left_out_and_said() {
    check(
        "pods status: web",
        &expect![[r#"
        pods web
          "status:": status: needs a value"#]],
    );
    check(
        "pods limit:many sort:",
        &expect![[r#"
        pods
          "limit:many": limit is a number of rows, as in limit:20
          "": the field to sort by is missing, as in sort:-age"#]],
    );
    check(
        "pods (a b",
        &expect![[r#"
        pods a b
          "(": this parenthesis is not closed"#]],
    );
    check(
        "pods a) b",
        &expect![[r#"
        pods a b
          ")": there is no parenthesis to close -> """#]],
    );
    check(
        "pods name:\"a",
        &expect![[r#"
        pods
          "\"a": this quotation is not closed"#]],
    );
    check(
        "pods - =x ü",
        &expect![[r#"
            pods x "ü"
              "-": what is to be excluded is missing, as in -ns:dev
              "=": "=" cannot stand here"#]],
    );
    check("pods a OR", &expect!["pods a"]);
    check("pods OR", &expect!["pods"]);
    for half in ["pods -(", "pods -(status:", "pods (", "pods -(status:)"] {
        assert_eq!(Query::parse(half).query, Query::of("pods"), "{half}");
    }
}

#[test]
fn the_kind_ends_at_a_parenthesis() {
    check("pods(a OR\nb)", &expect!["pods (a OR b)"]);
}

/// What is printed asks the same, whatever stands first.
#[test]
fn a_name_is_never_printed_as_a_kind() {
    for text in [
        "\"web\"",
        "(web)",
        "limit:5 web",
        "sort:age web",
        "OR a",
        "-(-web)",
        "(a OR b)",
        "x \"in\" (a OR b)",
        "is:\"a b\"",
        "is:\"\"",
        "has:\"a b\"",
        "pods \"notin\" (a b)",
        "(a,b) c",
    ] {
        let query = Query::parse(text).query;
        let printed = query.to_string();
        assert_eq!(
            Query::parse(&printed).query,
            query,
            "{text} is printed {printed}"
        );
    }
}

#[test]
fn tiles_cover_what_is_typed() {
    let text = "pods -ns:shop app=web sort:-age (x";
    let tiles: Vec<_> = Query::parse(text)
        .tiles
        .iter()
        .map(|tile| {
            (
                tile.span.of(text).to_owned(),
                tile.key.map(|key| key.of(text).to_owned()),
                tile.class,
            )
        })
        .collect();
    expect![[r#"
        [("pods", None, Kind), ("-ns:shop", Some("ns"), Field), ("app=web", Some("app"), Label), ("sort:-age", Some("sort"), Directive), ("(", None, Operator), ("x", None, Word)]"#]]
    .assert_eq(&format!("{tiles:?}"));
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9./-]{0,6}".prop_filter("a word of the language", |name| {
        let words = [
            "is", "has", "in", "notin", "with", "without", "all", "label",
        ];
        !words.contains(&name.as_str())
            && !name.ends_with('-')
            && DIRECTIVES.iter().all(|(known, ..)| known != name)
    })
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[A-Za-z0-9.*-]{1,6}", 1 => "[ -~]{0,6}"]
}

fn label_value() -> impl Strategy<Value = String> {
    "[A-Za-z0-9._-]{0,5}"
}

fn atom() -> impl Strategy<Value = Atom> {
    let operator = prop_oneof![
        Just(Operator::Matches),
        Just(Operator::Below),
        Just(Operator::AtMost),
        Just(Operator::Above),
        Just(Operator::AtLeast)
    ];
    let test = prop_oneof![
        prop::collection::vec(label_value(), 1..3).prop_map(Test::In),
        prop::collection::vec(label_value(), 1..3).prop_map(Test::NotIn),
        Just(Test::Exists),
        Just(Test::Absent),
        any::<i64>().prop_map(Test::Above),
        any::<i64>().prop_map(Test::Below),
    ];
    let comparison = prop_oneof![
        prop::collection::vec(value(), 1..3).prop_map(|values| (Operator::Equal, values)),
        (operator, value()).prop_map(|(operator, value)| (operator, vec![value])),
    ];
    let field = prop_oneof![name().prop_map(Field::Named), path().prop_map(Field::Path)];
    prop_oneof![
        3 => (field, any::<bool>(), comparison).prop_map(|(field, every, (operator, values))| {
            Atom::Compare {
                every: every && matches!(field, Field::Path(_)),
                field,
                operator,
                values,
            }
        }),
        1 => path().prop_map(Atom::Exists),
        2 => (name(), test).prop_map(|(key, test)| Atom::Label(Requirement::new(key, test))),
        1 => ("[a-z]{1,4}[.][a-zA-Z]{1,5}", any::<bool>(), "[ -~]{0,6}")
            .prop_map(|(field, equal, value)| Atom::Selector { field, equal, value }),
        1 => "[a-z]{1,6}".prop_map(Atom::Is),
        1 => value().prop_map(Atom::Word),
    ]
}

fn path() -> impl Strategy<Value = String> {
    "\\{[.][a-z]{1,4}(\\[[*]\\])?([.]\\[[?]\\(@[.]x==\"[}{]\"\\)\\])?\\}"
}

fn expression() -> impl Strategy<Value = Expr> {
    atom()
        .prop_map(Expr::from)
        .prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::all),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
                inner.clone().prop_map(not),
                (name(), inner, any::<bool>()).prop_map(|(kind, filter, walks)| {
                    let from = walks.then(|| Box::new(Query::of("a")));
                    let query = Query {
                        from,
                        filter,
                        ..Query::of(&kind.replace(['/', '.'], ""))
                    };
                    Expr::from(Atom::With(Box::new(query)))
                }),
            ]
        })
}

fn field() -> impl Strategy<Value = Spanned<Field>> {
    prop_oneof![
        name().prop_map(Field::Named),
        path().prop_map(Field::Path),
        name().prop_map(Field::Label),
    ]
    .prop_map(Spanned::new)
}

fn fields() -> impl Strategy<Value = Vec<Spanned<Field>>> {
    prop::collection::vec(field(), 0..3)
}

fn query() -> impl Strategy<Value = Query> {
    let sort = (field(), any::<bool>()).prop_map(|(field, descending)| {
        let field = field.value;
        Spanned::new(Sort { field, descending })
    });
    let functions = [
        Function::Sum,
        Function::Average,
        Function::Least,
        Function::Most,
        Function::Distinct,
    ];
    let aggregate = prop_oneof![
        Just((Function::Count, None)),
        (prop::sample::select(functions.to_vec()), field())
            .prop_map(|(function, field)| (function, Some(field.value))),
    ]
    .prop_map(|(function, field)| Spanned::new(Aggregate { function, field }));
    (
        prop::collection::vec(name(), 1..3),
        prop::collection::vec(expression(), 0..4),
        prop::collection::vec(sort, 0..3),
        prop::option::of(0_usize..1000),
        (fields(), fields(), fields()),
        prop::collection::vec(aggregate, 0..3),
        prop::option::of("[a-z]{1,5}"),
    )
        .prop_map(
            |(kinds, all, sort, limit, (columns, group, plucked), aggregates, from)| {
                let kind = |kind: String| Spanned::new(kind.replace(['/', '.'], ""));
                let pluck = || Output::Pluck(plucked.clone());
                Query {
                    from: from.map(|from| Box::new(Query::of(&from).like("a"))),
                    kinds: kinds.into_iter().map(kind).collect(),
                    filter: Expr::all(all),
                    sort,
                    limit,
                    columns,
                    group,
                    aggregates,
                    output: (!plucked.is_empty()).then(pluck),
                }
            },
        )
}

/// However often something is negated, its text is no deeper than it may be.
#[test]
fn negations_cancel_each_other_out() {
    for (count, expected) in [(1, "-a"), (2, "a"), (43, "-a"), (44, "a")] {
        let parsed = Query::parse(&format!("x {}a", "-".repeat(count)));
        assert_eq!(parsed.problems, []);
        assert_eq!(parsed.query.to_string(), format!("x {expected}"));
    }
}

/// What the count is compared with does not turn into what a directive takes.
#[test]
fn what_the_count_is_compared_with_is_printed_as_that() {
    for text in [
        "events count:=.x",
        "events count:=\"\",a",
        "events count:\"00>R\"",
        "events count:5,\"7 8\"",
        "events count:>5",
    ] {
        let parsed = Query::parse(text);
        assert_eq!(parsed.problems, [], "{text}");
        assert_eq!(parsed.query.to_string(), text);
    }
    assert_eq!(Query::parse("events count:\"a\"").problems.len(), 1);
}

/// No key begins with a minus sign, which is negation everywhere else.
#[test]
fn pasted_keys_do_not_begin_with_a_minus_sign() {
    for text in [
        "pods -l -a=b",
        "pods -l a=b,-c=d",
        "pods -l \"-a in (b)\"",
        "pods -l -a",
    ] {
        let parsed = Query::parse(text);
        assert_eq!(parsed.query.to_string(), "pods", "{text}");
        assert_eq!(parsed.problems.len(), 1, "{text}: {:?}", parsed.problems);
    }
}

proptest! {
    #[test]
    fn reading_what_is_printed_gives_the_query_again(query in query()) {
        let text = query.to_string();
        let parsed = Query::parse(&text);
        prop_assert_eq!(&parsed.problems, &[], "{}", text);
        prop_assert_eq!(parsed.query, query, "{}", text);
    }

    #[test]
    fn any_text_is_read(text in prop_oneof!["[ -~äß]{0,40}", of_tokens()]) {
        let parsed = Query::parse(&text);
        let printed = parsed.query.to_string();
        let again = Query::parse(&printed).query;
        prop_assert_eq!(again.to_string(), printed.as_str());
        prop_assert_eq!(again, parsed.query, "{}", printed);
        for tile in parsed.tiles {
            prop_assert!(text.get(tile.span.start..tile.span.end).is_some());
        }
    }
}

/// Texts of what the language knows, in any order.
fn of_tokens() -> impl Strategy<Value = String> {
    let token = "pods|web|OR|NOT|in|notin|is|has|ns|sort|limit|group|sum|count|cols|with|without|pluck|all|-l |-f |->|[-!():=<>,\" {}|~.]| \\(|, |\"a b\"|-\\(|5|a";
    prop::collection::vec(token, 0..14).prop_map(|tokens| tokens.concat())
}
