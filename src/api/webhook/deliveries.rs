//! `GET /v1/webhooks/{id}/deliveries` and `GET /v1/webhooks/{id}/deliveries/{delivery}`: pending,
//! completed and failed deliveries.

use super::view::DeliveryView;
use crate::{ApiError, ApiState, path::PathParam, query::Query};
use axum::{
    Json,
    extract::{FromRequestParts, Path, RawQuery, State},
    http::request::Parts,
};
use belfry_app::AuthenticatedKey;
use belfry_domain::{EndpointId, paginate};
use serde::Serialize;

/// A page of deliveries.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookDeliveries)]
pub(crate) struct Deliveries {
    items: Vec<DeliveryView>,
    /// Cursor of the next page; `null` on the last page.
    next: Option<String>,
}

/// The two path parameters: webhook id and delivery number.
pub(crate) struct DeliveryPath(pub(super) EndpointId, pub(super) i64);

impl<S: Send + Sync> FromRequestParts<S> for DeliveryPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path((endpoint, delivery)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::not_found())?;
        match (endpoint.parse(), delivery.parse()) {
            (Ok(endpoint), Ok(delivery)) => Ok(Self(endpoint, delivery)),
            _ => Err(ApiError::not_found()),
        }
    }
}

/// Lists the deliveries of a webhook, newest first.
#[utoipa::path(get, operation_id = "listDeliveries", path = "/webhooks/{id}/deliveries", tag = "Webhooks", params(
    ("id" = String, Path, description = "The webhook"),
    ("state" = Option<String>, Query, description = "Filter: `pending`, `done` or `dead`"),
    ("cursor" = Option<String>, Query, description = "The `next` value of the previous page"),
    ("limit" = Option<u32>, Query, description = "Page size: 1 to 100, by default 20"),
), responses(
    (status = 200, description = "The deliveries, newest first", body = Deliveries),
    (status = 400, description = "A parameter is invalid"),
    (status = 404, description = "The webhook does not exist"),
))]
pub(crate) async fn deliveries(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(id): PathParam<EndpointId>,
    RawQuery(query): RawQuery,
) -> Result<Json<Deliveries>, ApiError> {
    let query = Query::parse_known(query.as_deref(), &["state", "cursor", "limit"])?;
    let limit = query.limit()?;
    let deliveries = api
        .app
        .deliveries(holder.site, id, query.parse_param("state")?, query.cursor()?, limit + 1)
        .await?;
    let (deliveries, next) = paginate(deliveries, limit, |last| last.number.to_string());
    Ok(Json(Deliveries { items: deliveries.into_iter().map(DeliveryView::brief).collect(), next }))
}

/// Returns one delivery with its request and the response to it.
#[utoipa::path(get, operation_id = "getDelivery", path = "/webhooks/{id}/deliveries/{delivery}", tag = "Webhooks", params(
    ("id" = String, Path, description = "The webhook"),
    ("delivery" = i64, Path, description = "The delivery"),
), responses(
    (status = 200, description = "The delivery with request and response", body = DeliveryView),
    (status = 404, description = "The delivery does not exist"),
))]
pub(crate) async fn delivery(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    DeliveryPath(id, number): DeliveryPath,
) -> Result<Json<DeliveryView>, ApiError> {
    Ok(Json(DeliveryView::whole(api.app.delivery(holder.site, id, number).await?)))
}
