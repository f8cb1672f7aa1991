//! Belfry: a self-hosted app inbox for websites.
//!
//! Layers, lowest first; each is a crate in the folder of its name. A crate depends only on lower
//! layers, and no HTTP surface depends on another. HTTP types occur only in `web` and the surfaces,
//! SQL only in `store`. Time, random numbers and outbound HTTP are passed in, never ambient.
//!
//! | layer | crate | what it is |
//! |---|---|---|
//! | 0 | `belfry_locales` | phrases in all languages, compiled from Fluent files |
//! | 1 | [`belfry_domain`] | types that can only be built valid, ids, events, errors; no I/O, no clock |
//! | 1 | [`belfry_theme`] | SVG and CSS compiler; pure |
//! | 2 | [`belfry_runtime`] | bounded thread pools, fair scheduling between sites, bounded caches |
//! | 2 | [`belfry_content`] | rendering: Markdown, templates, translations |
//! | 3 | [`belfry_store`] | the only SQL: verbs, migrations, contract suite |
//! | 4 | [`belfry_app`] | use cases, event hub and bus, webhook dispatcher, rate limits |
//! | 4 | [`belfry_web`] | what HTTP surfaces share: extractors, headers, caching |
//! | 5 | [`belfry_api`] | HTTP surface `/v1` for site backends, API description |
//! | 5 | [`belfry_appinbox_api`] | HTTP surface: the App Inbox compatibility API |
//! | 5 | [`belfry_channels`] | HTTP surfaces for conversations: API channel, `/cable`, Inbox SDK |
//! | 5 | [`belfry_widget`] | loader, embedded documents, event stream, Leptos views |
//! | 5 | [`belfry_console`] | pages for people who run sites, and for agents |
//! | 6 | [`server`] | configuration, state, router, telemetry, background jobs |
//! | 7 | [`demo`], [`cli`] | demo shop and back office; command line, the composition root |
//!
//! Outside the layers: `client`, the islands, which is the only crate that is also compiled for the
//! browser and depends on no layer; [`belfry_assets`], the prepared scripts and styles; `testing`;
//! and `tests/`, the tests through the HTTP surfaces.

pub mod cli;
pub mod demo;
pub mod server;
