//! Logs: to standard error, as text for people or JSON for machines. `RUST_LOG` chooses what is said.
//!
//! Standard output stays free for what scripts read.

use super::LogFormat;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Begins to log. A second call changes nothing.
pub fn start(format: LogFormat, default_level: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default_level));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
}
