//! The console, for people who manage sites.

mod access;
pub mod browser;
mod contacts;
mod conversations;
mod entry;
mod hang_up;
mod inboxes;
mod members;
mod messages;
mod overtaken;
mod overview;
mod refusals;
mod sdk_keys;
mod segments;
mod settings;
mod themes;
mod times;
mod webhooks;

pub use browser::{Browser, Desk};
