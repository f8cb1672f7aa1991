//! `bot:{bot_id}~{g}`: one conversation of a customer.
//!
//! `g` is `main`, which means the newest unresolved conversation, or the number or UUID of a
//! conversation. If there is no main conversation, the first message creates it. Private notes and
//! agents' activities never reach this topic: the hub sends only public events to a session, and
//! history is read as public. A client displays what it sends at once, so its own messages aren't
//! sent back to it.

mod send;

use super::{
    Payload, Topic, TopicContext, TopicEnded, TopicError,
    customer::{MAIN, conversations_of, find_conversation},
    customer_session::{CustomerSession, identity, session_rejection, text},
};
use async_trait::async_trait;
use belfry_app::events::ConversationPush;
use belfry_content::wire::{
    ChatConversation, ChatEvent, ChatPerson, NobodyOnline, Renderer, chat_cursor, parse_chat_cursor,
};
use belfry_domain::channel::{
    ChannelContact, ContactSession, ConversationEvent, ConversationEventKind as Kind,
    ConversationMessage, ConversationMessageId, ConversationNumber, MessageWindow, Performer,
};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// Messages of this topic that are remembered as the client's own.
const MAX_OWN_MESSAGES: usize = 100;
/// Pages of missed messages that are sent after a join. A client that missed more gets the newest
/// page only.
const MAX_MISSED_PAGES: usize = 5;

pub(super) struct ChatTopic {
    customer: CustomerSession,
    g: String,
    locale: String,
    number: Option<ConversationNumber>,
    /// The client's own messages.
    own_messages: VecDeque<ConversationMessageId>,
}

/// Joins, and sends the messages, or those since the client's last one.
pub(super) async fn join(
    to: &mut TopicContext<'_>,
    name: &str,
    params: Value,
) -> Result<(Box<dyn Topic>, Payload), TopicError> {
    let (bot, g) = name.split_once('~').ok_or(TopicError::UNMATCHED)?;
    let customer = CustomerSession::identify(to, bot, &params).await?;
    let site = to
        .state
        .app
        .site(customer.site())
        .await
        .map_err(|error| session_rejection(error.into()))?;
    let mut chat = ChatTopic {
        customer,
        g: g.to_owned(),
        locale: site.language.to_string(),
        number: None,
        own_messages: VecDeque::new(),
    };
    chat.find_conversation(to).await?;
    if g != MAIN && chat.number.is_none() {
        return Err(TopicError::NOT_FOUND);
    }
    let mut answer = identity(&chat.customer);
    answer.insert(
        "conversation".to_owned(),
        chat.number.map_or(Value::Null, |number| json!({ "number": number.0 })),
    );
    let newest = params
        .get("span")
        .and_then(|span| text(span, "newest"))
        .and_then(|cursor| parse_chat_cursor(&cursor));
    chat.send_initial_state(to, newest).await?;
    Ok((Box::new(chat), Payload::json(&answer)))
}

impl ChatTopic {
    fn renderer<'a>(&self, to: &'a TopicContext<'_>) -> Renderer<'a> {
        Renderer {
            public_url: &to.state.public_url,
            site: self.customer.site(),
            now: to.state.app.now(),
            presence: &NobodyOnline,
        }
    }

    fn events(&self, to: &TopicContext<'_>, messages: &[ConversationMessage]) -> Vec<ChatEvent> {
        let Some(seen) = self.customer.visible_contact() else { return Vec::new() };
        events(self.renderer(to), messages, &seen)
    }

    /// Finds the conversation that `g` names, if it exists.
    async fn find_conversation(&mut self, to: &TopicContext<'_>) -> Result<(), TopicError> {
        // A named conversation is looked up individually; there may be more than a list returns.
        if let (Ok(number), Some(session)) =
            (self.g.parse::<ConversationNumber>(), self.customer.session())
        {
            to.state.customers.limiter.check_list(session.id)?;
            to.state
                .app
                .session_conversation(self.customer.site(), session, number)
                .await
                .map_err(session_rejection)?;
            self.number = Some(number);
            return Ok(());
        }
        let conversations = conversations_of(&self.customer, to).await?;
        self.number = find_conversation(&self.customer, &conversations, &self.g)
            .map(|of| of.view.conversation.number);
        Ok(())
    }

    fn location(&self) -> Option<(&ContactSession, ConversationNumber)> {
        self.customer.session().zip(self.number)
    }

    /// Sends a client that has joined the conversation's state and messages.
    async fn send_initial_state(
        &mut self,
        to: &mut TopicContext<'_>,
        newest: Option<ConversationMessageId>,
    ) -> Result<(), TopicError> {
        let Some((session, number)) = self.location() else {
            to.push("history", json!({ "events": [], "next": null }));
            return Ok(());
        };
        to.state
            .app
            .mark_seen_in_session(self.customer.site(), session, number)
            .await
            .map_err(session_rejection)?;
        let missed = match newest {
            Some(newest) => self.messages_after(to, newest).await?,
            None => None,
        };
        if let Some(events) = missed {
            to.push("future", json!({ "events": events }));
        } else {
            let history = self.history(to, None).await?;
            to.push("history", history);
        }
        self.push_meta(to).await
    }

    /// The messages after this one, oldest first; `None` if there are too many.
    async fn messages_after(
        &self,
        to: &TopicContext<'_>,
        newest: ConversationMessageId,
    ) -> Result<Option<Vec<ChatEvent>>, TopicError> {
        let Some((session, number)) = self.location() else { return Ok(None) };
        let page = MessageWindow { after: Some(newest), ..MessageWindow::default() }.limit();
        let (mut after, mut missed) = (newest, Vec::new());
        for _ in 0..MAX_MISSED_PAGES {
            let messages = to
                .state
                .app
                .session_messages_after(self.customer.site(), session, number, after)
                .await
                .map_err(session_rejection)?;
            missed.extend(self.events(to, &messages));
            match messages.last() {
                Some(last) if messages.len() >= page as usize => after = last.id,
                _ => return Ok(Some(missed)),
            }
        }
        Ok(None)
    }

    /// A page of messages before this one, newest first.
    async fn history(
        &self,
        to: &TopicContext<'_>,
        before: Option<ConversationMessageId>,
    ) -> Result<Value, TopicError> {
        let Some((session, number)) = self.location() else {
            return Ok(json!({ "events": [], "next": null }));
        };
        let messages = to
            .state
            .app
            .session_messages(self.customer.site(), session, number, before)
            .await
            .map_err(session_rejection)?;
        let is_full = messages.len() >= MessageWindow::default().limit() as usize;
        let next = messages.first().filter(|_| is_full).map(chat_cursor);
        let mut events = self.events(to, &messages);
        events.reverse();
        Ok(json!({ "events": events, "next": next }))
    }

    async fn conversation_meta(
        &self,
        to: &TopicContext<'_>,
    ) -> Result<Option<ChatConversation>, TopicError> {
        let Some((session, number)) = self.location() else { return Ok(None) };
        let of = to
            .state
            .app
            .session_conversation(self.customer.site(), session, number)
            .await
            .map_err(session_rejection)?;
        Ok(Some(self.renderer(to).chat_conversation(&of, self.g.clone(), &self.locale)))
    }

    async fn push_meta(&self, to: &mut TopicContext<'_>) -> Result<(), TopicError> {
        if let Some(meta) = self.conversation_meta(to).await? {
            to.push("conversation_meta", Payload::json(&meta));
        }
        Ok(())
    }

    fn remember_own(&mut self, message: ConversationMessageId) {
        self.own_messages.push_back(message);
        if self.own_messages.len() > MAX_OWN_MESSAGES {
            self.own_messages.pop_front();
        }
    }

    async fn mark_seen(&self, to: &TopicContext<'_>) -> Result<(), TopicError> {
        let Some((session, number)) = self.location() else { return Ok(()) };
        to.state
            .app
            .mark_seen_in_session(self.customer.site(), session, number)
            .await
            .map_err(session_rejection)
    }

    /// Checks whether a session, and a conversation in it, was created elsewhere.
    async fn refresh(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicError> {
        if self.customer.refresh(to).await? && self.number.is_none() {
            self.find_conversation(to).await?;
            if self.number.is_some() {
                self.send_initial_state(to, None).await?;
            }
        }
        Ok(())
    }

    async fn on_event(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &ConversationEvent,
    ) -> Result<(), TopicError> {
        let Some(view) = event.conversation.as_deref() else { return Ok(()) };
        let number = view.conversation.number;
        // The newest conversation that the customer starts elsewhere becomes the main one.
        if self.number.is_none() && self.g == MAIN && event.kind == Kind::ConversationCreated {
            self.number = Some(number);
        }
        if self.number != Some(number) {
            return Ok(());
        }
        match event.kind {
            Kind::MessageCreated | Kind::MessageUpdated => {
                let Some(message) = event.message.as_deref().filter(|message| message.is_public())
                else {
                    return Ok(());
                };
                let is_new = event.kind == Kind::MessageCreated;
                if is_new && self.own_messages.contains(&message.id) {
                    return Ok(());
                }
                // Clients append `message` events; a change has another name, so that nothing is
                // displayed twice.
                let name = if is_new { "message" } else { "message_updated" };
                for said in self.events(to, std::slice::from_ref(message)) {
                    to.push(name, Payload::json(&said));
                }
                // An open chat counts as seen.
                if is_new {
                    self.mark_seen(to).await?;
                    self.push_meta(to).await?;
                }
            }
            Kind::ConversationStatusChanged | Kind::ConversationUpdated => {
                self.push_meta(to).await?;
            }
            Kind::TypingOn | Kind::TypingOff => {
                if let (Performer::Agent(agent), false) = (&event.performer, event.private) {
                    to.push("typing", json!({ "payload": event.kind == Kind::TypingOn, "as": ChatPerson::agent(agent) }));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[async_trait]
impl Topic for ChatTopic {
    async fn push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: Value,
    ) -> Result<Payload, TopicError> {
        self.refresh(to).await?;
        if let Some(session) = self.customer.session() {
            to.state.customers.limiter.check_session(session.id)?;
        }
        match event {
            "user_action" => self.act(to, &payload).await,
            "get_history" => {
                let cursor = text(&payload, "next")
                    .and_then(|cursor| parse_chat_cursor(&cursor))
                    .ok_or(TopicError::invalid_field("next"))?;
                Ok(self.history(to, Some(cursor)).await?.into())
            }
            "get_upload_url" => self.upload_url(to, &payload).await,
            "typing" => {
                let is_on = payload
                    .get("on")
                    .and_then(Value::as_bool)
                    .ok_or(TopicError::invalid_field("on"))?;
                self.publish_typing(to, is_on).await
            }
            "seen" => {
                self.mark_seen(to).await?;
                self.push_meta(to).await?;
                Ok(Payload::empty())
            }
            _ => Err(TopicError::UNKNOWN_EVENT),
        }
    }

    async fn on_hub_event(
        &mut self,
        to: &mut TopicContext<'_>,
        message: ConversationPush,
    ) -> Result<(), TopicEnded> {
        match message {
            ConversationPush::Event(shared, _) => {
                self.on_event(to, shared.event()).await.map_err(TopicEnded)
            }
            ConversationPush::Recheck => self.customer.reload(to).await,
            _ => Ok(()),
        }
    }

    async fn on_heartbeat(&mut self, to: &mut TopicContext<'_>) -> Result<(), TopicEnded> {
        self.customer.on_heartbeat();
        self.refresh(to).await.map_err(TopicEnded)
    }
}

fn events(
    renderer: Renderer<'_>,
    messages: &[ConversationMessage],
    seen: &ChannelContact,
) -> Vec<ChatEvent> {
    messages.iter().flat_map(|message| renderer.chat_events(message, seen)).collect()
}
