//! A theme of a site: what its designer uploaded, and what was made of it.
//!
//! Must not know how drawings become style sheets, nor where either is kept. Texts in here are opaque.

use super::{Digest, Invalid, SiteId, Timestamp};
use serde::Serialize;
use std::{fmt, str::FromStr, sync::Arc};

/// The number of a version within its site: from 1, in the order of their making, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ThemeVersion(pub u32);

impl FromStr for ThemeVersion {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // One spelling for each: no sign, no leading zero.
        let number = if text.starts_with(|first: char| matches!(first, '1'..='9')) { text.parse().ok() } else { None };
        number
            .filter(|number| i32::try_from(*number).is_ok())
            .map(Self)
            .ok_or_else(|| Invalid::new("version", format!("must be a whole number from 1 to {}", i32::MAX)))
    }
}

impl fmt::Display for ThemeVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Where a version stands. A site has at most one draft, and at most one version in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ThemeState {
    /// Uploaded and not shown to readers yet.
    Draft,
    /// What readers see.
    InForce,
    /// What readers saw once; it can come into force again.
    Former,
}

impl ThemeState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InForce => "inForce",
            Self::Former => "former",
        }
    }
}

/// What a file of a compiled theme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThemeFileType {
    /// A style sheet.
    Css,
    /// A picture.
    Svg,
}

impl ThemeFileType {
    /// The ending of its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Css => "css",
            Self::Svg => "svg",
        }
    }

    /// Its media type.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Css => "text/css; charset=utf-8",
            Self::Svg => "image/svg+xml; charset=utf-8",
        }
    }
}

impl FromStr for ThemeFileType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "css" => Ok(Self::Css),
            "svg" => Ok(Self::Svg),
            _ => Err(Invalid::new("type", "must be css or svg")),
        }
    }
}

/// A file of a compiled theme. Its name comes from its content, so the same name always has the same body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeFile {
    /// At least 16 hexadecimal digits, and the ending.
    pub name: String,
    /// What it is.
    pub content_type: ThemeFileType,
    /// Its text.
    pub body: Arc<str>,
}

/// What was uploaded, as it was uploaded.
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
    /// Which files there are.
    pub fn parts(&self) -> ThemeParts {
        ThemeParts { bell: self.bell.is_some(), card: self.card.is_some(), css: self.css.is_some() }
    }
}

/// An upload with what was made of it, before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeDraft {
    /// What was uploaded.
    pub sources: ThemeSources,
    /// The style that the first response carries.
    pub first: String,
    /// Name of the style sheet among the files.
    pub sheet: String,
    /// The style sheet and the pictures.
    pub files: Vec<ThemeFile>,
    /// What was left out of the upload: a JSON array, opaque here.
    pub warnings: String,
}

/// A version as it is stored, without the texts of its sources and files. Nothing of it but its state ever changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// The site it is for.
    pub site: SiteId,
    /// Its number.
    pub version: ThemeVersion,
    /// Where it stands.
    pub state: ThemeState,
    /// The style that the first response carries.
    pub first: String,
    /// Name of the style sheet file.
    pub sheet: String,
    /// What was left out of the upload: a JSON array, opaque here.
    pub warnings: String,
    /// Which files were uploaded.
    pub has: ThemeParts,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it last came into force.
    pub published_at: Option<Timestamp>,
}

/// A link that shows one version to whoever has it, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewLink {
    /// The site whose theme it shows.
    pub site: SiteId,
    /// Digest of the secret in the link.
    pub digest: Digest,
    /// The version it shows.
    pub version: ThemeVersion,
    /// From then on it shows nothing.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_has_one_spelling() {
        for number in [1, 10, 2_147_483_647] {
            assert_eq!(number.to_string().parse(), Ok(ThemeVersion(number)));
        }
        for odd in ["", "0", "01", "+1", "-1", " 1", "1 ", "1.0", "2147483648", "99999999999999999999", "x", "١"] {
            assert!(odd.parse::<ThemeVersion>().is_err(), "{odd}");
        }
        assert_eq!(ThemeVersion(7).to_string(), "7");
        assert_eq!(serde_json::to_string(&ThemeVersion(7)).unwrap(), "7");
    }

    #[test]
    fn states_have_the_same_word_everywhere() {
        for state in [ThemeState::Draft, ThemeState::InForce, ThemeState::Former] {
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{}\"", state.as_str()));
        }
    }

    #[test]
    fn a_type_is_read_as_it_was_written() {
        for kind in [ThemeFileType::Css, ThemeFileType::Svg] {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("html".parse::<ThemeFileType>().is_err());
    }
}
