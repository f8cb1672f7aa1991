//! The widget's HTML, as Leptos views rendered on the server.
//!
//! Views take data and return HTML. They must not depend on HTTP, sessions or the store. All text
//! of senders and readers passes through Leptos's escaping, except the body of a message, which
//! `content` has sanitized. Called by the handlers of `widget`.

mod appearance;
mod card_cache;
mod document;
mod frame;
mod gallery;
mod icon;
mod item;
mod page_view;
mod panel;
mod preferences;
mod tab;
mod undo;

pub(super) use appearance::{Appearance, Scheme, language};
pub(super) use card_cache::CardCache;
pub(super) use frame::{error_page, page, shell, sign_in};
pub(super) use gallery::{GalleryView, gallery};
pub(super) use item::RenderContext;
pub use item::render_unread as card;
pub(super) use page_view::{PageView, Preview};
pub(super) use preferences::{PreferencesView, preferences};
pub(super) use tab::{MAX_TEXT_CHARS, TabContent, TabView, is_unread, tab_page, tab_part};
pub(super) use undo::UndoableAction;
