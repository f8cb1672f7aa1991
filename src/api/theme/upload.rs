//! `PUT /v1/themes/draft`: checks and compiles theme files and stores them as the draft, replacing
//! the previous one.
//!
//! The form has the optional parts `bell`, `card` and `css`. The same files again are the same
//! version. A theme with errors is rejected as a whole: 422 with file, line, column, offending text
//! and reason of each error.

use super::{form, view::View};
use crate::{ApiError, ApiState, audited::Audited};
use axum::{
    Json,
    extract::{Request, State},
};
use belfry_app::AuthenticatedKey;

/// Checks theme files and stores them as the draft, replacing the previous one.
///
/// The same files again are the same version.
#[utoipa::path(put, path = "/themes/draft", operation_id = "uploadTheme", tag = "Themes", request_body(content = crate::schema::ThemeForm, content_type = "multipart/form-data"), responses((status = 200, description = "The draft.", body = View), (status = 422, description = "The theme was rejected; `problems` lists the errors.", body = crate::schema::Error)))]
pub(crate) async fn upload(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    request: Request,
) -> Result<Audited<Json<View>>, ApiError> {
    // Before the body is read, so a request over the limit costs little.
    api.limiter.upload(&holder.key)?;
    let upload = form::read_form(request).await?;
    let theme = api.app.upload_theme(holder.site, upload).await?;
    Ok(Audited::new(theme.version, Json(theme.into())))
}
