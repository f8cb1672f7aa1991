//! Webhooks from the act to the bytes on the wire, with receivers that behave in every way but the right one.

mod conversations;
mod events;
mod misbehaving;
mod order;
pub mod receiver;
mod signed;
mod world;
