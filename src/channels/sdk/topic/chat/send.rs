//! A customer's messages and actions in a conversation.

use super::{ChatTopic, MAIN, Payload, TopicContext, TopicError, session_rejection, text};
use crate::sdk::topic::file;
use belfry_domain::channel::{
    ChannelToken, Coordinates, FileType, MessageKind, NewAttachment, NewMessage,
};
use serde_json::{Value, json};

/// Maximum length of a client's own id of a message.
const MAX_ECHO_BYTES: usize = 255;

/// A customer's action. Clients write the names with or without the prefix `user_`.
enum Action {
    Text(String),
    Location(Coordinates),
    File { url: String, caption: Option<String> },
    Typing(bool),
}

impl Action {
    fn parse(payload: &Value) -> Result<Self, TopicError> {
        let kind =
            payload.get("type").and_then(Value::as_str).ok_or(TopicError::invalid_field("type"))?;
        let Some(said) = payload.get("payload") else {
            return Err(TopicError::invalid_field("payload"));
        };
        match kind.strip_prefix("user_").unwrap_or(kind) {
            "message" => {
                let written = said.as_str().map(str::to_owned).or_else(|| text(said, "text"));
                Ok(Self::Text(
                    written
                        .filter(|text| !text.trim().is_empty())
                        .ok_or(TopicError::invalid_field("text"))?,
                ))
            }
            "location" => {
                let degrees = |names: [&str; 2], max: f64| {
                    let value = names.into_iter().find_map(|name| said.get(name)?.as_f64());
                    value.filter(|value| value.abs() <= max)
                };
                let latitude =
                    degrees(["lat", "latitude"], 90.0).ok_or(TopicError::invalid_field("lat"))?;
                let longitude =
                    degrees(["lon", "longitude"], 180.0).ok_or(TopicError::invalid_field("lon"))?;
                Ok(Self::Location(Coordinates { latitude, longitude }))
            }
            "attachment" => Ok(Self::File {
                url: text(said, "url").ok_or(TopicError::invalid_field("url"))?,
                caption: text(said, "caption"),
            }),
            "typing" => {
                Ok(Self::Typing(said.as_bool().ok_or(TopicError::invalid_field("payload"))?))
            }
            // There are no bots that would receive events.
            _ => Err(TopicError::UNKNOWN_EVENT),
        }
    }
}

impl ChatTopic {
    /// Handles `user_action`.
    pub(super) async fn act(
        &mut self,
        to: &mut TopicContext<'_>,
        payload: &Value,
    ) -> Result<Payload, TopicError> {
        let mut message = NewMessage::text(MessageKind::Incoming, "");
        match Action::parse(payload)? {
            Action::Typing(is_on) => return self.publish_typing(to, is_on).await,
            Action::Text(content) => message.content = Some(content),
            Action::Location(place) => {
                message.content = None;
                message.attachments =
                    vec![location_attachment(place, ChannelToken::generate(to.state.app.rng()))];
            }
            Action::File { url, caption } => {
                message.content = None;
                message.attachments = vec![self.take_upload(to, &url, caption).await?];
            }
        }
        message.echo_id = text(payload, "echo_id").filter(|id| id.len() <= MAX_ECHO_BYTES);
        message.check().map_err(super::super::customer_session::invalid_field)?;
        self.post_message(to, message).await
    }

    async fn post_message(
        &mut self,
        to: &mut TopicContext<'_>,
        message: NewMessage,
    ) -> Result<Payload, TopicError> {
        let session = self.customer.ensure_session(to, None).await?;
        to.state.customers.limiter.check_message(session.id)?;
        if self.number.is_none() && self.g == MAIN {
            // Another page of the customer may have created one.
            self.find_conversation(to).await?;
        }
        let (inbox, site) = (&to.state.app, self.customer.site());
        let said = if let Some(number) = self.number {
            inbox
                .post_session_message(site, &session, number, message)
                .await
                .map_err(session_rejection)?
        } else {
            to.state.customers.limiter.check_new_conversation(session.id, session.inbox)?;
            let attributes = to.connect.visit.attributes();
            let begun = inbox
                .begin_customer_conversation(site, &session, attributes, message)
                .await
                .map_err(session_rejection)?;
            self.number = Some(begun.view.conversation.number);
            begun.message.ok_or(TopicError::FAILED)?
        };
        self.remember_own(said.id);
        let event = self.events(to, std::slice::from_ref(&said)).into_iter().next();
        self.push_meta(to).await?;
        Ok(Payload::json(&json!({ "event": event })))
    }

    /// Tells agents that the customer is typing; does nothing before the conversation exists.
    pub(super) async fn publish_typing(
        &self,
        to: &TopicContext<'_>,
        is_on: bool,
    ) -> Result<Payload, TopicError> {
        if let Some((session, number)) = self.location() {
            to.state
                .app
                .publish_session_typing(self.customer.site(), session, number, is_on)
                .await
                .map_err(session_rejection)?;
        }
        Ok(Payload::empty())
    }

    /// Returns the URL to upload a file to, and its later public URL.
    pub(super) async fn upload_url(
        &self,
        to: &TopicContext<'_>,
        payload: &Value,
    ) -> Result<Payload, TopicError> {
        file::upload_url(to, self.customer.site(), self.customer.inbox.inbox.uuid, payload).await
    }

    /// Takes the uploaded file with this public URL. Any other URL is rejected.
    async fn take_upload(
        &self,
        to: &mut TopicContext<'_>,
        url: &str,
        caption: Option<String>,
    ) -> Result<NewAttachment, TopicError> {
        file::take_upload(to, self.customer.site(), url, caption).await
    }
}

fn location_attachment(place: Coordinates, key: ChannelToken) -> NewAttachment {
    NewAttachment {
        file_type: FileType::Location,
        key,
        filename: String::new(),
        content_type: String::new(),
        extension: None,
        dimensions: None,
        bytes: bytes::Bytes::new(),
        thumbnail: None,
        coordinates: Some(place),
        fallback_title: None,
    }
}
