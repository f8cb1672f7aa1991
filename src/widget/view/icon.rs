//! Icons: 20 × 20, strokes in the colour of the surrounding text. Those of the cards are defined
//! once in the document and referenced by each card.

use leptos::prelude::*;
use std::fmt;

/// The icons of a card's buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    /// A check mark: "read".
    Read,
    /// A ring with a dot: "unread".
    Unread,
    /// A box with a lid: "archive".
    Archive,
    /// A box and the way out of it: "move to inbox".
    Restore,
    /// A bin: "delete".
    Delete,
    /// A pin.
    Pin,
}

impl Icon {
    const ALL: [Self; 6] =
        [Self::Read, Self::Unread, Self::Archive, Self::Restore, Self::Delete, Self::Pin];

    fn name(self) -> &'static str {
        match self {
            Self::Read => "i-read",
            Self::Unread => "i-unread",
            Self::Archive => "i-archive",
            Self::Restore => "i-restore",
            Self::Delete => "i-delete",
            Self::Pin => "i-pin",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Read => "M4.5 10.5l3.5 3.5 7.5-8",
            Self::Unread => "M10 4a6 6 0 1 0 0 12a6 6 0 0 0 0-12zM10 9.5v1",
            Self::Archive => "M3.5 4.5h13v3.5h-13zM5 8v7.5h10V8M8.5 11h3",
            Self::Restore => "M3.5 12v4h13v-4M10 12.5V4M6.8 7l3.2-3.2L13.2 7",
            Self::Delete => "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5",
            Self::Pin => "M7.5 3.5h5l-.7 5 2.7 3h-9l2.7-3zM10 11.5v5",
        }
    }
}

/// A reference to the icon.
impl fmt::Display for Icon {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            r##"<svg class="icon" aria-hidden="true"><use href="#{}"></use></svg>"##,
            self.name()
        )
    }
}

/// The definitions that the cards' icons reference.
pub(super) fn sheet() -> impl IntoView {
    let symbols = Icon::ALL.map(|icon| {
        view! {
            <symbol id=icon.name() viewBox="0 0 20 20">
                <path d=icon.path() />
            </symbol>
        }
    });
    view! { <svg class="hidden-text" aria-hidden="true">{symbols.into_iter().collect_view()}</svg> }
}

/// Two check marks: "all read".
pub(super) fn check_all() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2.5 10.5l3.5 3.5 7-8M9.5 13.5l.5.5 7-8" />
        </svg>
    }
}

/// Two sliders: "what to show".
pub(super) fn sliders() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M3.5 7h7m4 0h2M3.5 13h2m4 0h7M12.5 5v4M7.5 11v4" />
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

/// An arrow against the direction of reading: "back".
pub(super) fn back() -> impl IntoView {
    view! {
        <svg class="icon turned" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M12 4.5L6.5 10l5.5 5.5" />
        </svg>
    }
}

/// An arrow upwards: "send".
pub(super) fn send() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M10 16V4.5M5 9.5l5-5 5 5" />
        </svg>
    }
}

/// The illustration of an empty list of conversations: two speech bubbles.
pub(super) fn bubbles() -> impl IntoView {
    view! {
        <svg class="drawing" viewBox="0 0 96 72" aria-hidden="true">
            <path class="ground" d="M56 50h16a8 8 0 0 0 8-8V32a8 8 0 0 0-8-8h-2M72 50v8l-9-8" />
            <path d="M24 12h34a8 8 0 0 1 8 8v14a8 8 0 0 1-8 8H38l-10 9v-9h-4a8 8 0 0 1-8-8V20a8 8 0 0 1 8-8z" />
            <path d="M29 27h.5M41 27h.5M53 27h.5" />
        </svg>
    }
}

/// The illustration of an empty inbox: a resting bell.
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
