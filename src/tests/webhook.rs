//! Webhooks from the action to the bytes on the wire, with receivers that misbehave in every way.

mod conversations;
mod events;
mod failing_receivers;
mod fixture;
mod ordering;
pub mod receiver;
mod signatures;
