//! `PUT …/upload/{key}`: uploads a file to a URL that `get_upload_url` returned on a socket.

use super::{BotRequest, BotState, error::BotError, json};
use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    response::Response,
};
use serde_json::json;

pub(super) async fn receive(
    State(bots): State<BotState>,
    context: BotRequest,
    request: Request,
) -> Result<Response, BotError> {
    bots.customers.limiter.check_upload(context.address)?;
    let max = bots.app.max_attachment_bytes();
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > max) {
        return Err(BotError::status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    bots.customers
        .uploads
        .receive_announced(
            &bots.app,
            context.inbox.inbox.site,
            &context.name,
            request.into_body(),
            max,
        )
        .await?;
    Ok(json(&json!({ "result": "OK" })))
}
