//! Label selectors: the server's grammar, its matching, and its error texts word for word.
//!
//! Follows `k8s.io/apimachinery/pkg/labels/selector.go`, because clients show these texts and learn from them.

mod lexer;
mod parser;
mod validation;

pub(crate) use validation::{is_subdomain, label_key_faults, label_value_faults};

use serde_json::Value;

use crate::object::Labels;

/// All requirements must hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl LabelSelector {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        parser::parse(text).map(|requirements| Self { requirements })
    }

    /// `matchLabels` and `matchExpressions` of a workload. None: one of the expressions has no known operator.
    pub(crate) fn of_workload(selector: &Value) -> Option<Self> {
        let labels = selector["matchLabels"].as_object().into_iter().flatten();
        let pairs = labels.map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()));
        let mut parsed = Self::equals(pairs);
        let expressions = selector["matchExpressions"].as_array();
        for expression in expressions.into_iter().flatten() {
            parsed
                .requirements
                .push(Requirement::of_expression(expression)?);
        }
        Some(parsed)
    }

    /// The selector of a service, or a part of a workload's.
    pub(crate) fn equals<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let requirements = pairs
            .map(|(key, value)| Requirement {
                key: key.to_owned(),
                operator: Operator::In,
                values: vec![value.to_owned()],
            })
            .collect();
        Self { requirements }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    pub(crate) fn matches(&self, labels: Labels<'_>) -> bool {
        self.requirements
            .iter()
            .all(|requirement| requirement.matches(labels.lookup(&requirement.key)))
    }
}

impl Requirement {
    fn of_expression(expression: &Value) -> Option<Self> {
        let operator = match expression["operator"].as_str()? {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            _ => return None,
        };
        let values = expression["values"].as_array().into_iter().flatten();
        Some(Self {
            key: expression["key"].as_str()?.to_owned(),
            operator,
            values: values
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
        })
    }

    fn matches(&self, value: Option<&str>) -> bool {
        match self.operator {
            Operator::In => {
                value.is_some_and(|value| self.values.iter().any(|wanted| wanted == value))
            }
            Operator::NotIn => {
                value.is_none_or(|value| self.values.iter().all(|unwanted| unwanted != value))
            }
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => self.compare(value, |left, right| left > right),
            Operator::LessThan => self.compare(value, |left, right| left < right),
        }
    }

    fn compare(&self, value: Option<&str>, holds: impl Fn(i64, i64) -> bool) -> bool {
        let left = value.and_then(|value| value.parse().ok());
        let right = self.values.first().and_then(|value| value.parse().ok());
        left.zip(right)
            .is_some_and(|(left, right)| holds(left, right))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::object::flatten_labels;

    fn check(selector: &str, expected: Expect) {
        let objects = ["", "app=web", "app=db,tier=2", "tier=10"];
        let text = match LabelSelector::parse(selector) {
            Err(error) => error,
            Ok(selector) => {
                let matching = objects.iter().filter(|labels| {
                    let pairs = labels.split(',').filter_map(|pair| pair.split_once('='));
                    selector.matches(Labels::of(&flatten_labels(pairs)))
                });
                matching
                    .map(|labels| format!("[{labels}]"))
                    .collect::<Vec<_>>()
                    .join(" ")
            }
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn matching() {
        check("", expect!["[] [app=web] [app=db,tier=2] [tier=10]"]);
        check("app", expect!["[app=web] [app=db,tier=2]"]);
        check("!app", expect!["[] [tier=10]"]);
        check("app=web", expect!["[app=web]"]);
        check("app == web", expect!["[app=web]"]);
        check("app!=web", expect!["[] [app=db,tier=2] [tier=10]"]);
        check("app in (web, db),tier", expect!["[app=db,tier=2]"]);
        check("app notin (web)", expect!["[] [app=db,tier=2] [tier=10]"]);
        check("tier>2", expect!["[tier=10]"]);
        check("tier<10", expect!["[app=db,tier=2]"]);
        check("app=", expect![""]);
        check("app in ()", expect![""]);
        check("in in (in)", expect![""]);
    }

    #[test]
    fn errors() {
        check(
            "app in",
            expect!["unable to parse requirement: found '' expected: '('"],
        );
        check(
            "app in (web",
            expect!["unable to parse requirement: found '', expected: ',' or ')'"],
        );
        check(
            "app web",
            expect![
                "unable to parse requirement: found 'web', expected: in, notin, =, ==, !=, gt, lt"
            ],
        );
        check(
            "app=web,",
            expect!["found '', expected: identifier after ','"],
        );
        check(
            ",app",
            expect!["found ',', expected: !, identifier, or 'end of string'"],
        );
        check(
            "app=web tier",
            expect!["found 'tier', expected: ',' or 'end of string'"],
        );
        check(
            "!=web",
            expect!["found '!=', expected: !, identifier, or 'end of string'"],
        );
        check(
            "app>web",
            expect![[
                r#"unable to parse requirement: values[0]: Invalid value: "web": for 'Gt', 'Lt' operators, the value must be an integer"#
            ]],
        );
        check(
            "-app=1",
            expect![[
                r#"unable to parse requirement: <nil>: Invalid value: "-app": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"#
            ]],
        );
        check(
            "app=a/b",
            expect![[
                r#"unable to parse requirement: values[0][app]: Invalid value: "a/b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#
            ]],
        );
    }
}
