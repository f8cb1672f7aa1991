//! `GET /v1/themes`: all versions, newest first, and the published version.

use super::view::View as Version;
use crate::{ApiError, ApiState};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::{Theme, ThemeState, ThemeVersion};
use serde::Serialize;

/// The theme versions of a site.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Themes)]
pub struct View {
    themes: Vec<Version>,
    /// The published version; 0 is the standard look.
    #[schema(value_type = u32)]
    in_force: ThemeVersion,
    #[schema(value_type = Option<u32>)]
    draft: Option<ThemeVersion>,
}

impl From<Vec<Theme>> for View {
    fn from(themes: Vec<Theme>) -> Self {
        let version_in =
            |state| themes.iter().find(|theme| theme.state == state).map(|theme| theme.version);
        let (in_force, draft) = (
            version_in(ThemeState::Published).unwrap_or(ThemeVersion(0)),
            version_in(ThemeState::Draft),
        );
        Self { themes: themes.into_iter().map(Version::from).collect(), in_force, draft }
    }
}

/// Lists all versions, newest first, and the published version.
#[utoipa::path(get, path = "/themes", operation_id = "listThemes", tag = "Themes", responses((status = 200, description = "The versions.", body = View)))]
pub(crate) async fn list(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
) -> Result<Json<View>, ApiError> {
    Ok(Json(api.app.themes(holder.site).await?.into()))
}
