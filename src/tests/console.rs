//! The console, for people who manage sites.

mod access;
pub mod browser;
mod contacts;
mod conversations;
mod disconnect;
mod edit_conflicts;
mod inboxes;
mod members;
mod messages;
mod overview;
mod sdk_keys;
mod segments;
mod settings;
mod sign_in;
mod themes;
mod times;
mod validation_errors;
mod webhooks;

pub use browser::{Browser, ConsoleFixture};
