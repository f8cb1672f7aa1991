//! Door 3: people who run sites.

mod access;
mod browser;
mod entry;
mod members;
mod messages;
mod overview;
mod segments;
mod settings;

pub use browser::Desk;
