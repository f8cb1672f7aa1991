//! The console's actions on messages of a thread, and the full text of a long one.

use super::agent::AgentMember;
use crate::{Console, error::ConsoleError, pages::path_params::PathId, view::csrf_field};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use belfry_domain::channel::{ConversationMessageId, ConversationNumber};
use belfry_web::{
    conversation::MessageActions,
    html::{IntoMarkup, Markup},
};
use leptos::prelude::*;

/// Actions on messages of the conversation at `base`.
pub(super) struct MessageButtons<'t> {
    pub(super) member: &'t AgentMember,
    pub(super) base: &'t str,
}

impl MessageActions for MessageButtons<'_> {
    fn full_text_link(&self, message: ConversationMessageId, label: &'static str) -> Markup {
        let href = format!("{}/messages/{message}", self.base);
        view! { <a href=href target="_blank" rel="noopener">{label}</a> }.into_markup()
    }

    fn retry_line(
        &self,
        message: ConversationMessageId,
        reason: String,
        label: &'static str,
    ) -> Markup {
        let action = format!("{}/messages/{message}/retry", self.base);
        view! {
            <form method="post" action=action class="standing-line failed" data-quick>
                {csrf_field(self.member)}
                <span>{reason}</span>
                <button class="link">{label}</button>
            </form>
        }
        .into_markup()
    }
}

/// Serves a message as plain text.
pub(super) async fn whole(
    State(console): State<Console>,
    member: AgentMember,
    PathId(conversation): PathId<ConversationNumber>,
    PathId(message): PathId<ConversationMessageId, 2>,
) -> Result<Response, ConsoleError> {
    let conversation_message =
        console.app.conversation_message(&member.agent, (conversation, message)).await?;
    let text = conversation_message.message.content.unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], text)
        .into_response())
}
