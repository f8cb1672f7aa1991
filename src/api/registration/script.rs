//! `GET /v1/site/script`: the snippet for the site's pages as text. Plugins replace its
//! `eS('init')` with their own options.

use crate::{ApiError, ApiState};
use axum::extract::State;
use belfry_app::AuthenticatedKey;
use belfry_content::snippet;

/// Returns the snippet for the site's pages.
#[utoipa::path(
    get, operation_id = "getSnippet",
    path = "/site/script",
    tag = "Site",
    responses((status = 200, description = "Two script elements", body = String, content_type = "text/plain"))
)]
pub(crate) async fn script(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<String, ApiError> {
    let site = api.app.site(holder.site).await?;
    Ok(snippet::without_options(site.id, &api.public_url))
}
