//! The panel's other half: what makes the server's list of messages answer without loading the page again.

use leptos::prelude::*;

/// Attends the panel. It shows nothing of its own: the list is the server's HTML and stays so, and this island, once
/// awake, listens to what bubbles up from it, marks messages, and puts in what arrives.
#[island]
pub fn Attendant() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::start();
}
