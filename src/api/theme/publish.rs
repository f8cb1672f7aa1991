//! `POST /v1/themes/publish`: publishes the draft. The body is ignored.

use super::view::View;
use crate::{ApiError, ApiState, audited::Audited};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;

/// Publishes the draft.
#[utoipa::path(post, path = "/themes/publish", operation_id = "publishTheme", tag = "Themes", responses((status = 200, description = "The published theme.", body = View)))]
pub(crate) async fn publish(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Audited<Json<View>>, ApiError> {
    let theme = api.app.publish_theme(holder.site).await?;
    Ok(Audited::new(theme.version, Json(theme.into())))
}
