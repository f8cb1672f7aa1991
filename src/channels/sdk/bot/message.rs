//! `POST …/leave-message`: a customer starts a conversation without opening a socket.

use super::{BotRequest, BotState, error::BotError, json};
use crate::{
    params::{BodyLimits, Params},
    sdk::topic::user_fields,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use belfry_app::channel::OfflineMessage;
use serde_json::{Map, Value, json};

/// Limits of a body. A message may have 150,000 characters.
const BODY_BOUNDS: BodyLimits = BodyLimits::new(2 * 1_024 * 1_024, 0, 0);

pub(super) async fn create(
    State(bots): State<BotState>,
    context: BotRequest,
    request: Request,
) -> Result<Response, BotError> {
    let params = Params::read(request, BODY_BOUNDS).await?;
    let text = |name: &str| {
        params.text(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let Some(content) = text("message") else {
        return Err(BotError::field("message", "must not be empty"));
    };
    if text("email").is_none() && text("phone").is_none() {
        return Err(BotError::field(
            "email",
            "must be given, or a phone number, so that somebody can answer",
        ));
    }
    let contact_fields = ["name", "email", "phone"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), Value::String(text(name)?))));
    let fields = user_fields(&contact_fields.collect::<Map<_, _>>(), None)?;
    bots.customers.limiter.check_new_session(context.address, context.inbox.inbox.id)?;
    bots.app
        .leave_message(&context.inbox, OfflineMessage { user_id: text("user_id"), fields, content })
        .await?;
    Ok(json(&json!({ "result": "OK" })))
}
