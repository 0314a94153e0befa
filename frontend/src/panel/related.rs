//! Objects that it belongs with, each a link.

use k8kat::engine::message::{Detail, Link, Related, RelatedItem};
use leptos::prelude::*;

use super::facts::Card;
use crate::widget::mark;
use crate::widget::text::link;

/// All of them, by how they are related.
#[component]
pub(super) fn RelatedList(detail: RwSignal<Detail>) -> impl IntoView {
    let related = Memo::new(move |_| detail.with(|detail| detail.related.clone()));
    let list = move || related.with(|all| told(all).map(group).collect::<Vec<_>>());
    view! {
        <Card title="Related" count=Signal::derive(move || related.with(|all| told(all).count()))>
            <div class="related">{list}</div>
        </Card>
    }
}

/// Those with anything to say.
fn told(all: &[Related]) -> impl Iterator<Item = &Related> {
    all.iter()
        .filter(|related| !related.items.is_empty() || related.problem.is_some())
}

fn group(related: &Related) -> impl IntoView + use<> {
    let more = related.total.saturating_sub(related.items.len());
    let all = match (&related.query, more) {
        (Some(query), 1..) => {
            let text = format!("All {}", related.total);
            Some(link(Link::Query(query.clone()), text))
        }
        _ => None,
    };
    let problem = related
        .problem
        .clone()
        .map(|problem| view! { <p class="quiet">{problem}</p> });
    view! {
        <section>
            <h4>{related.title.clone()} {all}</h4>
            <ul>{related.items.iter().map(item).collect::<Vec<_>>()}</ul>
            {problem}
        </section>
    }
}

fn item(item: &RelatedItem) -> impl IntoView + use<> {
    view! {
        <li>
            {mark(item.mark)} <span class="related-kind">{item.kind.clone()}</span>
            <span class="related-name">{link(Link::Object(item.path.clone()), item.name.clone())}</span>
            <span class="related-note">{item.note.clone()}</span>
        </li>
    }
}
