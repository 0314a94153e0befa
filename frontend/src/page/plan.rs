//! How the query was answered: the engine's plan, as it tells it.

use leptos::prelude::*;

use super::Desk;
use crate::widget::{Button, Dialog};

/// A dialog with the plan's text.
#[component]
pub(super) fn Plan(desk: Desk) -> impl IntoView {
    let query = desk.live.query;
    let close = move |()| desk.plan.set(false);
    view! {
        <Dialog open=desk.plan label="How this was answered" class="plan" on_close=close>
            <h2>"How this was answered"</h2>
            <p><code>{move || query.with(|echo| echo.canonical.clone())}</code></p>
            <pre tabindex="0">{move || query.with(|echo| echo.plan.clone())}</pre>
            <div class="dialog-foot">
                <Button text="Close" act=close />
            </div>
        </Dialog>
    }
}
