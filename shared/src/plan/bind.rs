//! Binds a query to its kinds: names become columns, values become numbers. What makes no sense
//! for the kinds is left out of the answer and reported with a guess at what was meant.

mod clause;
mod guess;

use super::optimize::Draft;
use super::{Figure, Getter, Known, Predicate, RELATIONS, Relation, Shape, Shown};
use crate::query::{Aggregate, DIRECTIVES, Field, Function, Output, Problem, Query, Span, Spanned};
use crate::resource::{Kind, ValueType};
use crate::value::jsonpath::Path;
use clause::Clauses;
pub use clause::FLAGS;
use guess::{did_you_mean, nearest};

/// Asked for when a query names no kind.
const DEFAULT_KIND: &str = "pods";

/// A query bound to its kinds.
pub(super) struct Bound {
    pub(super) parts: Vec<Draft>,
    pub(super) related: Vec<(Draft, Relation)>,
    pub(super) order: Vec<(Shown, bool)>,
    pub(super) limit: Option<usize>,
    pub(super) shape: Shape,
}

/// Binds a query; nothing when it names no kind that exists.
pub(super) fn bind(query: &Query, known: &Known, problems: &mut Vec<Problem>) -> Option<Bound> {
    let mut binder = Binder {
        known,
        problems,
        related: Vec::new(),
    };
    let (parts, kinds) = binder.parts(query)?;
    let order = binder.order(query, &kinds);
    let shape = binder.shape(query, &kinds);
    let related = binder.related;
    Some(Bound {
        parts,
        related,
        order,
        limit: query.limit,
        shape,
    })
}

struct Binder<'a> {
    known: &'a Known,
    problems: &'a mut Vec<Problem>,
    related: Vec<(Draft, Relation)>,
}

type Kinds = Vec<&'static Kind>;

impl Binder<'_> {
    fn report(&mut self, span: Span, message: impl Into<String>, fix: Option<String>) {
        let message = message.into();
        let problem = Problem { span, message, fix };
        // What is bound once for each kind is reported once.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// The parts of a query, one for each kind that it asks for.
    fn parts(&mut self, query: &Query) -> Option<(Vec<Draft>, Kinds)> {
        let kinds = self.kinds_of(query)?;
        let sources = match query.from.as_deref() {
            Some(from) => Some((from, self.kinds_of(from)?)),
            None => None,
        };
        let common = match kinds.len() {
            // What makes no sense for the only kind makes sense for none.
            1 => None,
            _ => Some(self.common_problems(query, &kinds)),
        };
        let mut parts = Vec::new();
        for kind in &kinds {
            let mut conjuncts = Vec::new();
            if let Some((from, sources)) = &sources {
                let text = format!("from {from}");
                conjuncts.push((text, self.reached_from(kind, from, sources, &query.kinds)?));
            }
            for condition in query.conjuncts() {
                let mut clauses = Clauses {
                    binder: self,
                    kind,
                    common: common.as_deref(),
                };
                if let Some(predicate) = clauses.condition(condition) {
                    conjuncts.push((condition.to_string(), predicate));
                }
            }
            parts.push(Draft::new(kind, conjuncts));
        }
        Some((parts, kinds))
    }

    /// The places of what makes no sense for any of several kinds. What makes sense for some is
    /// simply never so of the others.
    fn common_problems(&mut self, query: &Query, kinds: &[&'static Kind]) -> Vec<(usize, usize)> {
        let mut common: Option<Vec<(usize, usize)>> = None;
        for kind in kinds {
            let mut problems = Vec::new();
            let mut trial = Binder {
                known: self.known,
                problems: &mut problems,
                related: Vec::new(),
            };
            let mut clauses = Clauses {
                binder: &mut trial,
                kind,
                common: None,
            };
            for condition in query.conjuncts() {
                clauses.try_condition(condition);
            }
            let spans = problems.iter();
            let spans: Vec<_> = spans
                .map(|problem| (problem.span.start, problem.span.end))
                .collect();
            common = Some(match common {
                Some(mut common) => {
                    common.retain(|span| spans.contains(span));
                    common
                }
                None => spans,
            });
        }
        common.unwrap_or_default()
    }

    fn kinds(&mut self, names: &[Spanned<String>]) -> Kinds {
        let default = [Spanned::new(DEFAULT_KIND.to_owned())];
        let names = if names.is_empty() { &default } else { names };
        let mut kinds = Kinds::new();
        for name in names {
            match self.known.catalog.named(&name.value) {
                Some(kind) if kinds.iter().any(|known| std::ptr::eq(*known, kind)) => {}
                Some(kind) => kinds.push(kind),
                None => self.unknown_kind(&name.value, name.span, &[]),
            }
        }
        kinds
    }

    fn unknown_kind(&mut self, name: &str, span: Span, more: &[&str]) {
        let names = self.known.catalog.kinds().flat_map(|kind| {
            std::iter::once(kind.resource.plural)
                .chain([kind.singular])
                .chain(kind.short_names.iter().copied())
        });
        let names = names.chain(more.iter().copied());
        let fix = nearest(&name.to_ascii_lowercase(), names);
        let what = if more.is_empty() {
            "kind"
        } else {
            "kind or relation"
        };
        let message = format!(
            "there is no {what} called {name}{}",
            did_you_mean(fix.as_deref())
        );
        self.report(span, message, fix);
    }

    /// The kinds that a query asks for; nothing when there are none.
    fn kinds_of(&mut self, query: &Query) -> Option<Kinds> {
        let kinds = match &query.from {
            Some(from) => {
                let sources = self.kinds_of(from)?;
                self.reached(&query.kinds, &sources)
            }
            None => self.kinds(&query.kinds),
        };
        (!kinds.is_empty()).then_some(kinds)
    }

    /// The kinds that names behind an arrow or in `with:` mean: kinds, or relations of `sources`.
    fn reached(&mut self, names: &[Spanned<String>], sources: &[&'static Kind]) -> Kinds {
        let mut kinds = Kinds::new();
        for name in names {
            let found = self.targets(name, sources);
            for kind in found {
                if !kinds.iter().any(|known| std::ptr::eq(*known, kind)) {
                    kinds.push(kind);
                }
            }
        }
        kinds
    }

    fn targets(&mut self, name: &Spanned<String>, sources: &[&'static Kind]) -> Kinds {
        let lower = name.value.to_ascii_lowercase();
        if let Some(relation) = Relation::named(&lower) {
            let targets = |kind: &&'static Kind| relation.targets(kind, &self.known.catalog);
            let kinds: Kinds = sources.iter().flat_map(targets).collect();
            if kinds.is_empty() {
                let plural = plurals(sources);
                let message = format!("nothing is known that {plural} stand to as {}", name.value);
                self.report(name.span, message, None);
            }
            return kinds;
        }
        if let Some(kind) = self.known.catalog.named(&name.value) {
            return vec![kind];
        }
        let relations: Vec<&str> = RELATIONS.iter().map(|(name, ..)| *name).collect();
        self.unknown_kind(&name.value, name.span, &relations);
        Vec::new()
    }

    /// That an object of `kind` is reached from one that `from` asks for.
    fn reached_from(
        &mut self,
        kind: &'static Kind,
        from: &Query,
        sources: &[&'static Kind],
        names: &[Spanned<String>],
    ) -> Option<Predicate> {
        let relation = only_relation(names);
        let (parts, _) = self.parts(from)?;
        let mut any = Vec::new();
        for (part, source) in parts.into_iter().zip(sources) {
            let relations = match relation {
                Some(relation) => vec![relation],
                None => Relation::between(source, kind),
            };
            for relation in relations {
                any.push(self.relate(part.clone(), relation.inverse()));
            }
        }
        Some(Predicate::Any(any))
    }

    /// That an object of `kind` stands to one that `query` asks for.
    fn stands_to(&mut self, kind: &'static Kind, query: &Query) -> Option<Predicate> {
        // Of a walk such as `with:(pods -> owner)` the last word is how one gets there from pods.
        let relation = only_relation(&query.kinds).filter(|_| query.from.is_none());
        let named = match &query.from {
            Some(_) => query.clone(),
            None => Query {
                kinds: self
                    .reached(&query.kinds, &[kind])
                    .iter()
                    .map(|kind| Spanned::new(kind.resource.qualified()))
                    .collect(),
                ..query.clone()
            },
        };
        if named.kinds.is_empty() {
            return None;
        }
        let (parts, kinds) = self.parts(&named)?;
        let mut any = Vec::new();
        for (part, target) in parts.into_iter().zip(kinds) {
            let relations = match relation {
                Some(relation) => vec![relation],
                None => Relation::between(kind, target),
            };
            for relation in relations {
                any.push(self.relate(part.clone(), relation));
            }
        }
        Some(Predicate::Any(any))
    }

    fn relate(&mut self, part: Draft, relation: Relation) -> Predicate {
        self.related.push((part, relation));
        Predicate::Related(self.related.len() - 1)
    }

    /// What a field is of each kind; a problem when it is of none.
    fn shown(&mut self, field: &Field, span: Span, kinds: &[&'static Kind]) -> Option<Shown> {
        let mut read = Vec::new();
        for kind in kinds {
            read.push(self.getter(field, span, kind, kinds.len() > 1)?);
        }
        if read.iter().all(Option::is_none) {
            let name = field.to_string();
            self.unknown_field(&name, span, kinds);
            return None;
        }
        let name = field.to_string();
        Some(Shown { name, read })
    }

    /// How a kind reads a field: nothing when it has none of that name; no answer at all after a
    /// problem that was reported.
    fn getter(
        &mut self,
        field: &Field,
        span: Span,
        kind: &'static Kind,
        several: bool,
    ) -> Option<Option<Getter>> {
        Some(match field {
            Field::Named(name) if name == "kind" && several => Some(Getter::Kind),
            Field::Named(name) => match kind.column(name) {
                None if name == "state" => Some(Getter::State),
                column => column.map(Getter::Column),
            },
            Field::Label(key) => Some(Getter::Label(key.clone())),
            Field::Path(path) => Some(Getter::Path(self.path(path, span)?)),
        })
    }

    fn path(&mut self, text: &str, span: Span) -> Option<Path> {
        match Path::parse(text) {
            Ok(path) => Some(path),
            Err(problem) => {
                let within = Span {
                    start: span.start + problem.range.start,
                    end: span.start + problem.range.end,
                };
                let within = if within.end <= span.end { within } else { span };
                self.report(within, problem.message, None);
                None
            }
        }
    }

    fn unknown_field(&mut self, name: &str, span: Span, kinds: &[&'static Kind]) {
        let fields = kinds
            .iter()
            .flat_map(|kind| kind.columns.iter().map(|column| column.name));
        let words = ["is", "has", "with", "without"];
        let directives = DIRECTIVES.iter().map(|(name, ..)| *name);
        let fix = nearest(name, fields.chain(words).chain(directives));
        let plural = plurals(kinds);
        let guess = did_you_mean(fix.as_deref());
        let message = format!("{name} is not a field of {plural}, so it is left out{guess}");
        // The repair replaces the field's name and keeps what stands after it.
        let end = if span.end > span.start {
            span.start + name.len()
        } else {
            span.end
        };
        let name_span = Span {
            start: span.start,
            end,
        };
        self.report(if fix.is_some() { name_span } else { span }, message, fix);
    }

    fn order(&mut self, query: &Query, kinds: &[&'static Kind]) -> Vec<(Shown, bool)> {
        let figures: Vec<String> = query
            .aggregates
            .iter()
            .map(|figure| figure.value.to_string())
            .chain(["count".to_owned()])
            .collect();
        let mut order = Vec::new();
        for Spanned { span, value: sort } in &query.sort {
            let name = sort.field.to_string();
            let shown = if query.is_grouped() && figures.contains(&name) {
                let read = Vec::new();
                Some(Shown { name, read })
            } else {
                self.shown(&sort.field, *span, kinds)
            };
            order.extend(shown.map(|shown| (shown, sort.descending)));
        }
        if let ([kind], true, false) = (kinds, order.is_empty(), query.is_grouped()) {
            let columns = kind.order.iter();
            order.extend(columns.filter_map(|&(name, descending)| {
                let read = vec![Some(Getter::Column(kind.column(name)?))];
                let name = name.to_owned();
                Some((Shown { name, read }, descending))
            }));
        }
        order
    }

    fn shape(&mut self, query: &Query, kinds: &[&'static Kind]) -> Shape {
        let mut shown = |fields: &[Spanned<Field>]| -> Vec<Shown> {
            let fields = fields.iter();
            fields
                .filter_map(|field| self.shown(&field.value, field.span, kinds))
                .collect()
        };
        let plucked = match &query.output {
            Some(Output::Pluck(fields)) => shown(fields),
            None => Vec::new(),
        };
        if query.is_grouped() {
            let by = shown(&query.group);
            let mut figures = self.figures(&query.aggregates, kinds);
            if figures.is_empty() {
                figures.push(Figure {
                    name: "count".to_owned(),
                    function: Function::Count,
                    of: None,
                });
            }
            return Shape::Groups(by, figures);
        }
        let columns = shown(&query.columns);
        match (plucked.is_empty(), columns.is_empty()) {
            (false, _) => Shape::Columns(plucked),
            (true, false) => Shape::Columns(columns),
            (true, true) if kinds.len() > 1 => Shape::Columns(shown(&of_several(kinds))),
            (true, true) => Shape::Objects,
        }
    }

    fn figures(
        &mut self,
        aggregates: &[Spanned<Aggregate>],
        kinds: &[&'static Kind],
    ) -> Vec<Figure> {
        let mut figures = Vec::new();
        for Spanned { span, value } in aggregates {
            let of = match &value.field {
                Some(field) => match self.shown(field, *span, kinds) {
                    Some(shown) => Some(shown),
                    None => continue,
                },
                None => None,
            };
            let adds = matches!(value.function, Function::Sum | Function::Average);
            if adds && of.as_ref().is_some_and(|of| !is_figure(of, kinds)) {
                let name = value.function.name();
                let message = format!(
                    "{name} adds figures, and {} is none",
                    of.map(|of| of.name).unwrap_or_default()
                );
                self.report(*span, message, None);
                continue;
            }
            figures.push(Figure {
                name: value.to_string(),
                function: value.function,
                of,
            });
        }
        figures
    }
}

/// The columns of objects of several kinds.
fn of_several(kinds: &[&'static Kind]) -> Vec<Spanned<Field>> {
    let is_namespaced = kinds.iter().any(|kind| kind.resource.namespaced);
    ["kind", "ns", "name", "state", "age"]
        .into_iter()
        .filter(|name| *name != "ns" || is_namespaced)
        .map(|name| Spanned::new(Field::read(name)))
        .collect()
}

/// Whether a field can be added up: figures, and what lies at a path.
fn is_figure(shown: &Shown, kinds: &[&'static Kind]) -> bool {
    shown
        .read
        .iter()
        .zip(kinds)
        .any(|(getter, kind)| match getter {
            Some(Getter::Column(index)) => matches!(
                kind.columns.get(*index).map(|column| column.value),
                Some(ValueType::Number | ValueType::Ratio | ValueType::Quantity)
            ),
            Some(Getter::Path(_) | Getter::Label(_)) => true,
            Some(Getter::Kind | Getter::State) | None => false,
        })
}

fn only_relation(names: &[Spanned<String>]) -> Option<Relation> {
    match names {
        [name] => Relation::named(&name.value.to_ascii_lowercase()),
        _ => None,
    }
}

/// `pods and services`
fn plurals(kinds: &[&'static Kind]) -> String {
    let plurals: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    plurals.join(" and ")
}
