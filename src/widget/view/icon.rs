//! The drawings: 20 × 20, strokes in the colour of the text around them.

use leptos::prelude::*;

/// A check mark: "read".
pub(super) fn check() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M4.5 10.5l3.5 3.5 7.5-8" />
        </svg>
    }
}

/// Two check marks: "all read".
pub(super) fn check_all() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2.5 10.5l3.5 3.5 7-8M9.5 13.5l.5.5 7-8" />
        </svg>
    }
}

/// A cross: "close".
pub(super) fn close() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M5.5 5.5l9 9m0-9l-9 9" />
        </svg>
    }
}

/// A pin.
pub(super) fn pin() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M7.5 3.5h5l-.7 5 2.7 3h-9l2.7-3zM10 11.500v5" />
        </svg>
    }
}

/// The drawing of an empty inbox: a bell at rest, and nothing else to do.
pub(super) fn resting_bell() -> impl IntoView {
    view! {
        <svg class="drawing" viewBox="0 0 96 72" aria-hidden="true">
            <path class="ground" d="M14 62h68" />
            <path d="M31 53c4-4 5-9 5-18a12 12 0 0 1 24 0c0 9 1 14 5 18z" />
            <path d="M43.5 53a4.5 4.5 0 0 0 9 0M48 23v-4" />
            <path class="ground" d="M70 17h7l-7 8h7M80 7h5l-5 6h5" />
        </svg>
    }
}
