//! Door 3: people who run sites.

mod access;
mod browser;
mod entry;
mod members;
mod overview;
mod settings;
mod messages;
mod segments;

pub use browser::Desk;
