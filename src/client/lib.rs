//! The islands of the widget: the parts that run in the reader's browser, which are the bell and
//! the panel's behaviour.
//!
//! This is the only module compiled for both sides. The server renders the islands with their
//! content; the browser hydrates them when it is idle. Islands take no props, because the first
//! prop of any type costs 22 kB of WebAssembly: they read their initial values from the document's
//! `data-*` attributes, and what they fetch is HTML.
//!
//! Must not name any module behind the `ssr` feature. Called by the widget's views on the server,
//! and by the script that loads the WebAssembly in the browser.

mod bell;
mod bell_props;
mod inbox_panel;
mod optimistic_counts;

#[cfg(feature = "hydrate")]
mod browser;

pub use bell::Bell;
pub use bell_props::BellState;
pub use inbox_panel::InboxPanel;

/// Browser entry point. The loading script calls it once, before it hydrates the islands one by
/// one.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
