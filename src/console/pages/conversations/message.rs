//! The console's actions on messages of a thread, and the full text of a long one.

use super::agent::AgentMember;
use crate::web::{
    conversation::MessageActs,
    html::{IntoMarkup, Markup},
};
use crate::{
    console::{Console, error::ConsoleError, pages::path_params::Named, view::token},
    domain::channel::{ConversationMessageId, ConversationNumber},
};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use leptos::prelude::*;

/// Actions on messages of the conversation at `base`.
pub(super) struct Acts<'t> {
    pub(super) who: &'t AgentMember,
    pub(super) base: &'t str,
}

impl MessageActs for Acts<'_> {
    fn whole(&self, message: ConversationMessageId, label: &'static str) -> Markup {
        let href = format!("{}/messages/{message}", self.base);
        view! { <a href=href target="_blank" rel="noopener">{label}</a> }.into_markup()
    }

    fn retry(&self, message: ConversationMessageId, reason: String, label: &'static str) -> Markup {
        let action = format!("{}/messages/{message}/retry", self.base);
        view! {
            <form method="post" action=action class="standing-line failed" data-quick>
                {token(self.who)}
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
    Named(conversation): Named<ConversationNumber>,
    Named(message): Named<ConversationMessageId, 2>,
) -> Result<Response, ConsoleError> {
    let found = console.inbox.conversation_message(&who.agent, (conversation, message)).await?;
    let text = found.message.content.unwrap_or_default();
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], text).into_response())
}
