//! JSON view of a theme version: its state, the uploaded files, and warnings about removed parts.

use belfry_domain::{Theme, ThemeState, ThemeVersion, Timestamp};
use belfry_theme::{File, Problem, stored_warnings};
use serde::Serialize;

/// A theme version.
#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Theme)]
pub struct View {
    #[schema(value_type = u32)]
    version: ThemeVersion,
    #[schema(value_type = crate::schema::ThemeState)]
    state: ThemeState,
    #[schema(value_type = Vec<crate::schema::ThemeFileName>)]
    files: Vec<File>,
    #[schema(format = DateTime)]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    published_at: Option<String>,
    #[schema(value_type = Vec<crate::schema::ThemeProblem>)]
    warnings: Vec<Problem>,
    stylesheet: String,
}

impl From<Theme> for View {
    fn from(theme: Theme) -> Self {
        let has = |file: &File| match file {
            File::Bell => theme.parts.bell,
            File::Card => theme.parts.card,
            File::Css => theme.parts.css,
        };
        Self {
            version: theme.version,
            state: theme.state,
            files: File::ALL.into_iter().filter(has).collect(),
            created_at: theme.created_at.rfc3339(),
            published_at: theme.published_at.and_then(Timestamp::rfc3339),
            warnings: stored_warnings(&theme.warnings),
            stylesheet: format!("/t/{}/{}", theme.site, theme.stylesheet),
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
        #[schema(value_type = crate::schema::ThemeState)]
        state: ThemeState,
    },
}

impl From<Option<Theme>> for PublishedView {
    fn from(theme: Option<Theme>) -> Self {
        match theme {
            Some(theme) => Self::Version(Box::new(theme.into())),
            None => Self::Standard { version: ThemeVersion(0), state: ThemeState::Published },
        }
    }
}
