//! What HTTP surfaces do in the same way: read cookies, content negotiation, validators and proof of origin from a request's headers, and render
//! parts of pages that are complete HTML.
//!
//! Must not know of routes, sites or readers. The surfaces and the server call it.

pub mod address;
pub mod conversation;
pub mod cookies;
pub mod document;
pub mod encoding;
pub mod html;
pub mod origin;
pub mod upgrade;
pub mod validator;
