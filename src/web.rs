//! What every HTTP surface needs to read of a request's headers in the same way: cookies, content negotiation, validators, proof of origin.
//!
//! Must not know of routes, sites or readers. The surfaces and the server call it.

pub mod address;
pub mod cookies;
pub mod encoding;
pub mod html;
pub mod origin;
pub mod validator;
