//! Events: an event bus from committed changes to the open streams that they concern, and cache
//! invalidation.
//!
//! Must not depend on SQL, HTTP or HTML. Nothing is replayed: a stream that missed events reloads
//! its state. The store publishes to it; `widget`, `reader` and `channels` subscribe.

mod bus;
mod conversations;
mod freshness;
mod hub;
mod notice;
mod queue;

pub use bus::Bus;
pub use conversations::{
    BEAT_INTERVAL, ConversationHub, Delivery, Line, LineEvent, Membership, Message as ConversationPush, Recipient as ConversationRecipient,
    SharedEvent, Viewer, Viewing,
};
pub use freshness::Stamp;
pub use hub::{Hub, Refused, Subscription};
pub use notice::Notice;
