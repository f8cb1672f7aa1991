//! `POST /v1/themes/{version}/preview`: a link that shows one version without a key, for one week.

use crate::{ApiError, ApiState, idempotency::Redacted, path::PathParam};
use axum::{Extension, Json, extract::State, http::StatusCode, response::IntoResponse};
use belfry_app::AuthenticatedKey;
use belfry_domain::{Origin, PreviewLink, Secret, Site, ThemeVersion};
use serde::Serialize;

/// Preview links. Only this response contains their secret.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ThemePreview)]
pub struct View {
    /// Shows the version in every state with sample messages.
    url: String,
    /// The site's own pages, with this version in place of the published theme.
    sites: Vec<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl View {
    /// The URLs of a new preview link.
    pub fn new(public_url: &Origin, site: &Site, secret: &Secret, link: &PreviewLink) -> Self {
        let secret = secret.reveal();
        Self {
            url: format!("{public_url}/embed/{}/preview?link={secret}", site.id),
            sites: site
                .origins
                .iter()
                .map(|origin| format!("{origin}/#belfry-preview={secret}"))
                .collect(),
            expires_at: link.expires_at.rfc3339(),
        }
    }
}

/// Creates a link that shows one version without a key, for one week.
#[utoipa::path(post, path = "/themes/{version}/preview", operation_id = "previewTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 201, description = "The URLs; their secret is shown only once.", body = View)))]
pub(crate) async fn preview(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(version): PathParam<ThemeVersion>,
) -> Result<impl IntoResponse, ApiError> {
    let site = api.app.site(holder.site).await?;
    let (secret, link) = api.app.create_preview_link(site.id, version).await?;
    let secretive = Extension(Redacted(version.to_string()));
    Ok((StatusCode::CREATED, secretive, Json(View::new(&api.public_url, &site, &secret, &link))))
}
