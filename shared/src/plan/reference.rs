//! The language on one page, out of the tables that it is read by.

use super::{FLAGS, RELATIONS};
use crate::query::{DIRECTIVES, OPERATORS};
use crate::resource::KINDS;

/// A part of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// What is written, and what it asks.
    pub lines: Vec<(String, String)>,
}

/// What has no table: how clauses are put together.
const GRAMMAR: [(&str, &str); 19] = [
    (
        "pods ns:shop app=web web-",
        "a kind, then clauses that must all hold; pods, if no kind stands first",
    ),
    ("pods,svc", "several kinds in one table"),
    ("(a OR b)", "one of both"),
    ("-ns:dev", "not so; NOT and a minus sign are the same"),
    ("web", "the name contains it"),
    (
        "status:Crash*,Error",
        "a field is one of these; * stands for anything",
    ),
    ("name:\"a b\"", "in quotes any sign may stand"),
    (
        "app=web",
        "a label, as for kubectl -l: k=v, k!=v, k in (a,b), k notin (a,b), k>5, k<5, !k",
    ),
    ("has:app", "carries the label"),
    (
        "-l \"app=web,!old\"",
        "a label selector, pasted from kubectl",
    ),
    (
        "-f \"spec.nodeName=n1\"",
        "a field selector, pasted from kubectl",
    ),
    (
        "{.spec.containers[*].image}=nginx*",
        "what lies at a JSONPath; of several values one is enough",
    ),
    (
        "all:{.spec.containers[*].image}~^shop/",
        "every value at it, and there is one",
    ),
    ("has:{.spec.nodeSelector}", "the path leads to something"),
    (
        "deploy web -> pods is:broken",
        "walks from objects to what belongs with them: to a kind, or by a relation",
    ),
    (
        "with:pods",
        "there is such an object that belongs with it; with:(pods is:broken) asks more of that",
    ),
    ("without:users", "there is none"),
    ("owner:deploy/web", "belongs to this owner"),
    (
        "since:10m",
        "within so long: when an event was seen last, when others were created",
    ),
];

/// The page.
#[must_use]
pub fn reference() -> Vec<Section> {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|(written, meaning)| ((*written).to_owned(), (*meaning).to_owned()))
            .collect()
    };
    let operators = OPERATORS.map(|(_, _, example, meaning)| (example, meaning));
    let flags = FLAGS.map(|(flag, _, meaning)| (format!("is:{flag}"), meaning.to_owned()));
    let relations = RELATIONS.map(|(name, _, meaning)| (format!("-> {name}"), meaning.to_owned()));
    let directives = DIRECTIVES.map(|(_, example, meaning)| (example, meaning));
    let kinds = KINDS.map(|kind| {
        let names = [kind.resource.plural]
            .into_iter()
            .chain(kind.short_names.iter().copied());
        let fields: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
        (names.collect::<Vec<_>>().join(", "), fields.join(", "))
    });
    vec![
        Section {
            title: "Clauses",
            lines: pairs(&GRAMMAR),
        },
        Section {
            title: "Comparisons",
            lines: pairs(&operators),
        },
        Section {
            title: "States",
            lines: flags.into(),
        },
        Section {
            title: "Relations",
            lines: relations.into(),
        },
        Section {
            title: "What is shown",
            lines: pairs(&directives),
        },
        Section {
            title: "Kinds and their fields",
            lines: kinds.into(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::plan::{Known, Plan};
    use crate::query::Query;

    fn markdown() -> String {
        let mut text = "# The query language\n\nThe search bar, the URL, the live views and `Query` in Rust speak it. Parsing never fails: what cannot be\nread is left out and reported. This page is made of the tables that the parser reads by:\n`UPDATE_EXPECT=1 cargo test -p k8kat reference` writes it.\n".to_owned();
        for section in reference() {
            let _ = write!(text, "\n## {}\n\n| | |\n|---|---|\n", section.title);
            for (written, meaning) in section.lines {
                let written = written.replace('|', "\\|");
                let _ = writeln!(text, "| `{written}` | {meaning} |");
            }
        }
        text.push_str("\nOther kinds that the cluster has are known by the names that kubectl has for them; their fields are the columns\nthat the API server prints.\n");
        text
    }

    // As WASM the tests are given no files.
    #[test]
    #[cfg_attr(target_os = "wasi", ignore)]
    fn the_page_is_what_the_tables_say() {
        expect_test::expect_file!["../../LANGUAGE.md"].assert_eq(&markdown());
    }

    #[test]
    fn every_example_is_read_as_it_stands() {
        let sections = reference()
            .into_iter()
            .filter(|section| section.title != "Kinds and their fields");
        for (example, _) in sections.flat_map(|section| section.lines) {
            let text = match example.chars().next() {
                Some('-') if example.starts_with("->") => match &*example {
                    "-> runs" => format!("nodes {example}"),
                    "-> concerns" => format!("events {example}"),
                    "-> contains" => format!("namespaces {example}"),
                    "-> mounted-by" | "-> users" => format!("cm {example}"),
                    "-> owned" => format!("rs {example}"),
                    "-> selects" => format!("svc {example}"),
                    _ => format!("pods {example}"),
                },
                _ if example.starts_with(|c: char| c.is_ascii_lowercase())
                    && (example.starts_with("pods") || example.starts_with("deploy")) =>
                {
                    example.clone()
                }
                _ if example == "without:users" => format!("cm {example}"),
                _ => format!("pods {example}"),
            };
            let parsed = Query::parse(&text);
            let (plan, problems) = Plan::of(&parsed.query, &Known::default());
            assert_eq!((parsed.problems, problems), (vec![], vec![]), "{text}");
            assert!(plan.is_some(), "{text}");
        }
    }
}
