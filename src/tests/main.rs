//! Integration tests, through the router and the real binary, by HTTP surface.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on should stop"
)]

mod api;
mod appinbox_api;
mod channels;
mod console;
mod database;
mod disconnect;
mod fair_scheduling;
mod faults;
mod property_tests;
mod server;
mod support;
mod tenant_isolation;
mod webhook;
mod widget;
