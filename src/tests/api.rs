//! `/v1` as site backends call it: one module per resource, and tests that cover all routes.

mod clock;
mod contact;
mod contacts;
mod description;
mod device;
mod hang_up;
mod images;
mod imports;
mod keys;
mod limits;
mod message;
pub mod mutes;
mod publish;
mod refusals;
mod registration;
mod repeats;
mod segments;
mod sent;
mod table;
mod tenants;
mod themes;
mod token;
mod webhooks;
