//! How the reader's page looks: what the document must match so as not to stand out.

use crate::domain::Language;

/// How the reader's page looks: what the document must match so as not to stand out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::widget) struct Look {
    /// Language of the widget's texts.
    pub(in crate::widget) language: Language,
    /// `light`, `dark` or `auto`.
    pub(in crate::widget) scheme: Scheme,
}

/// Light, dark, or as the reader's system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::widget) enum Scheme {
    /// Light.
    #[default]
    Light,
    /// Dark.
    Dark,
    /// As the system says.
    Auto,
}

impl Scheme {
    /// From our own word, or from the page's `color-scheme` (`normal`, `light dark`, `only dark` …); a page that says nothing is light.
    pub(in crate::widget) fn parse(text: Option<&str>) -> Self {
        let text = text.unwrap_or_default();
        if text == Self::Auto.word() || (text.contains("dark") && text.contains("light")) {
            Self::Auto
        } else if text.contains("dark") {
            Self::Dark
        } else {
            Self::Light
        }
    }

    pub(super) fn word(self) -> &'static str {
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
