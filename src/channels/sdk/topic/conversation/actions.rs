//! An agent's pushes on a conversation.

use super::ConversationTopic;
use crate::sdk::{
    socket::Payload,
    topic::{
        TopicContext, TopicError,
        agent::{AgentAction, channel_rejection, flag, text},
        file,
    },
};
use belfry_domain::channel::{MessageKind, NewMessage};
use serde_json::{Value, json};

impl ConversationTopic {
    /// Handles a push of the client.
    pub(super) async fn handle_push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: &Value,
    ) -> Result<Payload, TopicError> {
        match event {
            "operator_join" => self.act(to, AgentAction::Assign { to_me: true }).await,
            "operator_leave" => self.act(to, AgentAction::Unassign).await,
            "assign" => match payload.get("to") {
                Some(Value::Null) => self.act(to, AgentAction::Assign { to_me: false }).await,
                Some(Value::String(me)) if me == "me" => {
                    self.act(to, AgentAction::Assign { to_me: true }).await
                }
                _ => Err(TopicError::invalid_field("to")),
            },
            "close" => self.act(to, AgentAction::Close).await,
            "reopen" => self.act(to, AgentAction::Reopen).await,
            "watch" => self.act(to, AgentAction::Watch { is_on: flag(payload, "on")? }).await,
            "operator_action" => {
                let action = payload.get("action").ok_or(TopicError::invalid_field("action"))?;
                let payload = action.get("payload").unwrap_or(&Value::Null);
                match action.get("type").and_then(Value::as_str) {
                    Some("text") => self.post_text(to, payload, false).await,
                    Some("media") => self.send_file(to, payload).await,
                    _ => Err(TopicError::invalid_field("action.type")),
                }
            }
            "note" => self.post_text(to, payload, true).await,
            "typing" => {
                let (is_on, is_private) =
                    (flag(payload, "on")?, payload.get("private") == Some(&Value::Bool(true)));
                let published = to
                    .state
                    .app
                    .publish_typing(&self.session.caller, self.number, is_on, is_private)
                    .await;
                published.map(|()| Payload::empty()).map_err(|error| channel_rejection(&error))
            }
            "seen" => {
                let seen = to.state.app.mark_seen_by_agent(&self.session.caller, self.number).await;
                seen.map(|_| Payload::empty()).map_err(|error| channel_rejection(&error))
            }
            "get_upload_url" => {
                let view = to
                    .state
                    .app
                    .conversation(&self.session.caller, self.number)
                    .await
                    .map_err(|error| channel_rejection(&error))?;
                file::upload_url(to, self.session.caller.site, view.inbox_uuid, payload).await
            }
            "get_history" => self.older_page(to, payload.get("next")).await,
            _ => Err(TopicError::UNKNOWN_EVENT),
        }
    }

    async fn act(&self, to: &TopicContext<'_>, act: AgentAction) -> Result<Payload, TopicError> {
        let view = self.session.act(to, self.number, act).await?;
        Ok(Payload::json(&json!({ "conversation": self.session.list_item(to.state, &view) })))
    }

    async fn post_text(
        &self,
        to: &TopicContext<'_>,
        payload: &Value,
        private: bool,
    ) -> Result<Payload, TopicError> {
        let text =
            payload.get("message").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        let message = NewMessage::text(
            MessageKind::Outgoing,
            text.ok_or(TopicError::invalid_field("message"))?,
        );
        self.post(to, NewMessage { private, ..message }).await
    }

    async fn send_file(
        &self,
        to: &mut TopicContext<'_>,
        payload: &Value,
    ) -> Result<Payload, TopicError> {
        let caption = payload.get("caption").and_then(Value::as_str).map(str::to_owned);
        let attachment =
            file::take_upload(to, self.session.caller.site, text(payload, "url")?, caption).await?;
        let message = NewMessage {
            content: None,
            attachments: vec![attachment],
            ..NewMessage::text(MessageKind::Outgoing, "")
        };
        self.post(to, message).await
    }

    async fn post(
        &self,
        to: &TopicContext<'_>,
        message: NewMessage,
    ) -> Result<Payload, TopicError> {
        let posted = to
            .state
            .app
            .post_message(&self.session.caller, self.number, &message)
            .await
            .map_err(|error| channel_rejection(&error))?;
        let events =
            self.session.renderer(to.state).agent_events(&posted.message, &posted.view.contact);
        Ok(Payload::json(&json!({ "events": events })))
    }
}
