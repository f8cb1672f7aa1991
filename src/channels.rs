//! The HTTP surfaces of conversations: what clients of the API channel call and listen to.
//!
//! Must not know of SQL. Each surface calls the use cases in [`crate::inbox`]; none imports another.

pub mod application;
pub mod attachments;
pub mod cable;
mod cross_origin;
mod limits;
mod params;
pub mod public;
pub mod sdk;
mod sockets;

/// The rate limits of these surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Of the application API.
    pub application: application::Limits,
    /// Of the public client API.
    pub public: public::Limits,
    /// Of the sockets of the Inbox SDK.
    pub sdk: sdk::Limits,
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        Self { application: application::Limits::plenty(), public: public::Limits::plenty(), sdk: sdk::Limits::plenty() }
    }
}

/// The descriptions of these surfaces.
pub fn descriptions() -> Vec<utoipa::openapi::OpenApi> {
    vec![application::description(), public::description()]
}
