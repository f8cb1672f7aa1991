//! Webhook dispatcher: takes due deliveries from the store, sends them, and stores the outcomes.
//!
//! An event is sent at least once, and in order per contact: the next delivery of a contact is sent
//! when the one before was delivered or given up. Endpoints are independent of each other; a slow
//! or dead one occupies at most its own share of the concurrency until it answers again.
//!
//! Must not depend on SQL or on the HTTP client, which is [`belfry_domain::HttpClient`]. Started by
//! the server as a background job.

mod conversation;
mod dispatcher;
mod request;
mod retry;

pub use dispatcher::WebhookDispatcher;
