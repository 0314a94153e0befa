//! Something that happened to the page itself, until it is dismissed.

use leptos::prelude::*;

use crate::widget::Button;

/// A line above the keys.
#[component]
pub(super) fn Notice(notice: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || {
                notice
                    .get()
                    .map(|text| {
                        view! {
                            <div class="notice">
                                <p>{text}</p>
                                <Button text="Dismiss" act=move |()| notice.set(None) />
                            </div>
                        }
                    })
            }}
        </div>
    }
}
