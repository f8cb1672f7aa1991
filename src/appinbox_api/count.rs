//! `GET …/messages/count`: number of new messages, that is, neither read nor seen. At most 100,
//! which means "more than 99".

use super::{ApiState, AppInboxError, auth::ReaderContext, error::Refusal};
use axum::{Extension, Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// Number of new messages.
#[derive(Serialize, ToSchema)]
pub(super) struct Count {
    /// New messages, at most 100.
    count: u32,
}

/// Number of new messages, in the format of apps.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnreadCount {
    /// New messages, at most 100.
    unread_count: u32,
}

/// Returns the number of new messages.
#[utoipa::path(
    get, path = "/appinbox/v1/messages/count", tag = "reader", operation_id = "readerCount",
    params(("ES-TOKEN" = String, Header, description = "The reader's latest token")),
    responses(
        (status = 200, body = Count, headers(("ES-TOKEN" = String, description = "The token for the next request"))),
        (status = 401, body = Refusal), (status = 429, body = Refusal), (status = 503, body = Refusal), (status = 507, body = Refusal),
    )
)]
pub(super) async fn web(
    State(state): State<ApiState>,
    Extension(visit): Extension<ReaderContext>,
) -> Result<Json<Count>, AppInboxError> {
    Ok(Json(Count { count: state.app.unread_counts(&visit.reader).await?.unseen }))
}

/// Returns the number of new messages, for apps.
#[utoipa::path(
    get, path = "/api/v1/appinbox/messages/count", tag = "reader", operation_id = "mobileCount",
    params(
        ("X-Reteno-Access-Key" = String, Header, description = "The site's id"),
        ("X-Reteno-Device-ID" = String, Header, description = "The id of a device that is bound to a contact"),
        ("X-Reteno-SDK-Version" = Option<String>, Header, description = "Ignored"),
    ),
    responses(
        (status = 200, body = UnreadCount),
        (status = 401, body = Refusal), (status = 429, body = Refusal), (status = 503, body = Refusal),
    )
)]
pub(super) async fn mobile(
    State(state): State<ApiState>,
    Extension(visit): Extension<ReaderContext>,
) -> Result<Json<UnreadCount>, AppInboxError> {
    Ok(Json(UnreadCount { unread_count: state.app.unread_counts(&visit.reader).await?.unseen }))
}
