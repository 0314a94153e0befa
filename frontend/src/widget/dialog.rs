//! A modal dialog. The browser keeps the focus inside and gives it back.

use leptos::html;
use leptos::prelude::*;

/// Shown while `open`; Esc asks to close it.
#[component]
pub(crate) fn Dialog(
    #[prop(into)] open: Signal<bool>,
    label: &'static str,
    #[prop(optional)] class: &'static str,
    #[prop(into)] on_close: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let children = StoredValue::new(children);
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), open.get()) else {
            return;
        };
        if open && !dialog.open() {
            // Refused only when it is open or not in the page.
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let backdrop = move |event: leptos::ev::MouseEvent| {
        if event.target() == dialog.get().map(Into::into) {
            on_close.run(());
        }
    };
    view! {
        <dialog
            node_ref=dialog
            class=class
            aria-label=label
            on:click=backdrop
            on:cancel=move |event: leptos::ev::Event| {
                event.prevent_default();
                on_close.run(());
            }
        >
            <Show when=move || open.get()>
                <div class="dialog-body">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}
