//! `visitor:{bot_id}`: the page that a customer is on.
//!
//! The last page and the browser's language, time zone and user agent are kept in memory until the
//! socket closes; a conversation that starts on the socket gets them as attributes. There are no
//! nudges, and scroll depth is not reported.

use super::{
    Payload, Topic, TopicContext, TopicEnded, TopicError,
    customer_session::{invalid_field, open_inbox, text, user_fields, user_of},
};
use async_trait::async_trait;
use belfry_app::events::ConversationPush;
use serde_json::{Value, json};

pub(super) struct VisitorTopic;

/// Joins; returns the id that the client claims, which proves nothing.
pub(super) async fn join(
    to: &mut TopicContext<'_>,
    bot: &str,
    params: Value,
) -> Result<(Box<dyn Topic>, Payload), TopicError> {
    let open = open_inbox(to, bot).await?;
    let visitor = text(&params, "visitor_id")
        .filter(|id| id.len() <= 1_024)
        .ok_or(TopicError::invalid_field("visitor_id"))?;
    to.connect.visit.set_browser(&params);
    // Data about a user other than the socket's customer is dropped.
    let user = user_of(to, &open).await?;
    if let (Some(Value::Object(info)), true) =
        (params.get("user_info"), user.as_ref() == Some(&visitor))
    {
        user_fields(info, None).map_err(invalid_field)?;
        to.connect.visit.set_info(info.clone());
    }
    Ok((
        Box::new(VisitorTopic),
        Payload::json(
            &json!({ "visitor_id": visitor, "user_id": user.unwrap_or_else(|| visitor.clone()) }),
        ),
    ))
}

#[async_trait]
impl Topic for VisitorTopic {
    async fn push(
        &mut self,
        to: &mut TopicContext<'_>,
        event: &str,
        payload: Value,
    ) -> Result<Payload, TopicError> {
        match event {
            "page_view" => {
                let url = text(&payload, "url").ok_or(TopicError::invalid_field("url"))?;
                to.connect.visit.set_page(&url, &text(&payload, "title").unwrap_or_default())?;
            }
            "scroll" if payload.get("percentage").is_some_and(Value::is_number) => {}
            "scroll" => return Err(TopicError::invalid_field("percentage")),
            "chat_open" if payload.get("open").is_some_and(Value::is_boolean) => {}
            "chat_open" => return Err(TopicError::invalid_field("open")),
            "nudge_response" => return Err(TopicError::NOT_FOUND),
            _ => return Err(TopicError::UNKNOWN_EVENT),
        }
        Ok(Payload::empty())
    }

    async fn on_hub_event(
        &mut self,
        _: &mut TopicContext<'_>,
        _: ConversationPush,
    ) -> Result<(), TopicEnded> {
        Ok(())
    }
}
