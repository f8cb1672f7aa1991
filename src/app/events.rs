//! Events: an event bus from committed changes to the open streams that they concern, and cache
//! invalidation.
//!
//! Must not depend on SQL, HTTP or HTML. Nothing is replayed: a stream that missed events reloads
//! its state. The store publishes to it; `widget`, `console` and `channels` subscribe.

mod bus;
mod cache_generations;
mod conversations;
mod hub;
mod queue;
mod shared_event;

pub use bus::EventBus;
pub use cache_generations::Generation;
pub use conversations::{
    ConversationHub, ConversationSubscription, Delivery, HEARTBEAT_INTERVAL, HubConnection,
    HubConnectionEvent, Message as ConversationPush, PresenceRelay,
    Recipient as ConversationRecipient, SharedConversationEvent, Viewer, Viewing,
};
pub use hub::{ReaderHub, SubscribeError, Subscription};
pub use shared_event::SharedEvent;
