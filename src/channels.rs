//! The HTTP surfaces of conversations: what clients of the API channel call and listen to.
//!
//! Must not know of SQL. Each surface calls the use cases in [`crate::inbox`]; none imports another.

pub mod attachments;
mod params;
pub mod public;

/// The rate limits of these surfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Of the public client API.
    pub public: public::Limits,
}

impl Limits {
    /// Nobody reaches them.
    pub const fn plenty() -> Self {
        Self { public: public::Limits::plenty() }
    }
}

/// The descriptions of these surfaces.
pub fn descriptions() -> Vec<utoipa::openapi::OpenApi> {
    vec![public::description()]
}
