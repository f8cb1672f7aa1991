//! The bell with its unseen count.

use super::bell_props::{BellState, badge};
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
fn bell_props() -> ArcRwSignal<BellState> {
    super::browser::displayed_bell()
}

#[cfg(not(feature = "hydrate"))]
fn bell_props() -> ArcRwSignal<BellState> {
    ArcRwSignal::new(use_context().unwrap_or_default())
}

/// The bell: a button whose accessible name contains the unread count, with the number of unseen
/// messages as its badge. The frame script opens and closes the panel, so that this works before
/// the island is hydrated.
#[island]
pub fn Bell() -> impl IntoView {
    let bell_props = bell_props();
    let (name, hidden) = (bell_props.clone(), bell_props.clone());
    view! {
        <button id="bell" class="bell" type="button" aria-haspopup="dialog" aria-expanded="false" aria-controls="panel" aria-label=move || name.with(|shown| shown.name.clone())>
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                // The loader draws the same path until the iframe is shown.
                <path d="M4.6 8a5.4 5.4 0 0 1 10.8 0c0 3.3.8 4.9 2.1 6.5h-15c1.3-1.6 2.1-3.2 2.1-6.5zM7.9 14.7a2.15 2.15 0 0 0 4.2 0" />
            </svg>
            // As a property rather than a text node: a browser that translates the page may replace
            // text nodes before this island is hydrated, and afterwards.
            <span class="badge" class:none=move || hidden.with(|shown| shown.unseen == 0) aria-hidden="true" translate="no" inner_html=move || bell_props.with(|shown| badge(shown.unseen))></span>
        </button>
    }
}
