//! Integration tests, through the router and the real binary, by HTTP surface.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that can't go on should stop")]

mod api;
mod channels;
mod console;
mod faults;
mod hang_up;
mod reader;
mod separation;
mod server;
mod support;
mod turns;
mod webhook;
mod widget;
