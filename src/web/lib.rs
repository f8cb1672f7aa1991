//! What HTTP surfaces share: the list of routes, cookies, content negotiation, `ETag`s, statuses of
//! errors, request origin checks, WebSocket upgrades, and rendering of server-side HTML.
//!
//! Must not depend on handlers, sites or readers. Called by the HTTP surfaces and by
//! `server`.

pub mod accept;
pub mod address;
pub mod conversation;
pub mod cookies;
pub mod document;
pub mod encoding;
pub mod error_status;
pub mod etag;
pub mod html;
pub mod origin;
pub mod router;
pub mod routes;
pub mod upgrade;
