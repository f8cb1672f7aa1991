//! `GET …/user/{user_id}` and `POST …/push_subscribe`: a customer's profile, and push
//! notifications.

use super::{BotRequest, BotState, error::BotError, json};
use axum::{extract::State, http::StatusCode, response::Response};
use belfry_content::wire::chat_user;

/// The token identifies the customer. A claimed user id is public, so it is answered with 404.
pub(super) async fn show(
    State(bots): State<BotState>,
    context: BotRequest,
) -> Result<Response, BotError> {
    let customer = bots
        .app
        .existing_customer(&context.inbox, &context.name)
        .await?
        .ok_or(BotError::status(StatusCode::NOT_FOUND))?;
    Ok(json(&customer.visible_contact().map(|seen| chat_user(&seen)).unwrap_or_default()))
}

/// Belfry sends no push notifications. A success response would leave the customer waiting for
/// them.
pub(super) async fn subscribe(_: BotRequest) -> BotError {
    BotError::new(
        StatusCode::NOT_IMPLEMENTED,
        "push_not_supported",
        "push notifications are not sent; keep the socket open, or ask for conversations",
    )
}
