//! `POST /v1/themes/{version}/rollback`: publishes an earlier version again; version 0 is the
//! standard look.

use super::view::PublishedView;
use crate::{ApiError, ApiState, path::PathParam};
use axum::{Json, extract::State};
use belfry_app::AuthenticatedKey;
use belfry_domain::{ThemeVersion, ValidationError};
use std::str::FromStr;

/// A version, or `None` for the standard look.
pub(crate) struct RollbackTarget(Option<ThemeVersion>);

impl FromStr for RollbackTarget {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        if text == "0" { Ok(Self(None)) } else { text.parse().map(|version| Self(Some(version))) }
    }
}

/// Publishes an earlier version again; version 0 is the standard look.
#[utoipa::path(post, path = "/themes/{version}/rollback", operation_id = "rollBackTheme", tag = "Themes", params(("version" = u32, Path, description = "The version.")), responses((status = 200, description = "The published theme.", body = PublishedView)))]
pub(crate) async fn roll_back(
    State(api): State<ApiState>,
    holder: AuthenticatedKey,
    PathParam(RollbackTarget(to)): PathParam<RollbackTarget>,
) -> Result<Json<PublishedView>, ApiError> {
    Ok(Json(api.app.roll_back_theme(holder.site, to).await?.into()))
}
