//! The panel around the list of messages.

use leptos::prelude::*;

/// The panel. Its contents are the server's HTML and stay so: awake, it listens to what bubbles up to it, marks messages
/// without loading the page again, and takes in what arrives.
#[island]
pub fn Panel(children: Children) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    Effect::new(super::browser::start);
    view! {
        <section id="panel" class="panel" role="dialog" aria-labelledby="panel-title" tabindex="-1" hidden=true>
            {children()}
        </section>
    }
}
