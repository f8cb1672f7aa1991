//! Belfry: a self-hosted app inbox for websites.
//!
//! The house, from the cellar up. A module imports only from floors below its own, and no door imports another door.
//!
//! | floor | module | what it is for |
//! |---|---|---|
//! | 1 | [`domain`] | the nouns: types that can only be built valid; no I/O, no clock |
//! | 2 | [`blocking`], [`turns`], [`content`], [`theme`], [`store`] | long work off the async threads, a few jobs at once; sites in turn on those threads; text made safe and readable; drawings made safe and quick; rows made durable (the only SQL) |
//! | 3 | [`inbox`], [`live`], [`webhook`], [`allowance`], [`web`] | the rules of who sees what; who is listening right now; what is sent to sites that want to hear of it; how much one caller may ask for; what is read of request headers everywhere alike |
//! | 4 | [`widget`], [`reader`], [`api`], [`console`], [`channels`] | the doors: readers in their iframe; programs that read for a reader; site backends with a key; people who run sites; conversations between visitors and agents |
//! | 5 | [`server`] | configuration, state, router, telemetry, background work |
//! | 6 | [`demo`], [`cli`] | a shop to try it in; the command line |
//!
//! Beside the floors: `cache`, which knows nothing of what it keeps and takes no memory before its first entry; `build/` prepares what the binary carries inside it, `tests/` tries the doors from outside.
//!
//! The one wall stands in this file: [`island`] compiles for the browser and for the server, everything else only for the server.
//! Nothing behind the `ssr` feature may be named from `island`, so no database, socket or clock reaches the browser.

// A view is one type, as deep as its page.
#![recursion_limit = "256"]

pub mod island;

#[cfg(test)]
mod property_tests;

#[cfg(feature = "ssr")]
pub mod allowance;
#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod blocking;
#[cfg(feature = "ssr")]
mod cache;
#[cfg(feature = "ssr")]
pub mod channels;
#[cfg(feature = "ssr")]
pub mod cli;
#[cfg(feature = "ssr")]
pub mod console;
#[cfg(feature = "ssr")]
pub mod content;
#[cfg(feature = "ssr")]
pub mod demo;
#[cfg(feature = "ssr")]
pub mod domain;
#[cfg(feature = "ssr")]
pub mod inbox;
#[cfg(feature = "ssr")]
pub mod live;
#[cfg(feature = "ssr")]
pub mod reader;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod theme;
#[cfg(feature = "ssr")]
pub mod turns;
#[cfg(feature = "ssr")]
pub mod web;
#[cfg(feature = "ssr")]
pub mod webhook;
#[cfg(feature = "ssr")]
pub mod widget;
