//! The console's actions on messages of a thread, and the full text of a long one.

use super::agent::AgentMember;
use crate::web::{
    conversation::MessageActions,
    html::{IntoMarkup, Markup},
};
use crate::{
    console::{Console, error::ConsoleError, pages::path_params::PathId, view::csrf_field},
    domain::channel::{ConversationMessageId, ConversationNumber},
};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

/// Actions on messages of the conversation at `base`.
pub(super) struct MessageButtons<'t> {
    pub(super) who: &'t AgentMember,
    pub(super) base: &'t str,
}

impl MessageActions for MessageButtons<'_> {
    fn whole(&self, message: ConversationMessageId, label: &'static str) -> Markup {
        let href = format!("{}/messages/{message}", self.base);
        view! { <a href=href target="_blank" rel="noopener">{label}</a> }.into_markup()
    }

    fn retry(&self, message: ConversationMessageId, reason: String, label: &'static str) -> Markup {
        let action = format!("{}/messages/{message}/retry", self.base);
        view! {
            <form method="post" action=action class="standing-line failed" data-quick>
                {csrf_field(self.who)}
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
    who: AgentMember,
    PathId(conversation): PathId<ConversationNumber>,
    PathId(message): PathId<ConversationMessageId, 2>,
) -> Result<Response, ConsoleError> {
    let found = console.inbox.conversation_message(&who.agent, (conversation, message)).await?;
    let text = found.message.content.unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], text)
        .into_response())
}
