//! `GET /v1/themes/{version}`: one version, whatever its state.

use super::view::View;
use crate::{
    api::{Api, ApiError, path::Named},
    domain::ThemeVersion,
    inbox::KeyHolder,
};
use axum::{Json, extract::State};

pub(in crate::api) async fn get(State(api): State<Api>, holder: KeyHolder, Named(version): Named<ThemeVersion>) -> Result<Json<View>, ApiError> {
    Ok(Json(api.inbox.theme(holder.site, version).await?.into()))
}
