//! The HTTP surfaces of conversations: the API channel, `/cable`, the Inbox SDK and attachments.
//!
//! Must not depend on SQL. Each surface calls the use cases in [`belfry_app`]; no surface imports
//! another. The server merges their routes.

pub mod application;
pub mod attachments;
pub mod cable;
mod cross_origin;
mod limits;
mod params;
pub mod public;
pub mod sdk;
mod sockets;

/// Rate limits of the conversation surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Rate limits of the application API.
    pub application: application::Limits,
    /// Rate limits of the public client API.
    pub public: public::Limits,
    /// Rate limits of the Inbox SDK's sockets.
    pub sdk: sdk::Limits,
}

impl Limits {
    /// Limits that no client reaches; for tests and benchmarks.
    pub const fn unlimited() -> Self {
        Self {
            application: application::Limits::unlimited(),
            public: public::Limits::unlimited(),
            sdk: sdk::Limits::unlimited(),
        }
    }
}

/// The `OpenAPI` documents of these surfaces.
pub fn descriptions() -> Vec<utoipa::openapi::OpenApi> {
    vec![application::description(), public::description()]
}
