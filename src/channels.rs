//! The HTTP surfaces of conversations: what clients of the API channel call and listen to.
//!
//! Must not know of SQL. Each surface calls the use cases in [`crate::inbox`]; none imports another.

pub mod application;
pub mod cable;
mod params;

/// The rate limits of these surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Of the application API.
    pub application: application::Limits,
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        Self { application: application::Limits::plenty() }
    }
}

/// The descriptions of these surfaces.
pub fn descriptions() -> Vec<utoipa::openapi::OpenApi> {
    vec![application::description()]
}
