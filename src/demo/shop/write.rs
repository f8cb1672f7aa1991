//! "Write to us": a page on which visitors chat with the shop. The browser uses only Belfry's
//! public client API and `/cable`; the shop's backend adds the proof of identity.

use super::session::Session;
use crate::demo::visitor::Visitor;
use belfry_app::channel::DEFAULT_ATTACHMENT_BYTES;
use belfry_domain::{
    Origin,
    channel::{MAX_ATTACHMENTS, MAX_CONTENT_CHARS},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use leptos::prelude::*;
use sha2::Sha256;
use std::fmt::Write as _;

/// The shop's inbox.
pub struct ChatOptions {
    /// Public identifier of the inbox.
    pub identifier: String,
    /// Token with which the backend proves a visitor's identity; it must not leave the backend.
    pub hmac_token: String,
}

impl ChatOptions {
    /// Hexadecimal HMAC-SHA256 of a visitor's id.
    fn proof(&self, visitor: &Visitor) -> String {
        // HMAC accepts keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.hmac_token.as_bytes()) else {
            return String::new();
        };
        mac.update(visitor.id.as_bytes());
        mac.finalize().into_bytes().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// URL of `/cable`.
pub fn socket(belfry: &Origin) -> String {
    belfry.as_str().replacen("http", "ws", 1)
}

/// The page. Its attributes configure the script.
pub fn page(
    write: &ChatOptions,
    belfry: &Origin,
    session: Option<&Session>,
) -> impl IntoView + use<> {
    let visitor = session.map(|session| session.visitor);
    let inbox = format!("{belfry}/public/api/v1/inboxes/{}", write.identifier);
    let lead = match visitor {
        Some(visitor) => format!(
            "You write as {}. We answer here, usually within a cup of tea.",
            visitor.first_name
        ),
        None => "You write as a guest. Sign in above, and we know which order you mean.".to_owned(),
    };
    let nothing = match visitor {
        Some(_) => {
            "Ask about an order, a lamp, or the colour of the throw. A picture says more: drop it here."
        }
        None => {
            "Ask us anything: sizes, colours, when it ships. What you write stays in this browser until you come back."
        }
    };
    view! {
        <header class="page-head">
            <h1>"Write to us"</h1>
            <p class="lead">{lead}</p>
        </header>
        <section
            id="chat"
            class="chat"
            data-inbox=inbox
            data-cable=format!("{}/cable", socket(belfry))
            data-identifier=visitor.map(|visitor| visitor.id)
            data-hash=visitor.map(|visitor| write.proof(visitor))
            data-name=visitor.map(|visitor| format!("{} {}", visitor.first_name, visitor.last_name))
            data-email=visitor.map(|visitor| visitor.email)
        >
            <div class="chat-log" role="log" aria-label="Conversation" tabindex="0">
                <ol id="chat-messages" class="chat-messages"></ol>
                <p class="chat-nothing">{nothing}</p>
            </div>
            <p id="chat-state" class="muted" role="status"></p>
            <form id="chat-form" class="chat-form">
                <label class="aside" for="chat-text">"Your message"</label>
                <textarea id="chat-text" rows="2" maxlength=MAX_CONTENT_CHARS.to_string() placeholder="Your message"></textarea>
                <ul class="chat-chosen" aria-label="Files to send"></ul>
                <div class="chat-tools">
                    <label class="chat-attach">
                        <input type="file" multiple data-files=MAX_ATTACHMENTS.to_string() data-bytes=DEFAULT_ATTACHMENT_BYTES.to_string()/>
                        <svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
                            <path d="M20 11l-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17a1.700 1.700 0 0 1-2.400-2.400L14.500 7"></path>
                        </svg>
                        "Attach files"
                    </label>
                    <p id="chat-problem" role="alert"></p>
                    <button class="button">"Send"</button>
                </div>
            </form>
            <noscript>
                <p class="muted">"This page needs scripts. Without them, write to hello@acme.example."</p>
            </noscript>
        </section>
        <script type="module" src="/write.js"></script>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::visitor::VISITORS;

    #[test]
    fn proof_is_the_hash_that_the_guide_describes() {
        let write = ChatOptions { identifier: String::new(), hmac_token: "key".to_owned() };
        let anna = Visitor { id: "The quick brown fox jumps over the lazy dog", ..VISITORS[0] };
        assert_eq!(
            write.proof(&anna),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
    }

    #[test]
    fn socket_is_at_the_same_place() {
        assert_eq!(socket(&"https://belfry.example".parse().unwrap()), "wss://belfry.example");
        assert_eq!(socket(&"http://127.0.0.1:3000".parse().unwrap()), "ws://127.0.0.1:3000");
    }
}
