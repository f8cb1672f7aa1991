//! The active theme of a site as documents and events name it. Must not depend on where themes are
//! stored or cached. Called by the views, the event stream and the theme cache.

use belfry_domain::{SiteId, Theme};

/// The theme of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ActiveTheme {
    /// The inline style of the first response; safe inside a `<style>` element.
    pub(super) critical_css: String,
    /// Address of the style sheet.
    pub(super) stylesheet: String,
    /// Whether it is shown by a preview link rather than published.
    pub(super) is_preview: bool,
}

impl ActiveTheme {
    /// From a theme version.
    pub(super) fn of(theme: &Theme, is_preview: bool) -> Self {
        Self {
            critical_css: theme.critical_css.clone(),
            stylesheet: address(theme.site, &theme.stylesheet),
            is_preview,
        }
    }
}

/// The public path of a theme's file.
pub(super) fn address(site: SiteId, name: &str) -> String {
    format!("/t/{site}/{name}")
}
