//! The parts of the widget that come alive in the reader's browser: the bell, and the attendant of the panel.
//!
//! This is the only module that compiles for both sides. The server renders the islands with everything in them; the
//! browser wakes them when it is idle. Islands take no props (the first prop of any type costs 22 kB of WebAssembly): what
//! they begin with stands in the document's `data-*` attributes, what they fetch is HTML. No module behind the `ssr`
//! feature may be named here.

mod attendant;
mod bell;
mod ledger;
mod opening;

#[cfg(feature = "hydrate")]
mod browser;

pub use attendant::Attendant;
pub use bell::Bell;
pub use opening::Opening;

/// Called once by the loading script, before the islands are woken one by one.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
