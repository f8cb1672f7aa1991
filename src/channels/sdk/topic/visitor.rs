//! `visitor:{bot_id}`: the page that a customer is on.
//!
//! The last page and the browser's language, time zone and user agent are kept in memory until the
//! socket closes; a conversation that starts on the socket gets them as attributes. There are no
//! nudges, and scroll depth is not reported.

use super::{
    Client, Ended, Payload, Refusal, Topic,
    customer_session::{bad, open, text, user_fields, user_of},
};
use crate::events::ConversationPush;
use async_trait::async_trait;
use serde_json::{Value, json};

pub(super) struct Visitor;

/// Joins; returns the id that the client claims, which proves nothing.
pub(super) async fn join(to: &mut Client<'_>, bot: &str, params: Value) -> Result<(Box<dyn Topic>, Payload), Refusal> {
    let open = open(to, bot).await?;
    let visitor = text(&params, "visitor_id").filter(|id| id.len() <= 1_024).ok_or(Refusal::bad("visitor_id"))?;
    to.connect.visit.describe(&params);
    // Data about a user other than the socket's customer is dropped.
    let user = user_of(to, &open).await?;
    if let (Some(Value::Object(info)), true) = (params.get("user_info"), user.as_ref() == Some(&visitor)) {
        user_fields(info, None).map_err(bad)?;
        to.connect.visit.note_info(info.clone());
    }
    Ok((Box::new(Visitor), Payload::json(&json!({ "visitor_id": visitor, "user_id": user.unwrap_or_else(|| visitor.clone()) }))))
}

#[async_trait]
impl Topic for Visitor {
    async fn push(&mut self, to: &mut Client<'_>, event: &str, payload: Value) -> Result<Payload, Refusal> {
        match event {
            "page_view" => {
                let url = text(&payload, "url").ok_or(Refusal::bad("url"))?;
                to.connect.visit.look_at(&url, &text(&payload, "title").unwrap_or_default())?;
            }
            "scroll" if payload.get("percentage").is_some_and(Value::is_number) => {}
            "scroll" => return Err(Refusal::bad("percentage")),
            "chat_open" if payload.get("open").is_some_and(Value::is_boolean) => {}
            "chat_open" => return Err(Refusal::bad("open")),
            "nudge_response" => return Err(Refusal::NOT_FOUND),
            _ => return Err(Refusal::UNKNOWN_EVENT),
        }
        Ok(Payload::empty())
    }

    async fn deliver(&mut self, _: &mut Client<'_>, _: ConversationPush) -> Result<(), Ended> {
        Ok(())
    }
}
