//! Rendering of text: sanitizing and rendering what senders write, and Belfry's own texts in the
//! reader's language.
//!
//! Must not depend on the database or HTTP. Used by the API, the widget, the console and the
//! webhook dispatcher.
//!
//! Phrases and the sentences of errors are in the crate `belfry_locales`.

pub mod canned;
pub mod markdown;
pub mod page_copy;
pub mod snippet;
pub mod template;
pub mod text;
pub mod time;
pub mod webhook_body;
pub mod widget_texts;
pub mod wire;
