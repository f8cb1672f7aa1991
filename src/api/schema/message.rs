//! `OpenAPI` schemas of the stored content of messages.

use serde::Serialize;
use utoipa::ToSchema;

/// The stored content of a message in one language.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContentView {
    title: String,
    body: Option<String>,
    link: Option<String>,
    new_tab: Option<bool>,
    image: Option<String>,
    actions: Option<Vec<ActionView>>,
}

/// A stored button.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActionView {
    label: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    link: Option<String>,
    new_tab: Option<bool>,
}
