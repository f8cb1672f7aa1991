//! The bell with its count.

use super::opening::{Opening, badge};
use leptos::prelude::*;

#[cfg(feature = "hydrate")]
fn shown() -> ArcRwSignal<Opening> {
    super::browser::shown()
}

#[cfg(not(feature = "hydrate"))]
fn shown() -> ArcRwSignal<Opening> {
    ArcRwSignal::new(use_context().unwrap_or_default())
}

/// The bell: a button named after the unread count, with the number of unseen messages at its corner. Opening and closing
/// is the frame script's, so that it works before this island is awake.
#[island]
pub fn Bell() -> impl IntoView {
    let shown = shown();
    let (name, hidden) = (shown.clone(), shown.clone());
    view! {
        <button id="bell" class="bell" type="button" aria-haspopup="dialog" aria-expanded="false" aria-controls="panel" aria-label=move || name.with(|shown| shown.name.clone())>
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <path d="M4 14.5c1.2-1.2 1.5-3 1.5-5.500a4.5 4.5 0 0 1 9 0c0 2.5.3 4.3 1.5 5.500z" />
                <path d="M8.2 14.500a1.9 1.9 0 0 0 3.6 0M10 4.500v-1.3" />
            </svg>
            <span class="badge" class:none=move || hidden.with(|shown| shown.unseen == 0) aria-hidden="true">
                {move || shown.with(|shown| badge(shown.unseen))}
            </span>
        </button>
    }
}
