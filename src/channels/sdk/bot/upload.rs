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
    visit: BotRequest,
    request: Request,
) -> Result<Response, BotError> {
    bots.customers.limiter.upload(visit.address)?;
    let most = bots.inbox.attachment_bytes();
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > most) {
        return Err(BotError::status(StatusCode::PAYLOAD_TOO_LARGE));
    }
    bots.customers
        .uploads
        .receive(visit.open.inbox.site, &visit.name, request.into_body(), most)
        .await?;
    Ok(json(&json!({ "result": "OK" })))
}
