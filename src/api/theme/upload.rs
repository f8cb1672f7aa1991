//! `PUT /v1/themes/draft`: checks and compiles theme files and stores them as the draft, replacing
//! the previous one.
//!
//! The form has the optional parts `bell`, `card` and `css`. The same files again are the same
//! version. A theme with errors is rejected as a whole: 422 with file, line, column, offending text
//! and reason of each error.

use super::{form, view::View};
use crate::{
    api::{ApiError, ApiState},
    app::AuthenticatedKey,
};
use axum::{
    Json,
    extract::{Request, State},
};

/// Checks theme files and stores them as the draft, replacing the previous one.
///
/// The same files again are the same version.
#[utoipa::path(put, path = "/themes/draft", operation_id = "uploadTheme", tag = "Themes", request_body(content = crate::api::schema::ThemeForm, content_type = "multipart/form-data"), responses((status = 200, description = "The draft.", body = View), (status = 422, description = "The theme was rejected; `problems` lists the errors.", body = crate::api::schema::Error)))]
pub(in crate::api) async fn upload(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    request: Request,
) -> Result<Json<View>, ApiError> {
    // Before the body is read, so a request over the limit costs little.
    api.limiter.upload(&holder.key)?;
    let upload = form::read_form(request).await?;
    Ok(Json(api.inbox.upload_theme(holder.site, upload).await?.into()))
}
