//! `/v1` as site backends call it: one module per resource, and tests that cover all routes.

mod clock;
mod contact;
mod contacts;
mod description;
mod device;
mod disconnect;
mod errors;
mod idempotency;
mod images;
mod imports;
mod keys;
mod limits;
mod message;
mod message_management;
pub mod mutes;
mod publish;
mod registration;
mod route_table;
mod segments;
mod tenant_isolation;
mod themes;
mod token;
mod webhooks;
