//! What belongs to NATS alone: its options, the connection, and how packets are encrypted on their way.
//! Must not depend on what is in a packet. Called by `bus`.

mod link;
mod options;
mod peers;
mod seal;
#[cfg(test)]
mod tests;

pub(crate) use link::Nats;
pub use options::NatsOptions;
