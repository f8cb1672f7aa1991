//! Logging to standard error, as text or JSON. `RUST_LOG` sets the filter.
//!
//! Standard output is reserved for the output of commands.

use super::LogFormat;
use std::io::IsTerminal as _;
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Starts logging. A second call has no effect.
pub fn start(format: LogFormat, default_level: &str) {
    let configured =
        std::env::var("RUST_LOG").ok().filter(|configured| !configured.trim().is_empty());
    // Targets and levels, such as `belfry=debug,warn`. Filters on field values would require a
    // regex engine.
    let filter: Targets = configured
        .and_then(|configured| configured.parse().ok())
        // What the client of NATS reports is reported by the bus.
        .or_else(|| format!("{default_level},async_nats=off").parse().ok())
        .unwrap_or_default();
    // A line that can't be written is dropped. Reporting that on standard error, which can't be
    // written, would panic in the code that logs.
    let builder = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .finish()
            .with(filter)
            .try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .finish()
            .with(filter)
            .try_init(),
    };
}
