//! What happened to the object, newest first.

use k8kat::engine::message::{Detail, EventLine};
use leptos::prelude::*;

use super::facts::Card;
use crate::widget::mark;

/// Its events.
#[component]
pub(super) fn Timeline(detail: RwSignal<Detail>) -> impl IntoView {
    let events = Memo::new(move |_| detail.with(|detail| detail.events.clone()));
    let list = move || events.with(|events| events.iter().map(line).collect::<Vec<_>>());
    view! {
        <Card title="Timeline" count=Signal::derive(move || events.with(Vec::len)) counted=true>
            <ol class="timeline">{list}</ol>
        </Card>
    }
}

fn line(event: &EventLine) -> impl IntoView + use<> {
    let times = (event.count > 1).then(|| format!("×{}", event.count));
    view! {
        <li>
            <span class="age">{event.age.clone()}</span>
            {mark(event.mark)}
            <div class="event">
                <p>
                    <b>{event.reason.clone()}</b>
                    <span class="event-times">{times}</span>
                    <span class="event-source">{event.source.clone()}</span>
                </p>
                <p class="event-message">{event.message.clone()}</p>
            </div>
        </li>
    }
}
