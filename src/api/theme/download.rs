//! `GET /v1/themes/{version}/files/{name}`: an uploaded file, byte for byte. It is unsanitized user
//! content, so browsers must download it and not display it.

use crate::{ApiError, ApiState};
use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use belfry_app::AuthenticatedKey;
use belfry_domain::ThemeVersion;
use belfry_theme::File;

/// If a browser displays the file anyway, it runs and loads nothing.
const SANDBOX_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// The path parameters `{version}` and `{name}`.
pub(crate) struct FilePath(ThemeVersion, File);

impl<S: Send + Sync> FromRequestParts<S> for FilePath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path((version, name)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| ApiError::not_found())?;
        let file = File::ALL
            .into_iter()
            .find(|file| file.name() == name)
            .ok_or_else(ApiError::not_found)?;
        Ok(Self(version.parse().map_err(|_| ApiError::not_found())?, file))
    }
}

/// Returns a file as it was uploaded, byte for byte.
#[utoipa::path(get, path = "/themes/{version}/files/{name}", operation_id = "downloadThemeFile", tag = "Themes", params(("version" = u32, Path, description = "The version."), ("name" = crate::schema::ThemeFileName, Path, description = "The file.")), responses((status = 200, description = "The file.", content((String = "image/svg+xml"), (String = "text/css; charset=utf-8")))))]
pub(crate) async fn download(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    FilePath(version, file): FilePath,
) -> Result<Response, ApiError> {
    let sources = api.app.theme_sources(holder.site, version).await?;
    let (text, kind, disposition) = match file {
        File::Bell => (sources.bell, "image/svg+xml", "attachment; filename=\"bell.svg\""),
        File::Card => (sources.card, "image/svg+xml", "attachment; filename=\"card.svg\""),
        File::Css => (sources.css, "text/css; charset=utf-8", "attachment; filename=\"theme.css\""),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX_POLICY)),
    ];
    Ok((headers, text.ok_or_else(ApiError::not_found)?).into_response())
}
