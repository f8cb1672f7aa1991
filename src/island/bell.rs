//! The bell with its count.

use super::opening::badge;
use leptos::prelude::*;

/// The counts and the name that says them, as signals.
#[derive(Clone)]
pub(super) struct Shown {
    pub(super) unseen: ArcRwSignal<u32>,
    pub(super) name: ArcRwSignal<String>,
}

impl Shown {
    pub(super) fn new(opening: super::Opening) -> Self {
        Self { unseen: ArcRwSignal::new(opening.unseen), name: ArcRwSignal::new(opening.name) }
    }
}

#[cfg(feature = "hydrate")]
fn shown() -> Shown {
    super::browser::shown()
}

#[cfg(not(feature = "hydrate"))]
fn shown() -> Shown {
    Shown::new(use_context().unwrap_or_default())
}

/// The bell: a button named after the unread count, with the number of unseen messages at its corner. Opening and closing
/// is the frame script's, so that it works before this island is awake.
#[island]
pub fn Bell() -> impl IntoView {
    let Shown { unseen, name } = shown();
    let count = unseen.clone();
    view! {
        <button id="bell" class="bell" type="button" aria-haspopup="dialog" aria-expanded="false" aria-controls="panel" aria-label=move || name.get()>
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
                <path d="M4 14.5c1.2-1.2 1.5-3 1.5-5.500a4.5 4.5 0 0 1 9 0c0 2.5.3 4.3 1.5 5.500z" />
                <path d="M8.2 14.500a1.9 1.9 0 0 0 3.6 0M10 4.500v-1.3" />
            </svg>
            <span class="badge" class:none=move || unseen.get() == 0 aria-hidden="true">
                {move || badge(count.get())}
            </span>
        </button>
    }
}
