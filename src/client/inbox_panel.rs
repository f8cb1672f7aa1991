//! The panel's behaviour in the browser: it handles actions and inserts new messages without
//! reloading the page.

use leptos::prelude::*;

/// Renders nothing of its own. The list stays the server's HTML; once hydrated, this island handles
/// the events that bubble up from it, applies actions and inserts new messages.
#[island]
pub fn InboxPanel() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::start();
}
