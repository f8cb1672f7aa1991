//! `GET /v1/themes`: all versions, newest first, and which of them readers see.

use super::view::View as Version;
use crate::{
    api::{Api, ApiError},
    domain::{Theme, ThemeState, ThemeVersion},
    inbox::KeyHolder,
};
use axum::{Json, extract::State};
use serde::Serialize;

/// The answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    themes: Vec<Version>,
    /// 0 is the standard look.
    in_force: ThemeVersion,
    draft: Option<ThemeVersion>,
}

impl From<Vec<Theme>> for View {
    fn from(themes: Vec<Theme>) -> Self {
        let the_one = |state| themes.iter().find(|theme| theme.state == state).map(|theme| theme.version);
        let (in_force, draft) = (the_one(ThemeState::InForce).unwrap_or(ThemeVersion(0)), the_one(ThemeState::Draft));
        Self { themes: themes.into_iter().map(Version::from).collect(), in_force, draft }
    }
}

pub(in crate::api) async fn list(State(api): State<Api>, holder: KeyHolder) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.themes(holder.site).await?.into()))
}
