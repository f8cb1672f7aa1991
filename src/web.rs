//! What HTTP surfaces share: cookies, content negotiation, `ETag`s, request origin checks,
//! WebSocket upgrades, and rendering of server-side HTML.
//!
//! Must not depend on routes, sites or readers. Called by the HTTP surfaces and by
//! [`crate::server`].

pub mod address;
pub mod conversation;
pub mod cookies;
pub mod document;
pub mod encoding;
pub mod etag;
pub mod html;
pub mod origin;
pub mod upgrade;
