//! Belfry: a self-hosted app inbox for websites.
//!
//! Layers, lowest first. A module imports only from lower layers, and no HTTP surface imports
//! another. HTTP types occur only in [`web`] and the surfaces, SQL only in [`store`]. Time, random
//! numbers and outbound HTTP are passed in, never ambient.
//!
//! | layer | module | what it is |
//! |---|---|---|
//! | 1 | [`domain`] | types that can only be built valid, ids, events, errors; no I/O, no clock |
//! | 2 | [`theme`] | SVG and CSS compiler; pure |
//! | 2 | [`content`] | rendering: Markdown, templates, translations |
//! | 2 | [`store`] | the only SQL: verbs, migrations, contract suite |
//! | 2 | [`blocking`] | bounded thread pools for CPU-bound work |
//! | 2 | [`fair_scheduler`] | fair scheduling of async tasks between sites |
//! | 3 | [`app`] | use cases: who sees what, who may do what |
//! | 3 | [`events`] | event hub and bus, cache invalidation |
//! | 3 | [`webhook`] | webhook dispatcher |
//! | 3 | [`rate_limit`] | rate limits |
//! | 3 | [`web`] | what HTTP surfaces share: extractors, headers, caching |
//! | 4 | [`api`] | HTTP surface `/v1` for site backends, API description |
//! | 4 | [`appinbox_api`] | HTTP surface: the App Inbox compatibility API |
//! | 4 | [`channels`] | HTTP surfaces for conversations: API channel, `/cable`, Inbox SDK |
//! | 4 | [`widget`] | loader, embedded documents, event stream, Leptos views |
//! | 4 | [`console`] | pages for people who run sites, and for agents |
//! | 5 | [`server`] | configuration, state, router, telemetry, background jobs |
//! | 6 | [`demo`], [`cli`] | demo shop and back office; command line, the composition root |
//!
//! Outside the layers: `cache` (bounded, lazily allocated memory), `build/` (prepares the embedded
//! assets) and `tests/` (tests through the HTTP surfaces).
//!
//! The WebAssembly boundary is in this file: [`client`] compiles for the browser and for the
//! server, everything else only for the server. `client` must not name anything behind the `ssr`
//! feature, so no database, socket or clock reaches the browser.

// Leptos views are deeply nested types.
#![recursion_limit = "256"]

pub mod client;

#[cfg(test)]
mod property_tests;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod appinbox_api;
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
pub mod events;
#[cfg(feature = "ssr")]
pub mod fair_scheduler;
#[cfg(feature = "ssr")]
pub mod rate_limit;
#[cfg(feature = "ssr")]
pub mod server;
#[cfg(feature = "ssr")]
pub mod store;
#[cfg(feature = "ssr")]
pub mod theme;
#[cfg(feature = "ssr")]
pub mod web;
#[cfg(feature = "ssr")]
pub mod webhook;
#[cfg(feature = "ssr")]
pub mod widget;
