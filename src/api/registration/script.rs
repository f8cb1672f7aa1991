//! `GET /v1/site/script`: the snippet for the site's pages as text. Plugins replace its
//! `eS('init')` with their own options.

use crate::{
    api::{ApiError, ApiState},
    app::AuthenticatedKey,
    content::snippet,
};
use axum::extract::State;

/// Returns the snippet for the site's pages.
#[utoipa::path(
    get, operation_id = "getSnippet",
    path = "/site/script",
    tag = "Site",
    responses((status = 200, description = "Two script elements", body = String, content_type = "text/plain"))
)]
pub(in crate::api) async fn script(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<String, ApiError> {
    let site = api.inbox.site(holder.site).await?;
    Ok(snippet::without_options(site.id, &api.public_url))
}
