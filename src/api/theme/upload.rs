//! `PUT /v1/themes/draft`: checks and compiles files and keeps them as the draft, in place of the one before.
//!
//! A form with the parts `bell`, `card` and `css`, each of which may be absent. The same files again are the same version. What is
//! refused is refused as a whole: 422 with file, line, column, the offending thing and why, for each thing that must be mended.

use super::{form, view::View};
use crate::{
    api::{Api, ApiError},
    inbox::KeyHolder,
};
use axum::{
    Json,
    extract::{Request, State},
};

/// Checks files and keeps them as the draft, in place of the one before. The same files again are the same version.
#[utoipa::path(put, path = "/themes/draft", operation_id = "uploadTheme", tag = "Themes", request_body(content = crate::api::schema::ThemeForm, content_type = "multipart/form-data"), responses((status = 200, description = "The draft.", body = View), (status = 422, description = "The theme was refused as a whole; `problems` says why.", body = crate::api::schema::Error)))]
pub(in crate::api) async fn upload(State(api): State<Api>, holder: KeyHolder, request: Request) -> Result<Json<View>, ApiError> {
    // Before the body is read: whoever is over the allowance costs nothing.
    api.limiter.upload(&holder.key)?;
    let upload = form::read(request).await?;
    Ok(Json(api.inbox.upload_theme(holder.site, upload).await?.into()))
}
