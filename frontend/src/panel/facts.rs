//! Facts, conditions, labels: what is said of the object in pairs.

use k8kat::engine::message::{Condition, Detail, Fact, Label, Link};
use leptos::either::Either;
use leptos::prelude::*;

use crate::widget::text::link;
use crate::widget::{cell, mark};

/// A card with a heading; nothing when it would be empty.
#[component]
pub(super) fn Card(
    title: &'static str,
    #[prop(into)] count: Signal<usize>,
    #[prop(optional)] counted: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    view! {
        <Show when=move || count.get() != 0>
            <section class="card">
                <h3>
                    <span>{title}</span>
                    {counted.then(|| view! { <span class="card-count">{move || count.get()}</span> })}
                </h3>
                {children.with_value(|children| children())}
            </section>
        </Show>
    }
}

/// Labelled facts.
#[component]
pub(super) fn Facts(detail: RwSignal<Detail>) -> impl IntoView {
    let facts = Memo::new(move |_| detail.with(|detail| detail.facts.clone()));
    let fact = |fact: &Fact| {
        view! { <dt>{fact.label.clone()}</dt> <dd>{cell(&fact.value)}</dd> }
    };
    let list = move || facts.with(|facts| facts.iter().map(fact).collect::<Vec<_>>());
    view! {
        <Card title="Facts" count=Signal::derive(move || facts.with(Vec::len))>
            <dl class="facts">{list}</dl>
        </Card>
    }
}

/// Conditions, with what is not as it should be in its ink.
#[component]
pub(super) fn Conditions(detail: RwSignal<Detail>) -> impl IntoView {
    let conditions = Memo::new(move |_| detail.with(|detail| detail.conditions.clone()));
    let list = move || conditions.with(|all| all.iter().map(condition).collect::<Vec<_>>());
    view! {
        <Card title="Conditions" count=Signal::derive(move || conditions.with(Vec::len))>
            <ul class="conditions">{list}</ul>
        </Card>
    }
}

fn condition(one: &Condition) -> impl IntoView + use<> {
    let said = if one.text.is_empty() {
        one.status.clone()
    } else {
        one.text.clone()
    };
    let whole = said.clone();
    view! {
        <li>
            {mark(one.mark)} <span class="condition-name">{one.name.clone()}</span>
            <span class="sr-only">{one.status.clone()}</span>
            <span class="condition-text" title=whole>{said}</span>
            <span class="age">{one.age.clone()}</span>
        </li>
    }
}

/// Labels lead to what else carries them; annotations lead nowhere.
#[component]
pub(super) fn Labels(
    title: &'static str,
    detail: RwSignal<Detail>,
    labels: impl Fn(&Detail) -> Vec<Label> + Send + Sync + 'static,
) -> impl IntoView {
    let labels = Memo::new(move |_| detail.with(&labels));
    let list = move || labels.with(|labels| labels.iter().map(label).collect::<Vec<_>>());
    view! {
        <Card title count=Signal::derive(move || labels.with(Vec::len)) counted=true>
            <ul class="labels">{list}</ul>
        </Card>
    }
}

fn label(label: &Label) -> impl IntoView + use<> {
    let text = view! {
        <span class="label-key">{label.key.clone()}</span>
        <span class="label-value">"=" {label.value.clone()}</span>
    };
    let content = match label.query.clone() {
        Some(query) => Either::Left(link(Link::Query(query), text)),
        None => Either::Right(text),
    };
    view! { <li>{content}</li> }
}
