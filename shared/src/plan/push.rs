//! Gives the API server what it decides exactly as we do: the namespace as a path, requirements
//! on labels, and the few fields that it can select by. Everything else stays with us.

use super::bind::Bound;
use super::predicate::{Pattern, Predicate};
use super::{Content, FieldRequirement, Plan, ScanSpec};
use crate::api::is_namespace;
use crate::query::Query;
use crate::resource::Kind;
use crate::sort::sort;

/// More namespaces than this are cheaper read as one list of the cluster.
const MOST_NAMESPACES: usize = 24;
/// Addresses longer than this are refused somewhere on the way.
const LONGEST_PATH: usize = 6000;

pub(super) fn push_down(query: &Query, bound: Bound) -> Plan {
    let whole_for = whole_for(&bound);
    let mut push = Push {
        kind: bound.kind,
        namespaces: None,
        scan: ScanSpec::all(bound.kind),
    };
    if whole_for.is_some() {
        push.scan.content = Content::Whole;
    }
    let (mut pushed, mut local) = (Vec::new(), Vec::new());
    for (text, predicate) in &bound.filter {
        let before = push.scan.clone();
        let decided = push.condition(predicate).and_then(|()| {
            let fits = push.scan.path(&[]).len() <= LONGEST_PATH;
            fits.then_some(()).ok_or_else(|| {
                push.scan = before;
                "the address would be longer than servers take"
            })
        });
        match decided {
            Ok(()) => pushed.push(text.clone()),
            Err(why) => local.push((text.clone(), why)),
        }
    }
    Plan {
        kind: bound.kind,
        filter: Predicate::All(
            bound
                .filter
                .into_iter()
                .map(|(_, predicate)| predicate)
                .collect(),
        ),
        order: bound.order,
        limit: query.limit,
        scans: push.scans(),
        pushed,
        local,
        whole_for,
    }
}

/// A field of the query that is not in the metadata, of a kind of which no more is listed.
fn whole_for(bound: &Bound) -> Option<&'static str> {
    let mut columns = bound.kind.columns.iter().enumerate();
    let is_asked = |index: usize| {
        let sorts = bound.order.iter().any(|(column, _)| *column == index);
        let asks =
            |(_, predicate): &(String, Predicate)| predicate.looks_at(&|column| column == index);
        sorts || bound.filter.iter().any(asks)
    };
    (bound.kind.listed == Content::Metadata)
        .then(|| columns.find(|(index, column)| column.content && is_asked(*index)))
        .flatten()
        .map(|(_, column)| column.name)
}

struct Push {
    kind: &'static Kind,
    namespaces: Option<Vec<String>>,
    scan: ScanSpec,
}

/// Why a condition is decided here.
type Why = &'static str;

impl Push {
    fn condition(&mut self, predicate: &Predicate) -> Result<(), Why> {
        match predicate {
            Predicate::Namespace(patterns) => self.namespace(patterns),
            Predicate::Label(requirement) => {
                if !requirement.is_sendable() {
                    return Err("no label can be so, and the API server refuses to look for it");
                }
                self.scan.labels.push(requirement.clone());
                Ok(())
            }
            Predicate::Text(index, patterns) => self.field(*index, patterns),
            Predicate::Not(inner) => self.negation(inner),
            Predicate::All(all) if all.is_empty() => Ok(()),
            Predicate::All(_) | Predicate::Any(_) => Err("selectors have neither OR nor groups"),
            Predicate::NameContains(_) => Err("the API has no search in names"),
            Predicate::Figure(..) | Predicate::FigureIn(..) => Err("the API compares no figures"),
            Predicate::Since(..) => Err("the API compares no times"),
            Predicate::Broken | Predicate::Running => Err("the state is derived from many fields"),
        }
    }

    fn negation(&mut self, inner: &Predicate) -> Result<(), Why> {
        match inner {
            Predicate::Label(requirement) => {
                let negated = requirement
                    .negated()
                    .ok_or("selectors cannot negate a comparison")?;
                self.condition(&Predicate::Label(negated))
            }
            Predicate::Namespace(patterns) => {
                let excluded = exact(patterns)?;
                for namespace in excluded {
                    self.scan.fields.push(FieldRequirement {
                        field: "metadata.namespace",
                        equal: false,
                        value: namespace,
                    });
                }
                Ok(())
            }
            Predicate::Text(index, patterns) => {
                let (field, values) = self.selectable(*index, patterns)?;
                for value in values {
                    self.scan.fields.push(FieldRequirement {
                        field,
                        equal: false,
                        value,
                    });
                }
                Ok(())
            }
            _ => Err("selectors have no such negation"),
        }
    }

    fn namespace(&mut self, patterns: &[Pattern]) -> Result<(), Why> {
        let mut named = exact(patterns)?;
        sort(&mut named);
        named.dedup();
        if self.namespaces.is_some() {
            return Err("another clause names the namespaces already");
        }
        if named.len() > MOST_NAMESPACES {
            return Err("one list of the cluster is cheaper than so many of namespaces");
        }
        if named.iter().any(|name| !is_namespace(name)) {
            return Err("no namespace can be called so");
        }
        self.namespaces = Some(named);
        Ok(())
    }

    fn field(&mut self, index: usize, patterns: &[Pattern]) -> Result<(), Why> {
        let (field, values) = self.selectable(index, patterns)?;
        let [value] = values.as_slice() else {
            return Err("field selectors have no OR");
        };
        let value = value.clone();
        self.scan.fields.push(FieldRequirement {
            field,
            equal: true,
            value,
        });
        Ok(())
    }

    /// The selector of a column and the values that it can compare with.
    fn selectable(
        &self,
        index: usize,
        patterns: &[Pattern],
    ) -> Result<(&'static str, Vec<String>), Why> {
        let column = &self.kind.columns[index];
        let field = column
            .selector
            .ok_or("the API server cannot select by this field")?;
        let values = exact(patterns)?;
        // What kubectl prints for nothing is nothing to the server.
        if values.iter().any(|value| value == column.absent) {
            return Err("the API server does not know how kubectl prints nothing");
        }
        Ok((field, values))
    }

    fn scans(self) -> Vec<ScanSpec> {
        let Self {
            namespaces, scan, ..
        } = self;
        match namespaces {
            None => vec![scan],
            Some(namespaces) => namespaces
                .into_iter()
                .map(|namespace| ScanSpec {
                    namespace: Some(namespace),
                    ..scan.clone()
                })
                .collect(),
        }
    }
}

fn exact(patterns: &[Pattern]) -> Result<Vec<String>, Why> {
    patterns
        .iter()
        .map(|pattern| match pattern {
            Pattern::Exactly(text) => Ok(text.clone()),
            Pattern::Glob(_) => Err("selectors know no patterns"),
        })
        .collect()
}
