//! Door 3: people who run sites.

mod access;
mod browser;
mod contacts;
mod entry;
mod themes;
mod webhooks;

pub use browser::Desk;
