//! Theme versions of a site: the uploaded sources and the compiled files.
//!
//! Doesn't know how themes are compiled (that is `belfry_theme`) or stored; all texts here are
//! opaque.

use super::{Digest, SiteId, Timestamp, ValidationError};
use belfry_locales::phrases::errors;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};

/// A version number, unique in its site. Counts from 1 and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ThemeVersion(pub u32);

impl FromStr for ThemeVersion {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        // Only the canonical spelling is valid: no sign, no leading zero.
        let number = if text.starts_with(|first: char| matches!(first, '1'..='9')) {
            text.parse().ok()
        } else {
            None
        };
        number.filter(|number| i32::try_from(*number).is_ok()).map(Self).ok_or_else(|| {
            ValidationError::new("version", errors::whole_number_between(1, i32::MAX))
        })
    }
}

impl fmt::Display for ThemeVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// State of a version. A site has at most one draft and at most one published version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ThemeState {
    /// Uploaded, not shown to readers.
    Draft,
    /// Published: what readers see.
    #[serde(rename = "inForce")]
    Published,
    /// Published before; can be published again.
    #[serde(rename = "former")]
    Superseded,
}

impl ThemeState {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "inForce",
            Self::Superseded => "former",
        }
    }
}

/// Type of a compiled file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThemeFileType {
    /// Style sheet.
    Css,
    /// SVG image.
    Svg,
}

impl ThemeFileType {
    /// File extension.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Css => "css",
            Self::Svg => "svg",
        }
    }

    /// Media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Css => "text/css; charset=utf-8",
            Self::Svg => "image/svg+xml; charset=utf-8",
        }
    }
}

impl FromStr for ThemeFileType {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        match text {
            "css" => Ok(Self::Css),
            "svg" => Ok(Self::Svg),
            _ => Err(ValidationError::new("type", errors::CSS_OR_SVG)),
        }
    }
}

/// A file of a compiled theme. Its name is derived from its content, so a name always has the same
/// body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// At least 16 hexadecimal digits, and the extension.
    pub name: String,
    /// Type.
    pub content_type: ThemeFileType,
    /// Content.
    pub body: Arc<str>,
}

/// The uploaded files, unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThemeSources {
    /// `bell.svg`.
    pub bell: Option<String>,
    /// `card.svg`.
    pub card: Option<String>,
    /// `theme.css`.
    pub css: Option<String>,
}

/// Which files were uploaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThemeParts {
    /// `bell.svg`.
    pub bell: bool,
    /// `card.svg`.
    pub card: bool,
    /// `theme.css`.
    pub css: bool,
}

impl ThemeSources {
    /// Which files are present.
    pub fn parts(&self) -> ThemeParts {
        ThemeParts { bell: self.bell.is_some(), card: self.card.is_some(), css: self.css.is_some() }
    }
}

/// A compiled upload that has no version number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeDraft {
    /// The uploaded files.
    pub sources: ThemeSources,
    /// Critical CSS, inlined into the first response.
    pub critical_css: String,
    /// File name of the style sheet.
    pub stylesheet: String,
    /// The compiled style sheet and images.
    pub files: Vec<ThemeFile>,
    /// Warnings about removed parts: a JSON array, opaque here.
    pub warnings: String,
}

/// A theme version as stored, without sources and files. Only its state ever changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// The site.
    pub site: SiteId,
    /// Version number.
    pub version: ThemeVersion,
    /// State.
    pub state: ThemeState,
    /// Critical CSS, inlined into the first response.
    pub critical_css: String,
    /// File name of the style sheet.
    pub stylesheet: String,
    /// Warnings about removed parts: a JSON array, opaque here.
    pub warnings: String,
    /// Which files were uploaded.
    pub parts: ThemeParts,
    /// Time of the upload.
    pub created_at: Timestamp,
    /// When it was last published.
    pub published_at: Option<Timestamp>,
}

/// A stored link that previews one version without sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLink {
    /// The site.
    pub site: SiteId,
    /// Digest of the secret in the link.
    pub digest: Digest,
    /// The previewed version.
    pub version: ThemeVersion,
    /// Invalid from this time on.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_has_one_canonical_spelling() {
        for number in [1, 10, 2_147_483_647] {
            assert_eq!(number.to_string().parse(), Ok(ThemeVersion(number)));
        }
        for invalid in [
            "",
            "0",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1.0",
            "2147483648",
            "99999999999999999999",
            "x",
            "١",
        ] {
            assert!(invalid.parse::<ThemeVersion>().is_err(), "{invalid}");
        }
        assert_eq!(ThemeVersion(7).to_string(), "7");
        assert_eq!(serde_json::to_string(&ThemeVersion(7)).unwrap(), "7");
    }

    #[test]
    fn state_names_equal_their_json() {
        for state in [ThemeState::Draft, ThemeState::Published, ThemeState::Superseded] {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.as_str()));
        }
    }

    #[test]
    fn file_type_round_trips() {
        for kind in [ThemeFileType::Css, ThemeFileType::Svg] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("html".parse::<ThemeFileType>().is_err());
    }
}
