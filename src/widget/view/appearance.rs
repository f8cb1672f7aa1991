//! Language and colour scheme, by which the document matches the reader's page.

use belfry_domain::{Language, Site};

/// Language and colour scheme of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appearance {
    /// Language of the widget's texts.
    pub(crate) language: Language,
    /// `light`, `dark` or `auto`.
    pub(crate) scheme: Scheme,
}

impl Appearance {
    /// From the parameters of a request to this site.
    pub(crate) fn of(site: &Site, requested: Option<&str>, scheme: Option<&str>) -> Self {
        Self { language: language(requested, &site.language), scheme: Scheme::parse(scheme) }
    }
}

/// The requested language if it is valid, else the site's.
pub(crate) fn language(requested: Option<&str>, site: &Language) -> Language {
    requested.and_then(|text| text.parse().ok()).unwrap_or_else(|| site.clone())
}

/// The colour scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scheme {
    #[default]
    Light,
    Dark,
    /// As the system prefers.
    Auto,
}

impl Scheme {
    /// From our own value, or from the page's `color-scheme` (`normal`, `light dark`, `only dark`
    /// …). Without a known value it is light.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let text = text.unwrap_or_default();
        if text == Self::Auto.as_str() || (text.contains("dark") && text.contains("light")) {
            Self::Auto
        } else if text.contains("dark") {
            Self::Dark
        } else {
            Self::Light
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "auto",
        }
    }

    pub(super) fn css(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Auto => "light dark",
        }
    }
}
