//! Webhooks from the action to the bytes on the wire, with receivers that misbehave in every way.

mod conversations;
mod events;
mod misbehaving;
mod order;
pub mod receiver;
mod signed;
mod world;
