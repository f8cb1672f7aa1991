//! `GET …/user/{user_id}` and `POST …/push_subscribe`: a customer's profile, and push
//! notifications.

use super::{BotRequest, BotState, error::BotError, json};
use crate::content::wire::chat_user;
use axum::{extract::State, http::StatusCode, response::Response};

/// The token identifies the customer. A claimed user id is public, so it is answered with 404.
pub(super) async fn show(
    State(bots): State<BotState>,
    visit: BotRequest,
) -> Result<Response, BotError> {
    let customer = bots
        .inbox
        .known_customer(&visit.open, &visit.name)
        .await?
        .ok_or(BotError::status(StatusCode::NOT_FOUND))?;
    Ok(json(&customer.seen().map(|seen| chat_user(&seen)).unwrap_or_default()))
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
