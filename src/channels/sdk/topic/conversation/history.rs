//! The messages of a conversation: after a join, and page by page on request.
//!
//! A reconnecting client names its newest message, and gets the ones after it.

use super::ConversationTopic;
use crate::sdk::{
    socket::Payload,
    topic::{TopicContext, TopicError, agent::channel_rejection},
};
use belfry_content::wire::{chat_cursor, parse_chat_cursor};
use belfry_domain::channel::{ConversationMessageId, ConversationView, MessageList, MessageWindow};
use serde_json::{Value, json};

/// Pages of missed messages that are sent; a client that missed more gets the newest page only.
const MAX_MISSED_PAGES: usize = 5;

impl ConversationTopic {
    /// Sends a joining client the messages that it lacks.
    pub(super) async fn send_history(
        &mut self,
        to: &mut TopicContext<'_>,
        span: Option<&Value>,
    ) -> Result<ConversationView, TopicError> {
        let newest = span
            .and_then(|span| span.get("newest"))
            .and_then(Value::as_str)
            .and_then(parse_chat_cursor);
        if let Some(newest) = newest
            && let Some(view) = self.send_messages_after(to, newest).await?
        {
            return Ok(view);
        }
        let list = self.messages(to, MessageWindow::default()).await?;
        self.newest_message =
            list.messages.last().map_or(self.newest_message, |message| message.id);
        to.push("history", self.page(to, &list));
        Ok(list.view)
    }

    /// The page of messages before a cursor.
    pub(super) async fn older_page(
        &self,
        to: &TopicContext<'_>,
        cursor: Option<&Value>,
    ) -> Result<Payload, TopicError> {
        let before = match cursor {
            None | Some(Value::Null) => None,
            Some(cursor) => Some(
                cursor
                    .as_str()
                    .and_then(parse_chat_cursor)
                    .ok_or(TopicError::invalid_field("next"))?,
            ),
        };
        let list = self.messages(to, MessageWindow { before, ..MessageWindow::default() }).await?;
        Ok(self.page(to, &list))
    }

    /// Sends the messages after this one. `None` if there are too many.
    async fn send_messages_after(
        &mut self,
        to: &mut TopicContext<'_>,
        newest: ConversationMessageId,
    ) -> Result<Option<ConversationView>, TopicError> {
        let (mut events, mut after) = (Vec::new(), newest);
        for _ in 0..MAX_MISSED_PAGES {
            let window = MessageWindow { after: Some(after), ..MessageWindow::default() };
            let list = self.messages(to, window).await?;
            let renderer = self.session.renderer(to.state);
            events.extend(
                list.messages
                    .iter()
                    .flat_map(|message| renderer.agent_events(message, &list.view.contact)),
            );
            after = list.messages.last().map_or(after, |message| message.id);
            if list.messages.len() < usize::try_from(window.limit()).unwrap_or(usize::MAX) {
                self.newest_message = after;
                events.reverse();
                to.push("future", json!({ "events": events }));
                return Ok(Some(list.view));
            }
        }
        Ok(None)
    }

    async fn messages(
        &self,
        to: &TopicContext<'_>,
        window: MessageWindow,
    ) -> Result<MessageList, TopicError> {
        to.state
            .app
            .conversation_messages(&self.session.caller, self.number, window)
            .await
            .map_err(|error| channel_rejection(&error))
    }

    /// Messages in the clients' format, newest first.
    fn page(&self, to: &TopicContext<'_>, list: &MessageList) -> Payload {
        let renderer = self.session.renderer(to.state);
        let mut events: Vec<_> = list
            .messages
            .iter()
            .flat_map(|message| renderer.agent_events(message, &list.view.contact))
            .collect();
        events.reverse();
        let is_full = list.messages.len()
            >= usize::try_from(MessageWindow::default().limit()).unwrap_or(usize::MAX);
        let next = list.messages.first().filter(|_| is_full).map(chat_cursor);
        Payload::json(&json!({ "events": events, "next": next }))
    }
}
