//! Who is listening right now: from a committed change to the open streams that it concerns.
//!
//! Must not know of SQL, HTTP or HTML. What a stream missed it does not remember: a reader who was away looks again.

mod freshness;
mod hub;
mod notice;
mod queue;

pub use freshness::Stamp;
pub use hub::{Hub, Refused, Subscription};
pub use notice::Notice;
