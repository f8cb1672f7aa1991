//! Extractors for the ids in a path. A value that is no number is answered with 404.

use super::{ApplicationState, error::ApplicationError};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use belfry_domain::{
    ContactId,
    channel::{
        AccountWebhookId, CannedResponseId, ConversationMessageId, ConversationNumber, InboxId,
    },
};

macro_rules! named {
    ($($(#[doc = $doc:literal])* $name:ident($number:ident), $parameter:literal;)+) => {
        $(
            $(#[doc = $doc])*
            pub(super) struct $name(pub(super) $number);

            impl FromRequestParts<ApplicationState> for $name {
                type Rejection = ApplicationError;

                async fn from_request_parts(parts: &mut Parts, application: &ApplicationState) -> Result<Self, ApplicationError> {
                    number(parts, application, $parameter).await.map($number).map(Self)
                }
            }
        )+
    };
}

named!(
    /// The inbox of the path.
    InboxPath(InboxId), "inbox_id";
    /// The contact of the path.
    ContactPath(ContactId), "contact_id";
    /// The conversation of the path, by its number within the site.
    ConversationPath(ConversationNumber), "conversation_id";
    /// The message of the path.
    MessagePath(ConversationMessageId), "message_id";
    /// The canned response of the path.
    CannedResponsePath(CannedResponseId), "canned_response_id";
    /// The account webhook of the path.
    WebhookPath(AccountWebhookId), "webhook_id";
);

async fn number(
    parts: &mut Parts,
    application: &ApplicationState,
    parameter: &str,
) -> Result<i64, ApplicationError> {
    let params = RawPathParams::from_request_parts(parts, application)
        .await
        .map_err(|_| ApplicationError::not_found())?;
    let text = params.iter().find(|(name, _)| *name == parameter).map(|(_, value)| value);
    text.and_then(|text| text.parse().ok())
        .filter(|number| *number > 0)
        .ok_or_else(ApplicationError::not_found)
}
