//! Rendering of text: sanitizing and rendering what senders write, and Belfry's own texts in the
//! reader's language.
//!
//! Must not depend on the database or HTTP. Used by the API, the widget, the console and the
//! webhook dispatcher.
//!
//! To add a language of the widget: a file in `catalogue` and an item in `WidgetTexts::all`. To add
//! a validation error that console forms show: its translation in `refusals`.

pub mod canned;
pub mod error_translations;
pub mod markdown;
pub mod page_copy;
pub mod phrases;
pub mod snippet;
pub mod template;
pub mod text;
pub mod time;
pub mod webhook_body;
pub mod widget_texts;
pub mod wire;
