//! The request bodies of the API under `/v1`: what a sender may write, before it is validated.
//!
//! Each struct is the only description of its body. The API deserializes it from JSON, the console
//! builds it from a form, and the `OpenAPI` document shows its schema. `validate`, in
//! [`crate::draft`], turns it into a type that can only be built valid. A member that a body requires
//! is an `Option` here, because validation reports it when it is missing. Must not depend on HTTP or
//! on the store.

mod audience;
mod contact;
mod message;
mod segment;
mod site;
mod webhook;

pub use audience::{AudienceBody, ContactNamed, Name, SegmentTargetBody};
pub use contact::{ChannelBody, ContactBody, ContactsBody, FieldBody, SubscriptionBody};
pub use message::{ActionBody, ContentBody, MessageBody, MessageEditBody, ResendBody};
pub use segment::{ConditionBody, Languages, SegmentCountRequest, SegmentRequest, TimeBody};
pub use site::{CategoryBody, DomainBody, KeyBody, MutesBody, ScopeName, SiteSettingsBody};
pub use webhook::{AuthBody, ReplayBody, WebhookBody, WebhookChangeBody};

use serde::{Deserialize, Deserializer};

/// What a [`Name`] expects.
pub(super) const EXPECTS_STRING: &str = "a string";
/// What an [`AudienceBody`] expects.
pub(super) const EXPECTS_AUDIENCE: &str = "an audience";
/// What a [`SegmentTargetBody`] expects.
pub(super) const EXPECTS_SEGMENT: &str = "a condition, or the name or id of a segment";

/// A member that may be absent but not `null`.
fn not_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}
