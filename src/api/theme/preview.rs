//! `POST /v1/themes/{version}/preview`: a link that shows one version to whoever has it, for a week, without a key.

use crate::{
    api::{Api, ApiError, path::Named, repeat::Secretive, time::rfc3339},
    domain::{Origin, PreviewLink, Secret, Site, ThemeVersion},
    inbox::KeyHolder,
};
use axum::{Extension, Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Serialize;

/// The answer; the link's secret is in clear here and nowhere else.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ThemePreview)]
pub struct View {
    /// The version in every state, on made-up messages.
    url: String,
    /// The site's own pages, with the version in place of what readers see.
    sites: Vec<String>,
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl View {
    /// The addresses that a new link opens.
    pub fn new(public_url: &Origin, site: &Site, secret: &Secret, link: &PreviewLink) -> Self {
        let secret = secret.reveal();
        Self {
            url: format!("{public_url}/embed/{}/preview?link={secret}", site.id),
            sites: site.origins.iter().map(|origin| format!("{origin}/#belfry-preview={secret}")).collect(),
            expires_at: rfc3339(link.expires_at),
        }
    }
}

/// A link that shows one version to whoever has it, for a week, without a key.
#[utoipa::path(post, path = "/themes/{version}/preview", operation_id = "previewTheme", tag = "Themes", params(("version" = u32, Path, description = "The number of the version.")), responses((status = 201, description = "The addresses; their secret is in clear here and nowhere else.", body = View)))]
pub(in crate::api) async fn preview(
    State(api): State<Api>,
    holder: KeyHolder,
    Named(version): Named<ThemeVersion>,
) -> Result<impl IntoResponse, ApiError> {
    let site = api.inbox.site(holder.site).await?;
    let (secret, link) = api.inbox.create_preview_link(site.id, version).await?;
    let secretive = Extension(Secretive(version.to_string()));
    Ok((StatusCode::CREATED, secretive, Json(View::new(&api.public_url, &site, &secret, &link))))
}
