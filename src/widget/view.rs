//! What a reader sees, as Leptos views rendered on the server.
//!
//! Views take what they show and give HTML. They must not know of HTTP, sessions or the store. All text that a sender or
//! reader wrote goes through Leptos's escaping; the one exception is a message's body, which `content` has made safe.

mod cards;
mod document;
mod frame;
mod gallery;
mod icon;
mod item;
mod look;
mod panel;
mod preferences;
mod tab;
mod undo;

pub(super) use cards::Cards;
pub(super) use frame::{PageView, Preview, fault, page, shell, sign_in};
pub(super) use gallery::{GalleryView, gallery};
pub(super) use item::Reading;
pub use item::fresh as card;
pub(super) use look::{Look, Scheme};
pub(super) use preferences::{PreferencesView, preferences};
pub(super) use tab::{TabContent, TabView, is_unread, tab_page, tab_part};
pub(super) use undo::Done;
