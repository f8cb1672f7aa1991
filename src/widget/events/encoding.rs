//! Encodes events of the hub for a stream. What is equal for several streams is rendered once per
//! language and shared. Must not depend on which events concern a reader.

use super::{
    frames::{self, frame},
    reader::StreamReader,
};
use crate::{WidgetState, active_theme, view};
use belfry_app::events::SharedEvent;
use belfry_content::template;
use belfry_domain::{InboxEvent, Language, Message, Site, Version};
use bytes::Bytes;
use serde_json::json;
use std::sync::Arc;

/// What the encoding depends on besides the reader.
pub(super) struct EventEncoder {
    pub(super) state: WidgetState,
    pub(super) site: Arc<Site>,
    pub(super) language: Language,
}

impl EventEncoder {
    /// Encodes an event for its reader.
    pub(super) fn encode(&self, reader: &StreamReader, shared: &SharedEvent) -> Bytes {
        match &shared.event {
            // The edit may have moved the message into or out of a muted category, so the list is
            // fetched again.
            InboxEvent::MessageEdited { version, .. } if !reader.mutes.is_empty() => frames::resync(*version).into(),
            InboxEvent::MessagePublished { message, version, .. } => self.encode_shared(reader, shared, "message", message, *version),
            InboxEvent::MessageEdited { message, version, .. } => self.encode_shared(reader, shared, "edited", message, *version),
            InboxEvent::MessageRemoved { message, version, .. } => {
                shared.encoded("", || frame("removed", Some(*version), &json!({ "version": version, "id": message })).into())
            }
            InboxEvent::ReaderActed { action, messages, counts, .. } => shared.encoded("", || {
                let data =
                    json!({ "version": counts.version, "unread": counts.unread, "unseen": counts.unseen, "mark": action.as_str(), "ids": messages });
                frame("counts", Some(counts.version), &data).into()
            }),
            InboxEvent::Conversation(event) => shared.encoded("", || frames::conversation(event).into()),
            InboxEvent::Invalidated { version, .. } => shared.encoded("", || frames::resync(*version).into()),
            // No stream receives them.
            InboxEvent::MessageUnlisted { .. } | InboxEvent::EventsMissed { .. } | InboxEvent::Present { .. } => Bytes::new(),
            InboxEvent::ThemeChanged { site, stylesheet, .. } => {
                shared.encoded("", || frames::theme(stylesheet.as_deref().map(|name| active_theme::address(*site, name)).as_deref()).into())
            }
            // Another process may have revoked this session: the stream ends, and the reader proves
            // the session again and resyncs. The hub forwards no `ChannelAccessChanged` event; a
            // stream that receives one ends as well.
            InboxEvent::ChannelAccessChanged { .. } | InboxEvent::SessionsRevoked { .. } | InboxEvent::ExternalWrite { .. } => {
                shared.encoded("", || frames::ended().into())
            }
        }
    }

    /// A message as its reader sees it, rendered once for all readers who see the same.
    fn encode_shared(
        &self,
        reader: &StreamReader,
        shared: &SharedEvent,
        event: &str,
        message: &Arc<Message>,
        version: Version,
    ) -> Bytes {
        // Almost all streams return here. A shared rendering contains nothing personal.
        if let Some(cached) = shared.get(self.language.as_str()) {
            return cached;
        }
        // A personal message is not shared.
        if template::is_personal(&message.content) {
            return self.message(reader, event, message, version);
        }
        shared.encoded(self.language.as_str(), || self.message(reader, event, message, version))
    }

    fn message(
        &self,
        reader: &StreamReader,
        event: &str,
        message: &Arc<Message>,
        version: Version,
    ) -> Bytes {
        let reading = view::RenderContext::new(&self.site, &self.language, self.state.0.app.now())
            .for_contact(Some(&reader.contact.contact));
        let html = self.state.0.card_cache.new_item(&reading, message);
        frame(
            event,
            Some(version),
            &json!({ "version": version, "id": message.id, "pinned": message.pinned, "position": message.position, "html": html }),
        )
        .into()
    }
}
