//! `POST /v1/themes/{version}/rollback`: publishes an earlier version again; version 0 is the
//! standard look.

use super::view::InForceView;
use crate::{
    api::{Api, ApiError, path::Named},
    app::KeyHolder,
    domain::{Invalid, ThemeVersion},
};
use axum::{Json, extract::State};
use std::str::FromStr;

/// A version, or `None` for the standard look.
pub(in crate::api) struct Target(Option<ThemeVersion>);

impl FromStr for Target {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text == "0" { Ok(Self(None)) } else { text.parse().map(|version| Self(Some(version))) }
    }
}

/// Publishes an earlier version again; version 0 is the standard look.
#[utoipa::path(post, path = "/themes/{version}/rollback", operation_id = "rollBackTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 200, description = "The published theme.", body = InForceView)))]
pub(in crate::api) async fn roll_back(
    State(api): State<Api>,
    holder: KeyHolder,
    Named(Target(to)): Named<Target>,
) -> Result<Json<InForceView>, ApiError> {
    Ok(Json(api.inbox.roll_back_theme(holder.site, to).await?.into()))
}
