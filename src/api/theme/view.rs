//! JSON view of a theme version: its state, the uploaded files, and warnings about removed parts.

use crate::{
    api::time::rfc3339,
    domain::{Theme, ThemeState, ThemeVersion},
    theme::{File, Problem},
};
use serde::Serialize;

/// A theme version.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Theme)]
pub struct View {
    #[schema(value_type = u32)]
    version: ThemeVersion,
    #[schema(value_type = crate::api::schema::ThemeState)]
    state: ThemeState,
    #[schema(value_type = Vec<crate::api::schema::ThemeFileName>)]
    files: Vec<File>,
    #[schema(format = DateTime)]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    published_at: Option<String>,
    #[schema(value_type = Vec<crate::api::schema::ThemeProblem>)]
    warnings: Vec<Problem>,
    stylesheet: String,
}

impl From<Theme> for View {
    fn from(theme: Theme) -> Self {
        let has = |file: &File| match file {
            File::Bell => theme.has.bell,
            File::Card => theme.has.card,
            File::Css => theme.has.css,
        };
        Self {
            version: theme.version,
            state: theme.state,
            files: File::ALL.into_iter().filter(has).collect(),
            created_at: rfc3339(theme.created_at),
            published_at: theme.published_at.and_then(rfc3339),
            warnings: serde_json::from_str(&theme.warnings).unwrap_or_default(),
            stylesheet: format!("/t/{}/{}", theme.site, theme.sheet),
        }
    }
}

/// The published theme after a rollback.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(untagged)]
#[schema(as = ThemeInForce)]
pub enum PublishedView {
    /// A version.
    Version(Box<View>),
    /// The standard look, with the number 0.
    Standard {
        /// Always 0.
        #[schema(value_type = u32)]
        version: ThemeVersion,
        /// Always `inForce`.
        #[schema(value_type = crate::api::schema::ThemeState)]
        state: ThemeState,
    },
}

impl From<Option<Theme>> for PublishedView {
    fn from(theme: Option<Theme>) -> Self {
        match theme {
            Some(theme) => Self::Version(Box::new(theme.into())),
            None => Self::Standard { version: ThemeVersion(0), state: ThemeState::InForce },
        }
    }
}
