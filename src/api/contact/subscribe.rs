//! `POST /v1/contact/subscribe`: creates or updates the contact of a sign-up form, and adds the
//! form's groups to the attribute `groups`.
//!
//! `formType` is ignored: Belfry sends no confirmations. A deleted contact is restored.

use crate::{ApiError, ApiState, audited::Audited, body::JsonBody};
use axum::{Json, extract::State};
use belfry_app::{AuthenticatedKey, parse_subscription};
use belfry_domain::ContactId;
use serde::Serialize;
use utoipa::ToSchema;

/// The contact's id.
#[derive(Serialize, ToSchema)]
pub(crate) struct Subscribed {
    #[schema(value_type = i64)]
    id: ContactId,
}

/// Creates or updates a contact who signs up.
#[utoipa::path(
    post, operation_id = "subscribeContact",
    path = "/contact/subscribe",
    tag = "Contacts",
    request_body(content_type = "application/json", content = Object, description = "`{\"contact\":{…},\"groups\":[\"news\"],\"formType\":\"…\"}`"),
    responses(
        (status = 200, description = "The contact's id", body = Subscribed),
        (status = 400, description = "The contact is invalid"),
        (status = 409, description = "An identifier belongs to another contact"),
    )
)]
pub(crate) async fn subscribe(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    JsonBody(body): JsonBody,
) -> Result<Audited<Json<Subscribed>>, ApiError> {
    let (draft, groups) = parse_subscription(&body)?;
    let id = api.app.subscribe(holder.site, &draft, groups).await?;
    Ok(Audited::new(id, Json(Subscribed { id })))
}
