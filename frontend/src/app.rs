//! Begins: finds the credential and the API, starts the engine, draws the page.

use std::borrow::Cow;

use k8kat::value::Value;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::fetch;
use crate::live::Live;
use crate::message::Start;
use crate::navigation::Navigation;
use crate::page::Page;
use crate::route::token_of_fragment;
use crate::storage::{NAMESPACES, TOKEN, store, stored};

/// `config.json` beside the page: where the API is. Without one it is where the page is.
#[derive(Debug, Default)]
struct Config {
    /// Empty for the page's own place.
    api: String,
    /// The cluster to open when the address names none.
    cluster: Option<String>,
    /// Megabytes of objects to keep whole.
    store_budget_mb: Option<u32>,
}

/// Starts the page.
pub(crate) fn start() {
    std::panic::set_hook(Box::new(|panic| last_words(&panic.to_string())));
    take_token();
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let live = Live::new();
    let navigation = Navigation::new(live);
    window_event_listener(ev::hashchange, move |_| {
        if let Some(token) = take_token() {
            live.sign_in(token);
        }
    });
    spawn_local(async move {
        let config = config().await.unwrap_or_default();
        live.start(Start {
            api: absolute(&config.api),
            cluster: navigation
                .cluster()
                .or(config.cluster)
                .filter(|slug| !slug.is_empty()),
            token: stored(TOKEN),
            read_namespaces: stored(NAMESPACES).unwrap_or_default(),
            store_budget_mb: config.store_budget_mb,
        });
    });
    view! { <Page live navigation /> }
}

/// Keeps the token of the fragment and removes it from the address, so that it is neither
/// copied along with it nor stays in the history.
fn take_token() -> Option<String> {
    let location = window().location();
    let token = token_of_fragment(&location.hash().ok()?)?;
    store(TOKEN, &token);
    let path = location.pathname().ok()? + &location.search().ok()?;
    let history = window().history().ok()?;
    // Refused only when asked too often.
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    Some(token)
}

async fn config() -> Option<Config> {
    let url = format!("{}/config.json", absolute(""));
    let (_, text) = fetch::text(&url, None).await.ok()?;
    let config = Value::json(text.as_bytes());
    Some(Config {
        api: config.get("api").text_or_empty().into_owned(),
        cluster: config.get("cluster").text().map(Cow::into_owned),
        store_budget_mb: config
            .get("storeBudgetMb")
            .integer()
            .and_then(|megabytes| megabytes.try_into().ok()),
    })
}

/// The API's address, absolute and without a slash at its end.
fn absolute(api: &str) -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    let relative = if api.is_empty() { "." } else { api };
    let url = web_sys::Url::new_with_base(relative, &base);
    let url = url.map_or_else(|_| api.to_owned(), |url| url.origin() + &url.pathname());
    url.trim_end_matches('/').to_owned()
}

/// The page itself failed: nothing on it moves any more, and it must not look as if it did.
fn last_words(panic: &str) {
    leptos::logging::error!("{panic}");
    let document = document();
    if let (Some(body), Ok(words)) = (document.body(), document.create_element("p")) {
        words.set_class_name("last-words");
        words.set_text_content(Some(
            "The page stopped because of a fault of its own; what it shows is no longer true. \
             Reload it to go on.",
        ));
        // A body takes any element.
        let _ = body.append_child(&words);
    }
}
