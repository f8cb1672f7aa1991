//! Who is listening right now: from a committed change to the open streams that it concerns.
//!
//! Must not know of SQL, HTTP or HTML. What a stream missed it does not remember: a reader who was away looks again.

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
