//! The reader of a stream, and which events concern them. Must not depend on how events are encoded.

use crate::{WidgetState, stream_contacts::StreamContact};
use belfry_app::AppError;
use belfry_domain::{ContactId, ContactLookup, InboxEvent, Recipients, Site, SiteId};
use std::sync::Arc;

/// The reader of a stream as of the last lookup.
pub(super) struct StreamReader {
    pub(super) contact: Arc<StreamContact>,
    /// Muted categories.
    pub(super) mutes: Vec<String>,
}

impl StreamReader {
    /// Loads the contact and its muted categories.
    pub(super) async fn load(
        state: &WidgetState,
        site: SiteId,
        contact: ContactId,
    ) -> Result<Self, AppError> {
        let inbox = &state.0.app;
        let contact = inbox.contact(site, &ContactLookup::Id(contact)).await?;
        let mutes = inbox.mutes(site, contact.id).await?;
        Ok(Self { contact: state.0.stream_contacts.of(site, contact), mutes })
    }

    /// Whether an event concerns the reader. Segment membership is evaluated from cached data, so
    /// that a message to a segment costs no query per stream.
    pub(super) fn is_concerned(
        &self,
        state: &WidgetState,
        site: &Site,
        change: &InboxEvent,
    ) -> bool {
        match change {
            // Sent before this contact existed.
            InboxEvent::MessagePublished { message, .. }
            | InboxEvent::MessageEdited { message, .. }
                if message.position <= self.contact.contact.hidden_until =>
            {
                false
            }
            InboxEvent::MessagePublished { message, .. }
                if message
                    .category
                    .as_ref()
                    .is_some_and(|category| self.mutes.contains(category)) =>
            {
                false
            }
            InboxEvent::MessagePublished { recipients, .. }
            | InboxEvent::MessageEdited { recipients, .. }
            | InboxEvent::MessageRemoved { recipients, .. } => match recipients {
                Recipients::Segment(segment) => self.contact.is_in(segment, state.0.app.now()),
                Recipients::Everyone | Recipients::Contacts(_) => true,
            },
            // A conversation of another inbox than the tab's, or a site without the tab.
            InboxEvent::Conversation(event) => site
                .messages
                .is_some_and(|inbox| event.inbox.as_ref().is_some_and(|of| of.id == inbox)),
            _ => true,
        }
    }
}
