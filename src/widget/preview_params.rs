//! The query parameters of a theme's preview. Must not depend on what the preview shows. Called by
//! its handlers and by the view of the gallery.

use belfry_domain::UnreadCounts;
use serde::Deserialize;

/// Query parameters. Unknown values mean the default.
#[derive(Debug, Clone, Deserialize, Default)]
pub(super) struct PreviewParams {
    pub(super) link: Option<String>,
    pub(super) count: Option<String>,
    pub(super) state: Option<String>,
    pub(super) text: Option<String>,
    pub(super) pictures: Option<String>,
    pub(super) direction: Option<String>,
    pub(super) scheme: Option<String>,
    pub(super) part: Option<String>,
    pub(super) look: Option<String>,
}

impl PreviewParams {
    /// Whether a parameter has this value.
    pub(super) fn matches(word: Option<&String>, form: &str) -> bool {
        word.is_some_and(|word| word == form)
    }

    /// The secret of the link; empty if there is none.
    pub(super) fn secret(&self) -> &str {
        self.link.as_deref().unwrap_or_default()
    }

    /// The number of messages of the sample reader.
    pub(super) fn count(&self) -> u32 {
        match self.count.as_deref() {
            Some("0") => 0,
            Some("99") => UnreadCounts::CAP,
            _ => 3,
        }
    }
}
