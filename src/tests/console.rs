//! Door 3: people who run sites.

mod access;
mod browser;
mod entry;

pub use browser::Desk;
